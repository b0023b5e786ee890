"""What she takes with her: her own plan on one page, a lesson and its guides on paper, the signs for a doctor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from accord.science.programmes import Block, Lesson
from accord.science.programmes.blocks import Guide, PracticeBlock
from accord.service.access.guard import Asked, page
from accord.service.access.table import Action, Resource
from accord.service.assessments import queries as assessments
from accord.service.errors import NotAllowed
from accord.service.portals.patient.course import Hers, hers, one_lesson, reading
from accord.service.ui.block_answers import in_words
from accord.service.ui.lesson_blocks import BlockView
from accord.service.ui.lesson_words import one_line

PLANS = {
    "values": gettext_lazy("What matters to me"),
    "activity_planner": gettext_lazy("My steps"),
    "exposure_ladder": gettext_lazy("My ladder"),
    "flare_plan": gettext_lazy("My plan for hard days"),
    "relapse_plan": gettext_lazy("My plan for later"),
}
SIGNS = [f"item_{number}" for number in range(1, 9)]


@dataclass(frozen=True, slots=True)
class Planned:
    """One block that belongs to the plan, with what she wrote in it."""

    lesson: Lesson
    block: Block
    part: int
    at: Any = None
    lines: tuple[Any, ...] = ()


@page(Resource.COURSE, Action.ANSWER)
@require_GET
def plan(request: Asked) -> HttpResponse:
    """Her values, her steps, her plans for hard days and for later, in her own words."""
    mine = hers(request)
    if mine is None:
        return render(request, "patient/lesson-plan.html", {"groups": [], "nav": "lessons"})
    found = list(_planned(mine))
    groups = []
    for kind, title in PLANS.items():
        written = [one for one in found if one.block.kind == kind and one.lines]
        still = [one for one in found if one.block.kind == kind and not one.lines and _open(mine, one.lesson)]
        if written or still:
            groups.append({"kind": kind, "title": title, "entries": written, "open": still})
    return render(request, "patient/lesson-plan.html", reading(mine) | {"groups": groups})


def _open(mine: Hers, lesson: Lesson) -> bool:
    state = mine.standing.state_of(lesson.id)
    return state is not None and state.state in ("started", "done")


def _planned(mine: Hers) -> Iterator[Planned]:
    for state in mine.standing.states:
        text = mine.programme.text(state.lesson.id)
        for number, part in enumerate(text.parts if text else (), 1):
            for block in part.blocks:
                if block.kind not in PLANS:
                    continue
                saved = mine.entries.get((state.lesson.id, block.id))
                if saved is None and (block.head.show_if or block.kind == "exposure_ladder"):
                    continue  # not for everybody: the lesson itself says for whom
                lines = tuple(in_words(block, saved.value)) if saved else ()
                yield Planned(state.lesson, block, number, saved.at if saved else None, lines)


@page(Resource.COURSE, Action.ANSWER)
@require_GET
def guide(request: Asked, slug: str, block_id: str) -> HttpResponse:
    """A guide alone on its page, with a print style of its own."""
    one = one_lesson(request, slug)
    found = one.open.block(block_id)
    if found is None or not found.shown or not isinstance(found.block.head, Guide):
        raise NotAllowed(_("There is no such page."))
    (block,) = one.views([found])
    return render(request, "patient/lesson-guide.html", one.frame() | {"guide": block})


@page(Resource.COURSE, Action.ANSWER)
@require_GET
def on_paper(request: Asked, slug: str) -> HttpResponse:
    """A whole lesson to print, with what she saved."""
    one = one_lesson(request, slug)
    parts: list[tuple[Any, list[dict[str, Any]]]] = [(None, _paper(one.views(one.open.opening), one.hers))]
    parts += [(part, _paper(one.views(part.blocks), one.hers)) for part in one.open.parts]
    return render(request, "patient/lesson-print.html", one.frame() | {"parts": parts})


def _paper(blocks: list[BlockView], mine: Hers) -> list[dict[str, Any]]:
    """The blocks as they are printed: a practice with its script."""
    return [{"block": replace(block, why=""), "cues": _cues(block, mine)} for block in blocks]


def _cues(block: BlockView, mine: Hers) -> list[tuple[str, str]]:
    if block.practice is None:
        return []
    for lesson in mine.programme.lessons:
        text = mine.programme.text(lesson.id)
        for one in text.blocks if text else ():
            if isinstance(one.head, PracticeBlock) and one.head.practice == block.practice.id:
                return [(f"{at // 60}:{at % 60:02}", one_line(words, mine.links)) for at, words in one.cues]
    return []


@page(Resource.PERSON, Action.ANSWER)
@require_GET
def signs(request: Asked) -> HttpResponse:
    """The red-flag list, one tap away (C9). It asks nothing and needs no course."""
    asked = assessments.instrument("red_flags")
    topics = [asked.item(name).topic for name in SIGNS]
    return render(request, "patient/lesson-signs.html", {"signs": [_sentence(one) for one in topics], "nav": ""})


def _sentence(topic: str) -> str:
    return topic[:1].upper() + topic[1:]

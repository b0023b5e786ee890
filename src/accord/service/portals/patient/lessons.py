"""The pages of the lessons: all of them, one, one part a page, one block; a plain POST, nothing lost (E19, U8)."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accord.science.programmes import Block, LessonState, Tailored
from accord.science.programmes.blocks import ActivityPlanner, Guide, PracticeLog
from accord.service.access.guard import Asked, page
from accord.service.access.table import Action, Resource
from accord.service.assessments import queries as assessments
from accord.service.errors import NotAllowed, Refusal, Stale
from accord.service.fields.keys import new_id
from accord.service.flows.ask_before_part import ask_before_part
from accord.service.flows.save_frightening_practice import save_frightening_practice
from accord.service.portals.patient.course import Hers, OneLesson, hers, one_lesson, page_key, reading, revision
from accord.service.programmes import actions
from accord.service.programmes import queries as programmes
from accord.service.ui.block_answers import TAKEN, Given, clean, in_words, read_block
from accord.service.ui.lesson_blocks import BlockView
from accord.service.ui.practice_forms import read_log
from accord.service.ui.templatetags.times import clock

NEWS = timedelta(days=14)  # how long her lessons say that they have changed


@page(Resource.COURSE, Action.ANSWER)
@require_GET
def lessons(request: Asked) -> HttpResponse:
    """All lessons with their state, the reason, and the day they open."""
    mine = hers(request)
    if mine is None:
        return render(request, "patient/lessons.html", {"lessons": [], "nav": "lessons"})
    rows = [_row(mine, place, state) for place, state in enumerate(mine.standing.states, 1)]
    offered = programmes.practices(mine.course, request.now)
    shown = {one.screened.offered for one in offered}
    practices = [{"id": one.id, "title": one.practice.title, "minutes": one.practice.minutes} for one in offered
                 if one.id in shown and one.script]  # fmt: skip
    context = reading(mine) | versions(mine) | {"lessons": rows, "practices": practices}
    return render(request, "patient/lessons.html", context)


def versions(mine: Hers) -> dict[str, Any]:
    """That she follows another version now, why, what differs; what she wrote in boxes that are gone (U8, U13)."""
    newest = next((one for one in programmes.moves(mine.course) if one.at > mine.now - NEWS), None)
    drafts = [(one, False) for one in programmes.drafts(mine.course) if one.gone]
    saved = [(one, True) for one in mine.entries.values() if one.gone]
    day = newest.at.astimezone(mine.person.zone()) if newest else None
    return {"moved": newest, "moved_on": day, "kept": [*drafts, *saved]}


def _row(mine: Hers, place: int, state: LessonState) -> dict[str, Any]:
    lesson, text = state.lesson, mine.programme.text(state.lesson.id)
    current = mine.standing.current
    return {
        "id": lesson.id, "place": place, "title": lesson.title, "aim": lesson.aim, "state": state.state,
        "reason": state.reason, "opens": mine.standing.opens_on(state), "here": current is state,
        "readable": state.state in ("open", "started", "done"), "minutes": text.minutes if text else lesson.minutes,
        "parts": len(text.parts) if text else 0, "parts_done": len(mine.standing.parts_done.get(lesson.id, ())),
        "go": _go_on(mine, state) if current is state else "",
    }  # fmt: skip


def _go_on(mine: Hers, state: LessonState) -> str:
    """To the lesson, or into the part at which she stopped."""
    text = mine.programme.text(state.lesson.id)
    if state.state != "started" or text is None:
        return reverse("patient:lesson", args=[state.lesson.id])
    done = mine.standing.parts_done.get(state.lesson.id, frozenset())
    part = next((number for number in range(1, len(text.parts) + 1) if number not in done), 1)
    return reverse("patient:part", args=[state.lesson.id, part])


@page(Resource.COURSE, Action.ANSWER)
@require_http_methods(["GET", "POST"])
def lesson(request: Asked, slug: str) -> HttpResponse:
    """One lesson: its parts with minutes and what is done; beginning it is a POST."""
    one = one_lesson(request, slug)
    if one.view is None:
        context = one.frame() | {"opens": one.hers.standing.opens_on(one.state), "of": len(one.hers.standing.states)}
        return render(request, "patient/lesson.html", context, status=409 if request.method == "POST" else 200)
    go_on = one.view.next_part or one.view.parts[0]
    if request.method == "POST":
        actions.begin_lesson(course=one.hers.course, lesson=slug, by=request.asker, now=request.now)
        return redirect("patient:part", slug, go_on.number)
    states = one.hers.standing.states
    after = states[one.hers.place(one.lesson) :]
    following = next((state for state in after if state.state != "skipped"), None)
    context = one.frame() | {
        "readable": True, "of": len(states), "resume": go_on, "next": following,
        "begun": one.state.state in ("started", "done"),
        "next_date": one.hers.standing.opens_on(following) if following else None,
        "parts": [{"number": part.number, "title": part.title, "minutes": part.minutes, "done": part.done,
                   "here": part is go_on} for part in one.view.parts],
        "opening": one.views(one.view.opening), "guides": _guides(one),
    }  # fmt: skip
    return render(request, "patient/lesson.html", context)


def _guides(one: OneLesson) -> list[dict[str, str]]:
    shown = (tailored for part in one.open.parts for tailored in part.blocks if tailored.shown)
    return [{"id": each.block.id, "title": each.block.head.title} for each in shown
            if isinstance(each.block.head, Guide)]  # fmt: skip


# --- one part -----------------------------------------------------------------------------------------------------


@page(Resource.COURSE, Action.ANSWER)
@require_http_methods(["GET", "POST"])
def part(request: Asked, slug: str, number: int) -> HttpResponse:
    """One part a page: read, write, keep and go on, or pause."""
    one = one_lesson(request, slug)
    if one.view is None or one.view.part(number) is None:
        return redirect("patient:lesson", slug)
    return _keep_part(request, one, number) if request.method == "POST" else _show_part(request, one, number)


def _show_part(
    request: Asked, one: OneLesson, number: int, bad: dict[str, Given] | None = None, said: str = ""
) -> HttpResponse:
    here = one.open.part(number)
    assert here is not None
    blocks = one.views(here.blocks, bad)
    context = one.frame() | {
        "blocks": blocks, "part": here, "number": number, "of": len(one.open.parts), "done": len(one.open.part_done),
        "next_part": one.open.part(number + 1), "last": _ends(one, number), "key": new_id(),
        "writes": any(block.takes or block.logs for block in blocks), "due_url": _due(request),
        "saved_at": max((block.held.at for block in blocks if block.held.at), default=None),
        "faults": [fault for block in blocks for fault in block.faults], "said": said,
        "print_url": reverse("patient:lesson_print", args=[one.lesson.id]),
    }  # fmt: skip
    return render(request, "patient/lesson-part.html", context, status=400 if bad or said else 200)


def _ends(one: OneLesson, number: int) -> bool:
    """Whether this is the only part that is left; in a lesson that is done, whether it is the last one."""
    if one.state.state == "done":
        return number == len(one.open.parts)
    return all(part.done or part.number == number for part in one.open.parts)


def _due(request: Asked) -> str:
    """Where the questions of this week are answered; empty while none are open."""
    asked = assessments.assessments_of(request.asker, request.asker.person_id)
    waiting = [one for one in asked if one.submitted_at is None and one.opens_at <= request.now]
    return reverse("patient:question", args=[waiting[0].pk, 1]) if waiting else ""


@dataclass
class Kept:
    """What came of a posted page: what could not be kept, what was saved elsewhere meanwhile, what frightened her."""

    bad: dict[str, Given] = field(default_factory=dict)
    stale: tuple[Block, Given, Stale] | None = None
    refused: str = ""
    frightened: str = ""


def _keep_part(request: Asked, one: OneLesson, number: int) -> HttpResponse:
    """Everything on the page is kept that can be; the rest comes back as it was typed, and is kept as a draft."""
    act, _sep, which = request.POST.get("act", "next").partition(":")
    kept = _keep(request, one, one.blocks(number), again=which if act == "again" else "")
    if kept.stale:
        return _conflict(request, one, *kept.stale)
    if (kept.bad or kept.refused) and act not in ("pause", "back"):
        return _show_part(request, _fresh(request, one), number, kept.bad, kept.refused)
    if kept.frightened:
        return redirect(f"{reverse('patient:steady', args=[kept.frightened])}?told=yes")
    if act == "ask":
        return ask(request, which)
    if act == "pause":
        return redirect("patient:paused")
    if act == "back":
        return redirect("patient:part", one.lesson.id, number - 1) if number > 1 else _to_lesson(one)
    if act in ("keep", "again"):
        return redirect(f"{reverse('patient:part', args=[one.lesson.id, number])}{'#' + which if which else ''}")
    return _go_on_from(request, one, number)


def ask(request: Asked, fact: str) -> HttpResponse:
    """To the questions that stand before a ladder or a practice (C9, C10)."""
    person_id = request.asker.person_id
    assert person_id is not None
    opened = ask_before_part(person_id=person_id, fact=fact, by=request.asker, now=request.now)
    return redirect("patient:question", opened.pk, 1)


def _go_on_from(request: Asked, one: OneLesson, number: int) -> HttpResponse:
    """The part is done: on to the next one that is not; after the last one, to the lesson."""
    course, slug = one.hers.course, one.lesson.id
    actions.finish_part(course=course, lesson=slug, part=number, by=request.asker, now=request.now)
    done = one.open.part_done | {number}
    order = [*range(number + 1, len(one.open.parts) + 1), *range(1, number)]
    after = next((other for other in order if other not in done), None)
    if one.state.state == "done" and number < len(one.open.parts):
        after = number + 1
    return redirect("patient:part", slug, after) if after else _to_lesson(one)


def _to_lesson(one: OneLesson) -> HttpResponse:
    return redirect("patient:lesson", one.lesson.id)


def _fresh(request: Asked, one: OneLesson) -> OneLesson:
    """The lesson as it stands after something was kept."""
    return one_lesson(request, one.lesson.id)


def _keep(request: Asked, one: OneLesson, blocks: Iterable[Tailored], *, again: str = "") -> Kept:
    kept, key = Kept(), page_key(request)
    posted = dict(request.POST.lists())
    for tailored in blocks:
        block = tailored.block
        on_page = f"{block.id}.revision" in posted or isinstance(block.head, PracticeLog)
        if not tailored.shown or not on_page:
            continue
        try:
            if isinstance(block.head, PracticeLog):
                _keep_log(request, one, block, posted, key, kept)
            elif isinstance(block.head, TAKEN):
                given = read_block(block, posted, today=one.hers.standing.today)
                if again == block.id and isinstance(block.head, ActivityPlanner):
                    given.value = _next_days(given.value, one.hers.standing.today.isoformat())
                _keep_block(request, one, block, given, key, kept)
        except Refusal as refusal:
            kept.refused = f"{refusal.message} {refusal.cure}".strip()
    return kept


def _next_days(value: dict[str, Any], today: str) -> dict[str, Any]:
    """The same steps from today on, none of them done."""
    return {"from": today, "steps": [{**step, "done": False} for step in value.get("steps", [])]}


def _keep_block(request: Asked, one: OneLesson, block: Block, given: Given, key: uuid.UUID, kept: Kept) -> None:
    """One block: saved where it can be, else kept as a draft and shown again."""
    course, slug = one.hers.course, one.lesson.id
    if given.faults:
        given.raw = clean(given.raw)
        kept.bad[block.id] = given
        _keep_draft(request, one, block, given)
        return
    held = one.hers.entries.get((slug, block.id))
    if not given.value and held is None:
        actions.drop_draft(course=course, lesson=slug, block=block.id, by=request.asker, now=request.now)
        return
    own = uuid.uuid5(key, f"{block.id}:{json.dumps(given.value, sort_keys=True)}")
    try:
        actions.save_entry(
            course=course, lesson=slug, block=block.id, value=given.value, key=own,
            revision=revision(request, f"{block.id}.revision"), by=request.asker, now=request.now,
        )  # fmt: skip
        actions.drop_draft(course=course, lesson=slug, block=block.id, by=request.asker, now=request.now)
    except Stale as stale:
        kept.stale = (block, given, stale)


def _keep_draft(request: Asked, one: OneLesson, block: Block, given: Given) -> int:
    return actions.keep_entry_draft(
        course=one.hers.course, lesson=one.lesson.id, block=block.id, value=clean(given.raw),
        revision=revision(request, f"{block.id}.draft"), by=request.asker, now=request.now,
    )  # fmt: skip


def _keep_log(
    request: Asked, one: OneLesson, block: Block, posted: dict[str, list[str]], key: uuid.UUID, kept: Kept
) -> None:
    for change in read_log(block, posted, today=one.hers.standing.today):
        minutes = one.hers.programme.practices[change.practice].minutes if change.tried else 0
        save_frightening_practice(
            course=one.hers.course, practice=change.practice, on=change.on, minutes=minutes, felt=change.felt,
            key=uuid.uuid5(key, f"{change.practice}:{change.on}:{change.felt}:{minutes}"), by=request.asker,
            now=request.now,
        )  # fmt: skip
        if change.felt == "frightened":
            kept.frightened = change.practice


# --- one block ----------------------------------------------------------------------------------------------------


@page(Resource.COURSE, Action.ANSWER)
@require_http_methods(["GET", "POST"])
def block(request: Asked, slug: str, block_id: str) -> HttpResponse:
    """One block alone: from the plan, from the page of two versions; and where a draft is kept as she types."""
    one = one_lesson(request, slug)
    found = one.open.block(block_id)
    number = one.part_of(block_id)
    if found is None or not found.shown or not isinstance(found.block.head, TAKEN) or not number:
        raise NotAllowed(_("There is nothing under that address where something could be saved."))
    if request.method == "GET":
        return _show_block(request, one, found, number)
    if request.POST.get("act") == "autosave":
        return _autosave(request, one, found.block)
    kept = _keep(request, one, [found])
    if kept.stale:
        return _conflict(request, one, *kept.stale)
    if kept.bad or kept.refused:
        return _show_block(request, _fresh(request, one), found, number, kept)
    if request.POST.get("to") == "plan":
        return redirect("patient:plan")
    return redirect(f"{reverse('patient:part', args=[slug, number])}#{block_id}")


def _show_block(request: Asked, one: OneLesson, found: Tailored, number: int, kept: Kept | None = None) -> HttpResponse:
    blocks: list[BlockView] = one.views([found], kept.bad if kept else None)
    wanted = request.POST.get("to") or request.GET.get("to", "")
    context = one.frame() | {
        "blocks": blocks, "number": number, "key": new_id(), "to": wanted if wanted == "plan" else "",
        "faults": [fault for one_block in blocks for fault in one_block.faults], "said": kept.refused if kept else "",
    }  # fmt: skip
    return render(request, "patient/lesson-block.html", context, status=400 if kept else 200)


def _autosave(request: Asked, one: OneLesson, found: Block) -> HttpResponse:
    """What is being typed, kept as a draft; “kept” is said by who kept it."""
    given = read_block(found, dict(request.POST.lists()), today=one.hers.standing.today)
    try:
        held = _keep_draft(request, one, found, given)
    except Refusal as refusal:
        return JsonResponse({"said": f"{refusal.message} {refusal.cure}".strip()}, status=refusal.status)
    time = clock(request.now, one.hers.person.zone())
    return JsonResponse({"revision": held, "said": _("Kept at %(time)s, not saved yet.") % {"time": time}})


def _conflict(request: Asked, one: OneLesson, found: Block, given: Given, stale: Stale) -> HttpResponse:
    """Two windows, two versions: both are shown, and she chooses (nothing was overwritten, U8)."""
    held: Any = stale.held
    prefix = f"{found.id}."
    posted = [(name, value) for name, values in request.POST.lists() for value in values
              if name.startswith(prefix) and name not in (f"{prefix}revision", f"{prefix}draft")]  # fmt: skip
    context = one.frame() | {
        "box": found, "number": one.part_of(found.id), "key": new_id(), "posted": posted,
        "stored": in_words(found, held.value) if held else [], "stored_at": held.at if held else None,
        "given": in_words(found, given.value), "revision": held.revision if held else 0,
    }  # fmt: skip
    return render(request, "patient/lesson-conflict.html", context, status=409)

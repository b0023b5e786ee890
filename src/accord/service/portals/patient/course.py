"""What the lesson pages share: her course as a page needs it, read once a request; links, words, what is kept."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from accord.science.programmes import Block, Lesson, LessonState, Programme, Tailored
from accord.science.programmes.blocks import Guide
from accord.service.access.guard import Asked
from accord.service.access.table import Asker
from accord.service.care import queries as care
from accord.service.errors import NotAllowed, NotNow, Refusal
from accord.service.people.queries import accountable_for, me
from accord.service.programmes import queries as programmes
from accord.service.ui.block_answers import Given, Line, in_words
from accord.service.ui.block_fields import Earlier
from accord.service.ui.lesson_blocks import About, BlockView, Held, view

PAGES = {
    "red-flags": "patient:signs", "plan": "patient:plan", "help": "patient:crisis", "today": "patient:today",
    "messages": "patient:messages", "lessons": "patient:lessons", "flare": "patient:flare",
    "progress": "patient:progress",
}  # fmt: skip


def page_link(kind: str, name: str) -> str:
    """Where a text's `page:` leads to; texts outside a course have no other links."""
    return reverse(PAGES[name]) if kind == "page" and name in PAGES else ""


@dataclass
class Hers:
    """Her course, and what has been kept in it; each is read once a request."""

    person: Any
    course: Any
    asker: Asker
    now: dt.datetime

    @cached_property
    def programme(self) -> Programme:
        return programmes.programme_of(self.course)

    @cached_property
    def standing(self) -> programmes.CourseStanding:
        return programmes.standing(self.course, self.now)

    @cached_property
    def entries(self) -> dict[tuple[str, str], programmes.Saved]:
        return {(one.lesson, one.block): one for one in programmes.entries(self.asker, self.person.pk)}

    def place(self, lesson: Lesson) -> int:
        """Which lesson of hers it is, from 1."""
        return next(number for number, one in enumerate(self.standing.states, 1) if one.lesson.id == lesson.id)

    def links(self, kind: str, name: str) -> str:
        """Where a link of a text leads; nowhere for what is not there."""
        try:
            if kind == "page":
                return reverse(PAGES[name]) if name in PAGES else ""
            return next(self._guides(name), "") if kind == "guide" else reverse(f"patient:{kind}", args=[name])
        except NoReverseMatch:
            return ""

    def _guides(self, name: str) -> Iterator[str]:
        for lesson in self.programme.lessons:
            text = self.programme.text(lesson.id)
            if text and any(block.id == name and isinstance(block.head, Guide) for block in text.blocks):
                yield reverse("patient:guide", args=[lesson.id, name])


def hers(request: Asked) -> Hers | None:
    """Her course; None while there is none."""
    person = me(request.asker)
    course = programmes.course_of(request.asker, person.pk)
    return Hers(person, course, request.asker, request.now) if course is not None else None


def must_be_hers(request: Asked) -> Hers:
    found = hers(request)
    if found is None:
        raise NotAllowed(_("There is no such page."), cure=_("Your lessons stand on your page “Lessons”."))
    return found


@dataclass
class OneLesson:
    """One lesson of hers, tailored. `view` is None while it is not open for her."""

    hers: Hers
    state: LessonState
    view: programmes.LessonView | None

    @property
    def lesson(self) -> Lesson:
        return self.state.lesson

    @property
    def open(self) -> programmes.LessonView:
        """The lesson as she reads it. Raises NotNow, with the reason, while it is shut."""
        if self.view is None:
            raise NotNow(self.state.reason, cure=_("The others stay open for you."))
        return self.view

    def blocks(self, number: int) -> tuple[Tailored, ...]:
        """The blocks of a part (from 1) in order."""
        part = self.open.part(number)
        return part.blocks if part else ()

    def part_of(self, block_id: str) -> int:
        """The part in which a block stands; 0 for none."""
        parts = (part.number for part in self.open.parts if any(one.block.id == block_id for one in part.blocks))
        return next(parts, 0)

    def held(self, block: Block, drafts: Mapping[str, programmes.Drafted]) -> Held:
        """What is kept of a block."""
        saved, draft = self.hers.entries.get((self.lesson.id, block.id)), drafts.get(block.id)
        held = Held()
        if saved:
            held = Held(saved.value, saved.revision, saved.at, saved.read_by_therapist_at)
        return replace(held, draft=draft.value, draft_revision=draft.revision, draft_at=draft.at) if draft else held

    def about(self) -> About:
        today = self.hers.standing.today
        practised = programmes.practised(self.hers.course, today - dt.timedelta(days=31))
        before = list(self._before())
        by_field = {
            line.field: Earlier(line.said, at, lesson.title)
            for lesson, _block, at, lines in before for line in lines if line.field and line.said
        }  # fmt: skip
        values = tuple((lesson.title, at, lines) for lesson, block, at, lines in before if block.kind == "values")
        return About(today, self.hers.links, self.hers.programme, practised, by_field, values)

    def _before(self) -> Iterator[tuple[Lesson, Block, dt.datetime, tuple[Line, ...]]]:
        """Her words from the lessons before this one: they come back where the same is asked."""
        for lesson in self.hers.programme.lessons:
            if lesson.id == self.lesson.id:
                return
            text = self.hers.programme.text(lesson.id)
            for block in text.blocks if text else ():
                if saved := self.hers.entries.get((lesson.id, block.id)):
                    yield lesson, block, saved.at, tuple(in_words(block, saved.value))

    def views(self, wanted: Iterable[Tailored], bad: Mapping[str, Given] | None = None) -> list[BlockView]:
        """Blocks for a page; `bad`: what was just posted and could not be kept, by block."""
        about = self.about()
        drafts = {one.block: one for one in programmes.drafts(self.hers.course, self.lesson.id)}
        made = []
        for one in wanted:
            given = (bad or {}).get(one.block.id)
            found = view(one, self.held(one.block, drafts), about, raw=given.raw if given else None,
                         faults=given.faults if given else None)  # fmt: skip
            if found is not None:
                made.append(found)
        return made

    def frame(self) -> dict[str, Any]:
        """What every page of a lesson says: which it is, who reads, by when."""
        return reading(self.hers) | {
            "lesson": self.lesson, "place": self.hers.place(self.lesson), "state": self.state, "lessons_too": True,
        }  # fmt: skip


def one_lesson(request: Asked, slug: str) -> OneLesson:
    """A lesson of her course. Raises NotAllowed for one that is not in it."""
    mine = must_be_hers(request)
    state = mine.standing.state_of(slug)
    if state is None:
        raise NotAllowed(_("There is no such lesson in this course."))
    try:
        return OneLesson(mine, state, programmes.tailored_lesson(mine.course, slug, request.now))
    except NotNow:
        return OneLesson(mine, state, None)


def who_reads(person: Any, now: dt.datetime) -> str:
    """The name of who reads what she saves; the clinic's own where nobody answers for her at the moment."""
    try:
        return str(accountable_for(person.pk, now).name)
    except NotNow:
        return str(person.clinic.name)


def reading(mine: Hers) -> dict[str, Any]:
    """What stands beside every box: who reads it, and by when (C15)."""
    return {
        "reader": who_reads(mine.person, mine.now), "read_by": care.reply_due(mine.person, mine.now),
        "zone": mine.person.zone(), "programme": mine.programme, "flare": mine.standing.flare, "nav": "lessons",
        "small_step": _small_step(mine) if mine.standing.flare else "",
    }  # fmt: skip


def _small_step(mine: Hers) -> str:
    """The one very small step by the clock that she planned for a flare (C7)."""
    found = (str(saved.value.get("small_step", "")) for saved in mine.entries.values())
    return next((step for step in found if step), "")


def page_key(request: Asked) -> uuid.UUID:
    """The page's own key: the same page sent twice is kept once."""
    try:
        return uuid.UUID(request.POST.get("key", ""))
    except ValueError:
        cure = _("Go back, load the page again and keep it once more. What you typed stands in your browser.")
        raise Refusal(_("This page was not complete when it was sent."), cure=cure) from None


def revision(request: Asked, name: str) -> int:
    given = request.POST.get(name, "")
    return int(given) if given.isdecimal() and len(given) < 6 else 0

"""One lesson as she reads it, and the practices that are offered to her."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from django.utils.translation import gettext as _

from accord.science.programmes import (
    HarmText,
    Lesson,
    LessonState,
    LessonText,
    Practice,
    Programme,
    Screened,
    Tailored,
    screened,
    tailored,
)
from accord.science.programmes.blocks import PracticeBlock
from accord.science.programmes.lesson_text import Block
from accord.service.errors import NotAllowed, NotNow
from accord.service.programmes.models import Course
from accord.service.programmes.queries.paths import (
    CoursePath,
    paths_of,
    zone_of,
)
from accord.service.programmes.queries.standings import CourseStanding, standing_on
from accord.service.programmes.rules import path


@dataclass(frozen=True, slots=True)
class PartView:
    """A part as she sees it: every block with the reason why it is or is not shown."""

    number: int
    title: str
    minutes: int
    blocks: tuple[Tailored, ...]
    done: bool


@dataclass(frozen=True, slots=True)
class LessonView:
    """A lesson for her. `because`: why it is open, or what was decided with her about it."""

    course: Course
    programme: Programme
    lesson: Lesson
    text: LessonText
    opening: tuple[Tailored, ...]
    parts: tuple[PartView, ...]
    part_done: frozenset[int]
    state: LessonState
    because: str

    @property
    def next_part(self) -> PartView | None:
        """Where she goes on: the first part that is not done."""
        return next((part for part in self.parts if not part.done), None)

    def part(self, number: int) -> PartView | None:
        return next((part for part in self.parts if part.number == number), None)

    def block(self, block_id: str) -> Tailored | None:
        every = (*self.opening, *(block for part in self.parts for block in part.blocks))
        return next((one for one in every if one.block.id == block_id), None)


def tailored_lesson(course: Course, lesson_id: str, now: datetime) -> LessonView:
    """A lesson as she reads it. Raises NotAllowed for one that is not in her course; NotNow, with the reason, for one
    that is not open for her. Lessons that she began once never shut.
    """
    one = paths_of([course], now, whole=True)[course.pk]
    stands = standing_on(one, now)
    state = stands.state_of(lesson_id)
    if state is not None and not path.readable(state, stands.progress):
        raise NotNow(state.reason, cure=_("The others stay open for you."))
    return _view(one, stands, lesson_id)


def preview_lesson(course: Course, lesson_id: str, on: date) -> LessonView:
    """The same on any day and open or not, for who prepares it with her: what she would see, and why."""
    noon = datetime.combine(on, time(12), tzinfo=zone_of(course)).astimezone(UTC)
    one = paths_of([course], noon, whole=True)[course.pk]
    return _view(one, standing_on(one, noon), lesson_id)


def _view(one: CoursePath, stands: CourseStanding, lesson_id: str) -> LessonView:
    state, text = stands.state_of(lesson_id), None
    if state is not None:
        text = one.programme.text(lesson_id)
    if state is None or text is None:
        raise NotAllowed(_("There is no such lesson in this course."))
    seen = {found.block.id: found for found in tailored(text, one.record, programme=one.programme)}
    done = stands.parts_done.get(lesson_id, frozenset())
    parts = tuple(
        PartView(number, part.title, part.minutes, tuple(seen[block.id] for block in part.blocks), number in done)
        for number, part in enumerate(text.parts, start=1)
    )
    opening = tuple(seen[block.id] for block in text.opening)
    return LessonView(one.course, one.programme, state.lesson, text, opening, parts, done, state, state.reason)


@dataclass(frozen=True, slots=True)
class PracticeView:
    """A practice as it is offered to her: with its harm text, its script and, where its screen is not passed, the one
    that is offered instead (`screened`)."""

    id: str
    practice: Practice
    harm: HarmText
    screened: Screened
    lesson: str  # where its script stands; empty: it has none
    script: Block | None


def practices(course: Course, now: datetime) -> list[PracticeView]:
    """The practices of the lessons she has begun, in the order of the programme."""
    one = paths_of([course], now, whole=True)[course.pk]
    stands = standing_on(one, now)
    open_to_her = [state.lesson for state in stands.states if path.readable(state, stands.progress)]
    names = dict.fromkeys(name for lesson in open_to_her for name in lesson.practices)
    offered = dict.fromkeys(screened(one.programme, name, one.record).offered for name in names)
    return [_practice(one, name) for name in {**names, **offered}]


def practice(course: Course, practice_id: str, now: datetime) -> PracticeView:
    """One practice of her programme. Raises NotAllowed for another."""
    one = paths_of([course], now, whole=True)[course.pk]
    if practice_id not in one.programme.practices:
        raise NotAllowed(_("There is no such practice in this course."))
    return _practice(one, practice_id)


def _practice(one: CoursePath, name: str) -> PracticeView:
    lesson, script = _script(one.programme, name)
    return PracticeView(
        name, one.programme.practices[name], one.programme.harm_text(name), screened(one.programme, name, one.record),
        lesson, script,
    )  # fmt: skip


def _script(programme: Programme, name: str) -> tuple[str, Block | None]:
    for lesson in programme.lessons:
        text = programme.text(lesson.id)
        for block in text.blocks if text else ():
            if isinstance(block.head, PracticeBlock) and block.head.practice == name:
                return lesson.id, block
    return "", None

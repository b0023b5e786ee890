"""Where she is in her course: from marks, changes and days to progress, the lesson that is current, and what waits."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from accord.science.conditions import names
from accord.science.programmes import Change, LessonState, Programme, Progress
from accord.science.programmes.model import Lesson, Requirement

BEGUN, PART, DONE, ANSWERED, READ = "begun", "part", "done", "answered", "read"
OPEN, SKIP, HOLD, UNDO, CLEARED = "open", "skip", "hold", "undo", "cleared"


@dataclass(frozen=True, slots=True)
class Marked:
    """A mark on her path, with the day of the course on which it was made."""

    kind: str
    lesson: str
    part: int
    day: int


@dataclass(frozen=True, slots=True)
class Changed:
    """A therapist's change, with the day of the course on which it was made."""

    kind: str
    lesson: str
    reason: str
    day: int


def progress_of(
    marks: Iterable[Marked],
    changes: Iterable[Changed],
    anchors: Mapping[str, int],
    record: Mapping[str, object],
    day: int,
) -> Progress:
    """How far she is on a day; what happened later is left out, so that an earlier day can be looked at again.

    `changes` in the order they were made: the newest of a lesson counts, and `undo` leaves none.
    """
    seen = [mark for mark in marks if mark.day <= day]
    return Progress(
        anchors=anchors, started=_first(seen, BEGUN), completed=_first(seen, DONE), replies=_first(seen, ANSWERED),
        record=record, changes=in_force(change for change in changes if change.day <= day),
    )  # fmt: skip


def _first(marks: Iterable[Marked], kind: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for mark in marks:
        if mark.kind == kind:
            found[mark.lesson] = min(mark.day, found.get(mark.lesson, mark.day))
    return found


def in_force(changes: Iterable[Changed]) -> dict[str, Change]:
    """The change that counts for each lesson. That a doctor has looked (`cleared`) changes a fact, not the path."""
    found: dict[str, Change] = {}
    for change in changes:
        if change.kind == UNDO:
            found.pop(change.lesson, None)
        elif change.kind in (OPEN, SKIP, HOLD):
            found[change.lesson] = Change(change.kind, change.reason)  # type: ignore[arg-type]
    return found


def parts_done(marks: Iterable[Marked], day: int) -> dict[str, frozenset[int]]:
    """The parts of each lesson that are done."""
    found: dict[str, set[int]] = {}
    for mark in marks:
        if mark.kind == PART and mark.day <= day:
            found.setdefault(mark.lesson, set()).add(mark.part)
    return {lesson: frozenset(parts) for lesson, parts in found.items()}


def finished(lessons: Iterable[Lesson], done: Collection[str], changes: Iterable[Changed]) -> bool:
    """Whether nothing of these lessons is left: each is done, or she was told to leave it. As `unlocked` says it."""
    left = [lesson.id for lesson in lessons if lesson.id not in done]
    standing = in_force(changes) if left else {}
    return all(lesson in standing and standing[lesson].kind == SKIP for lesson in left)


def current(states: Sequence[LessonState], changes: Mapping[str, Change]) -> LessonState | None:
    """What comes now: the first lesson that is begun, else the first that is open; not one that is to wait."""
    ready = [one for one in states if one.state in ("started", "open") and not _held(one, changes)]
    return next((one for one in ready if one.state == "started"), next(iter(ready), None))


def _held(one: LessonState, changes: Mapping[str, Change]) -> bool:
    change = changes.get(one.lesson.id)
    return change is not None and change.kind == HOLD


def next_opens(states: Sequence[LessonState]) -> LessonState | None:
    """The next lesson that is shut: the first in order, whether or not its day can be told."""
    return next((one for one in states if one.state == "closed"), None)


def readable(one: LessonState, progress: Progress) -> bool:
    """Whether she may read a lesson: it is open, or she has begun it once. Lessons never shut behind her."""
    return one.state in ("open", "started", "done") or one.lesson.id in progress.started


def due_day(
    programme: Programme, progress: Progress, lesson_id: str, *, modules: Sequence[str] | None, length: str,
    flare_days: int,
) -> int | None:  # fmt: skip
    """The day by which a lesson is hoped to be done: when the next one is planned, later by each day of a flare (C7).

    Counted from when she began it, where that was later than planned. It shuts nothing, and no page calls it late.
    """
    lessons = programme.in_modules(modules)
    place = next(number for number, lesson in enumerate(lessons) if lesson.id == lesson_id)
    own, then = _planned(programme, progress, lessons[place].opens, length), None
    if place + 1 < len(lessons):
        then = _planned(programme, progress, lessons[place + 1].opens, length)
    if own is None:
        return None
    if then is None or then <= own:
        then = own + programme.lengths[length].days_between
    begun = progress.started.get(lesson_id, own)
    return then + max(0, begun - own) + flare_days


def _planned(programme: Programme, progress: Progress, opens: Sequence[Requirement], length: str) -> int | None:
    """The day a lesson is planned to open by the calendar alone; None while its anchor has not happened."""
    days = []
    for one in opens:
        if one.of is None:
            continue
        if one.of not in progress.anchors:
            return None
        after = one.on_day if one.on_day is not None else (int(one.step or 1) - 1) * _gap(programme, length)
        days.append(progress.anchors[one.of] + after)
    return max(days, default=None)


def _gap(programme: Programme, length: str) -> int:
    return programme.lengths[length].days_between


def facts_of_path(programme: Programme) -> frozenset[str]:
    """The facts and answers that unlocking reads in this programme: what a list of many people must load."""
    rules = [requirement.rule for _, _, requirement in programme.requirements() if requirement.rule is not None]
    return frozenset(name for rule in rules for name in names(rule))

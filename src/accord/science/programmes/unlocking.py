"""What is open for whom on which day, and why, in words the person can read. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from accord.science.conditions import Decision, decide
from accord.science.errors import BadInput
from accord.science.programmes.model import Lesson, Programme, Requirement

DECIDED = "Your therapist decided this with you:"
State = Literal["done", "started", "open", "closed", "skipped"]


@dataclass(frozen=True, slots=True)
class Change:
    """A therapist's change to one person's path, with the reason that the person reads."""

    kind: Literal["open", "skip", "hold"]
    reason: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one person is; all days are counted from enrolment (day 0).

    `anchors`: the day of each anchor that exists already. `record`: the facts and answers that rules read, absent or
    None = missing. `replies`: lesson -> day of the therapist's answer.
    """

    anchors: Mapping[str, int] = field(default_factory=dict)
    started: Mapping[str, int] = field(default_factory=dict)
    completed: Mapping[str, int] = field(default_factory=dict)
    replies: Mapping[str, int] = field(default_factory=dict)
    record: Mapping[str, Any] = field(default_factory=dict)
    changes: Mapping[str, Change] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LessonState:
    """A lesson as it stands for one person today. `opens_on_day` is None when no day can be told."""

    lesson: Lesson
    state: State
    reason: str
    opens_on_day: int | None = None


@dataclass(frozen=True, slots=True)
class _Shut:
    reason: str
    until: int | None


def unlocked(
    programme: Programme,
    progress: Progress,
    day: int,
    *,
    modules: Sequence[str] | None = None,
    length: str | None = None,
) -> list[LessonState]:
    """Every lesson of the person's modules, in order, with its state, the reason and the day it opens.

    All requirements of a lesson must be met (one of them is enough within `any_of`); the reason names the first that
    is not. A lesson that was started never shuts again. A requirement about a lesson that is switched off is met.
    """
    length = length or next(iter(programme.lengths))
    if length not in programme.lengths:
        raise BadInput(f"There is no length '{length}'.", cure=f"There are: {', '.join(programme.lengths)}.")
    lessons = programme.in_modules(modules)
    ask = _Asker(programme, progress, day, length, {lesson.id for lesson in lessons})
    return [ask.state(lesson) for lesson in lessons]


@dataclass(frozen=True, slots=True)
class _Asker:
    programme: Programme
    progress: Progress
    day: int
    length: str
    active: set[str]

    def state(self, lesson: Lesson) -> LessonState:
        before = self._passed(lesson)
        if before:
            return before
        change = self.progress.changes.get(lesson.id)
        if change:
            states: dict[str, State] = {"open": "open", "skip": "skipped", "hold": "closed"}
            return LessonState(lesson, states[change.kind], f"{DECIDED} {change.reason}")
        if lesson.status == "outline":
            return LessonState(lesson, "closed", "This part is not written yet.")
        shut = [answer for requirement in lesson.opens if (answer := self.answer(requirement))]
        if not shut:
            return LessonState(lesson, "open", "This is open for you now.")
        days = [answer.until for answer in shut]
        opens = max(day for day in days if day is not None) if all(day is not None for day in days) else None
        return LessonState(lesson, "closed", shut[0].reason, opens)

    def _passed(self, lesson: Lesson) -> LessonState | None:
        done = self.progress.completed.get(lesson.id)
        if done is not None and done <= self.day:
            return LessonState(lesson, "done", "You have done this. You can come back to it whenever you like.")
        begun = self.progress.started.get(lesson.id)
        if begun is not None and begun <= self.day:
            return self._begun(lesson)
        return None

    def _begun(self, lesson: Lesson) -> LessonState:
        """What was begun stays open; a therapist's wish to wait with it or to leave it is what the person reads."""
        change = self.progress.changes.get(lesson.id)
        if change and change.kind == "skip":
            kept = "What you saved in it is kept, and you can come back to it."
            return LessonState(lesson, "skipped", f"{DECIDED} {change.reason} {kept}")
        if change and change.kind == "hold":
            return LessonState(lesson, "started", f"{DECIDED} {change.reason} What you have begun stays open.")
        return LessonState(lesson, "started", "You have begun this. Go on where you stopped.")

    def answer(self, requirement: Requirement) -> _Shut | None:
        """None when it is met, else why not and until when."""
        if requirement.any_of is not None:
            return self._any(requirement.any_of)
        if requirement.completed is not None:
            return self._completed(requirement.completed, requirement.days_later)
        if requirement.reply_to is not None:
            return self._reply(requirement.reply_to)
        if requirement.rule is not None:
            return self._rule(requirement)
        return self._day(requirement)

    def _any(self, options: list[Requirement]) -> _Shut | None:
        shut = [self.answer(option) for option in options]
        if None in shut:
            return None
        left = [answer for answer in shut if answer]
        known = [answer.until for answer in left if answer.until is not None]
        return _Shut(" Or: ".join(answer.reason for answer in left), min(known, default=None))

    def _day(self, requirement: Requirement) -> _Shut | None:
        anchor = str(requirement.of)
        label = self.programme.anchors[anchor]
        if anchor not in self.progress.anchors:
            return _Shut(f"This opens once this has happened: {label}.", None)
        after = requirement.on_day
        if after is None:
            after = (int(requirement.step or 1) - 1) * self.programme.lengths[self.length].days_between
        return self._until(self.progress.anchors[anchor] + after)

    def _until(self, opens: int) -> _Shut | None:
        left = opens - self.day
        return _Shut(f"This opens {'tomorrow' if left == 1 else f'in {left} days'}.", opens) if left > 0 else None

    def _completed(self, lesson_id: str, days_later: int) -> _Shut | None:
        if lesson_id not in self.active or self._skipped(lesson_id):
            return None
        done = self.progress.completed.get(lesson_id)
        if done is not None and done <= self.day:
            return self._until(done + days_later)
        title = self.programme.lesson(lesson_id).title
        later = f" and {_days(days_later)} have passed" if days_later else ""
        return _Shut(f"This opens when you have done “{title}”{later}.", None)

    def _skipped(self, lesson_id: str) -> bool:
        change = self.progress.changes.get(lesson_id)
        return change is not None and change.kind == "skip"

    def _reply(self, lesson_id: str) -> _Shut | None:
        if lesson_id not in self.active or self._skipped(lesson_id):
            return None
        replied = self.progress.replies.get(lesson_id)
        if replied is not None and replied <= self.day:
            return None
        title = self.programme.lesson(lesson_id).title
        return _Shut(f"This opens when your therapist has answered what you wrote in “{title}”.", None)

    def _rule(self, requirement: Requirement) -> _Shut | None:
        decision = decide(str(requirement.rule), self.progress.record)
        if decision is Decision.YES:
            return None
        return _Shut(str(requirement.because if decision is Decision.NO else requirement.unknown), None)


def _days(number: int) -> str:
    return "one day" if number == 1 else f"{number} days"

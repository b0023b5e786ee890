"""How somebody of the cast goes through the weeks of her course, evening after evening."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from accord.service.demo import course
from accord.service.demo.staff import Member
from accord.service.demo.timeline import Story, at

if TYPE_CHECKING:
    from accord.service.demo.walk import Walker

Moment = Callable[["Walker", datetime], None]
WELCOME = "Thank you for what you wrote. The stairs are a good place to begin. How was the first practice for you?"


def better(day: int) -> float:
    """A little better from week to week."""
    return max(0.25, 0.6 - 0.006 * day)


@dataclass(frozen=True, slots=True)
class Habit:
    """Her ways. `level` by day: 0 as well as can be, 1 as bad as can be. Days are counted from when she came."""

    member: Member  # her therapist
    level: Callable[[int], float] = better
    lessons: int = 5  # how many she reads
    parts: int = 3  # at one sitting
    until: int = 400  # the last day on which she is seen
    answers_until: int = 400  # the last day on which she answers
    moments: dict[tuple[int, float], Moment] = field(default_factory=dict)  # what else she does, by day and hour


def weeks(one: Walker, first: datetime, habit: Habit) -> Story:
    """Every second evening she answers what is open, every third she reads on, now and then she practises; once a week
    her therapist has read what she wrote, and answers."""
    for day in range(1, habit.until + 1):
        for (on, hour), do in sorted(habit.moments.items()):
            if on == day:
                do(one, (yield at(first, day, hour)))
        if day % 7 == 4:
            course.tries(course.answered_by, habit.member, one, _reply(day), (yield at(first, day, 11.25)))
        if day % 14 == 12:
            course.tries(course.called_by, habit.member, one, minutes=12, now=(yield at(first, day, 15)))
        if day % 6 in (0, 1, 3, 4, 5):
            now = yield at(first, day, 19)
            if day % 2 and day <= habit.answers_until:
                now = course.answer_open(one, level=habit.level(day), now=now)
            if day % 3 == 1:
                course.reads(one, parts=habit.parts, lessons=habit.lessons, now=now)
            if day % 6 == 0:
                course.practises(one, now=now)


def _reply(day: int) -> str:
    return WELCOME if day < 7 else f"Week {day // 7}: I read what you planned. Was the step the right size for you?"

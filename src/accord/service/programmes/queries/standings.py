"""Where somebody is in her course, now or on another day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from accord.science.programmes import (
    Change,
    LessonState,
    Programme,
    Progress,
    unlocked,
)
from accord.science.programmes.lesson_text import Block
from accord.service.programmes.models import Course, Flare
from accord.service.programmes.queries.paths import (
    CoursePath,
    paths_of,
    zone_of,
)
from accord.service.programmes.rules import days, flares, path
from accord.service.programmes.rules.messages import message_due


@dataclass(frozen=True, slots=True)
class CourseStanding:
    """Where she is in her course on a day, in words and numbers that pages show.

    `current`: what comes now (begun before open, not what is to wait). `due_on`: the day by which it is hoped to be
    done, moved by each day of a flare; None when no day can be told. `practised_days_this_week`: of the last seven.
    """

    course: Course
    programme: Programme
    day: int
    today: date
    states: list[LessonState]
    current: LessonState | None
    next_opens: LessonState | None
    done: int
    total: int
    flare: Flare | None
    practised_days_this_week: int
    due_on: date | None
    parts_done: Mapping[str, frozenset[int]]
    changes: Mapping[str, Change]
    progress: Progress = field(repr=False)

    def state_of(self, lesson_id: str) -> LessonState | None:
        return next((one for one in self.states if one.lesson.id == lesson_id), None)

    def opens_on(self, one: LessonState) -> date | None:
        """The date on which a shut lesson opens, where a day can be told."""
        if one.opens_on_day is None:
            return None
        return self.today + timedelta(days=one.opens_on_day - self.day)


def standing(course: Course, now: datetime) -> CourseStanding:
    """Where she is now."""
    return standing_on(paths_of([course], now, whole=True)[course.pk], now)


def preview(course: Course, on: date) -> CourseStanding:
    """What she would see on a day ("patient X on day N"), if she did nothing from now on; an earlier day as it was.

    Noon of that day in her zone; what happened on later days is left out. Facts and answers are those of today.
    """
    noon = datetime.combine(on, time(12), tzinfo=zone_of(course)).astimezone(UTC)
    return standing_on(paths_of([course], noon, whole=True)[course.pk], noon)


def standing_on(one: CoursePath, now: datetime) -> CourseStanding:
    course, programme = one.course, one.programme
    today, day = days.local_day(now, one.zone), days.course_day(now, one.zone, one.enrolled)
    progress = path.progress_of(one.marks, one.changes, one.anchors, one.record, day)
    modules = course.modules or None
    states = unlocked(programme, progress, day, modules=modules, length=course.length)
    running = next((row for row, spell in reversed(one.spells) if spell.runs(now)), None)
    now_comes = path.current(states, progress.changes)
    due = None
    if now_comes is not None:
        moved = _flare_days_since(one, now_comes.lesson.id, progress)
        due = path.due_day(
            programme, progress, now_comes.lesson.id, modules=modules, length=course.length, flare_days=moved
        )
    return CourseStanding(
        course=course, programme=programme, day=day, today=today, states=states, current=now_comes,
        next_opens=path.next_opens(states), done=sum(state.state == "done" for state in states),
        total=sum(state.state != "skipped" for state in states), flare=running,
        practised_days_this_week=days.practised_days(one.practised, today),
        due_on=None if due is None else today + timedelta(days=due - day),
        parts_done=path.parts_done(one.marks, day), changes=progress.changes, progress=progress,
    )  # fmt: skip


def _flare_days_since(one: CoursePath, lesson_id: str, progress: Progress) -> int:
    """Flare days since she began a lesson, or since her treatment began where she has not."""
    since = progress.started.get(lesson_id, min(progress.anchors.values(), default=0))
    first = days.local_day(one.enrolled, one.zone) + timedelta(days=since)
    covered = {day for _row, spell in one.spells for day in flares.days_of(spell, one.zone)}
    return sum(day >= first for day in covered)


def message_of_the_week(stands: CourseStanding | None) -> Block | None:
    """The service's words for this point of the lesson that she has begun; None before, and without any."""
    current = stands.current if stands else None
    if stands is None or current is None or current.state != "started":
        return None
    begun = stands.progress.started.get(current.lesson.id, stands.day)
    return message_due(stands.programme.text(current.lesson.id), stands.day - begun)

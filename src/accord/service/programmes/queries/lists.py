"""The courses of many people, in a number of queries that does not grow with them."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from accord.service.programmes.models import Course, Entry, Mark, Practised
from accord.service.programmes.queries.paths import (
    CoursePath,
    paths_of,
)
from accord.service.programmes.queries.standings import standing_on
from accord.service.programmes.rules import flares, path


@dataclass(frozen=True, slots=True)
class CourseSummary:
    """One person's course in a list. `states`: one for each lesson. `last_active_at`: the last time she opened a
    lesson, did a part, saved something or noted a practice; what others did about her does not count."""

    course_id: uuid.UUID
    done: int
    total: int
    current_title: str
    began_at: datetime
    last_active_at: datetime | None
    begun_first_lesson: bool
    flare_since: datetime | None
    flare_days_7: int
    states: tuple[str, ...]
    unread_entries: int
    day: int


def summaries(person_ids: Collection[uuid.UUID], now: datetime) -> dict[uuid.UUID, CourseSummary]:
    """The course of each of these people who has one. A number of queries that does not grow with them."""
    rows = Course.objects.filter(person__in=set(person_ids)).pinned().order_by("began_at", "id")
    courses = list({row.person_id: row for row in rows}.values())
    if not courses:
        return {}
    paths, active, unread = paths_of(courses, now, whole=False), *_activity(courses)
    return {
        course.person_id: _summary(paths[course.pk], active.get(course.pk), unread.get(course.pk, 0), now)
        for course in courses
    }


def _summary(one: CoursePath, active: datetime | None, unread: int, now: datetime) -> CourseSummary:
    stands = standing_on(one, now)
    return CourseSummary(
        course_id=one.course.pk, done=stands.done, total=stands.total,
        current_title=stands.current.lesson.title if stands.current else "", began_at=one.course.began_at,
        last_active_at=active, begun_first_lesson=bool(stands.progress.started),
        flare_since=stands.flare.began_at if stands.flare else None,
        flare_days_7=flares.flare_days((spell for _row, spell in one.spells), one.zone, now),
        states=tuple(state.state for state in stands.states), unread_entries=unread, day=stands.day,
    )  # fmt: skip


def _activity(courses: list[Course]) -> tuple[dict[uuid.UUID, datetime], dict[uuid.UUID, int]]:
    """When each was last active, and how much of what stands saved nobody has read. Three queries, nothing opened."""
    keys = [course.pk for course in courses]
    last: dict[uuid.UUID, datetime] = {}
    read: dict[tuple[uuid.UUID, str], datetime] = {}
    for course_id, kind, lesson, at in Mark.objects.filter(course__in=keys).values_list(
        "course_id", "kind", "lesson", "at"
    ):
        if kind in (path.BEGUN, path.PART, path.DONE):
            last[course_id] = max(at, last.get(course_id, at))
        else:
            read[course_id, lesson] = max(at, read.get((course_id, lesson), at))
    for course_id, at in Practised.objects.filter(course__in=keys).values_list("course_id", "at"):
        last[course_id] = max(at, last.get(course_id, at))
    newest: dict[tuple[uuid.UUID, str, str], datetime] = {}
    saved = Entry.objects.filter(course__in=keys).order_by("revision")
    for course_id, lesson, block, at in saved.values_list("course_id", "lesson", "block", "at"):
        newest[course_id, lesson, block] = at
        last[course_id] = max(at, last.get(course_id, at))
    unread: dict[uuid.UUID, int] = {}
    for (course_id, lesson, _block), at in newest.items():
        if (course_id, lesson) not in read or read[course_id, lesson] < at:
            unread[course_id] = unread.get(course_id, 0) + 1
    return last, unread

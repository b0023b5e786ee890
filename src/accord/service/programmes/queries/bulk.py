"""Plain rows of many courses at once, for a cohort: nothing that anybody wrote is read. The caller checked access."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from accord.service.programmes.models import Course, Flare, Mark, Practised

CHUNK = 5000


class CourseRow(NamedTuple):
    """A course: whose episode, and which published programme it follows now."""

    course: uuid.UUID
    episode: uuid.UUID
    snapshot: uuid.UUID


def courses(episode_ids: Collection[uuid.UUID], now: datetime) -> list[CourseRow]:
    """The courses of these episodes. One query."""
    rows = Course.objects.filter(episode__in=set(episode_ids), began_at__lte=now).pinned().order_by("began_at", "id")
    found: Iterable[tuple[uuid.UUID, uuid.UUID, object]] = rows.values_list("pk", "episode_id", "pinned_id")  # type: ignore[misc]
    return [CourseRow(course, episode, uuid.UUID(str(snapshot))) for course, episode, snapshot in found]


class MarkRow(NamedTuple):
    """A lesson was opened or done for the first time."""

    course: uuid.UUID
    kind: str
    lesson: str
    at: datetime


def marks(course_ids: Collection[uuid.UUID], now: datetime) -> Iterator[MarkRow]:
    """When lessons were opened and done. One query."""
    kinds = (Mark.Kind.BEGUN, Mark.Kind.DONE)
    rows = Mark.objects.filter(course__in=set(course_ids), kind__in=kinds, at__lte=now).order_by("at", "id")
    found = rows.values_list("course_id", "kind", "lesson", "at")
    return (MarkRow(*row) for row in found.iterator(chunk_size=CHUNK))


def practice_minutes(course_ids: Collection[uuid.UUID], now: datetime) -> dict[uuid.UUID, dict[str, int]]:
    """Minutes of each practice in each course, as they stand: the newest row of a day counts. One query."""
    rows = Practised.objects.filter(course__in=set(course_ids), at__lte=now).order_by("revision")
    newest: dict[tuple[uuid.UUID, str, object], int] = {}
    for course, practice, on, minutes in rows.values_list("course_id", "practice", "on", "minutes").iterator():
        newest[course, practice, on] = minutes
    found: dict[uuid.UUID, dict[str, int]] = {}
    for (course, practice, _on), minutes in newest.items():
        mine = found.setdefault(course, {})
        mine[practice] = mine.get(practice, 0) + minutes
    return found


def flares_begun(person_ids: Collection[uuid.UUID], now: datetime) -> list[tuple[uuid.UUID, datetime]]:
    """When these people's flares began. One query."""
    rows = Flare.objects.filter(person__in=set(person_ids), began_at__lte=now).order_by("began_at", "id")
    return list(rows.values_list("person_id", "began_at"))

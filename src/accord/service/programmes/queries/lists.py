"""The courses of many people, in a number of queries that does not grow with them."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, Exists, OuterRef, Q, Subquery

from accord.service.library.queries import programme
from accord.service.programmes.models import Course, Entry, Flare, Mark, PathChange, Practised
from accord.service.programmes.queries.paths import (
    CoursePath,
    paths_of,
)
from accord.service.programmes.queries.standings import standing_on
from accord.service.programmes.rules import flares, path

ACTIVE = (path.BEGUN, path.PART, path.DONE)  # marks of her own doing; the others say who read what she saved


class Pulse(NamedTuple):
    """Of somebody's course what can be asked of thousands at once: the database counts, nothing of it is read.

    `last_active_at`: the last time she opened a lesson, did a part, saved something or noted a practice; what others
    did about her does not count. `unread_entries`: how much of what stands saved nobody has read.
    """

    began_at: datetime
    last_active_at: datetime | None
    begun_first_lesson: bool
    in_flare: bool
    unread_entries: int


@dataclass(frozen=True, slots=True)
class CourseSummary:
    """One person's course in a list. `states`: one for each lesson. The others as in `Pulse`."""

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


def summaries(
    person_ids: Collection[uuid.UUID], now: datetime, beats: Mapping[uuid.UUID, Pulse] | None = None
) -> dict[uuid.UUID, CourseSummary]:
    """The course of each of these people who has one. A number of queries that does not grow with them.

    `beats`: the pulses of (at least) these people, where the page has asked for them already.
    """
    rows = Course.objects.filter(person__in=set(person_ids)).pinned().order_by("began_at", "id")
    courses = list({row.person_id: row for row in rows}.values())
    if not courses:
        return {}
    paths = paths_of(courses, now, whole=False)
    beats = pulses(person_ids, now) if beats is None else beats
    return {course.person_id: _summary(paths[course.pk], beats[course.person_id], now) for course in courses}


def _summary(one: CoursePath, pulse: Pulse, now: datetime) -> CourseSummary:
    stands = standing_on(one, now)
    return CourseSummary(
        course_id=one.course.pk, done=stands.done, total=stands.total,
        current_title=stands.current.lesson.title if stands.current else "", began_at=one.course.began_at,
        last_active_at=pulse.last_active_at, begun_first_lesson=bool(stands.progress.started),
        flare_since=stands.flare.began_at if stands.flare else None,
        flare_days_7=flares.flare_days((spell for _row, spell in one.spells), one.zone, now),
        states=tuple(state.state for state in stands.states), unread_entries=pulse.unread_entries, day=stands.day,
    )  # fmt: skip


def pulses(person_ids: Collection[uuid.UUID], now: datetime) -> dict[uuid.UUID, Pulse]:
    """The pulse of each of these people who has a course, of her latest. Three queries, one row each for a course."""
    marks = Mark.objects.filter(course=OuterRef("pk"), kind__in=ACTIVE)
    doings: tuple[Any, ...] = (
        marks,
        Practised.objects.filter(course=OuterRef("pk")),
        Entry.objects.filter(course=OuterRef("pk")),
    )
    last = {f"last_{n}": Subquery(done.order_by("-at").values("at")[:1]) for n, done in enumerate(doings)}
    rows: Any = Course.objects.filter(person__in=set(person_ids)).order_by("began_at", "id")
    rows = rows.annotate(**last)
    courses = {row[0]: row for row in rows.values_list("person_id", "pk", "began_at", *last)}
    unread = _unread([row[1] for row in courses.values()])
    running = Flare.objects.filter(Q(ended_at=None) | Q(ended_at__gt=now), began_at__lte=now, ends_at__gt=now)
    flaring = set(running.filter(person__in=set(courses)).values_list("person_id", flat=True))
    return {  # whoever has a mark of her own doing, the first of `doings`, has begun
        who: Pulse(
            began, max((at for at in times if at), default=None), times[0] is not None, who in flaring,
            unread.get(course, 0),
        )
        for who, course, began, *times in courses.values()
    }  # fmt: skip


def finished(person_ids: Collection[uuid.UUID], now: datetime) -> set[uuid.UUID]:
    """Who of these people has done every lesson of her course but those that she was told to leave. Three queries,
    which read no day and nothing that she saved."""
    rows: Any = (
        Course.objects.filter(person__in=set(person_ids)).pinned().select_related(None).order_by("began_at", "id")
    )
    courses = {row[0]: row for row in rows.values_list("person_id", "pk", "pinned_id", "modules")}
    keys = [course for _who, course, _pinned, _modules in courses.values()]
    done: dict[uuid.UUID, set[str]] = {}
    marks = Mark.objects.filter(course__in=keys, kind=path.DONE, at__lte=now)
    for course, lesson in marks.values_list("course_id", "lesson"):
        done.setdefault(course, set()).add(lesson)
    changes: dict[uuid.UUID, list[path.Changed]] = {}
    made = PathChange.objects.filter(course__in=keys, at__lte=now).order_by("at", "id")
    for course, kind, lesson in made.values_list("course_id", "kind", "lesson"):
        changes.setdefault(course, []).append(path.Changed(kind, lesson, reason="", day=0))
    return {
        who
        for who, course, pinned, modules in courses.values()
        if path.finished(programme(pinned).in_modules(modules or None), done.get(course, ()), changes.get(course, ()))
    }


def _unread(keys: Collection[uuid.UUID]) -> dict[uuid.UUID, int]:
    """How much of what stands saved nobody has read."""
    same = {"course": OuterRef("course"), "lesson": OuterRef("lesson")}
    newer = Entry.objects.filter(block=OuterRef("block"), revision__gt=OuterRef("revision"), **same)
    read = Mark.objects.filter(at__gte=OuterRef("at"), **same).exclude(kind__in=ACTIVE)
    saved = Entry.objects.filter(~Exists(newer), ~Exists(read), course__in=keys).order_by().values_list("course_id")
    return dict(saved.annotate(n=Count("pk")))

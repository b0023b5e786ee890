"""The rows of courses as plain values: which version she follows, what is known about her, what she did."""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from accord.science.programmes import (
    Programme,
)
from accord.service.access.table import Action, Asker
from accord.service.assessments import queries as assessments
from accord.service.episodes import queries as episodes
from accord.service.library import queries as library
from accord.service.programmes.models import Course, Entry, EntryDraft, Flare, Mark, PathChange, Practised
from accord.service.programmes.rules import days, facts, flares, path

ENROLMENT = "enrolment"
ASKED = ("red_flags", "questions")  # what the facts of a programme rest on


def course_of(asker: Asker, person_id: uuid.UUID | None) -> Course | None:
    """The course of somebody's latest episode that has one; None where there is none that the asker may see."""
    rows = Course.objects.for_(asker, Action.VIEW).filter(person=person_id).pinned()
    return rows.order_by("-began_at", "-id").first()


def snapshot_of(course: Course) -> uuid.UUID:
    """The snapshot that a course follows now."""
    known = getattr(course, "pinned_id", None)
    if known is None:
        newest = course.moves.order_by("-at", "-id").values_list("snapshot_id", flat=True).first()
        known = newest or course.snapshot_id
    return uuid.UUID(str(known))


def programme_of(course: Course) -> Programme:
    """The programme that she follows, word for word as it was when her course was pinned to it."""
    return library.programme(snapshot_of(course))


def zone_of(course: Course) -> ZoneInfo:
    return course.person.zone()


def today_of(course: Course, now: datetime) -> date:
    """Her date."""
    return days.local_day(now, zone_of(course))


@dataclass(frozen=True, slots=True)
class CoursePath:
    """The rows of one course that say where she is, as plain values, and her days."""

    course: Course
    programme: Programme
    enrolled: datetime
    anchors: dict[str, int]
    marks: list[path.Marked]
    changes: list[path.Changed]
    record: dict[str, object]
    spells: list[tuple[Flare, flares.Spell]]
    practised: list[tuple[date, int]]

    @property
    def zone(self) -> ZoneInfo:
        return zone_of(self.course)


def record(course: Course, now: datetime) -> dict[str, object]:
    """What the rules of her programme read: facts from her newest answers, and what she saved (`answers.<field>`)."""
    given = assessments.newest_answers([course.person_id], ASKED).get(course.person_id, {})
    cleared = cleared_at(course.changes.all())
    values = {f"{row.lesson}/{row.block}": value_of(row) for row in current_entries([course.pk])}
    return facts.facts(_known(given), cleared) | facts.answers(values)


def _known(given: Mapping[str, assessments.Newest]) -> facts.Known:
    flags, questions = given.get("red_flags"), given.get("questions")
    values = flags.values if flags is not None and not flags.asked_again else {}
    return facts.Known(values, flags.at if flags else None, questions.values if questions else {})


def cleared_at(changes: Iterable[PathChange]) -> datetime | None:
    return max((row.at for row in changes if row.kind == PathChange.Kind.CLEARED), default=None)


def paths_of(courses: list[Course], now: datetime, *, whole: bool) -> dict[uuid.UUID, CoursePath]:
    """The paths of some courses in a number of queries that does not grow with them.

    `whole`: with all that she saved; otherwise only what the unlocking rules of the programmes read is opened.
    """
    keys, who = [course.pk for course in courses], {course.person_id for course in courses}
    anchors = episodes.anchors_of([course.episode_id for course in courses])
    given = assessments.newest_answers(who, ASKED)
    marks, changes = _marks(keys), _changes(keys)
    practised, spells = _practised_rows(keys), _flares_by_person(who)
    programmes = {course.pk: programme_of(course) for course in courses}
    saved = _answers_needed(courses, programmes, whole=whole)
    found: dict[uuid.UUID, CoursePath] = {}
    for course in courses:
        zone, own = zone_of(course), anchors[course.episode_id]
        enrolled = own.get(ENROLMENT, course.began_at)
        rows = changes.get(course.pk, [])
        known = facts.facts(_known(given.get(course.person_id, {})), cleared_at(rows))
        found[course.pk] = CoursePath(
            course=course, programme=programmes[course.pk], enrolled=enrolled,
            anchors={name.replace("-", "_"): days.course_day(at, zone, enrolled) for name, at in own.items()},
            marks=[path.Marked(kind, lesson, part, days.course_day(at, zone, enrolled))
                   for kind, lesson, part, at in marks.get(course.pk, [])],
            changes=[path.Changed(row.kind, row.lesson, row.reason, days.course_day(row.at, zone, enrolled))
                     for row in rows],
            record=known | facts.answers(saved.get(course.pk, {})),
            spells=[(row, spell_of(row)) for row in spells.get(course.person_id, [])],
            practised=practised.get(course.pk, []),
        )  # fmt: skip
    return found


def _marks(keys: Collection[uuid.UUID]) -> dict[uuid.UUID, list[tuple[str, str, int, datetime]]]:
    """(kind, lesson, part, moment), in order: thousands for a page of a list."""
    found: dict[uuid.UUID, list[tuple[str, str, int, datetime]]] = {}
    rows = Mark.objects.filter(course__in=keys).order_by("at", "id")
    for course, kind, lesson, part, at in rows.values_list("course_id", "kind", "lesson", "part", "at"):
        found.setdefault(course, []).append((kind, lesson, part, at))
    return found


def _changes(keys: Collection[uuid.UUID]) -> dict[uuid.UUID, list[PathChange]]:
    found: dict[uuid.UUID, list[PathChange]] = {}
    for row in PathChange.objects.filter(course__in=keys).order_by("at", "id"):
        found.setdefault(row.course_id, []).append(row)
    return found


def _practised_rows(keys: Collection[uuid.UUID]) -> dict[uuid.UUID, list[tuple[date, int]]]:
    """(day, minutes) of what counts: of each practice and day the highest revision."""
    rows = Practised.objects.filter(course__in=keys).order_by("revision")
    last = {(row[0], row[1], row[2]): row[3] for row in rows.values_list("course_id", "practice", "on", "minutes")}
    found: dict[uuid.UUID, list[tuple[date, int]]] = {}
    for (course_id, _practice, on), minutes in last.items():
        found.setdefault(course_id, []).append((on, minutes))
    return found


def _answers_needed(
    courses: list[Course], programmes: Mapping[uuid.UUID, Programme], *, whole: bool
) -> dict[uuid.UUID, dict[str, dict[str, object]]]:
    read = {key for key, one in programmes.items() if any(n.startswith("answers.") for n in path.facts_of_path(one))}
    keys = [course.pk for course in courses if whole or course.pk in read]
    found: dict[uuid.UUID, dict[str, dict[str, object]]] = {}
    for row in current_entries(keys) if keys else []:
        found.setdefault(row.course_id, {})[f"{row.lesson}/{row.block}"] = value_of(row)
    return found


def current_entries(keys: Collection[uuid.UUID]) -> list[Entry]:
    """Of each block the highest revision, in the order they were saved."""
    rows = Entry.objects.filter(course__in=keys).order_by("revision", "at", "id")
    last = {(row.course_id, row.lesson, row.block): row for row in rows}
    return sorted(last.values(), key=lambda row: (row.at, row.pk))


def value_of(row: Entry | EntryDraft) -> dict[str, Any]:
    return dict(json.loads(row.value)) if row.value else {}


def _flares_by_person(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Flare]]:
    found: dict[uuid.UUID, list[Flare]] = {}
    for row in Flare.objects.filter(person__in=ids).order_by("began_at", "id"):
        found.setdefault(row.person_id, []).append(row)
    return found


def spell_of(row: Flare) -> flares.Spell:
    return flares.Spell(row.began_at, row.ends_at, row.ended_at)

"""Plain rows of many people at once, for a cohort: nothing personal is read. The caller has checked access."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Q

from accord.service.access.table import CLINICIANS, STAFF, Role
from accord.service.people.models import Absence, Accountability, Capacity, Clinic, Person, RoleHeld
from accord.service.people.rules.cover import Away, cover_of
from accord.service.people.rules.fitness import DISCHARGED

CHUNK = 5000  # rows that a database hands over at a time


def zones_of(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, ZoneInfo]:
    """Where the days of each person begin. Two queries."""
    clinics = dict(Clinic.objects.values_list("pk", "time_zone"))
    rows = Person.objects.filter(pk__in=set(ids)).values_list("pk", "time_zone", "clinic_id")
    return {who: ZoneInfo(zone or clinics[clinic]) for who, zone, clinic in rows}


def languages_of(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """The language that each person reads our pages in. One query."""
    return dict(Person.objects.filter(pk__in=set(ids)).values_list("pk", "language"))


class Answering(NamedTuple):
    """Somebody answered for a person from then until then; `until` is None while she does."""

    person: uuid.UUID
    clinician: uuid.UUID
    since: datetime
    until: datetime | None
    reason: str


def answering(ids: Collection[uuid.UUID], now: datetime) -> Iterator[Answering]:
    """Who answered for these people until now, in the order it began. One query."""
    rows = Accountability.objects.filter(person__in=set(ids), since__lte=now).order_by("since", "id")
    columns = ("person_id", "clinician_id", "since", "until", "reason")
    return (_until(Answering(*row), now) for row in rows.values_list(*columns).iterator(chunk_size=CHUNK))


def _until(row: Answering, now: datetime) -> Answering:
    return row._replace(until=None) if row.until is not None and row.until > now else row


class Clinician(NamedTuple):
    """A colleague who may answer for people at a clinic: how many she can and does, whether she is away and covered."""

    person: uuid.UUID
    clinic: uuid.UUID
    places: int | None
    people_now: int
    away: bool
    covered: bool


def clinicians_at(clinic_ids: Collection[uuid.UUID], now: datetime) -> list[Clinician]:
    """Every therapist and supervisor of these clinics, and whoever answers for somebody there; who was discharged is
    named still, and holds no place. Five queries."""
    standing = Q(until=None) | Q(until__gt=now)
    roles = [str(role) for role in CLINICIANS if role is not Role.DUTY_CLINICIAN]
    held = RoleHeld.objects.filter(standing, clinic__in=clinic_ids, role__in=roles, since__lte=now)
    pairs = dict.fromkeys(held.order_by("since", "id").values_list("person_id", "clinic_id"))
    load: dict[tuple[uuid.UUID, uuid.UUID], int] = {}
    rows = Accountability.objects.filter(standing, person__clinic__in=clinic_ids, since__lte=now)
    rows = rows.exclude(reason=DISCHARGED)
    for who, clinic, reason in rows.order_by("since", "id").values_list("clinician_id", "person__clinic_id", "reason"):
        if reason != "duty" or (who, clinic) in pairs:
            load[who, clinic] = load.get((who, clinic), 0) + 1
    pairs |= dict.fromkeys(load)
    capacities = Capacity.objects.filter(standing, clinic__in=clinic_ids, since__lte=now)
    places = {(who, clinic): n for who, clinic, n in capacities.values_list("person_id", "clinic_id", "places")}
    absences = Absence.objects.filter(since__lte=now, until__gt=now).order_by("made_at", "id")
    away = [Away(*row) for row in absences.values_list("person_id", "since", "until", "cover_id")]
    gone = {one.who for one in away}
    return [
        Clinician(
            who, clinic, places.get((who, clinic)), load.get((who, clinic), 0), who in gone,
            who in gone and cover_of(who, away, now) is not None,
        )
        for who, clinic in pairs
    ]  # fmt: skip


def staff_ever(clinic_ids: Collection[uuid.UUID], now: datetime) -> list[uuid.UUID]:
    """Everybody who has worked at these clinics until now, in the order they came. One query."""
    roles = [str(role) for role in STAFF]
    held = RoleHeld.objects.filter(clinic__in=clinic_ids, role__in=roles, since__lte=now).order_by("since", "id")
    return list(dict.fromkeys(held.values_list("person_id", flat=True)))

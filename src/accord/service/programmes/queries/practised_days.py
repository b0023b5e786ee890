"""What she practised, and her flares."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import date, datetime
from zoneinfo import ZoneInfo

from accord.service.programmes.models import Course, Flare, Practised
from accord.service.programmes.queries.paths import (
    spell_of,
)
from accord.service.programmes.rules import days, flares


def practised(course: Course, since: date) -> list[Practised]:
    """What she practised since a day, the newest first: of each practice and day what counts."""
    rows = course.practised.filter(on__gte=since).order_by("revision")
    last = {(row.practice, row.on): row for row in rows}
    return sorted((row for row in last.values() if row.minutes), key=lambda row: (row.on, row.at), reverse=True)


def practised_on(course: Course, practice_id: str, on: date) -> Practised | None:
    """What stands for one practice on one day."""
    return course.practised.filter(practice=practice_id, on=on).order_by("-revision").first()


def flare_of(person_id: uuid.UUID, now: datetime) -> Flare | None:
    """The flare that runs now."""
    rows = Flare.objects.filter(person=person_id, began_at__lte=now, ends_at__gt=now, ended_at=None)
    return rows.order_by("-began_at", "-id").first()


def flares_of(person_ids: Collection[uuid.UUID], since: datetime) -> dict[uuid.UUID, list[Flare]]:
    """The flares of some people that were not over before `since`, the oldest first."""
    found: dict[uuid.UUID, list[Flare]] = {one: [] for one in person_ids}
    for row in Flare.objects.filter(person__in=set(person_ids), ends_at__gte=since).order_by("began_at", "id"):
        if row.ended_at is None or row.ended_at >= since:
            found[row.person_id].append(row)
    return found


def first_of_many_flares(newest: Flare, zone: ZoneInfo) -> Flare | None:
    """The first flare of a week with three flare days or more that ends with `newest`; None for fewer (C7)."""
    rows = Flare.objects.filter(person=newest.person_id, ends_at__gte=newest.began_at - 2 * days.WEEK)
    by_spell = {spell_of(row): row for row in rows.order_by("began_at", "id")}
    first = flares.first_of_many(by_spell, zone, spell_of(newest))
    return by_spell[first] if first else None

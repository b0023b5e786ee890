"""Who asks, and for whom she stands in."""

from __future__ import annotations

import uuid
from datetime import datetime

from accord.service.access.table import ANYBODY, CLINICIANS, Asker, Role
from accord.service.people.models import Absence, Account, RoleHeld
from accord.service.people.rules.cover import Away, covered_by


def asker_of(account: Account, now: datetime, *, strong: bool = False) -> Asker:
    """The person behind a log-in with the roles she holds now; nobody when the account is closed."""
    if account.person_id is None or not account.is_active:
        return ANYBODY
    return asker_for(account.person_id, now, strong=strong)


def asker_for(person_id: uuid.UUID, now: datetime, *, strong: bool = False) -> Asker:
    """A person as one who asks: her roles, and for whom she stands in. Two queries for staff, one for others."""
    held = RoleHeld.objects.filter(person=person_id, until=None).values_list("role", "clinic_id")
    roles = frozenset((Role(role), clinic) for role, clinic in held)
    clinical = any(role in CLINICIANS for role, _clinic in roles)
    covers = covered_by(person_id, away_now(now), now) if clinical else frozenset()
    return Asker(person_id, roles, strong=strong, covers=covers)


def away_now(now: datetime) -> list[Away]:
    return [one for one in away_from(now) if one.since <= now]


def away_from(now: datetime) -> list[Away]:
    """Who is away now or will be."""
    rows = Absence.objects.to_come(now).order_by("made_at", "id")
    return [Away(*row) for row in rows.values_list("person_id", "since", "until", "cover_id")]

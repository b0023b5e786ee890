"""Clinics, and who works there."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from accord.service.access.table import CLINICIANS, Role
from accord.service.people.models import Clinic, Person, RoleHeld


def clinics() -> list[Clinic]:
    """The clinics in the order they opened."""
    return list(Clinic.objects.order_by("opened_at", "id"))


def clinicians_of(clinic_id: uuid.UUID) -> list[Person]:
    """Everybody who may answer for people of a clinic, by when they came."""
    return holding(clinic_id, CLINICIANS)


def holding(clinic_id: uuid.UUID, roles: Iterable[Role]) -> list[Person]:
    held = RoleHeld.objects.filter(clinic=clinic_id, until=None, role__in=[str(role) for role in roles])
    rows = Person.objects.filter(pk__in=held.values("person")).exclude(account__is_active=False)
    return list(rows.select_related("clinic").order_by("made_at", "id"))

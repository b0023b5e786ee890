"""Roles: given, ended."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accord.service.access.table import CLINICIANS, Asker, Role
from accord.service.people.actions.parts import told
from accord.service.people.models import Clinic, Person, RoleHeld
from accord.service.people.policies import (
    check_can_give_role,
    check_can_leave,
    holds,
)


@transaction.atomic
def give_role(*, person: Person, role: Role, clinic: Clinic, by: Asker, now: datetime) -> RoleHeld:
    """Give a role at a clinic; giving it twice is giving it once. Raises NotAllowed."""
    check_can_give_role(by, person, role, clinic)
    held, made = RoleHeld.objects.get_or_create(
        person=person, role=str(role), clinic=clinic, until=None, defaults={"since": now, "given_by": by.person_id}
    )
    if made:
        told(person.pk, "give_role", "role", held, by, now, facts={"role": str(role), "clinic": str(clinic.pk)})
    return held


@transaction.atomic
def end_role(*, person: Person, role: Role, clinic: Clinic, by: Asker, now: datetime) -> None:
    """End a role: what it allowed stops with the next request. Refused (NotNow) while people depend on it."""
    check_can_give_role(by, person, role, clinic)
    held = RoleHeld.objects.select_for_update().filter(person=person, role=str(role), clinic=clinic, until=None).first()
    if held is None:
        return
    if role in CLINICIANS and not holds(person.pk, CLINICIANS - {role}, clinic.pk):
        check_can_leave(person, clinic)
    held.until = now
    held.save(update_fields=["until"])
    told(person.pk, "end_role", "role", held, by, now, facts={"role": str(role), "clinic": str(clinic.pk)})

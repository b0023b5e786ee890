"""Reads about people: who asks, who treats whom."""

from __future__ import annotations

from accord.service.access.table import ANYBODY, Asker, Role
from accord.service.people.models import Account, RoleHeld


def asker_of(account: Account) -> Asker:
    """The person behind a log-in with the roles she holds now."""
    if account.person_id is None or not account.is_active:
        return ANYBODY
    held = RoleHeld.objects.filter(person_id=account.person_id, until=None).values_list("role", "clinic_id")
    return Asker(account.person_id, frozenset((Role(role), clinic) for role, clinic in held))

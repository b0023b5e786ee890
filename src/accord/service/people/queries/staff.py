"""The staff list."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from accord.service.access.table import STAFF, Action, Asker, Resource, Role
from accord.service.people.models import Absence, Accountability, Duty, Person, RoleHeld, reach
from accord.service.people.rules.fitness import DISCHARGED


@dataclass(frozen=True, slots=True)
class StaffRow:
    """A member of staff as the list shows her."""

    person: Person
    roles: tuple[Role, ...]
    on_duty: bool
    answers_for: int
    away_until: datetime | None
    cover: Person | None
    account_open: bool


def staff(asker: Asker, now: datetime) -> list[StaffRow]:
    """The staff of the clinics whose staff list the asker may see. Constant number of queries."""
    scope = reach(asker, Resource.STAFF_LIST, Action.VIEW, person="")
    roles: dict[uuid.UUID, set[Role]] = {}
    held = RoleHeld.objects.filter(until=None, role__in=[str(role) for role in STAFF])
    for who, role in held.values_list("person_id", "role"):
        roles.setdefault(who, set()).add(Role(role))
    rows = Person.objects.filter(scope, pk__in=held.values("person")).select_related("clinic", "account")
    duty = set(Duty.objects.filter(until=None).values_list("person_id", flat=True))
    away = {
        row.person_id: row
        for row in Absence.objects.filter(since__lte=now, until__gt=now).select_related("cover").order_by("made_at")
    }
    named = Accountability.objects.filter(until=None).exclude(reason=DISCHARGED).order_by()
    counts = dict(named.values_list("clinician").annotate(Count("id")))
    return [
        StaffRow(
            person=row, roles=tuple(role for role in Role if role in roles[row.pk]), on_duty=row.pk in duty,
            answers_for=counts.get(row.pk, 0), away_until=away[row.pk].until if row.pk in away else None,
            cover=away[row.pk].cover if row.pk in away else None,
            account_open=hasattr(row, "account") and row.account.is_active,
        )
        for row in rows.order_by("made_at", "id")
    ]  # fmt: skip

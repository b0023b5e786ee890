"""Nobody acted in time: the next one up is told. Computed from rows, so that no pause of the clock loses a rung."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from accord.service.access.table import CLINICIANS, SERVICE, Role
from accord.service.care import actions, queries
from accord.service.care.rules.rungs import Member, next_up
from accord.service.people import queries as people

if TYPE_CHECKING:
    from accord.service.people.models import Clinic


def escalate_alerts(*, now: datetime) -> int:
    """Climb every rung that is due; returns how many. Each has a transaction of its own."""
    climbed = 0
    members: dict[uuid.UUID, list[Member]] = {}
    for alert, rung, told in queries.escalations_due(now):
        with transaction.atomic(durable=True):
            if alert.clinic_id not in members:
                members[alert.clinic_id] = _members(alert.clinic, now)
            to = next_up(rung.to, members[alert.clinic_id], told)
            climbed += actions.escalate(alert_id=alert.pk, level=rung.level, to=to, now=now) is not None
    return climbed


def _members(clinic: Clinic, now: datetime) -> list[Member]:
    """The clinicians of a clinic as the rungs see them."""
    rows = [row for row in people.staff(SERVICE, now) if row.person.clinic_id == clinic.pk]
    return [
        Member(
            row.person.pk, supervisor=Role.SUPERVISOR in row.roles, duty=row.on_duty,
            lead=row.person.pk == clinic.service_lead_id, here=row.account_open and row.away_until is None,
            cover=row.cover.pk if row.cover else None,
        )
        for row in rows
        if CLINICIANS & set(row.roles) or row.person.pk == clinic.service_lead_id
    ]  # fmt: skip

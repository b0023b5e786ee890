"""Reads of this room: alerts and where they stand, what is due, who needs somebody. Scoped to who asks.

Those without an `asker` answer flows and the clock, never a page.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from accord.service.access.table import Action, Asker
from accord.service.care.models import Alert, AlertStep, Contact, Decided
from accord.service.care.rules.calendar import Calendar, calendar_of
from accord.service.care.rules.deadlines import promise_from
from accord.service.care.rules.handling import AlertState, Done, Rung, Stage, alert_state, rungs_to_climb

if TYPE_CHECKING:
    from accord.service.people.models import Clinic

KNOWN = {"none": 0, "r1": 1, "r2": 2, "r3": 3}


def last_tier(person_id: uuid.UUID) -> int:
    """The last known tier of risk, 0 to 3 (the ladder's fact `last_tier`): what was last decided and not unknown."""
    tiers = Decided.objects.filter(person=person_id, track="risk", tier__in=KNOWN).order_by("-at", "-id")
    tier = tiers.values_list("tier", flat=True).first()
    return KNOWN[tier] if tier else 0


def last_tiers(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, int]:
    """`last_tier` of many people in one query."""
    rows = Decided.objects.filter(person__in=set(ids), track="risk", tier__in=KNOWN).order_by("at", "id")
    return {person: KNOWN[tier] for person, tier in rows.values_list("person_id", "tier")}


def calendar_for(clinic: Clinic) -> Calendar:
    """The working-time calendar of a clinic."""
    return calendar_of(
        time_zone=clinic.time_zone, hours=clinic.hours, country=clinic.country, region=clinic.region,
        on_call=clinic.on_call,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Standing:
    """An alert and where it stands."""

    alert: Alert
    steps: tuple[Done, ...]
    state: AlertState


def done(step: AlertStep) -> Done:
    """A stored step as the rules read it."""
    return Done(step.kind, step.at, step.by, step.to, step.level, step.reason, step.outcome)


def standing(alerts: Iterable[Alert], now: datetime) -> list[Standing]:
    """Where these alerts stand: one query for all their steps, whatever their number."""
    rows = list(alerts)
    steps: dict[uuid.UUID, list[Done]] = {}
    for step in AlertStep.objects.filter(alert__in=[row.pk for row in rows]).defer("note").order_by("at", "id"):
        steps.setdefault(step.alert_id, []).append(done(step))
    calendars = {row.clinic_id: calendar_for(row.clinic) for row in rows}
    return [
        Standing(row, tuple(steps.get(row.pk, ())), _state(row, steps.get(row.pk, []), calendars[row.clinic_id], now))
        for row in rows
    ]


def _state(alert: Alert, steps: list[Done], calendar: Calendar, now: datetime) -> AlertState:
    return alert_state(
        acknowledge_by=alert.acknowledge_by, contact_by=alert.contact_by, steps=steps,
        promise=promise_from(alert.promise), calendar=calendar, now=now,
    )  # fmt: skip


def open_alerts(asker: Asker, now: datetime) -> list[Standing]:
    """The open alerts that she may see, the most urgent first; of one occasion only the highest."""
    rows = Alert.objects.for_(asker, Action.VIEW).open().highest().select_related("person", "clinic")
    return sorted(standing(rows, now), key=urgency)


def urgency(one: Standing) -> tuple[int, int, datetime]:
    """Order of need: what nobody has in hand before what somebody has, the higher clock first, then the deadline."""
    in_hand = one.state.stage is Stage.ACKNOWLEDGED and not one.state.late
    return int(in_hand), -KNOWN.get(one.alert.clock, 0), one.state.due or one.alert.raised_at


def owned_open_alerts(person_id: uuid.UUID, now: datetime) -> list[Standing]:
    """The open alerts that a member of staff has in hand, or that were handed to her: she cannot leave with them."""
    return [
        one
        for one in standing(Alert.objects.open().select_related("clinic"), now)
        if person_id in (one.state.holder, one.state.offered_to)
    ]


def open_alerts_of(person_id: uuid.UUID, now: datetime) -> list[Standing]:
    """The open alerts about a patient."""
    return sorted(standing(Alert.objects.open().filter(person=person_id).select_related("clinic"), now), key=urgency)


def escalations_due(now: datetime) -> list[tuple[Alert, Rung]]:
    """Every rung that is due and was not climbed, computed from rows alone: whatever the clock missed."""
    found: list[tuple[Alert, Rung]] = []
    alerts = Alert.objects.open().filter(raised_at__lte=now).select_related("clinic")
    for one in standing(alerts, now):
        rungs = rungs_to_climb(
            raised_at=one.alert.raised_at, contact_by=one.alert.contact_by, steps=one.steps,
            promise=promise_from(one.alert.promise), calendar=calendar_for(one.alert.clinic), now=now,
        )  # fmt: skip
        found += [(one.alert, rung) for rung in rungs]
    return found


def wanted(alert_id: uuid.UUID, now: datetime) -> bool:
    """Whether a message about this alert is still worth sending: it is open and nobody has it in hand."""
    found = standing(Alert.objects.filter(pk=alert_id).select_related("clinic"), now)
    return bool(found) and found[0].state.stage in (Stage.RAISED, Stage.HANDED_OVER)


def contacts_of(asker: Asker, person_id: uuid.UUID) -> list[Contact]:
    """Every contact with a person, the newest first."""
    return list(Contact.objects.for_(asker, Action.VIEW).filter(person=person_id).order_by("-at", "-id"))

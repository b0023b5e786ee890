"""Alerts and where they stand; what is due about them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from accord.service.access.table import Action, Asker, Resource
from accord.service.care.models import Alert, AlertStep
from accord.service.care.queries.deciding import KNOWN, calendar_for
from accord.service.care.rules.calendar import Calendar
from accord.service.care.rules.deadlines import promise_from
from accord.service.care.rules.handling import MORE, AlertState, Done, Rung, Stage, alert_state, rungs_to_climb
from accord.service.errors import NotAllowed
from accord.service.people.policies import check_may
from accord.service.people.queries import person_with


@dataclass(frozen=True, slots=True)
class Standing:
    """An alert and where it stands."""

    alert: Alert
    steps: tuple[Done, ...]
    state: AlertState

    def reasons(self) -> list[str]:
        """Why it was raised, and what later answers on the same occasion added; the weightiest first."""
        return [step.reason for step in reversed(self.steps) if step.outcome == MORE] + list(self.alert.reasons)


def standing(alerts: Iterable[Alert], now: datetime) -> list[Standing]:
    """Where these alerts stand: one query for all their steps, whatever their number."""
    rows = list(alerts)
    steps: dict[uuid.UUID, list[Done]] = {}
    taken = AlertStep.objects.filter(alert__in=[row.pk for row in rows]).order_by("at", "id")
    columns = ("alert_id", "kind", "at", "by", "to", "level", "reason", "outcome")
    for alert, kind, at, by, to, level, reason, outcome in taken.values_list(*columns):
        steps.setdefault(alert, []).append(Done(kind, at, by, to, level, reason, outcome))
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
    keys = list(Alert.objects.open().values_list("pk", flat=True))  # a handful of all that ever were: found first
    rows = Alert.objects.for_(asker, Action.VIEW).filter(pk__in=keys).highest().select_related("person", "clinic")
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


def may_see(asker: Asker, person_id: uuid.UUID) -> bool:
    """Whether the alerts about this person are hers to see: then her clinical page is."""
    person = person_with(person_id)
    try:
        if person is not None:
            check_may(asker, Resource.ALERT, Action.VIEW, person)
    except NotAllowed:
        return False
    return person is not None


def open_alerts_of(person_id: uuid.UUID, now: datetime) -> list[Standing]:
    """The open alerts about a patient."""
    return sorted(standing(Alert.objects.open().filter(person=person_id).select_related("clinic"), now), key=urgency)


def escalations_due(now: datetime) -> list[tuple[Alert, Rung, set[uuid.UUID]]]:
    """Every rung that is due and was not climbed, computed from rows alone: whatever the clock missed.

    With each: who was told of the alert before.
    """
    found: list[tuple[Alert, Rung, set[uuid.UUID]]] = []
    alerts = Alert.objects.open().filter(raised_at__lte=now).select_related("clinic")
    for one in standing(alerts, now):
        rungs = rungs_to_climb(
            raised_at=one.alert.raised_at, contact_by=one.alert.contact_by, steps=one.steps,
            promise=promise_from(one.alert.promise), calendar=calendar_for(one.alert.clinic), now=now,
        )  # fmt: skip
        told = {step.to for step in one.steps if step.to is not None}
        found += [(one.alert, rung, told) for rung in rungs]
    return found


def wanted(alert_id: uuid.UUID, now: datetime) -> bool:
    """Whether a message about this alert is still worth sending: it is open, and nobody has it in hand or is late."""
    found = standing(Alert.objects.filter(pk=alert_id).select_related("clinic"), now)
    return bool(found) and (found[0].state.stage in (Stage.RAISED, Stage.HANDED_OVER) or found[0].state.late)


def unanswered_help_now(person_id: uuid.UUID) -> uuid.UUID | None:
    """An open alert of the help button that nobody has acknowledged."""
    rows = Alert.objects.open().filter(person=person_id, occasion__startswith="help-now:")
    return rows.exclude(steps__kind=AlertStep.Kind.ACKNOWLEDGED).values_list("pk", flat=True).first()


def raised_on(person_id: uuid.UUID, occasion: str) -> uuid.UUID:
    """The highest alert of an occasion."""
    rows = Alert.objects.filter(person=person_id, occasion=occasion).order_by("-raised_at", "-id")
    return rows.values_list("pk", flat=True)[0]

"""One alert as its page shows it, and all alerts of one person."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from accord.service.access.table import Action, Asker
from accord.service.care.models import Alert, AlertStep
from accord.service.care.policies import the_alert
from accord.service.care.queries.alerts import Standing, open_alerts_of, standing
from accord.service.errors import NotNow
from accord.service.people.queries import accountable_for, people_with

if TYPE_CHECKING:
    from accord.service.people.models import Person


@dataclass(frozen=True, slots=True)
class Told:
    """One step of an alert as its page shows it: who did what when, in whose name."""

    kind: str
    at: datetime
    by: str  # empty: the service itself
    to: str
    level: int | None
    reason: str
    outcome: str
    note: str


@dataclass(frozen=True, slots=True)
class AlertPage:
    """Everything that is needed to act on an alert."""

    standing: Standing
    story: tuple[Told, ...]
    holder: Person | None
    offered_to: Person | None
    told_first: Person | None
    others: tuple[Standing, ...]  # other open alerts about the same person
    may_act: bool


def alert_page(asker: Asker, alert_id: uuid.UUID, now: datetime) -> AlertPage:
    """An alert with its story. Raises NotAllowed for who may not see it."""
    alert = the_alert(alert_id, asker, Action.VIEW)
    one = standing([alert], now)[0]
    steps = list(AlertStep.objects.filter(alert=alert).order_by("at", "id"))
    ids = {who for step in steps for who in (step.by, step.to) if who} | {one.state.holder, one.state.offered_to}
    names: dict[uuid.UUID | None, Person] = dict(people_with([who for who in ids if who]).items())
    others = [other for other in open_alerts_of(alert.person_id, now) if other.alert.occasion != alert.occasion]
    seen = set(Alert.objects.for_(asker, Action.VIEW).filter(person=alert.person_id).values_list("pk", flat=True))
    return AlertPage(
        standing=one, story=tuple(_told(step, names) for step in steps), holder=names.get(one.state.holder),
        offered_to=names.get(one.state.offered_to), told_first=_first(alert, now),
        others=tuple(other for other in others if other.alert.pk in seen),
        may_act=Alert.objects.for_(asker, Action.ACT).filter(pk=alert.pk).exists(),
    )  # fmt: skip


def _told(step: AlertStep, names: Mapping[uuid.UUID | None, Person]) -> Told:
    by, to = names.get(step.by), names.get(step.to)
    return Told(
        step.kind, step.at, by.name if by else "", to.name if to else "", step.level, step.reason, step.outcome,
        step.note,
    )  # fmt: skip


def _first(alert: Alert, now: datetime) -> Person | None:
    try:
        return accountable_for(alert.person_id, now)
    except NotNow:
        return None


def alerts_of(asker: Asker, person_id: uuid.UUID, now: datetime) -> list[Standing]:
    """Every alert about a person that she may see, closed ones too, the newest first."""
    rows = Alert.objects.for_(asker, Action.VIEW).filter(person=person_id).highest()
    return standing(rows.select_related("clinic", "person").order_by("-raised_at", "-id"), now)

"""What happens to an alert that stands: the button pressed again, a change of hands, the next one up is told."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from accord.service.access.table import Asker
from accord.service.care.actions.parts import Kind, add_step, tell, told
from accord.service.care.models import Alert, AlertStep
from accord.service.care.queries import standing
from accord.service.care.rules.handling import Stage


def note_again(*, alert_id: uuid.UUID, key: uuid.UUID, now: datetime) -> None:
    """The button was pressed again while its alert stands unanswered."""
    with transaction.atomic():
        said = {"kind": Kind.NOTE, "at": now, "outcome": "again"}
        AlertStep.objects.get_or_create(alert_id=alert_id, key=key, defaults=said)


def alerts_follow(*, person_id: uuid.UUID, to: uuid.UUID, by: Asker, now: datetime) -> int:
    """A patient's open alerts go with her to the clinician who answers for her from now on; how many they are.

    For flows that have checked the right to hand her over. What somebody had in hand waits for the receipt of the new
    one; what nobody had keeps its clock: a change of hands never gives an unanswered alert more time.
    """
    with transaction.atomic():
        rows = Alert.objects.open().highest().filter(person=person_id).select_related("clinic")
        for one in standing(rows, now):
            if one.state.stage is Stage.ACKNOWLEDGED and one.state.holder != to:
                add_step(one.alert, Kind.HANDED_OVER, by, now, to=to)
            tell(one.alert, to, "alert-raised", f"alert:{one.alert.pk}:to:{to}", now)
        return len(rows)


def escalate(*, alert_id: uuid.UUID, level: int, to: uuid.UUID | None, now: datetime) -> AlertStep | None:
    """Tell the next one up that nobody has acted. None when this rung was climbed already (by another worker)."""
    with transaction.atomic():
        alert = Alert.objects.get(pk=alert_id)
        step, new = AlertStep.objects.get_or_create(
            alert=alert, kind=Kind.ESCALATED, level=level, defaults={"at": now, "to": to}
        )
        if not new:
            return None
        told(alert, "alert.escalated", None, now, facts={"level": level, "to": str(to or "")})
        tell(alert, to, "alert-escalated", f"alert:{alert.pk}:{level}", now)
        return step

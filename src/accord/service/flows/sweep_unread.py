"""A message of somebody at risk was not read in time: it rises as an alert, with R2's clock (C15)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accord.science.protocols.ladder import Outcome
from accord.service.access.table import SERVICE
from accord.service.care import actions
from accord.service.care import queries as care
from accord.service.messaging import queries as messages
from accord.service.people import queries as people


def sweep_unread(*, now: datetime) -> int:
    """Raise an alert for each unread message whose writer's last known tier was R2 or higher; returns how many."""
    rows = messages.unread_past(now)
    tiers = care.last_tiers([row.person_id for row in rows])
    raised = 0
    for row in rows:
        person = people.person_with(row.person_id)
        if tiers.get(row.person_id, 0) < 2 or person is None:
            continue
        words = _("A message of somebody whose last tier was R2 or higher has not been read in time.")
        outcome = Outcome("r2", (words,), "r2", rules=("unread-message",))
        with transaction.atomic(durable=True):
            alert = actions.raise_alert(
                person=person, episode=None, assessment_id=None, occasion=f"message:{row.message_id}", track="risk",
                outcome=outcome, ladder=care.ladder_for(row.person_id), by=SERVICE, now=now,
            )  # fmt: skip
        raised += alert is not None
    return raised

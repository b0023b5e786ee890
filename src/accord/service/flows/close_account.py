"""A member of staff leaves: not while she answers for somebody, is on duty, or has an open alert in hand."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accord.service.access.table import Asker
from accord.service.care.queries import owned_open_alerts
from accord.service.errors import NotNow
from accord.service.people import actions, queries
from accord.service.people.policies import hidden


def close_account(*, person_id: uuid.UUID, by: Asker, now: datetime) -> None:
    """Close a log-in at once. Raises NotAllowed, NotNow (what must be handed over first)."""
    with transaction.atomic(durable=True):
        person = queries.person_with(person_id)
        if person is None:
            raise hidden()
        if held := owned_open_alerts(person_id, now):
            cure = _("Hand them over, or close them with a reason; then this can be done.")
            raise NotNow(_("She has %(count)s open alerts in hand.") % {"count": len(held)}, cure=cure)
        actions.close_account(person=person, by=by, now=now)

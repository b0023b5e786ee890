"""Somebody who has not started or went quiet is called, written to, sent the way back in, or put off until a day."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from accord.service.access.table import Action, Asker, Resource
from accord.service.care import actions
from accord.service.care.rules.rescue import CALL, MESSAGE, TECHNICAL_HELP
from accord.service.errors import NotAllowed, NotNow
from accord.service.outbox.actions import enqueue
from accord.service.people.policies import check_may
from accord.service.people.queries import address_of, person_with

if TYPE_CHECKING:
    from accord.service.care.models import Rescue

MODES = {CALL: "phone", MESSAGE: "message"}  # as a contact names them


def rescue_person(
    *,
    person_id: uuid.UUID,
    kind: str,
    key: uuid.UUID,
    by: Asker,
    now: datetime,
    outcome: str = "",
    reason: str = "",
    then: str = "",
    again_on: date | None = None,
    minutes: int = 0,
    note: str = "",
) -> Rescue:
    """Log one attempt; the same key twice is once. Technical help sends her the mail with the way back in.

    A call or message by who treats her is one contact as well, so that its minutes count; one by the office is none.
    Raises NotAllowed, Refusal (what was filled in), NotNow (not on the list, contacted today, her therapist's, no
    address).
    """
    with transaction.atomic(durable=True):
        if kind == TECHNICAL_HELP and not address_of(person_id):
            raise NotNow(_("There is no mail address to send it to."), cure=_("Call her instead."))
        rescue = actions.log_rescue(
            person_id=person_id, kind=kind, key=key, by=by, now=now, outcome=outcome, reason=reason, then=then,
            again_on=again_on, minutes=minutes, note=note,
        )  # fmt: skip
        if kind == TECHNICAL_HELP:
            enqueue(
                kind="way-back-in", to=person_id, occasion=f"rescue:{rescue.pk}", channel="email",
                subject_id=rescue.pk, now=now,
            )  # fmt: skip
        if kind in MODES and _treats(by, person_id):
            actions.log_contact(
                person_id=person_id, mode=MODES[kind], outcome=outcome, minutes=minutes, note=note,
                key=uuid.uuid5(key, "contact"), by=by, now=now,
            )  # fmt: skip
        return rescue


def _treats(by: Asker, person_id: uuid.UUID) -> bool:
    """Whether contacts of hers with this person are part of the treatment."""
    person = person_with(person_id)
    try:
        if person is not None:
            check_may(by, Resource.CONTACT, Action.CREATE, person)
    except NotAllowed:
        return False
    return person is not None

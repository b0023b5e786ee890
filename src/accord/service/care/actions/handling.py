"""Alerts are handled by people: acknowledged, handed over, confirmed, noted on, closed with a reason."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accord.service.access.table import Asker
from accord.service.care.actions.parts import (
    Kind,
    acting,
    add_step,
    already,
    own_words,
    same_occasion,
    take,
    take_silently,
    tell,
    told,
)
from accord.service.care.models import Alert, AlertStep
from accord.service.care.policies import check_can_close, check_can_confirm
from accord.service.care.rules.handling import OUTSIDE
from accord.service.errors import NotNow, Refusal
from accord.service.people.policies import check_can_answer_for
from accord.service.people.queries import person_with


def acknowledge(*, alert_id: uuid.UUID, by: Asker, now: datetime) -> AlertStep:
    """Say "I have it". Whoever is first has it; the other is told who. Takes back a hand-over nobody confirmed."""
    with transaction.atomic():
        alert, state = acting(alert_id, by, now)
        held = AlertStep.objects.filter(alert=alert, kind=Kind.ACKNOWLEDGED).first()
        if held is not None and state.offered_to is None and state.stage != "handed-over":
            return already(held, by)
        step = take(alert, by, now) if held is None else _take_back(alert, by, now)
        take_silently(alert, by, now)
        return step


def _take_back(alert: Alert, by: Asker, now: datetime) -> AlertStep:
    """A hand-over that was not confirmed ends with somebody inside who has it after all."""
    step = AlertStep.objects.create(alert=alert, kind=Kind.RECEIPT, at=now, by=by.person_id, outcome="taken-back")
    told(alert, "alert.taken-back", by, now)
    return step


def hand_over_alert(
    *, alert_id: uuid.UUID, to: uuid.UUID | None, note: str, key: uuid.UUID, by: Asker, now: datetime
) -> AlertStep:
    """Hand an alert to a colleague, or (`to` None) to a doctor or service outside, named in the note.

    It stays with whoever handed it over until the other side confirms; unconfirmed in time, it rises like a new one.
    """
    text = own_words(note, needed=None if to else _("Name the doctor or service, and what was agreed."))
    with transaction.atomic():
        alert, _state = acting(alert_id, by, now)
        if to is not None:
            colleague = person_with(to)
            if colleague is None or to == by.person_id:
                raise Refusal(_("Choose a colleague to hand the alert to."), cure=_("It is still with you."))
            check_can_answer_for(colleague, alert.clinic)
        take_silently(alert, by, now)
        step = add_step(alert, Kind.HANDED_OVER, by, now, key=key, to=to, outcome="" if to else OUTSIDE, note=text)
        if to is not None:
            tell(alert, to, "alert-raised", f"alert:{alert.pk}:handed:{key}", now)
        return step


def confirm_receipt(*, alert_id: uuid.UUID, note: str = "", key: uuid.UUID, by: Asker, now: datetime) -> AlertStep:
    """The other side has it: the colleague says so herself; for the outside whoever was told so writes it down."""
    with transaction.atomic():
        alert, state = acting(alert_id, by, now)
        if replayed := AlertStep.objects.filter(alert=alert, key=key).first():
            return replayed
        check_can_confirm(state, by)
        return add_step(alert, Kind.RECEIPT, by, now, key=key, note=own_words(note))


def add_note(*, alert_id: uuid.UUID, text: str, key: uuid.UUID, by: Asker, now: datetime) -> AlertStep:
    """Write something down beside an alert."""
    words = own_words(text, needed=_("Write the note first."))
    with transaction.atomic():
        alert, _state = acting(alert_id, by, now)
        return add_step(alert, Kind.NOTE, by, now, key=key, note=words)


def close_alert(*, alert_id: uuid.UUID, reason: str, note: str = "", by: Asker, now: datetime) -> AlertStep:
    """Close an alert, and the lower ones of the same occasion, with a reason that what was done bears out."""
    text = own_words(note)
    with transaction.atomic():
        alert, state = acting(alert_id, by, now)
        check_can_close(state, tier=alert.tier, reason=reason, note=text)
        step = close(alert, reason, text, by, now)
        for earlier in same_occasion(alert):
            close(earlier, reason, "", by, now)
        return step


def close(alert: Alert, reason: str, note: str, by: Asker, now: datetime) -> AlertStep:
    """Its last step; whoever is second is told so. What must have been done before is asked by the caller."""
    try:
        with transaction.atomic():
            return add_step(alert, Kind.CLOSED, by, now, reason=reason, note=note)
    except IntegrityError:
        raise NotNow(_("Somebody else has closed this alert in the meantime.")) from None

"""A contact is logged in two taps: mode and minutes (C31)."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accord.service.access.table import Action, Asker, Resource
from accord.service.audit.actions import record
from accord.service.care.actions.parts import (
    Kind,
    acting,
    add_step,
    own_words,
    person_for,
    same_occasion,
    take_silently,
)
from accord.service.care.models import Contact
from accord.service.care.rules.handling import MODES, OUTCOMES
from accord.service.episodes.queries import current_episode
from accord.service.errors import Refusal


def log_contact(
    *,
    person_id: uuid.UUID,
    mode: str,
    outcome: str,
    minutes: int,
    key: uuid.UUID,
    by: Asker,
    now: datetime,
    direction: str = "out",
    note: str = "",
    alert_id: uuid.UUID | None = None,
) -> Contact:
    """Log a contact, or the attempt of one, with mode and minutes (C31). On an alert it is a step of handling it."""
    if mode not in MODES or outcome not in OUTCOMES or direction not in ("in", "out"):
        raise Refusal(_("Choose how you tried and whether it worked."), cure=_("Nothing was logged."))
    if not 0 <= minutes <= 600:
        raise Refusal(_("Minutes are a number from 0 to 600."), cure=_("Nothing was logged."))
    text = own_words(note)
    with transaction.atomic():
        if replayed := Contact.objects.for_(by, Action.VIEW).filter(key=key).first():
            return replayed
        alert = acting(alert_id, by, now)[0] if alert_id else None
        person = alert.person if alert else person_for(person_id, Resource.CONTACT, Action.CREATE, by)
        episode = alert.episode if alert else current_episode(by, person.pk)
        contact = write_contact(
            by, now, person=person, episode=episode, alert=alert, mode=mode,
            direction=direction, outcome=outcome, minutes=minutes, note=text, at=now, key=key,
        )  # fmt: skip
        if alert:
            take_silently(alert, by, now)
            for row in (alert, *same_occasion(alert)):
                add_step(row, Kind.CONTACT, by, now, key=key, outcome=outcome, reason=mode, note=text)
        return contact


def write_contact(by: Asker, now: datetime, **row: Any) -> Contact:
    """One contact with its audit entry; who may is asked before."""
    contact = Contact.objects.create(by=by.person_id, **row)
    facts: dict[str, Any] = {name: row[name] for name in ("mode", "direction", "outcome", "minutes") if name in row}
    record(
        stream=f"person:{contact.person_id}", action="contact.logged", resource="contact", resource_id=contact.pk,
        by=by.person_id, role=by.main_role(), now=now, facts=facts,
    )  # fmt: skip
    return contact

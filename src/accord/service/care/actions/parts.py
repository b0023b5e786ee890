"""What the actions of this room share: the alert to act on, its steps, the audit, a clinician's own words."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accord.service.access.table import Action, Asker, Resource
from accord.service.audit.actions import record
from accord.service.care.models import Alert, AlertStep
from accord.service.care.policies import check_can_act, the_alert
from accord.service.care.queries import standing
from accord.service.care.rules.handling import AlertState
from accord.service.errors import NotNow, Refusal
from accord.service.outbox.actions import enqueue
from accord.service.people.policies import check_may
from accord.service.people.queries import person_with

if TYPE_CHECKING:
    from accord.service.people.models import Person

LONGEST = 5000  # characters of a clinician's own words
Kind = AlertStep.Kind


def acting(alert_id: uuid.UUID, by: Asker, now: datetime) -> tuple[Alert, AlertState]:
    """The alert to act on and where it stands; refused when it is not hers to act on, or closed."""
    alert = the_alert(alert_id, by, Action.ACT)
    state = standing([alert], now)[0].state
    check_can_act(state)
    return alert, state


def add_step(
    alert: Alert, kind: AlertStep.Kind, by: Asker, now: datetime, *, key: uuid.UUID | None = None, **more: object
) -> AlertStep:
    if key is not None and (replayed := AlertStep.objects.filter(alert=alert, key=key).first()):
        return replayed
    step = AlertStep.objects.create(alert=alert, kind=kind, at=now, by=by.person_id, key=key, **more)
    facts = {name: str(more[name]) for name in ("reason", "outcome", "to") if more.get(name)}
    personal = {"note": str(more["note"])} if more.get("note") else None
    told(alert, f"alert.{kind.value}", by, now, facts=facts, personal=personal)
    return step


def told(
    alert: Alert,
    action: str,
    by: Asker | None,
    now: datetime,
    *,
    facts: Mapping[str, object] | None = None,
    personal: dict[str, str] | None = None,
) -> None:
    record(
        stream=f"person:{alert.person_id}", action=action, resource="alert", resource_id=alert.pk,
        by=by.person_id if by else None, role=by.main_role() if by else "service", now=now,
        facts=dict(facts or {}), personal=personal,
    )  # fmt: skip


def person_for(person_id: uuid.UUID, resource: Resource, action: Action, by: Asker) -> Person:
    person = person_with(person_id)
    if person is None:
        raise NotNow(_("There is nobody here under that address."))
    check_may(by, resource, action, person)
    return person


def own_words(text: str, *, needed: str | None = None) -> str:
    """A clinician's own words as they are stored. Refuses NUL, more than fits, and emptiness where words are needed."""
    words = text.strip()
    if "\0" in words:
        raise Refusal(_("The text holds a character that cannot be stored (NUL)."), cure=_("Remove it and send again."))
    if len(words) > LONGEST:
        found = {"found": len(words), "limit": LONGEST}
        raise Refusal(_("The text has %(found)s characters; at most %(limit)s fit.") % found, cure=_("Shorten it."))
    if needed and not words:
        raise Refusal(needed, cure=_("Nothing was stored."))
    return words


def tell(alert: Alert, to: uuid.UUID | None, kind: str, occasion: str, now: datetime) -> None:
    enqueue(kind=kind, to=to, occasion=occasion, channel="email", subject_id=alert.pk, now=now)


def same_occasion(alert: Alert) -> list[Alert]:
    """The other open alerts of the same occasion and track: lower rows that this one rose from."""
    same = Alert.objects.open().filter(person=alert.person_id, occasion=alert.occasion, track=alert.track)
    return list(same.exclude(pk=alert.pk))


def already(held: AlertStep, by: Asker) -> AlertStep:
    if held.by == by.person_id:
        return held
    other = person_with(held.by) if held.by else None
    who = other.name if other else _("Somebody else")
    cure = _("You can still log what you do. Speak with each other, so that only one of you calls.")
    raise NotNow(_("%(who)s has acknowledged this alert before you.") % {"who": who}, cure=cure)


def take(alert: Alert, by: Asker, now: datetime) -> AlertStep:
    try:
        with transaction.atomic():
            step = AlertStep.objects.create(alert=alert, kind=Kind.ACKNOWLEDGED, at=now, by=by.person_id)
    except IntegrityError:
        return already(AlertStep.objects.get(alert=alert, kind=Kind.ACKNOWLEDGED), by)
    told(alert, "alert.acknowledged", by, now)
    return step


def take_silently(alert: Alert, by: Asker, now: datetime) -> None:
    """Who acts on an alert that nobody had acknowledged has it by that."""
    for row in (alert, *same_occasion(alert)):
        if not AlertStep.objects.filter(alert=row, kind=Kind.ACKNOWLEDGED).exists():
            take(row, by, now)

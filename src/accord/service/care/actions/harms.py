"""Adverse events: written once; a correction is a new row that names the old; a serious one reaches a human at once."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accord.science.protocols.ladder import Outcome
from accord.service.access.table import Action, Asker, Resource, Role
from accord.service.audit.actions import record
from accord.service.care.actions.parts import own_words, person_for
from accord.service.care.actions.raising import raise_alert
from accord.service.care.models import Harm
from accord.service.care.policies import check_harm, the_harm
from accord.service.care.queries import ladder_for
from accord.service.care.rules.harm import must_be_told, wrong_harm
from accord.service.episodes.queries import current_episode
from accord.service.errors import NotNow
from accord.service.outbox.actions import enqueue
from accord.service.people.queries.clinics import holding

if TYPE_CHECKING:
    from accord.service.people.models import Person

TIER, CLOCK, TRACK = "serious", "r2", "health"  # within the working hour, as the ladder says of its second tier


def record_harm(
    *,
    person_id: uuid.UUID,
    what: str,
    severity: str,
    causality: str,
    on: date | None,
    key: uuid.UUID,
    by: Asker,
    now: datetime,
    note: str = "",
    corrects_id: uuid.UUID | None = None,
) -> Harm:
    """Write down an adverse event, or the correction of one. The same key twice is one row.

    A serious one raises an alert with the clock of the ladder's second tier in the same transaction, and its
    supervisors and the service lead are told by a mail of their own, whoever has the alert in hand. Raises NotAllowed,
    Refusal (what was filled in), NotNow (no episode; somebody else has corrected it before).
    """
    person = person_for(person_id, Resource.HARM, Action.CREATE, by)
    if held := Harm.objects.for_(by, Action.VIEW).filter(key=key).first():
        return held
    old = the_harm(corrects_id, by, Action.ACT) if corrects_id else None
    if old is not None and old.person_id != person.pk:
        raise NotNow(_("This event is another person's."), cure=_("Open the page again."))
    words, today = own_words(note), now.astimezone(person.clinic.zone()).date()
    given = {"what": what, "severity": severity, "causality": causality, "on": on}
    check_harm(wrong_harm(**given, note=words, today=today, correction=old is not None))  # type: ignore[arg-type]
    episode = current_episode(by, person.pk)
    if episode is None:
        raise NotNow(_("This person has no episode here yet."), cure=_("Write a note instead."))
    with transaction.atomic():
        harm = _written(given, by, now, person=person, episode=old.episode if old else episode, corrects=old, key=key,
                        note=words)  # fmt: skip
        if must_be_told(what, severity):
            _tell(harm, person, by, now)
        return harm


def _written(given: Mapping[str, object], by: Asker, now: datetime, *, key: uuid.UUID, **row: object) -> Harm:
    try:
        with transaction.atomic():
            harm = Harm.objects.create(**given, **row, key=key, at=now, by=by.person_id)
    except IntegrityError:
        if held := Harm.objects.for_(by, Action.VIEW).filter(key=key).first():
            return held
        cure = _("Open the page again: it shows what stands now.")
        raise NotNow(_("Somebody has corrected this before you. Nothing was stored."), cure=cure) from None
    facts = {name: str(value) for name, value in given.items()}
    corrects = {"corrects": str(harm.corrects_id)} if harm.corrects_id else {}
    record(
        stream=f"person:{harm.person_id}", action="harm.recorded", resource="harm", resource_id=harm.pk,
        by=by.person_id, role=by.main_role(), now=now, facts=facts | corrects,
        personal={"note": harm.note} if harm.note else None,
    )  # fmt: skip
    return harm


def _tell(harm: Harm, person: Person, by: Asker, now: datetime) -> None:
    outcome = Outcome(TIER, (_("A serious adverse event was written down."),), CLOCK, rules=("harm.serious",))
    alert = raise_alert(
        person=person, episode=harm.episode, assessment_id=None, occasion=f"harm:{harm.pk}", track=TRACK,
        outcome=outcome, ladder=ladder_for(person.pk), by=by, now=now, note=harm.note,
    )  # fmt: skip
    told = {one.pk for one in holding(person.clinic_id, [Role.SUPERVISOR])} | {person.clinic.service_lead_id}
    for one in sorted(told - {None}, key=str):
        enqueue(
            kind="harm-serious", to=one, occasion=f"harm:{harm.pk}", channel="email",
            subject_id=alert.pk if alert else harm.pk, now=now,
        )  # fmt: skip

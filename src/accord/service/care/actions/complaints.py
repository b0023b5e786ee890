"""Complaints: said by a patient or entered for her; acknowledged, answered and closed by the office. Rows only grow."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accord.service.access.table import Action, Asker, Resource
from accord.service.audit.actions import record
from accord.service.care.actions.parts import own_words, person_for
from accord.service.care.models import Complaint, ComplaintStep
from accord.service.care.policies import check_complaint, check_complaint_step, the_complaint
from accord.service.care.queries.complaints import standings
from accord.service.care.queries.deciding import calendar_for
from accord.service.care.rules.complaints import OUTCOMES, WAYS, answer_by, wrong_complaint
from accord.service.errors import NotAllowed, NotNow, Refusal
from accord.service.outbox.actions import enqueue
from accord.service.people.policies import check_may_at

if TYPE_CHECKING:
    from accord.service.people.models import Clinic

Kind = ComplaintStep.Kind


def make_complaint(
    *,
    about: str,
    text: str,
    key: uuid.UUID,
    by: Asker,
    now: datetime,
    person_id: uuid.UUID | None = None,
    clinic: Clinic | None = None,
) -> Complaint:
    """Write down what somebody says was not right: her own, or, entered by the office, hers or nobody's by name.

    `clinic`: where it is entered for somebody who is not named. Raises NotAllowed, Refusal (what was filled in).
    """
    person = None
    if person_id is not None:
        person = person_for(person_id, Resource.COMPLAINT, Action.CREATE, by)
        clinic = person.clinic
    elif clinic is not None:
        check_may_at(by, Resource.COMPLAINT, Action.CREATE, clinic)
    if clinic is None:
        raise NotAllowed(_("There is nothing here that you may do."))
    if held := Complaint.objects.for_(by, Action.VIEW).filter(key=key).first():
        return held
    check_complaint(wrong_complaint(about=about, text=text))
    with transaction.atomic():
        complaint = Complaint.objects.create(
            clinic=clinic, person=person, about=about, text=text.strip(), made_at=now,
            answer_by=answer_by(calendar_for(clinic), now), by=by.person_id, key=key,
        )  # fmt: skip
        _told(complaint, "complaint.made", by, now, facts={"about": about}, personal={"text": complaint.text})
        return complaint


def acknowledge_complaint(*, complaint_id: uuid.UUID, key: uuid.UUID, by: Asker, now: datetime) -> ComplaintStep:
    """Say that it arrived and somebody looks into it. Raises NotAllowed, NotNow."""
    return _step(complaint_id, Kind.ACKNOWLEDGED, key, by, now)


def answer_complaint(
    *, complaint_id: uuid.UUID, way: str, text: str, key: uuid.UUID, by: Asker, now: datetime
) -> ComplaintStep:
    """Answer: on her own page (she gets a neutral mail), or write down what was said in a letter or on the telephone.

    Who was not acknowledged before is by this. Raises NotAllowed, NotNow (closed), Refusal (no words, no way).
    """
    words = own_words(text, needed=_("Write the answer first."))
    if way not in WAYS:
        raise Refusal(_("Choose how the answer reaches her."), cure=_("Nothing was sent; your words are still there."))
    with transaction.atomic():
        complaint = the_complaint(complaint_id, by, Action.ACT)
        if way == "page" and complaint.person_id is None:
            cure = _("Answer by letter or telephone.")
            raise Refusal(_("Nobody is named in this complaint, so there is no page to answer on."), cure=cure)
        step = _step(complaint_id, Kind.ANSWERED, key, by, now, reason=way, note=words)
        if way == "page":
            enqueue(
                kind="complaint-answered", to=complaint.person_id, occasion=f"complaint:{step.pk}", channel="email",
                subject_id=complaint.pk, now=now,
            )  # fmt: skip
        return step


def close_complaint(
    *, complaint_id: uuid.UUID, outcome: str, key: uuid.UUID, by: Asker, now: datetime, note: str = ""
) -> ComplaintStep:
    """Close it with what came of it; `note` is for the service. Raises NotAllowed, NotNow (no answer yet), Refusal."""
    if outcome not in OUTCOMES:
        raise Refusal(_("Choose what came of it."), cure=_("Nothing was closed."))
    return _step(complaint_id, Kind.CLOSED, key, by, now, reason=outcome, note=own_words(note))


def _step(
    complaint_id: uuid.UUID, kind: ComplaintStep.Kind, key: uuid.UUID, by: Asker, now: datetime, *, reason: str = "",
    note: str = "",
) -> ComplaintStep:  # fmt: skip
    complaint = the_complaint(complaint_id, by, Action.ACT)
    if held := ComplaintStep.objects.filter(complaint=complaint, key=key).first():
        return held
    check_complaint_step(standings([complaint], now)[complaint.pk].stage, kind)
    revision = ComplaintStep.objects.filter(complaint=complaint).count() + 1
    try:
        with transaction.atomic():
            step = ComplaintStep.objects.create(
                complaint=complaint, kind=kind, revision=revision, reason=reason, note=note, at=now, by=by.person_id,
                key=key,
            )  # fmt: skip
            _told(complaint, f"complaint.{kind.value}", by, now, facts={"reason": reason} if reason else {},
                  personal={"note": note} if note else None)  # fmt: skip
    except IntegrityError:
        if held := ComplaintStep.objects.filter(complaint=complaint, key=key).first():
            return held
        cure = _("Open the page again: it shows what was done.")
        raise NotNow(_("Somebody did something about this at the same moment."), cure=cure) from None
    return step


def _told(
    complaint: Complaint, action: str, by: Asker, now: datetime, *, facts: dict[str, str],
    personal: dict[str, str] | None,
) -> None:  # fmt: skip
    stream = f"person:{complaint.person_id}" if complaint.person_id else f"clinic:{complaint.clinic_id}"
    record(
        stream=stream, action=action, resource="complaint", resource_id=complaint.pk, by=by.person_id,
        role=by.main_role(), now=now, facts=facts, personal=personal,
    )  # fmt: skip

"""What a colleague is certified for, how many places she has, and what was done without either (C40)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accord.service.access.table import STAFF, Action, Asker, Resource
from accord.service.errors import NotAllowed, NotNow, Refusal
from accord.service.people.actions.parts import told
from accord.service.people.models import Capacity, Certificate, Clinic, Override, Person
from accord.service.people.policies import check_certified, check_may_at, check_place, hidden, holds
from accord.service.people.rules.fitness import PLACE, can_be_certified

MOST_PLACES = 200
LONGEST = 500  # characters of a reason or a note


@transaction.atomic
def enter_certificate(
    *, person: Person, clinic: Clinic, covers: str, given_on: date, expires_on: date | None, note: str = "",
    key: uuid.UUID, by: Asker, now: datetime,
) -> Certificate:  # fmt: skip
    """Write down what a colleague is certified for. The same key twice is one certificate.

    Raises NotAllowed, Refusal (no such thing to be certified for, days that cannot be).
    """
    _check_colleague(by, person, clinic)
    if held := Certificate.objects.filter(key=key).first():
        return _same(held.person_id == person.pk and held.covers == covers, held)
    if not can_be_certified(covers):
        raise Refusal(_("Choose what the certificate is for."), cure=_("Nothing was entered."))
    if given_on > now.astimezone(clinic.zone()).date():
        raise Refusal(_("It was given on a day that has not come yet."), cure=_("Check the day it was given."))
    if expires_on is not None and expires_on <= given_on:
        raise Refusal(_("It runs out before it was given."), cure=_("Check the two days."))
    row = Certificate.objects.create(
        person=person, clinic=clinic, covers=covers, given_on=given_on, expires_on=expires_on, note=words(note),
        made_at=now, by=by.person_id, key=key,
    )  # fmt: skip
    facts = {"covers": covers, "given_on": str(given_on), "expires_on": str(expires_on or "")}
    personal = {"note": row.note} if row.note else None
    told(person.pk, "enter_certificate", "certificate", row, by, now, facts=facts, personal=personal)
    return row


@transaction.atomic
def withdraw_certificate(*, certificate: Certificate, by: Asker, now: datetime) -> Certificate:
    """It counts no longer, from now on. Whom she treats stays with her: handing over is a decision of its own."""
    check_may_at(by, Resource.CERTIFICATE, Action.ASSIGN, certificate.clinic)
    if Certificate.objects.filter(pk=certificate.pk, withdrawn_at=None).update(withdrawn_at=now):
        certificate.withdrawn_at = now
        facts = {"covers": certificate.covers}
        told(certificate.person_id, "withdraw_certificate", "certificate", certificate, by, now, facts=facts)
    return certificate


@transaction.atomic
def set_places(*, person: Person, clinic: Clinic, places: int, by: Asker, now: datetime) -> Capacity:
    """How many people she can treat at once, from now on. Fewer than she treats is allowed: nobody is taken away."""
    _check_colleague(by, person, clinic)
    if not 0 <= places <= MOST_PLACES:
        said = {"most": MOST_PLACES}
        raise Refusal(_("Places are a number from 0 to %(most)s.") % said, cure=_("Nothing was changed."))
    held = Capacity.objects.select_for_update().filter(person=person, clinic=clinic, until=None).first()
    if held is not None and held.places == places:
        return held
    Capacity.objects.filter(person=person, clinic=clinic, until=None).update(until=now)
    try:
        with transaction.atomic():
            row = Capacity.objects.create(person=person, clinic=clinic, places=places, since=now, by=by.person_id)
    except IntegrityError:
        cure = _("Open the page again: it shows the places as they are now.")
        raise NotNow(_("Somebody else changed this at the same moment."), cure=cure) from None
    facts = {"places": places, "before": held.places if held else None, "clinic": str(clinic.pk)}
    told(person.pk, "set_places", "capacity", row, by, now, facts=facts)
    return row


def check_fit(
    *, clinician: Person, clinic: Clinic, covers: Iterable[str], place: bool, override: str, patient: Person | None,
    by: Asker, now: datetime,
) -> None:  # fmt: skip
    """She is certified for all of it and has a place; or whoever may says why it is done all the same (C40).

    What was missing is kept, each as a row with the reason, and in the audit. Raises NotNow with what is missing and
    who can mend it; and so for a reason that is given by somebody who may not override.
    """
    missing: list[tuple[str, NotNow]] = []
    for one in covers:
        try:
            check_certified(clinician, one, now, clinic=clinic)
        except NotNow as refusal:
            missing.append((one, refusal))
    if place:
        try:
            check_place(clinician, clinic)
        except NotNow as refusal:
            missing.append((PLACE, refusal))
    if not missing:
        return
    reason = words(override)
    if not reason or not _may_override(by, clinic):
        raise NotNow(" ".join(one.message for _what, one in missing), cure=missing[0][1].cure)
    about = patient or clinician
    for what, _refusal in missing:
        row = Override.objects.create(
            clinician=clinician, clinic=clinic, covers=what, patient=patient, reason=reason, at=now, by=by.person_id
        )
        facts = {"covers": what, "clinician": str(clinician.pk)}
        told(about.pk, "override", "certificate", row, by, now, facts=facts, personal={"reason": reason})


def words(text: str) -> str:
    """A reason or a note as it is kept."""
    said = text.strip()
    if "\0" in said:
        raise Refusal(_("The text holds a character that cannot be stored."), cure=_("Take it out; nothing was kept."))
    if len(said) > LONGEST:
        limit = {"found": f"{len(said):,}", "limit": LONGEST}
        cure = _("Shorten it; nothing was changed.")
        raise Refusal(_("The text has %(found)s characters; up to %(limit)s can be kept.") % limit, cure=cure)
    return said


def _may_override(by: Asker, clinic: Clinic) -> bool:
    try:
        check_may_at(by, Resource.CERTIFICATE, Action.ASSIGN, clinic)
    except NotAllowed:
        return False
    return True


def _check_colleague(by: Asker, person: Person, clinic: Clinic) -> None:
    """`by` may say it at this clinic, and it is said of somebody who works there."""
    check_may_at(by, Resource.CERTIFICATE, Action.ASSIGN, clinic)
    if not holds(person.pk, STAFF, clinic.pk):
        raise hidden()


def _same(same: bool, held: Certificate) -> Certificate:
    if not same:
        raise NotNow(_("This form was sent before with something else in it."), cure=_("Open the page again."))
    return held

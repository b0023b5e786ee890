"""Writes of this room: keyword-only, `by` and `now` are arguments, atomic, audited."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accord.service.access.table import CLINICIANS, STAFF, Action, Asker, Resource, Role
from accord.service.audit.actions import record
from accord.service.errors import NotNow
from accord.service.people.models import Absence, Account, Accountability, Clinic, Duty, Person, RoleHeld
from accord.service.people.policies import (
    check_can_answer_for,
    check_can_be_on_duty,
    check_can_give_role,
    check_can_leave,
    check_may,
    check_may_at,
    check_reminders,
    hidden,
    holds,
)

Open = TypeVar("Open", Accountability, Duty)
CONTACT = ("name", "phone", "email", "where", "emergency_contact")  # personal: told to the audit as commitments only
PLACE = ("country", "language", "time_zone")


def _told(
    person_id: uuid.UUID, action: str, resource: str, row: Any, by: Asker, now: datetime, *,
    facts: dict[str, Any] | None = None, personal: dict[str, str] | None = None,
) -> None:  # fmt: skip
    record(
        stream=f"person:{person_id}", action=action, resource=resource, resource_id=row.pk, by=by.person_id,
        role=by.main_role(), now=now, facts=facts, personal=personal,
    )  # fmt: skip


# ---------------------------------------------------------------------------------------------------- clinics, people


@transaction.atomic
def open_clinic(
    *, name: str, country: str, time_zone: str, by: Asker, now: datetime, region: str = "",
    hours: dict[str, list[list[str]]] | None = None, on_call: bool = False, phone: str = "",
) -> Clinic:  # fmt: skip
    """Open a clinic. Only the service itself does this: at set-up, by command."""
    if not by.service:
        raise hidden()
    clinic = Clinic.objects.create(
        name=name, country=country, region=region, time_zone=time_zone, hours=hours or {}, on_call=on_call,
        phone=phone, opened_at=now,
    )  # fmt: skip
    record(
        stream="system", action="open_clinic", resource="clinic", resource_id=clinic.pk, by=None, role=by.main_role(),
        now=now, facts={"country": country, "time_zone": time_zone},
    )  # fmt: skip
    return clinic


@transaction.atomic
def set_service_lead(*, clinic: Clinic, person: Person, by: Asker, now: datetime) -> Clinic:
    """Name who is told when nobody else acted."""
    check_may_at(by, Resource.STAFF_LIST, Action.ASSIGN, clinic)
    Clinic.objects.filter(pk=clinic.pk).update(service_lead=person)
    clinic.service_lead = person
    _told(person.pk, "set_service_lead", "clinic", clinic, by, now)
    return clinic


@transaction.atomic
def add_person(
    *, clinic: Clinic, name: str = "", phone: str = "", email: str = "", country: str = "", by: Asker, now: datetime,
    language: str = "en", time_zone: str = "",
) -> Person:  # fmt: skip
    """Add somebody to a clinic, without a role and without an account.

    A coordinator may (a referral on paper), or the service itself (`SERVICE`: a sign-up or referral through a page).
    Raises NotAllowed.
    """
    check_may_at(by, Resource.PERSON, Action.CREATE, clinic)
    person = Person.objects.create(
        clinic=clinic, name=name, phone=phone, email=email, country=country, language=language, time_zone=time_zone,
        made_at=now,
    )  # fmt: skip
    given = {"name": name, "phone": phone, "email": email}
    _told(person.pk, "add_person", "person", person, by, now, facts={"clinic": str(clinic.pk)}, personal=_said(given))
    return person


@transaction.atomic
def change_contact(*, person: Person, by: Asker, now: datetime, **changes: str) -> Person:
    """Change how to reach somebody and where she is (C4): name, phone, email, where, emergency_contact, country,
    language, time_zone. She does it herself (ANSWER), or who may act on her record. Raises NotAllowed."""
    if unknown := set(changes) - {*CONTACT, *PLACE}:
        raise TypeError(f"no contact field: {', '.join(sorted(unknown))}")
    own = by.person_id == person.pk
    check_may(by, Resource.PERSON, Action.ANSWER if own else Action.ACT, person)
    row = Person.objects.select_for_update().select_related("clinic").get(pk=person.pk)
    changed = {name: value for name, value in changes.items() if getattr(row, name) != value}
    if changed:
        for name, value in changed.items():
            setattr(row, name, value)
        row.save(update_fields=list(changed))
        open_to_all = {name: changed[name] for name in PLACE if name in changed}
        secret = _said({name: changed[name] for name in CONTACT if name in changed})
        facts = {"changed": sorted(changed), **open_to_all}
        _told(person.pk, "change_contact", "person", row, by, now, facts=facts, personal=secret)
    return row


@transaction.atomic
def change_reminders(
    *, person: Person, on: bool, hour: int, pause_until: date | None, time_zone: str, by: Asker, now: datetime
) -> Person:  # fmt: skip
    """What she wants of reminders, and the zone of her days. Two windows: the later one counts, as a whole.

    Only she herself. Raises NotAllowed, NotNow (an hour at night, a zone that does not exist, a day too far away).
    """
    if by.person_id != person.pk:
        raise hidden()
    check_may(by, Resource.PERSON, Action.ANSWER, person)
    check_reminders(hour, pause_until, time_zone, now)
    row = Person.objects.select_for_update().select_related("clinic").get(pk=person.pk)
    given = {"reminders": on, "reminder_hour": hour, "pause_reminders_until": pause_until, "time_zone": time_zone}
    changed = {name: value for name, value in given.items() if getattr(row, name) != value}
    if changed:
        Person.objects.filter(pk=row.pk).update(**changed)
        facts = {name: str(value) for name, value in changed.items()}
        _told(person.pk, "change_reminders", "person", row, by, now, facts=facts)
        for name, value in changed.items():
            setattr(row, name, value)
    return row


def _said(values: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}


# ---------------------------------------------------------------------------------------------------- roles


@transaction.atomic
def give_role(*, person: Person, role: Role, clinic: Clinic, by: Asker, now: datetime) -> RoleHeld:
    """Give a role at a clinic; giving it twice is giving it once. Raises NotAllowed."""
    check_can_give_role(by, person, role, clinic)
    held, made = RoleHeld.objects.get_or_create(
        person=person, role=str(role), clinic=clinic, until=None, defaults={"since": now, "given_by": by.person_id}
    )
    if made:
        _told(person.pk, "give_role", "role", held, by, now, facts={"role": str(role), "clinic": str(clinic.pk)})
    return held


@transaction.atomic
def end_role(*, person: Person, role: Role, clinic: Clinic, by: Asker, now: datetime) -> None:
    """End a role: what it allowed stops with the next request. Refused (NotNow) while people depend on it."""
    check_can_give_role(by, person, role, clinic)
    held = RoleHeld.objects.select_for_update().filter(person=person, role=str(role), clinic=clinic, until=None).first()
    if held is None:
        return
    if role in CLINICIANS and not holds(person.pk, CLINICIANS - {role}, clinic.pk):
        check_can_leave(person, clinic)
    held.until = now
    held.save(update_fields=["until"])
    _told(person.pk, "end_role", "role", held, by, now, facts={"role": str(role), "clinic": str(clinic.pk)})


# ---------------------------------------------------------------------------------------------------- who answers


@transaction.atomic
def make_accountable(*, person: Person, clinician: Person, reason: str, by: Asker, now: datetime) -> Accountability:
    """From now on `clinician` answers for `person`: closes who did and opens in one step (E24).

    The same clinician again changes nothing. Two at once: one wins, the other is refused with NotNow by the partial
    unique index. Raises NotAllowed, NotNow.
    """
    check_may(by, Resource.ACCOUNTABILITY, Action.ASSIGN, person)
    check_can_answer_for(clinician, person.clinic)
    open_row = Accountability.objects.select_for_update().filter(person=person, until=None).first()
    if open_row is not None and open_row.clinician_id == clinician.pk:
        return open_row
    if open_row is not None:
        open_row.until = now
        open_row.save(update_fields=["until"])
    new = Accountability(person=person, clinician=clinician, since=now, reason=reason, by=by.person_id)
    row = _only_one(new)
    facts = {"clinician": str(clinician.pk), "before": str(open_row.clinician_id) if open_row else "", "reason": reason}
    _told(person.pk, "make_accountable", "accountability", row, by, now, facts=facts)
    return row


def _only_one(row: Open) -> Open:
    """Store a row of which only one may be open; somebody who did the same at the same instant came first."""
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        cure = _("Look at the page again: it shows who it is now.")
        raise NotNow(_("Somebody else changed this at the same moment."), cure=cure) from error
    return row


@transaction.atomic
def hand_over(*, clinician: Person, to: Person, by: Asker, now: datetime) -> int:
    """Hand over everybody a clinician answers for to a colleague; how many they were. Each is audited on her own."""
    rows = Accountability.objects.filter(clinician=clinician, until=None).select_related("person__clinic")
    people = [row.person for row in rows.order_by("since", "id")]
    for person in people:
        make_accountable(person=person, clinician=to, reason="handover", by=by, now=now)
    return len(people)


@transaction.atomic
def set_duty(*, clinic: Clinic, person: Person, by: Asker, now: datetime) -> Duty:
    """Give the duty of a clinic to somebody: who had it hands it over in the same step. Raises NotAllowed, NotNow."""
    check_may_at(by, Resource.DUTY, Action.ASSIGN, clinic)
    check_can_be_on_duty(person, clinic)
    open_row = Duty.objects.select_for_update().filter(clinic=clinic, until=None).first()
    if open_row is not None and open_row.person_id == person.pk:
        return open_row
    if open_row is not None:
        open_row.until = now
        open_row.save(update_fields=["until"])
    row = _only_one(Duty(clinic=clinic, person=person, since=now, by=by.person_id))
    facts = {"clinic": str(clinic.pk), "before": str(open_row.person_id) if open_row else ""}
    _told(person.pk, "set_duty", "duty", row, by, now, facts=facts)
    return row


@transaction.atomic
def set_absence(
    *, person: Person, since: datetime, until: datetime, cover: Person, by: Asker, now: datetime
) -> Absence:
    """Say when a member of staff is away and who covers. She may herself; a coordinator may for all of the clinic."""
    if by.person_id != person.pk or not by.staff:
        check_may_at(by, Resource.DUTY, Action.ASSIGN, person.clinic)
    if until <= since:
        raise NotNow(_("The absence ends before it begins."), cure=_("Check the two dates."))
    if cover.pk == person.pk:
        raise NotNow(_("Nobody can cover for herself."), cure=_("Choose a colleague."))
    check_can_answer_for(cover, person.clinic)
    row = Absence.objects.create(person=person, since=since, until=until, cover=cover, by=by.person_id, made_at=now)
    facts = {"since": since.isoformat(), "until": until.isoformat(), "cover": str(cover.pk)}
    _told(person.pk, "set_absence", "absence", row, by, now, facts=facts)
    return row


@transaction.atomic
def end_absence(*, absence: Absence, by: Asker, now: datetime) -> None:
    """She is back earlier: from now on her own alerts reach her again."""
    if by.person_id != absence.person_id:
        check_may_at(by, Resource.DUTY, Action.ASSIGN, absence.person.clinic)
    if absence.until > now:
        Absence.objects.filter(pk=absence.pk).update(until=max(now, absence.since))
        _told(absence.person_id, "end_absence", "absence", absence, by, now)


# ---------------------------------------------------------------------------------------------------- accounts


@transaction.atomic
def open_account(*, person: Person, email: str, password: str | None = None, by: Asker, now: datetime) -> Account:
    """Open a log-in for a person who has none. Without a password she sets one through the link of a mail.

    She does it herself through sign-up (SERVICE), or who may act on her record. An address that has an account already
    is refused with NotNow: the flow that faces the public must answer both cases alike (E22).
    """
    if not by.service:
        check_may(by, Resource.PERSON, Action.ACT, person)
    address = email.strip().lower()
    if Account.objects.filter(email=address).exists() or Account.objects.filter(person=person).exists():
        raise NotNow(_("This person or this address has an account already."), cure=_("Use the one there is."))
    account = Account.objects.create_user(address, password, person=person, made_at=now)
    _told(person.pk, "open_account", "account", account, by, now, personal={"email": address})
    return account


@transaction.atomic
def close_account(*, person: Person, by: Asker, now: datetime) -> None:
    """Close a log-in at once: every session of it ends with its next request, on every device.

    Refused (NotNow) while she answers for people or is on duty. Whether she owns open alerts is asked by the flow.
    The password is thrown away: that alone ends all sessions, since each is bound to it.
    """
    account = Account.objects.select_for_update().filter(person=person).first()
    if account is None:
        return
    if by.person_id != person.pk:
        staff = RoleHeld.objects.filter(person=person, until=None, role__in=[str(role) for role in STAFF]).exists()
        resource, action = (Resource.STAFF_LIST, Action.ASSIGN) if staff else (Resource.PERSON, Action.ACT)
        check_may_at(by, resource, action, person.clinic)
    check_can_leave(person)
    account.is_active = False
    account.closed_at = now
    account.set_unusable_password()
    account.save(update_fields=["is_active", "closed_at", "password"])
    _told(person.pk, "close_account", "account", account, by, now)

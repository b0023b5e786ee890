"""People: added, how to reach them, what they want of reminders."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from accord.service.access.table import Action, Asker, Resource
from accord.service.people.actions.parts import told
from accord.service.people.models import Clinic, Person
from accord.service.people.policies import (
    check_may,
    check_may_at,
    check_reminders,
    hidden,
)

CONTACT = ("name", "phone", "email", "where", "emergency_contact")  # personal: told to the audit as commitments only
PLACE = ("country", "language", "time_zone")


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
    told(person.pk, "add_person", "person", person, by, now, facts={"clinic": str(clinic.pk)}, personal=_said(given))
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
        told(person.pk, "change_contact", "person", row, by, now, facts=facts, personal=secret)
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
        told(person.pk, "change_reminders", "person", row, by, now, facts=facts)
        for name, value in changed.items():
            setattr(row, name, value)
    return row


def _said(values: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}

"""One person, or many by key; accounts and addresses."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Q

from accord.service.access.table import Action, Asker, Resource, Role
from accord.service.people.models import Account, Clinic, Person, RoleHeld
from accord.service.people.policies import hidden


def person(asker: Asker, person_id: uuid.UUID, action: Action = Action.VIEW) -> Person:
    """A person whose record the asker may see or act on. Raises NotAllowed (404) as for one who does not exist."""
    found = Person.objects.for_(asker, action).select_related("clinic").filter(pk=person_id).first()
    if found is None:
        raise hidden()
    return found


def people(
    asker: Asker, resource: Resource = Resource.PERSON, action: Action = Action.VIEW, *, among: Q | None = None
) -> list[Person]:
    """Everybody whose `resource` the asker may see, the newest first; only those of the filter `among`, if given."""
    rows = Person.objects.for_(asker, action, resource).filter(among or Q())
    return list(rows.prefetch_related("clinic").order_by("-made_at", "-id"))  # of thousands one clinic is read once


def written(asker: Asker, field: str, *, but: Collection[uuid.UUID] = ()) -> list[tuple[uuid.UUID, str]]:
    """One field of everybody on whose record she may act, the newest first: to find somebody by it. It is encrypted,
    so that no database can look for it; nothing else of their records is opened."""
    rows = Person.objects.for_(asker, Action.ACT).exclude(pk__in=set(but)).exclude(**{field: ""})
    column: Any = Person._meta.get_field(field)
    return [(who, column.opened(held, who)) for who, held in rows.order_by("-made_at", "-id").values_list("pk", field)]


class Known(NamedTuple):
    """Of somebody in a list of thousands what decides her place; her record is not opened for it."""

    clinic_id: uuid.UUID
    since: datetime  # when she came, or since when she stands where she stands


def known(asker: Asker, resource: Resource, *, among: Q) -> dict[uuid.UUID, Known]:
    """As `people`, without the records; the newest first."""
    rows = Person.objects.for_(asker, Action.VIEW, resource).filter(among).order_by("-made_at", "-id")
    return {who: Known(clinic, made) for who, clinic, made in rows.values_list("pk", "clinic_id", "made_at")}


def reachable(
    ids: Collection[uuid.UUID], asker: Asker, resource: Resource, action: Action = Action.VIEW
) -> set[uuid.UUID]:
    """Of these people, those whose `resource` the asker may do `action` to; nobody's record is opened for it."""
    return set(Person.objects.for_(asker, action, resource).filter(pk__in=set(ids)).values_list("pk", flat=True))


def me(asker: Asker) -> Person:
    """The asker herself. Raises NotAllowed for nobody and for the service."""
    if asker.person_id is None:
        raise hidden()
    return Person.objects.select_related("clinic").get(pk=asker.person_id)


def person_with(person_id: uuid.UUID) -> Person | None:
    """A person by key, for flows and the clock: to address a message, to read a zone."""
    return Person.objects.select_related("clinic").filter(pk=person_id).first()


def in_care(person_id: uuid.UUID) -> bool:
    """Whether somebody is or was a patient or an applicant: a colleague has no record of care."""
    patients = (str(Role.PATIENT), str(Role.APPLICANT))
    return RoleHeld.objects.filter(person=person_id, role__in=patients).exists()


def people_with(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Person]:
    """People by key, for lists whose rows were scoped before."""
    return {row.pk: row for row in Person.objects.select_related("clinic").filter(pk__in=set(ids))}


def account_of(person_id: uuid.UUID) -> Account | None:
    return Account.objects.filter(person=person_id).first()


def account_with(email: str) -> Account | None:
    """The account of an address, for the sign-up flow; a page never tells whether there is one (E22)."""
    return Account.objects.select_related("person").filter(email=email.strip().lower()).first()


def address_of(person_id: uuid.UUID) -> str:
    """Where a mail to this person goes: the address of her open account, else the one she gave; empty when none."""
    account = account_of(person_id)
    if account is not None:
        return account.email if account.is_active else ""
    found = person_with(person_id)
    return found.email if found else ""


def roles_of(person_id: uuid.UUID) -> set[Role]:
    return {Role(role) for role in RoleHeld.objects.filter(person=person_id, until=None).values_list("role", flat=True)}


def hours_of_days() -> set[tuple[ZoneInfo, int]]:
    """The zones in which people live here, each with the hours at which mails are wanted in it. Two queries."""
    clinics_of = {clinic.pk: clinic.time_zone for clinic in Clinic.objects.all()}
    rows = Person.objects.order_by().values_list("clinic", "time_zone", "reminder_hour").distinct()
    return {(ZoneInfo(zone or clinics_of[clinic]), hour) for clinic, zone, hour in rows}

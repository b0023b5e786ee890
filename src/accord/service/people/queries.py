"""Reads about people: who asks, who treats whom, who is there.

Those that take an `asker` show only what she may see. The others answer flows and the service itself, never a page.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from accord.service.access.table import ANYBODY, CLINICIANS, STAFF, Action, Asker, Resource, Role
from accord.service.errors import NotNow
from accord.service.people.models import Absence, Account, Accountability, Clinic, Duty, Person, RoleHeld, reach
from accord.service.people.policies import hidden
from accord.service.people.rules.cover import Away, cover_of, covered_by, first_present

# ---------------------------------------------------------------------------------------------------- who asks


def asker_of(account: Account, now: datetime, *, strong: bool = False) -> Asker:
    """The person behind a log-in with the roles she holds now; nobody when the account is closed."""
    if account.person_id is None or not account.is_active:
        return ANYBODY
    return asker_for(account.person_id, now, strong=strong)


def asker_for(person_id: uuid.UUID, now: datetime, *, strong: bool = False) -> Asker:
    """A person as one who asks: her roles, and for whom she stands in. Two queries for staff, one for others."""
    held = RoleHeld.objects.filter(person=person_id, until=None).values_list("role", "clinic_id")
    roles = frozenset((Role(role), clinic) for role, clinic in held)
    clinical = any(role in CLINICIANS for role, _clinic in roles)
    covers = covered_by(person_id, _away(now), now) if clinical else frozenset()
    return Asker(person_id, roles, strong=strong, covers=covers)


def _away(now: datetime) -> list[Away]:
    rows = Absence.objects.filter(since__lte=now, until__gt=now).order_by("made_at", "id")
    return [Away(*row) for row in rows.values_list("person_id", "since", "until", "cover_id")]


# ---------------------------------------------------------------------------------------------------- one person


def person(asker: Asker, person_id: uuid.UUID, action: Action = Action.VIEW) -> Person:
    """A person whose record the asker may see or act on. Raises NotAllowed (404) as for one who does not exist."""
    found = Person.objects.for_(asker, action).select_related("clinic").filter(pk=person_id).first()
    if found is None:
        raise hidden()
    return found


def people(asker: Asker, resource: Resource = Resource.PERSON, action: Action = Action.VIEW) -> list[Person]:
    """Everybody whose `resource` the asker may see, the newest first."""
    return list(Person.objects.for_(asker, action, resource).select_related("clinic").order_by("-made_at", "-id"))


def me(asker: Asker) -> Person:
    """The asker herself. Raises NotAllowed for nobody and for the service."""
    if asker.person_id is None:
        raise hidden()
    return Person.objects.select_related("clinic").get(pk=asker.person_id)


def person_with(person_id: uuid.UUID) -> Person | None:
    """A person by key, for flows and the clock: to address a message, to read a zone."""
    return Person.objects.select_related("clinic").filter(pk=person_id).first()


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


# ---------------------------------------------------------------------------------------------------- clinics


def clinics() -> list[Clinic]:
    """The clinics in the order they opened."""
    return list(Clinic.objects.order_by("opened_at", "id"))


def clinicians_of(clinic_id: uuid.UUID) -> list[Person]:
    """Everybody who may answer for people of a clinic, by when they came."""
    return _holding(clinic_id, CLINICIANS)


def _holding(clinic_id: uuid.UUID, roles: Iterable[Role]) -> list[Person]:
    held = RoleHeld.objects.filter(clinic=clinic_id, until=None, role__in=[str(role) for role in roles])
    rows = Person.objects.filter(pk__in=held.values("person")).exclude(account__is_active=False)
    return list(rows.select_related("clinic").order_by("made_at", "id"))


# ---------------------------------------------------------------------------------------------------- who answers


def accountable_for(person_id: uuid.UUID, now: datetime) -> Person:
    """Who answers for a person at this moment, with leave cover respected: exactly one, whatever happened.

    In order: the accountable clinician or her cover, the clinic's duty clinician or hers, the service lead, a
    supervisor, any clinician. Raises NotNow only when the clinic has no clinician at all.
    """
    return accountable_among([person_id], now)[person_id]


def accountable_among(ids: Collection[uuid.UUID], now: datetime) -> dict[uuid.UUID, Person]:
    """`accountable_for` for many people, in a number of queries that does not grow with them."""
    wanted = dict(Person.objects.filter(pk__in=set(ids)).values_list("pk", "clinic_id"))
    named = dict(Accountability.objects.filter(person__in=wanted, until=None).values_list("person_id", "clinician_id"))
    away = _away(now)
    behind = {clinic: _behind(clinic) for clinic in set(wanted.values())}
    found: dict[uuid.UUID, uuid.UUID] = {}
    for one, clinic in wanted.items():
        candidates, able = behind[clinic]
        chosen = first_present([named.get(one), *candidates], able, away, now)
        if chosen is None:
            raise NotNow(_("Nobody answers for people of this clinic."), cure=_("Set a duty clinician."))
        found[one] = chosen
    people_found = people_with(found.values())
    return {one: people_found[chosen] for one, chosen in found.items()}


def _behind(clinic_id: uuid.UUID) -> tuple[list[uuid.UUID | None], frozenset[uuid.UUID]]:
    """Who stands behind the accountable clinician at a clinic, in order; and who may answer there at all."""
    duty = Duty.objects.filter(clinic=clinic_id, until=None).values_list("person_id", flat=True).first()
    lead = Clinic.objects.values_list("service_lead_id", flat=True).get(pk=clinic_id)
    held = RoleHeld.objects.filter(clinic=clinic_id, until=None, role__in=[str(one) for one in CLINICIANS])
    rows = held.exclude(person__account__is_active=False).order_by("since", "id").values_list("role", "person_id")
    order = {str(Role.SUPERVISOR): 0, str(Role.DUTY_CLINICIAN): 1, str(Role.THERAPIST): 2}
    others = [who for _role, who in sorted(rows, key=lambda row: order[row[0]])]
    return [duty, lead, *others], frozenset(others)


def duty_of(clinic_id: uuid.UUID, now: datetime) -> Person | None:
    """The duty clinician of a clinic, or who covers for her now."""
    duty = Duty.objects.filter(clinic=clinic_id, until=None).values_list("person_id", flat=True).first()
    stand = cover_of(duty, _away(now), now) if duty else None
    return person_with(stand) if stand else None


def accountability(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Accountability]:
    """The open row of each person: who is named (not who covers), since when, why."""
    rows = Accountability.objects.filter(person__in=set(ids), until=None).select_related("clinician")
    return {row.person_id: row for row in rows}


def accountability_history(asker: Asker, person_id: uuid.UUID) -> list[Accountability]:
    """Who answered for a person, from the first to the last."""
    rows = Accountability.objects.filter(reach(asker, Resource.ACCOUNTABILITY, Action.VIEW), person=person_id)
    return list(rows.select_related("clinician").order_by("since", "id"))


def covered(person_id: uuid.UUID, now: datetime) -> Absence | None:
    """The absence of the clinician who is named for a person, while somebody covers for her: who reads until when."""
    named = Accountability.objects.filter(person=person_id, until=None).values("clinician")
    rows = Absence.objects.filter(person__in=named, since__lte=now, until__gt=now)
    return rows.select_related("person", "cover").order_by("-made_at").first()


def own_absences(asker: Asker, now: datetime) -> list[Absence]:
    """When the asker herself is away, now or later, and who covers; the next first."""
    rows = Absence.objects.filter(person=asker.person_id, until__gt=now)
    return list(rows.select_related("person__clinic", "cover").order_by("since", "id"))


def answers_for(clinician_id: uuid.UUID | None) -> int:
    """For how many people a clinician is named."""
    return Accountability.objects.filter(clinician=clinician_id, until=None).count()


# ---------------------------------------------------------------------------------------------------- staff


@dataclass(frozen=True, slots=True)
class StaffRow:
    """A member of staff as the list shows her."""

    person: Person
    roles: tuple[Role, ...]
    on_duty: bool
    answers_for: int
    away_until: datetime | None
    cover: Person | None
    account_open: bool


def staff(asker: Asker, now: datetime) -> list[StaffRow]:
    """The staff of the clinics whose staff list the asker may see. Constant number of queries."""
    scope = reach(asker, Resource.STAFF_LIST, Action.VIEW, person="")
    roles: dict[uuid.UUID, set[Role]] = {}
    held = RoleHeld.objects.filter(until=None, role__in=[str(role) for role in STAFF])
    for who, role in held.values_list("person_id", "role"):
        roles.setdefault(who, set()).add(Role(role))
    rows = Person.objects.filter(scope, pk__in=held.values("person")).select_related("clinic", "account")
    duty = set(Duty.objects.filter(until=None).values_list("person_id", flat=True))
    away = {
        row.person_id: row
        for row in Absence.objects.filter(since__lte=now, until__gt=now).select_related("cover").order_by("made_at")
    }
    counts: dict[uuid.UUID, int] = {}
    for who in Accountability.objects.filter(until=None).values_list("clinician_id", flat=True):
        counts[who] = counts.get(who, 0) + 1
    return [
        StaffRow(
            person=row, roles=tuple(role for role in Role if role in roles[row.pk]), on_duty=row.pk in duty,
            answers_for=counts.get(row.pk, 0), away_until=away[row.pk].until if row.pk in away else None,
            cover=away[row.pk].cover if row.pk in away else None,
            account_open=hasattr(row, "account") and row.account.is_active,
        )
        for row in rows.order_by("made_at", "id")
    ]  # fmt: skip


def hours_of_days() -> set[tuple[ZoneInfo, int]]:
    """The zones in which people live here, each with the hours at which mails are wanted in it. Two queries."""
    clinics_of = {clinic.pk: clinic.time_zone for clinic in Clinic.objects.all()}
    rows = Person.objects.order_by().values_list("clinic", "time_zone", "reminder_hour").distinct()
    return {(ZoneInfo(zone or clinics_of[clinic]), hour) for clinic, zone, hour in rows}

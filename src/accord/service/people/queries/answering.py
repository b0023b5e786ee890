"""Who answers for whom, with leave cover."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from django.utils.translation import gettext as _

from accord.service.access.table import CLINICIANS, Action, Asker, Resource, Role
from accord.service.errors import NotNow
from accord.service.people.models import Absence, Accountability, Clinic, Duty, Person, RoleHeld, reach
from accord.service.people.queries.asking import away_now
from accord.service.people.queries.persons import people_with, person_with
from accord.service.people.rules.cover import cover_of, first_present
from accord.service.people.rules.fitness import DISCHARGED


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
    away = away_now(now)
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
    stand = cover_of(duty, away_now(now), now) if duty else None
    return person_with(stand) if stand else None


def accountability(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Accountability]:
    """The open row of each person: who is named (not who covers), since when, why."""
    rows = Accountability.objects.filter(person__in=set(ids), until=None).prefetch_related("clinician")
    return {row.person_id: row for row in rows}


class Named(NamedTuple):
    """Who is named for somebody (not who covers), since when, why."""

    clinician_id: uuid.UUID
    since: datetime
    reason: str


def named_for(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Named]:
    """As `accountability`, by key, for lists of thousands."""
    rows = Accountability.objects.filter(person__in=set(ids), until=None)
    columns = ("person_id", "clinician_id", "since", "reason")
    return {who: Named(clinician, since, why) for who, clinician, since, why in rows.values_list(*columns)}


def answered_for() -> set[uuid.UUID]:
    """The people for whom somebody is named, and who were not discharged. One query."""
    rows = Accountability.objects.filter(until=None).exclude(reason=DISCHARGED)
    return set(rows.values_list("person_id", flat=True))


def accountability_history(asker: Asker, person_id: uuid.UUID) -> list[Accountability]:
    """Who answered for a person, from the first to the last."""
    rows = Accountability.objects.filter(reach(asker, Resource.ACCOUNTABILITY, Action.VIEW), person=person_id)
    return list(rows.select_related("clinician").order_by("since", "id"))


def covered(person_id: uuid.UUID, now: datetime) -> Absence | None:
    """The absence of the clinician who is named for a person, while somebody covers for her: who reads until when."""
    named = Accountability.objects.filter(person=person_id, until=None).values("clinician")
    rows = Absence.objects.filter(person__in=named, since__lte=now, until__gt=now)
    return rows.select_related("person", "cover").order_by("-made_at").first()


def absences_of(ids: Collection[uuid.UUID], now: datetime) -> list[Absence]:
    """When these members of staff are away, now or later, and who covers; the next first."""
    rows = Absence.objects.to_come(now).filter(person__in=ids)
    return list(rows.select_related("person__clinic", "cover").order_by("since", "id"))


def absence_with(absence_id: uuid.UUID) -> Absence | None:
    """An absence by key; the caller checks whose it is."""
    return Absence.objects.select_related("person__clinic").filter(pk=absence_id).first()


def answers_for(clinician_id: uuid.UUID | None) -> int:
    """For how many people a clinician is named, those who were discharged not counted."""
    return Accountability.objects.filter(clinician=clinician_id, until=None).exclude(reason=DISCHARGED).count()

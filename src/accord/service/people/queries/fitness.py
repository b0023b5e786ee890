"""Who is certified for what, who has a place free, what was done without either (C40)."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from accord.service.access.table import STAFF, Action, Asker, Resource, Role
from accord.service.people.models import (
    Accountability,
    Capacity,
    Certificate,
    Clinic,
    Override,
    Person,
    RoleHeld,
    at_clinics,
)
from accord.service.people.policies import hidden
from accord.service.people.queries.asking import away_from
from accord.service.people.queries.clinics import holding
from accord.service.people.rules.cover import cover_of
from accord.service.people.rules.fitness import PLACE, TREATING, counts, free, runs_out


@dataclass(frozen=True, slots=True)
class Fit:
    """A colleague who could take somebody: her places, and how long she is certified for what is asked."""

    person: Person
    places: int | None  # None: nobody has set them
    people_now: int
    certified: bool
    until: date | None  # the day on which the certificate runs out; None: it has no end, or there is none
    away: bool
    leaves: date | None  # the first day of her next absence; None: none is written down

    @property
    def free(self) -> int | None:
        return free(self.places, self.people_now)

    @property
    def missing(self) -> tuple[str, ...]:
        """What an override is needed for: "certificate", "place", both, or nothing."""
        without = () if self.certified else ("certificate",)
        return (*without, PLACE) if self.free == 0 else without


@dataclass(frozen=True, slots=True)
class CertificateRow:
    """A certificate as the list shows it."""

    certificate: Certificate
    counts: bool  # today
    soon: bool  # it has run out, or does so within 60 days


def therapists(clinic: Clinic, covers: str, now: datetime) -> list[Fit]:
    """The therapists of a clinic as those who could take somebody, who can without a word first, the freest first.

    `covers`: what she must be certified for. Constant number of queries.
    """
    found = holding(clinic.pk, {Role.THERAPIST, Role.SUPERVISOR})
    places, taken = places_of([clinic.pk]), load_of([clinic.pk])
    day = now.astimezone(clinic.zone()).date()
    held = _certified(clinic.pk, covers, day)
    away = away_from(now)
    to_come = sorted(((one.since, one.who) for one in away if one.since > now), reverse=True)
    leaves = {who: since.astimezone(clinic.zone()).date() for since, who in to_come}
    rows = [
        Fit(
            person=one, places=places.get(one.pk), people_now=taken.get(one.pk, 0), certified=one.pk in held,
            until=held.get(one.pk), away=cover_of(one.pk, away, now) != one.pk, leaves=leaves.get(one.pk),
        )
        for one in found
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (len(row.missing), row.away, -(row.free if row.free is not None else 0)))


def _certified(clinic_id: uuid.UUID, covers: str, day: date) -> dict[uuid.UUID, date | None]:
    """Who is certified on this day, each with the latest day on which that ends (None: never)."""
    rows = Certificate.objects.filter(clinic=clinic_id, covers=covers, withdrawn_at=None)
    found: dict[uuid.UUID, date | None] = {}
    for who, given, expires in rows.order_by("made_at", "id").values_list("person_id", "given_on", "expires_on"):
        if not counts(given, expires, day):
            continue
        ends = [found[who], expires] if who in found else [expires]
        found[who] = None if None in ends else max(one for one in ends if one is not None)
    return found


def certified(clinic: Clinic, covers: str, now: datetime) -> set[uuid.UUID]:
    """Who of a clinic is certified for this today."""
    return set(_certified(clinic.pk, covers, now.astimezone(clinic.zone()).date()))


def places_of(clinic_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, int]:
    """How many people each colleague can treat, where somebody has said so."""
    return dict(Capacity.objects.filter(clinic__in=clinic_ids, until=None).values_list("person_id", "places"))


def load_of(clinic_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, int]:
    """How many people each clinician treats now."""
    rows = Accountability.objects.filter(until=None, reason__in=TREATING, person__clinic__in=clinic_ids)
    return dict(rows.order_by().values_list("clinician").annotate(Count("id")))


def has_therapist(person: str = "person") -> Q:
    """The filter for rows of people who have a therapist; `person` is the path to the person, as for `reach`."""
    treated = Accountability.objects.filter(until=None, reason__in=TREATING)
    return Q(**{f"{person}__in": treated.values("person")})


def certificates(asker: Asker, now: datetime, *, person_id: uuid.UUID | None = None) -> list[CertificateRow]:
    """The certificates of whoever works here that she may see and that were not withdrawn, those that run out first;
    of one colleague, all, the newest first."""
    working = RoleHeld.objects.filter(until=None, role__in=[str(role) for role in STAFF])
    rows = Certificate.objects.for_(asker, Action.VIEW).filter(person__in=working.values("person"))
    rows = rows.select_related("person", "clinic")
    if person_id is not None:
        found = [_row(one, now) for one in rows.filter(person=person_id).order_by("-given_on", "-made_at")]
        return found
    shown = [_row(one, now) for one in rows.filter(withdrawn_at=None).order_by("made_at", "id")]
    return sorted(shown, key=lambda row: (not row.soon, row.certificate.expires_on or date.max))


def _row(one: Certificate, now: datetime) -> CertificateRow:
    day = now.astimezone(one.clinic.zone()).date()
    valid = one.withdrawn_at is None and counts(one.given_on, one.expires_on, day)
    return CertificateRow(one, valid, one.withdrawn_at is None and runs_out(one.expires_on, day))


def certificate(asker: Asker, certificate_id: uuid.UUID) -> Certificate:
    """One certificate that she may change. Raises NotAllowed."""
    rows = Certificate.objects.for_(asker, Action.ASSIGN).select_related("person", "clinic")
    found = rows.filter(pk=certificate_id).first()
    if found is None:
        raise hidden()
    return found


def overrides(
    asker: Asker, *, clinician_id: uuid.UUID | None = None, patient_id: uuid.UUID | None = None
) -> list[Override]:
    """What was done without a certificate or a place, the newest first: of a colleague, or about a patient."""
    rows = Override.objects.filter(at_clinics(asker, Resource.CERTIFICATE, Action.VIEW))
    if clinician_id is not None:
        rows = rows.filter(clinician=clinician_id)
    if patient_id is not None:
        rows = rows.filter(patient=patient_id)
    return list(rows.select_related("clinician", "patient").order_by("-at", "-id")[:50])


def missing_in_words(fit: Fit) -> str:
    """Why she can be chosen only with a reason; empty when nothing is missing."""
    said = {"certificate": _("no certificate"), PLACE: _("no free place")}
    return ", ".join(said[one] for one in fit.missing)


def fitness_of(person_id: uuid.UUID, clinic_id: uuid.UUID) -> tuple[set[uuid.UUID], int | None]:
    """The keys of all certificates ever entered for a colleague at a clinic, and her places; for a list brought in."""
    keys = set(Certificate.objects.filter(person=person_id, clinic=clinic_id).values_list("key", flat=True))
    rows = Capacity.objects.filter(person=person_id, clinic=clinic_id, until=None)
    return keys, rows.values_list("places", flat=True).first()

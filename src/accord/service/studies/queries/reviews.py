"""Reading what was counted: the newest review of a clinic under a protocol, the one before it, who signed what."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Max

from accord.service.access.table import Action, Asker
from accord.service.episodes.queries.protocols import protocols_at
from accord.service.outbox.queries import work_about
from accord.service.people.queries import clinics
from accord.service.studies.models import Pseudonym, Review, Signature
from accord.service.studies.policies import may_see_numbers
from accord.service.studies.rules.reviews import COUNT_NUMBERS, MONTH, is_due

if TYPE_CHECKING:
    from accord.service.outbox.models import Work
    from accord.service.people.models import Clinic


@dataclass(frozen=True, slots=True)
class Counted:
    """A clinic and a protocol that people of it are in, or were."""

    clinic: Clinic
    protocol: str


def in_force(asker: Asker) -> list[Counted]:
    """Every clinic whose numbers she may see, with each protocol under which somebody was referred to it."""
    seen = [clinic for clinic in clinics() if may_see_numbers(asker, clinic.pk)]
    protocols = protocols_at([clinic.pk for clinic in seen])
    return [Counted(clinic, name) for clinic in seen for name in sorted(protocols.get(clinic.pk, ()))]


def newest(asker: Asker, clinic_id: uuid.UUID, protocol: str) -> Review | None:
    """The last count that she may see, with the snapshot of the protocol that it was made by."""
    rows = Review.objects.for_(asker, Action.VIEW).filter(clinic=clinic_id, protocol=protocol)
    return rows.select_related("snapshot").order_by("-counted_at", "-id").first()


def before(review: Review) -> Review | None:
    """The count of a month before: the newest that is at least four weeks older."""
    rows = Review.objects.filter(clinic=review.clinic_id, protocol=review.protocol)
    return rows.filter(counted_at__lte=review.counted_at - MONTH).order_by("-counted_at", "-id").first()


def first_counted(review: Review) -> datetime:
    """Since when the numbers of this version of the protocol have been counted here."""
    rows = Review.objects.filter(clinic=review.clinic_id, protocol=review.protocol, snapshot=review.snapshot_id)
    return rows.order_by("counted_at").values_list("counted_at", flat=True).first() or review.counted_at


def signature(clinic_id: uuid.UUID, snapshot_id: uuid.UUID) -> Signature | None:
    return Signature.objects.filter(clinic=clinic_id, snapshot=snapshot_id).first()


def counting(clinic_id: uuid.UUID, protocol: str) -> Work | None:
    """The last job that was to count this; it may wait, run, be done or have failed."""
    rows = work_about(clinic_id).filter(kind=COUNT_NUMBERS, occasion__startswith=f"{protocol}:")
    return rows.order_by("-made_at", "-id").first()


def due(now: datetime) -> list[tuple[uuid.UUID, str]]:
    """What should be counted now: the clinics in whose night it is a quiet hour, once a night."""
    every = clinics()
    rows = Review.objects.values_list("clinic", "protocol").annotate(last=Max("counted_at"))
    last = {(clinic, protocol): at for clinic, protocol, at in rows}
    protocols = protocols_at([clinic.pk for clinic in every])
    return [
        (clinic.pk, name) for clinic in every for name in sorted(protocols.get(clinic.pk, ()))
        if is_due(now, clinic.zone(), last.get((clinic.pk, name)))
    ]  # fmt: skip


def people_behind(study: str, values: Collection[str]) -> dict[str, uuid.UUID]:
    """pseudonym -> person, for who may see both (the caller checks): a colleague's load under her name."""
    rows = Pseudonym.objects.filter(study=study, value__in=values)
    return dict(rows.values_list("value", "person_id"))


def number(review: Review, estimate_id: str) -> dict[str, Any] | None:
    """One number of a review by its id."""
    return next((one for one in review.result.get("estimates", ()) if one["id"] == estimate_id), None)

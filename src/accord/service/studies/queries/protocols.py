"""The protocols of a clinic as a researcher sees them: which version stands, who follows which, what changed."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from accord.science.protocols import Protocol, protocol_hash
from accord.service.access.table import Asker
from accord.service.episodes.queries.bulk import followed
from accord.service.library import queries as library
from accord.service.studies.models import Tally
from accord.service.studies.queries.exports import sees_data_of
from accord.service.studies.rules.versions import changed_clauses

if TYPE_CHECKING:
    from accord.service.people.models import Clinic


@dataclass(frozen=True, slots=True)
class Version:
    """One published version: how many began under it, and what it says otherwise than the one before."""

    snapshot_id: uuid.UUID
    number: int
    sha256: str
    published_at: datetime
    people: int
    changed: tuple[str, ...]
    stands: bool


@dataclass(frozen=True, slots=True)
class InForce:
    """A protocol at a clinic. `versions` are those that people follow, and the one that stands, in their order."""

    clinic: Clinic
    slug: str
    protocol: Protocol
    since: datetime | None
    versions: tuple[Version, ...]
    tally: Tally | None

    @property
    def people(self) -> int:
        return sum(one.people for one in self.versions)

    @property
    def mid_flight(self) -> bool:
        """It changed while people were on it."""
        return sum(one.people > 0 for one in self.versions) > 1


def in_force(asker: Asker) -> list[InForce]:
    """Every protocol under which somebody came to a clinic whose data she may see."""
    clinics = sees_data_of(asker)
    counts = followed([clinic.pk for clinic in clinics])
    tallies = {(row.clinic_id, row.protocol): row for row in Tally.objects.filter(clinic__in=clinics)}
    return [
        _one(clinic, slug, snapshots, tallies.get((clinic.pk, slug)))
        for clinic in clinics
        for slug, snapshots in counts.get(clinic.pk, {}).items()
    ]


def _one(clinic: Clinic, slug: str, counts: dict[uuid.UUID, int], tally: Tally | None) -> InForce:
    stands = library.protocol_snapshot(slug)
    rows = library.snapshots([*counts, stands.pk])
    versions, before = [], None
    for row in rows:
        said = library.protocol(row)
        versions.append(Version(
            row.pk, said.version, protocol_hash(row.source), row.published_at, counts.get(row.pk, 0),
            tuple(changed_clauses(before, said)) if before else (), row.pk == stands.pk,
        ))  # fmt: skip
        before = said
    return InForce(clinic, slug, library.protocol(stands), library.standing_since(slug), tuple(versions), tally)

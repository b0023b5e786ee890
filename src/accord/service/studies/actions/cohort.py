"""The cohort of a service: everybody who came under one protocol at some clinics, as a folder of cohort format 1."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from accord.science.cohort import CohortWriter, Manifest
from accord.science.cohort.manifest import ExtraColumn
from accord.science.protocols import Protocol, protocol_hash
from accord.science.protocols.occasions import occasions
from accord.service.episodes.queries import bulk as episodes
from accord.service.library.queries import protocol as protocol_of
from accord.service.library.queries import protocol_snapshot
from accord.service.people.queries import bulk as people
from accord.service.studies.actions.pseudonyms import draw_pseudonyms
from accord.service.studies.actions.tallies import count_along, keep_tally
from accord.service.studies.queries.cast import Cast, cast, invented, scope_for_answers
from accord.service.studies.queries.frames import empty
from accord.service.studies.queries.tables import common_tables, tables_of
from accord.service.studies.queries.ways import Ways, ways_of_chunk
from accord.service.studies.rules.columns import EXTRA, TABLES
from accord.service.studies.rules.tally import Tally

CHUNK = 1000  # ways in memory at a time
Said = Callable[[str, float], None]  # what is being done, and how much of all is done (0 to 1)


@dataclass(frozen=True, slots=True)
class Made:
    """A cohort that was written: where, of what, how many rows. `protocol_hash` is what its manifest carries."""

    folder: Path
    protocol: Protocol
    protocol_hash: str
    snapshot_id: uuid.UUID
    origin: str
    people: int
    enrolled: int
    rows: dict[str, int]


def make_cohort(
    *,
    protocol: str,
    clinic_ids: Sequence[uuid.UUID],
    out: Path,
    now: datetime,
    kind: str = "parquet",
    force: bool = False,
    said: Said = lambda stage, share: None,
) -> Made:
    """Write the folder `out` as things stood at `now`; who asks was checked, and is audited, by the caller.

    `out` must be new or empty unless `force`; it appears only when it is complete. Pseudonyms that nobody had yet are
    drawn for good; of one clinic the tally of the research pages is kept. The same moment gives the same tables again,
    except that whoever has taken her consent back since is left out. Memory follows `CHUNK`, not the number of people.
    Not for use inside a transaction: it may take minutes.

    Raises NotFound for a protocol that was never published, BadInput for a folder that cannot be written.
    """
    snapshot = protocol_snapshot(protocol)
    described, text_hash = protocol_of(snapshot), protocol_hash(snapshot.source)
    pairs = episodes.ways(protocol, clinic_ids, now)
    staff = people.staff_ever(clinic_ids, now)
    names = draw_pseudonyms(study=protocol, people=[*(who for _, who in pairs), *staff], now=now)
    others = cast(protocol=described, clinic_ids=clinic_ids, staff={who: names[who] for who in staff}, now=now)
    rows: Counter[str] = Counter()
    tally, first = Tally(), None
    with CohortWriter(out, _manifest(others, text_hash, now), force=force, kind=kind) as writer:
        for share, ways in _chunks(pairs, names, described, now):
            said("reading people", share)
            tables = tables_of(ways, others, alerts_before=rows["alerts"])
            writer.append({name: frame for name, frame in tables.items() if frame.height})
            rows.update({name: frame.height for name, frame in tables.items()})
            count_along(tally, ways, tables["scores"])
            first = min([row.referred_at for row in ways.rows] + ([first] if first else []))
        said("writing the codebook", 0.95)
        known = {who: names[who] for _, who in pairs}
        tables = common_tables(others, clinic_ids, known, first)
        writer.append({name: frame for name, frame in tables.items() if frame.height})
        rows.update({name: frame.height for name, frame in tables.items()})
        writer.append(empty([name for name in TABLES if not rows[name]], others.background))
        writer.close(n=tally.enrolled.total())
    if len(clinic_ids) == 1:
        keep_tally(clinic_id=clinic_ids[0], protocol=protocol, tally=tally, now=now)
    said("done", 1.0)
    return Made(
        out, described, text_hash, snapshot.pk, writer.manifest.origin, rows["participants"], tally.enrolled.total(),
        {name: rows[name] for name in TABLES},
    )  # fmt: skip


def _chunks(
    pairs: Sequence[tuple[uuid.UUID, uuid.UUID]], names: Mapping[uuid.UUID, str], protocol: Protocol, now: datetime
) -> Iterator[tuple[float, Ways]]:
    """The ways, a thousand at a time, in the order of the pseudonyms: the order in which people came is not told."""
    ordered = sorted(pairs, key=lambda pair: names[pair[1]])
    scope = scope_for_answers(protocol)
    for begin in range(0, len(ordered), CHUNK):
        part = ordered[begin : begin + CHUNK]
        hers = {who: names[who] for _, who in part}
        ways = ways_of_chunk(protocol=protocol.slug, wanted=[one for one, _ in part], names=hers, scope=scope, now=now)
        yield 0.9 * begin / len(ordered), ways


def _manifest(others: Cast, text_hash: str, now: datetime) -> Manifest:
    described = others.protocol
    columns = {f"participants.{one.name}": ExtraColumn(meaning=one.meaning, unit=one.unit) for one in others.background
               if one.name not in ("age", "gender")}  # fmt: skip
    columns |= {name: ExtraColumn(meaning=meaning) for name, meaning in EXTRA.items()}
    return Manifest(
        origin="simulated" if invented() else "real", title=described.title, protocol=described.slug,
        protocol_version=described.version, protocol_hash=text_hash, made_on=f"{now:%Y-%m-%d}",
        counted_on=f"{now:%Y-%m-%d}", made_from=["accord export"],
        time_points=[one.name for one in occasions(described)], columns=columns,
    )  # fmt: skip

"""A protocol becomes an invented cohort: in memory, or chunk by chunk.

People come in chunks of fixed size; chunk i draws from streams of its own, so a cohort of a million people is the same
whether its chunks are made one after the other, alone, or in any order.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import lru_cache
from pathlib import Path

import polars as pl

from accord.science.cohort import Cohort, ExtraColumn, Manifest
from accord.science.cohort.tables import TABLES
from accord.science.errors import BadInput
from accord.science.protocols import Protocol
from accord.science.simulation.background import background_of
from accord.science.simulation.cast import Cast, make_cast
from accord.science.simulation.chunk import make_chunk
from accord.science.simulation.columns import pseudonyms
from accord.science.simulation.design import Design, design_of
from accord.science.simulation.tables_measured import measurements_table, recorded_tables
from accord.science.simulation.tables_people import (
    allocation_table,
    deviations_table,
    events_table,
    participants_table,
    reference_table,
    refused,
)
from accord.science.simulation.tables_scores import costs_table, guesses, scores_table
from accord.science.simulation.tables_service import (
    alerts_table,
    complaints_table,
    of_service,
    replies_table,
    rescues_table,
    with_load,
)
from accord.science.simulation.tables_treatment import (
    cluster_names,
    contacts,
    contacts_table,
    groups_table,
    lessons_table,
    meetings,
    reading,
    sessions_table,
    therapists_table,
)
from accord.science.simulation.truth import true_values

CHUNK = 20_000
MOST_PEOPLE = 5_000_000


def simulate(
    protocol: Protocol,
    *,
    n: int,
    seed: int,
    protocol_hash: str | None = None,
    site: Path | None = None,
    truth: bool = True,
    tables: Collection[str] | None = None,
) -> Cohort:
    """An invented cohort of `n` enrolled people; the same protocol, n and seed give the same cohort, bytes included.

    More people are referred than enrolled (E4). `truth` (docs/explanation/simulation.md) costs about a second for a
    protocol that was not simulated before in this process. `tables` makes these only, each the same as in the whole
    cohort, for thousands of trials of which only the primary analysis is wanted.

    Raises BadInput for a protocol without `simulate:` and for n outside 1 … 5,000,000, BadContent when `simulate:`
    names what the protocol does not have.
    """
    design = design_of(protocol, site=site)
    parts: dict[str, list[pl.DataFrame]] = {}
    for made in simulate_chunks(protocol, n=n, seed=seed, site=site, tables=tables):
        for name, frame in made.items():
            parts.setdefault(name, []).append(frame)
    whole = {
        name: parts[name][0] if len(parts[name]) == 1 else pl.concat(parts[name]) for name in TABLES if name in parts
    }
    manifest = manifest_of(design, n=n, seed=seed, protocol_hash=protocol_hash)
    return Cohort(manifest, whole, truth=true_values(design) if truth else {}, site=site)


def simulate_chunks(
    protocol: Protocol, *, n: int, seed: int, site: Path | None = None, first: int = 0, last: int | None = None,
    tables: Collection[str] | None = None,
) -> Iterator[dict[str, pl.DataFrame]]:  # fmt: skip
    """The tables of the same cohort, 20,000 enrolled people at a time; `first` and `last` (not included) pick some."""
    design = design_of(protocol, site=site)
    check_size(n, seed)
    cast = make_cast(design, n, seed)
    for number in range(first, chunk_count(n) if last is None else min(last, chunk_count(n))):
        yield chunk_tables(design, cast, min(CHUNK, n - number * CHUNK), seed, number, tables)


def chunk_count(n: int) -> int:
    return -(-n // CHUNK)


def check_size(n: int, seed: int) -> None:
    """Raises BadInput for a number of people that makes no sense."""
    if n < 1:
        raise BadInput(f"A cohort of {n} people cannot be simulated.", cure="Give -n at least 1.")
    if n > MOST_PEOPLE:
        raise BadInput(
            f"{n:,} people are more than the {MOST_PEOPLE:,} that fit one cohort.", cure="Simulate several cohorts."
        )
    if seed < 0:
        raise BadInput(f"The seed {seed} is negative.", cure="Give a whole number from 0 on.")


def chunk_tables(
    design: Design, cast: Cast, n: int, seed: int, number: int, only: Collection[str] | None = None
) -> dict[str, pl.DataFrame]:
    """The tables of one chunk. The first also brings what belongs to the whole cohort: therapists, reference group.

    Tables draw from streams of their own and in this order; `only` leaves out the making of the others.
    """
    chunk = make_chunk(design, cast, n, seed, number)
    people, course = chunk.people, chunk.course
    ids, names = pseudonyms(seed, number, 0, n), cluster_names(cast, people)
    others = refused(design, people, seed)
    held = meetings(design, people, course, seed)
    reference = reference_table(design, seed) if number == 0 else None
    guesses(design, people, chunk.scores, seed)
    scores = lru_cache(maxsize=1)(lambda: scores_table(design, people, course, ids, chunk.scores, chunk.answered))
    makers: dict[str, Callable[[], pl.DataFrame | None]] = {
        "participants": lambda: _with(participants_table(design, cast, people, others, ids, names, seed), reference),
        "events": lambda: events_table(design, people, others, course, ids, chunk.scores, seed),
        "allocation": lambda: allocation_table(design, people, course, ids, number * CHUNK),
        "scores": scores,
        "sessions": lambda: sessions_table(people, held, ids, names, seed) if len(held.person) else None,
        "contacts": lambda: contacts_table(people, contacts(design, people, course, held, seed), ids, names),
        "lessons": lambda: lessons_table(
            design, people, course, reading(design, people, course, chunk.severities, seed), ids, seed
        ),
        "groups": lambda: groups_table(design, cast, people, names),
        "therapists": lambda: therapists_table(design, cast, names[0], seed) if number == 0 else None,
        "measurements": lambda: measurements_table(design, people, course, ids, reference, seed),
        "deviations": lambda: deviations_table(people, course, ids, seed),
        "costs": lambda: costs_table(design, scores()),
    }
    if of_service(design):
        load = makers["therapists"]
        makers |= {
            "therapists": lambda: with_load(load(), seed),
            "alerts": lambda: alerts_table(design, people, course, ids, chunk.scores, seed),
            "replies": lambda: replies_table(people, course, ids, seed),
            "rescues": lambda: rescues_table(people, course, ids, seed),
            "complaints": lambda: complaints_table(people, ids, seed),
        }
    wanted = {name: make() for name, make in makers.items() if only is None or name in only}
    if only is None or {"recordings", "synchrony"} & set(only):
        wanted |= recorded_tables(design, people, course, ids, names[0], chunk.scores, seed)
    return {name: _plain(frame) for name, frame in wanted.items() if frame is not None}


def _with(frame: pl.DataFrame, more: pl.DataFrame | None) -> pl.DataFrame:
    if more is None:
        return frame
    return pl.concat([_plain(frame), _plain(more)], how="diagonal_relaxed").sort("participant")


def _plain(frame: pl.DataFrame) -> pl.DataFrame:
    """Words as text: enumerations of different chunks would not fit together."""
    return frame.with_columns(pl.col(pl.Enum, pl.Categorical).cast(pl.String))


def manifest_of(design: Design, *, n: int, seed: int, protocol_hash: str | None) -> Manifest:
    """What `cohort.json` says: invented, from which protocol, with which seed."""
    protocol = design.protocol
    extras: Mapping[str, ExtraColumn] = {
        f"participants.{variable.name}": ExtraColumn(meaning=variable.meaning, unit=variable.unit)
        for variable in background_of(protocol, site=design.site).asked
        if TABLES["participants"].column(variable.name) is None
    }
    return Manifest(
        origin="simulated", title=f"Invented cohort: {protocol.title}", protocol=protocol.slug,
        protocol_version=protocol.version, protocol_hash=protocol_hash,
        made_from=[f"accord simulate {protocol.slug} -n {n} --seed {seed}"], seed=seed, n=n,
        time_points=[occasion.name for occasion in design.occasions], columns=dict(extras),
    )  # fmt: skip

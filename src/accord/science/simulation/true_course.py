"""True shares of the funnel and true minutes: counted in simulated people, since they are about what happens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from accord.science.conditions import decide_column
from accord.science.estimates import ids
from accord.science.simulation.cast import make_cast
from accord.science.simulation.chunk import Chunk, make_chunk
from accord.science.simulation.course import NEVER
from accord.science.simulation.design import Design
from accord.science.simulation.tables_treatment import MODES, Meetings, contacts, meetings, reading

Array = NDArray[Any]
SEED, PEOPLE, CHUNKS = 40_711, 20_000, 2


def course_truths(design: Design) -> Iterator[tuple[str, float]]:
    """`funnel.<stage>` and `minutes.<mode>`."""
    if not design.protocol.stages and not design.simulate.minutes:
        return
    cast = make_cast(design, PEOPLE * CHUNKS, SEED)
    facts, minutes = [], []
    for number in range(CHUNKS):
        chunk = make_chunk(design, cast, PEOPLE, SEED, number, concealed=False)
        held = meetings(design, chunk.people, chunk.course, SEED)
        facts.append(_facts(design, chunk, held))
        if design.simulate.minutes:
            minutes.append(_minutes(design, chunk, held))
    if design.protocol.stages:
        yield from _funnel(design, pl.concat(facts))
    if minutes:
        by_mode = np.concatenate(minutes)
        for place, mode in enumerate(MODES):
            if by_mode[:, place].any():
                yield ids.minutes(mode), float(by_mode[:, place].mean())
        yield ids.minutes("all"), float(by_mode.sum(axis=1).mean())


def _minutes(design: Design, chunk: Chunk, held: Meetings) -> Array:
    """Minutes by person who started and mode."""
    made = contacts(design, chunk.people, chunk.course, held, SEED)
    flat = np.bincount(made.person * len(MODES) + made.mode, made.minutes, minlength=chunk.people.n * len(MODES))
    return flat.reshape(-1, len(MODES))[chunk.course.started]


def _facts(design: Design, chunk: Chunk, held: Meetings) -> pl.DataFrame:
    """The facts that rules over people may read (protocols/facts.py), of the enrolled."""
    course, n = chunk.course, chunk.people.n
    read = reading(design, chunk.people, course, chunk.severities, SEED)
    attended = np.bincount(held.person[held.attended], minlength=n)
    columns: dict[str, Array] = {
        "started": course.started, "lessons_opened": read.opened.astype(float),
        "lessons_completed": read.completed.astype(float), "lessons_total": np.maximum(read.offered, 1).astype(float),
        "sessions_attended": attended.astype(float), "sessions_planned": course.sessions.astype(float),
        "withdrawn": np.asarray(course.left != -NEVER), "allocated": np.full(n, design.protocol.allocation is not None),
        **{name: np.ones(n, bool) for name in ("referred", "eligible", "enrolled")},
    }  # fmt: skip
    patient = np.array([design.constructs[c].informant == "patient" for c in design.of_construct])
    for o, occasion in enumerate(design.occasions):
        cells = patient & (design.of_occasion == o)
        columns[f"answered_{occasion.name}"] = np.asarray(chunk.course.answered[:, cells].any(axis=1))
    return pl.DataFrame(columns)


def _funnel(design: Design, facts: pl.DataFrame) -> Iterator[tuple[str, float]]:
    """Shares of the stage before. Who was never enrolled counts by the shares of the funnel itself."""
    funnel = design.simulate.funnel
    kept = (1 - funnel.get("ineligible", 0.0)) * (1 - funnel.get("declines", 0.0))
    outside = {
        "eligible": (1 - funnel.get("ineligible", 0.0)) * funnel.get("declines", 0.0),
        "neither": funnel.get("ineligible", 0.0),
    }
    weights = {"enrolled": kept, **outside}
    reached: dict[str, dict[str, Array]] = {}
    before: str | None = None
    for name, stage in design.protocol.stages.items():
        met = {kind: _met(stage.rule, facts, kind) for kind in weights}
        of = stage.of or before
        base = reached[of] if of else {kind: np.ones(len(rows), bool) for kind, rows in met.items()}
        both: dict[str, Array] = {kind: np.logical_and(met[kind], base[kind]) for kind in weights}
        reached[name] = both
        whole = sum(weights[kind] * float(base[kind].mean()) for kind in weights)
        if of and whole > 0:
            yield ids.funnel(name), sum(weights[kind] * float(reached[name][kind].mean()) for kind in weights) / whole
        before = name


def _met(rule: str, facts: pl.DataFrame, kind: str) -> Array:
    """Whether a rule is met: by each enrolled person, or by somebody who was refused or declined."""
    if kind != "enrolled":
        nothing = {name: [False] if facts[name].dtype == pl.Boolean else [0.0] for name in facts.columns}
        facts = pl.DataFrame(nothing | {"referred": [True], "eligible": [kind == "eligible"]})
    met: Array = decide_column(rule, facts).fill_null(False).to_numpy()
    return met

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
from accord.science.simulation.course import NEVER, treats
from accord.science.simulation.design import Design
from accord.science.simulation.tables_treatment import MODES, Meetings, contacts, meetings, meets, modes_of, reading
from accord.science.simulation.true_lines import days_left, stay_truths

Array = NDArray[Any]
SEED, PEOPLE, CHUNKS = 40_711, 20_000, 2


def course_truths(design: Design) -> Iterator[tuple[str, float]]:
    """`funnel.<stage>`, `minutes.<mode>` and `stay.<time-point>`."""
    told = "time-to-drop-out" in design.protocol.analysis.also
    if not design.protocol.stages and not design.simulate.minutes and not told:
        return
    cast = make_cast(design, PEOPLE * CHUNKS, SEED)
    facts, minutes, arms, left = [], [], [], []
    for number in range(CHUNKS):
        chunk = make_chunk(design, cast, PEOPLE, SEED, number, concealed=False)
        held = meetings(design, chunk.people, chunk.course, SEED)
        facts.append(_facts(design, chunk, held))
        minutes.append(_minutes(design, chunk, held))
        arms.append(chunk.people.arm)
        left.append(days_left(design, chunk.people.arm, chunk.course))
    if told:
        yield from stay_truths(design, np.concatenate(arms), np.concatenate(left))
    if design.protocol.stages:
        yield from _funnel(design, pl.concat(facts))
    by_mode = np.mean(minutes, axis=0)
    for place, mode in enumerate(MODES):
        if by_mode[place]:
            yield ids.minutes(mode), float(by_mode[place])
    if by_mode.any():
        yield ids.minutes("all"), float(by_mode.sum())


def _minutes(design: Design, chunk: Chunk, held: Meetings) -> Array:
    """Mean minutes of who started, by mode: counted where sessions are held, as stated where they are not."""
    started = chunk.course.started
    made = contacts(design, chunk.people, chunk.course, held, SEED)
    total = np.zeros(len(MODES))
    for number, (name, arm) in enumerate(design.protocol.arms.items()):
        share = _share_of_started(design, name)
        if meets(arm):
            here = started & (chunk.people.arm == number)
            rows = here[made.person]
            counted = np.bincount(made.mode[rows], made.minutes[rows], minlength=len(MODES))
            total += share * counted / max(int(here.sum()), 1)
        else:
            for mode, said in modes_of(design, arm):
                total[MODES.index(mode)] += share * said.mean
    return total


def _share_of_started(design: Design, arm: str) -> float:
    """The share of the arm among people who start: arms that treat, in the protocol's proportions."""
    allocation = design.protocol.allocation
    weights = {name: (allocation.ratio.get(name, 0) if allocation else 1) * treats(one)
               for name, one in design.protocol.arms.items()}  # fmt: skip
    return weights[arm] / max(sum(weights.values()), 1)


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

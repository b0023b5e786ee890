"""What is true in the people that a protocol describes, under the ids that an analysis reports.

docs/explanation/simulation.md says what each id means. Everything is counted in a large complete population: 200,000
people in 10,000 therapists' hands, each with the outcome she would have in every arm, half of them the mirror image of
the other half (which takes most of the chance out of means). What happened rather than what would have been answered
(funnel, minutes) is counted in 40,000 simulated people.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from accord.science.estimates import ids
from accord.science.protocols.model import Contrast, Protocol
from accord.science.simulation.design import Design
from accord.science.simulation.population import EVERYBODY, Population, make_population, outcomes, sides
from accord.science.simulation.tables_measured import marker_change
from accord.science.simulation.true_associations import association_truths
from accord.science.simulation.true_course import course_truths
from accord.science.simulation.true_lines import counted_truths, slope_truths
from accord.science.simulation.true_service import service_truths
from accord.science.simulation.true_shares import responder_truths, variance_truths

_KNOWN: dict[tuple[str, Path | None], dict[str, float]] = {}


def true_values(design: Design) -> dict[str, float]:
    """The truth of a protocol (of a design from `design_of`); computed once in a process for the same content."""
    key = design.key, design.site
    if key not in _KNOWN:
        _KNOWN[key] = dict(sorted(_truths(design)))
    return dict(_KNOWN[key])


def _truths(design: Design) -> Iterator[tuple[str, float]]:
    protocol = design.protocol
    population = make_population(protocol, design)
    yield from change_truths(population)
    yield from variance_truths(population)
    yield from responder_truths(population)
    yield from association_truths(population)
    yield from marker_truths(design)
    yield from slope_truths(population)
    yield from counted_truths(design)
    yield from course_truths(population.design)
    yield from service_truths(design)


# --- change and contrasts ---------------------------------------------------------------------------------------------


def change_truths(population: Population) -> Iterator[tuple[str, float]]:
    """`change`, `g`, `contrast` and `contrast_g` of every endpoint's scale at each of its later occasions."""
    design = population.design
    for construct in outcomes(design):
        ref, (first, *later) = design.constructs[construct].ref, design.cells_of(construct)
        for cell in later:
            o = design.cells[cell].occasion
            at, sd = design.occasions[o].name, float(population.own[population.due(o), first].std())
            if not sd > 0:
                continue
            changes = {arm: population.counted[arm, cell].mean for arm in population.arms_at(o)}
            yield from _change(ref, at, None, population.counted[EVERYBODY, cell].mean, sd)
            for arm, change in changes.items() if len(design.arms) > 1 else ():
                yield from _change(ref, at, arm, change, sd)
            for name, contrast in design.protocol.endpoints.contrasts.items():
                difference = _difference(design.protocol, contrast, changes)
                if difference is not None:
                    yield ids.contrast(ref, at, name), difference
                    yield ids.contrast_g(ref, at, name), difference / sd


def _change(ref: str, at: str, arm: str | None, change: float, sd: float) -> Iterator[tuple[str, float]]:
    yield ids.change(ref, at, arm), change
    yield ids.change_g(ref, at, arm), change / sd


def _difference(protocol: Protocol, contrast: Contrast, changes: dict[str, float]) -> float | None:
    first, second = sides(protocol, contrast)
    if not first or not second or not {*first, *second} <= set(changes):
        return None
    return float(np.mean([changes[arm] for arm in first]) - np.mean([changes[arm] for arm in second]))


def marker_truths(design: Design) -> Iterator[tuple[str, float]]:
    """Differences of mean logarithms: exact, from the block itself."""
    for name, clause in design.protocol.endpoints.biomarkers.items():
        said = design.simulate.biomarkers.get(name)
        if said is None:
            continue
        for at in clause.at:
            if at not in said.change:
                continue
            changes = {arm: said.log_sd * marker_change(said, at, arm) for arm in design.arms}
            weights = design.protocol.allocation.ratio if design.protocol.allocation else dict.fromkeys(changes, 1)
            whole = sum(weights.values())
            yield ids.marker(name, at), math.fsum(changes[arm] * weights.get(arm, 0) / whole for arm in changes)
            for contrast_name, contrast in design.protocol.endpoints.contrasts.items():
                difference = _difference(design.protocol, contrast, changes)
                if difference is not None:
                    yield ids.marker(name, at, contrast_name), difference

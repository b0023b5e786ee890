"""True associations: the regressions of docs/explanation/simulation.md in the complete population."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.science.estimates import ids
from accord.science.simulation.design import Link
from accord.science.simulation.population import Population

Array = NDArray[Any]


def association_truths(population: Population) -> Iterator[tuple[str, float]]:
    """`association.<name>.<part>` for every association of the protocol that can be computed."""
    for link in population.design.links:
        yield from _forward(population, link)
        if link.clause.reverse and len(link.later) == len(link.at) > 1:
            yield from _reverse(population, link)


def _value(population: Population, construct: int, occasion: int) -> Array | None:
    """Scores turned so that higher is better, in everybody's own arm; None where they are not asked."""
    cell = population.design.cell(construct, occasion)
    if cell is None:
        return None
    return (population.design.constructs[construct].shape.sign or 1) * population.own[:, cell]


def _before(population: Population, link: Link, occasion: int) -> Array | None:
    """The outcome at the predictor's occasion, or at baseline where it was not asked then."""
    now = _value(population, link.outcome, occasion)
    if now is not None:
        return now
    first = population.design.cells[population.design.cells_of(link.outcome)[0]].occasion
    return _value(population, link.outcome, first)


def _members(population: Population, link: Link) -> Array:
    """Who has predictor and outcome: who started, in an arm where both are asked."""
    design = population.design
    here = population.due(link.at[0]) & population.due(link.later[0])
    arms = set(design.occasions[link.at[0]].arms) & set(design.occasions[link.later[0]].arms)
    if design.constructs[link.predictor].informant in ("member", "leader"):
        arms &= {name for name, arm in design.protocol.arms.items() if arm.format == "group"}
    return here & np.isin(population.arm, [place for place, arm in enumerate(design.arms) if arm in arms])


def _sd(values: Array | None, here: Array) -> float:
    return float(values[here].std()) if values is not None else float("nan")


def _forward(population: Population, link: Link) -> Iterator[tuple[str, float]]:
    here = _members(population, link)
    x = [_value(population, link.predictor, o) for o in link.at]
    if any(one is None for one in x) or not here.any():
        return
    predictor = np.column_stack([one[here] for one in x if one is not None])
    first = population.design.cells[population.design.cells_of(link.outcome)[0]].occasion
    scale = _sd(x[0], here) / _sd(_value(population, link.outcome, first), here)
    later = [_value(population, link.outcome, o) for o in link.later]
    if any(one is None for one in later):
        return
    before = [_before(population, link, o) for o in link.at]
    outcome = np.column_stack([one[here] for one in later if one is not None])
    start = np.column_stack([one[here] for one in before if one is not None])
    if len(link.later) == len(link.at) > 1:
        within, between = _stacked(outcome - start, start, predictor)
        parts = {"within": within, "between": between}
    else:
        y0 = start[:, -1]
        X = np.column_stack([np.ones(len(y0)), y0, predictor.mean(axis=1)])
        parts = {"between": float(np.linalg.lstsq(X, outcome[:, 0] - y0, rcond=None)[0][2])}
    for part, slope in parts.items():
        if part in link.clause.parts:
            yield ids.association(link.name, part), slope * scale


def _reverse(population: Population, link: Link) -> Iterator[tuple[str, float]]:
    """The process measure later, on the outcome before."""
    here = _members(population, link)
    x_before = [_value(population, link.predictor, o) for o in link.at]
    x_later = [_value(population, link.predictor, o) for o in link.later]
    y = [_before(population, link, o) for o in link.at]
    if any(one is None for one in (*x_before, *x_later, *y)) or not here.any():
        return
    start, end, outcome = (
        np.column_stack([one[here] for one in part if one is not None]) for part in (x_before, x_later, y)
    )
    first = population.design.cells[population.design.cells_of(link.outcome)[0]].occasion
    scale = _sd(_value(population, link.outcome, first), here) / _sd(x_before[0], here)
    within, between = _stacked(end - start, start, outcome)
    for part, slope in (("within", within), ("between", between)):
        if part in link.clause.parts:
            yield ids.association(link.name, f"reverse_{part}"), slope * scale


def _stacked(change: Array, start: Array, predictor: Array) -> tuple[float, float]:
    """Slopes of the deviation from the own mean and of the own mean, occasions stacked, an intercept for each."""
    n, occasions = change.shape
    mean = predictor.mean(axis=1, keepdims=True)
    columns = [np.repeat(np.eye(occasions), n, axis=0), start.T.reshape(-1, 1), (predictor - mean).T.reshape(-1, 1),
               np.tile(mean, (occasions, 1))]  # fmt: skip
    slopes = np.linalg.lstsq(np.hstack(columns), change.T.ravel(), rcond=None)[0]
    return float(slopes[-2]), float(slopes[-1])

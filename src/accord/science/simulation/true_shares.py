"""True shares: of the variance between clusters, and of people who improve."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.science.estimates import ids
from accord.science.simulation.population import EVERYBODY, SITE, Population, outcomes

Array = NDArray[Any]
_IDS = {
    "responders": ids.responders, "reliably_improved": ids.reliably_improved, "reliably_worse": ids.reliably_worse,
}  # fmt: skip


def responder_truths(population: Population) -> Iterator[tuple[str, float]]:
    """`responders`, `reliably_improved`, `reliably_worse` of every endpoint's scale, by arm and in all."""
    design = population.design
    arms: list[str | None] = [EVERYBODY, *(design.arms if len(design.arms) > 1 else [])]
    for construct in outcomes(design):
        for cell in design.cells_of(construct)[1:]:
            at = design.occasions[design.cells[cell].occasion].name
            for arm in arms:
                counted = population.counted.get((arm, cell))
                for kind, (people, of) in counted.shares.items() if counted else ():
                    yield _IDS[kind](design.constructs[construct].ref, at, arm), people / of


def variance_truths(population: Population) -> Iterator[tuple[str, float]]:
    """`icc` of every level that the protocol's `variance` names."""
    design = population.design
    for clause in design.protocol.endpoints.variance:
        place, o = design.construct(clause.scale, "patient"), design.occasion(clause.at)
        later = design.cell(place, o) if place is not None and o is not None else None
        if place is None or o is None or later is None:
            continue
        formats = np.array([arm.format == "group" for arm in design.protocol.arms.values()])
        grouped = formats[population.arm]
        if clause.arm:
            grouped = np.full(len(population), formats[design.arms.index(clause.arm)])
        residual = _residual(population, design.cells_of(place)[0], later, clause.arm, o)
        for level, share in _shares(population, residual, grouped, list(clause.levels)):
            yield ids.share(level, clause.scale, clause.at, clause.arm), share


def _residual(population: Population, first: int, later: int, arm: str | None, occasion: int) -> Array:
    """Residuals of the value from baseline and arm; NaN for whom it is not due."""
    due = population.due(occasion)
    if arm is not None:
        x, y = population.kept[arm, first], population.kept[arm, later]
        columns = [np.ones(len(y)), x]
    else:
        x, y = population.own[:, first], population.own[:, later]
        here = [population.design.arms.index(name) for name in population.arms_at(occasion)]
        due = due & np.isin(population.arm, here)
        columns = [x, *((population.arm == place).astype(float) for place in here)]
    X = np.column_stack(columns)
    beta = np.linalg.lstsq(X[due], y[due], rcond=None)[0]
    return np.where(due, y - X @ beta, np.nan)


def _shares(population: Population, residual: Array, grouped: Array, levels: list[str]) -> Iterator[tuple[str, float]]:
    known = np.isfinite(residual)
    e, total = np.where(known, residual, 0.0), float(np.nanmean(residual**2))
    # Who is treated alone is a group of her own.
    group = np.where(grouped, population.group, population.group.max() + 1 + np.arange(len(e)))
    pairs_group, sum_group = _pairs(e, known, group)
    pairs_therapist, sum_therapist = _pairs(e, known, population.therapist)
    pairs_site, sum_site = _pairs(e, known, np.arange(len(e)) // SITE)
    between = (sum_therapist - sum_group) / (pairs_therapist - pairs_group)
    site = (sum_site - sum_therapist) / (pairs_site - pairs_therapist)
    if "site" in levels:
        yield "site", site / total
    if "therapist" in levels:
        yield "therapist", (between - (site if "site" in levels else 0.0)) / total
    if "group" in levels and pairs_group:
        within = sum_group / pairs_group
        yield "group", (within - (between if "therapist" in levels else 0.0)) / total


def _pairs(e: Array, known: Array, cluster: Array) -> tuple[float, float]:
    """Number of ordered pairs within clusters, and the sum of their products."""
    _, code = np.unique(cluster, return_inverse=True)
    sums, counts = np.bincount(code, e), np.bincount(code, known.astype(float))
    return float((counts * (counts - 1)).sum()), float((sums**2).sum() - (e**2).sum())

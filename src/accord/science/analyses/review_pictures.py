"""The pictures of a review: forest with prediction interval, cumulative, leave-one-out, funnel, bubbles."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from accord.science.analyses.pooling import PooledStudies
from accord.science.errors import NotEstimable
from accord.science.figures import Bubble, Bubbles, ContourFunnel, Forest, ForestRow, FunnelPoint, LinePoint
from accord.science.figures.numbers import number
from accord.science.synthesis import Pooled, ThreeLevel, cumulative, trim_and_fill
from accord.science.synthesis.batch import PooledRows

_YEAR = re.compile(r"\b(?:19|20)\d\d")
_STEPS = 25  # points of a fitted line


def measure_words(found: PooledStudies) -> str:
    measure = found.studies.effects.measure
    return f"{measure.label}, {measure.unit}"


def _sided(picture: Forest, found: PooledStudies) -> Forest:
    """Which side is better is known only where effects were turned by a direction."""
    turned = any("benefit of the first group" in note for note in found.studies.effects.notes)
    return replace(picture, left="favours second" if turned else "", right="favours first" if turned else "")


def forest(found: PooledStudies) -> Forest:
    """Every study (by group where there are groups), the pooled effect, and the prediction interval."""
    words = measure_words(found)
    pooled, groups = found.pooled, found.groups
    picture = groups.plot(measure=words) if groups is not None else pooled.plot(measure=words)
    rows = _with_risk(list(picture.rows), found)
    if math.isfinite(pooled.pi_low):
        label = f"{100 * pooled.level:g} % prediction interval"
        rows.append(ForestRow(label, pooled.estimate, pooled.pi_low, pooled.pi_high, kind="prediction"))
    said = f"{pooled.k} effects. Pooled {number(pooled.estimate)}, from {number(pooled.ci_low)} to "
    return _sided(replace(picture, rows=rows, description=f"{said}{number(pooled.ci_high)}."), found)


def _with_risk(rows: list[ForestRow], found: PooledStudies) -> list[ForestRow]:
    """The rows of the studies with their risk of bias, in the order in which the forest shows them."""
    pooled = found.pooled
    if not found.plan.rob or isinstance(pooled, ThreeLevel):
        return rows
    words = found.studies.words(found.plan.rob)
    order = np.arange(pooled.k) if found.groups is None else np.argsort(found.groups.member, kind="stable")
    risks = iter([words[row] or "" for row in pooled.effects.kept[order].tolist()])
    return [replace(row, risk=next(risks)) if row.kind == "estimate" else row for row in rows]


def left_out(rows: PooledRows, found: PooledStudies) -> Forest:
    """The pool without each study, and with all."""
    picture = rows.plot(measure=measure_words(found))
    pooled = found.pooled
    whole = ForestRow("all studies", pooled.estimate, pooled.ci_low, pooled.ci_high, kind="summary")
    return _sided(replace(picture, rows=[*picture.rows, whole]), found)


def by_year(found: PooledStudies) -> Forest | None:
    """The pool as it grew, where every study has a year: in a column `year`, or in its name."""
    pooled = found.pooled
    if isinstance(pooled, ThreeLevel) or found.plan.mods or pooled.k < 2:
        return None
    years = _years(found, pooled)
    if years is None or len(set(years)) < 2:
        return None
    rows = cumulative(pooled, years)
    order = np.argsort(years, kind="stable")
    labels = [
        label if str(int(years[place])) in label else f"{label}, {int(years[place])}"
        for label, place in zip(rows.labels, order.tolist(), strict=True)
    ]
    picture = rows.plot(measure=measure_words(found))
    named = [replace(row, label=label) for row, label in zip(picture.rows, labels, strict=True)]
    return _sided(replace(picture, rows=named), found)


def _years(found: PooledStudies, pooled: Pooled) -> list[float] | None:
    studies, kept = found.studies, pooled.effects.kept
    column = next((name for name in studies.source.frame.columns if name.lower() == "year"), None)
    if column is not None:
        values = studies.values(column)
        return values[kept].tolist() if values.dtype.kind == "f" and np.isfinite(values[kept]).all() else None
    written = [_YEAR.search(label) for label in pooled.labels]
    return [float(match[0]) for match in written if match] if all(written) else None


def small_studies(found: PooledStudies) -> ContourFunnel:
    """The funnel with the studies that trim and fill adds, where it can be had."""
    effects, pooled = found.studies.effects, found.pooled
    there = np.isfinite(effects.yi) & np.isfinite(effects.vi)
    points = [
        FunnelPoint(effects.labels[row], float(effects.yi[row]), math.sqrt(effects.vi[row]))
        for row in np.flatnonzero(there).tolist()
    ]
    filled = _filled(found)
    said = f"{len(points)} effects by standard error"
    said += f", and {len(filled)} filled in by trim and fill." if filled else "."
    return ContourFunnel("Funnel plot", said, [*points, *filled], measure_words(found), centre=pooled.estimate)


def _filled(found: PooledStudies) -> list[FunnelPoint]:
    pooled = found.pooled
    if isinstance(pooled, ThreeLevel) or found.plan.mods:
        return []
    try:
        result = trim_and_fill(pooled.effects.y, pooled.effects.v, method=pooled.method, labels=pooled.labels)
    except NotEstimable:
        return []
    added = result.adjusted.studies().rows(named=True)[result.k :]
    return [FunnelPoint(row["study"], row["yi"], math.sqrt(row["vi"]), filled=True) for row in added]


def bubbles(found: PooledStudies) -> Iterator[tuple[str, Bubbles]]:
    """One picture for each moderator of numbers; the others are held at their mean."""
    pooled = found.pooled
    if isinstance(pooled, ThreeLevel):
        return
    x, weights = pooled.effects.x, pooled.weights / 100
    for name in found.plan.mods:
        if name not in pooled.names:
            continue  # words have one term a level
        place = pooled.names.index(name)
        studies = [
            Bubble(*one)
            for one in zip(
                pooled.labels, x[:, place].tolist(), pooled.effects.y.tolist(), weights.tolist(), strict=True
            )
        ]
        fitted = [_at(pooled, place, value) for value in np.linspace(x[:, place].min(), x[:, place].max(), _STEPS)]
        slope = pooled.coefficient(name)
        said = f"Per unit of {name} the effect changes by {number(slope.value, 4)} (p {number(slope.p, 3)})."
        yield name, Bubbles(f"Effect by {name}", said, studies, fitted, name, measure_words(found))


def _at(pooled: Pooled, place: int, value: float) -> LinePoint:
    at = pooled.effects.x.mean(axis=0)
    at[place] = value
    effect = pooled.combination(at)
    return LinePoint(float(value), effect.value, effect.ci_low, effect.ci_high)

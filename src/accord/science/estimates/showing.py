"""How the results of this folder show themselves: coefficients and adjusted means as sentences and pictures.

Each result has `summary()` (plain words, with n, limits and method), `plot()` (a figure of science/figures) and
`_repr_html_()` (both, for a notebook). The words and pictures that several share are made here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Protocol

from accord.science.estimates.coefficient_table import Model
from accord.science.estimates.contrast import Contrast
from accord.science.figures import (
    Figure,
    Forest,
    ForestRow,
    Panel,
    Reading,
    TimePoint,
    Trajectories,
    Trajectory,
)

_MOST_SAID = 8


class Shown(Protocol):
    def summary(self) -> str: ...

    def plot(self) -> Figure: ...


def html(result: Shown) -> str:
    """Words and picture, for a notebook."""
    return f"<p>{escaped(result.summary())}</p>{result.plot().svg()}"


def escaped(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def in_words(c: Contrast, *, ratio: bool = False, digits: int = 3, p: bool = True) -> str:
    """`0.42 (95 % interval 0.11 to 0.73, 23.4 df, p = .012)`; `ratio`: exp() of value and limits."""
    turn = math.exp if ratio else float
    value, low, high = (f"{turn(v):.{digits}g}" for v in (c.value, c.ci_low, c.ci_high))
    df = "" if c.df is None or math.isinf(c.df) else f", {c.df:.1f} df"
    if math.isnan(c.p) or not p:
        return f"{value} (95 % interval {low} to {high}{df})"
    small = "p < .001" if c.p < 0.001 else f"p = {c.p:.3f}".replace("0.", ".", 1)
    return f"{value} (95 % interval {low} to {high}{df}, {small})"


def coefficients_in_words(model: Model, *, ratio: bool = False) -> str:
    """Every coefficient but the intercept, the first eight of many."""
    names = [name for name in model.names if name != "intercept"] or list(model.names)
    said = "; ".join(f"{name} {in_words(model.coefficient(name), ratio=ratio)}" for name in names[:_MOST_SAID])
    return said + (f"; {len(names) - _MOST_SAID} more." if len(names) > _MOST_SAID else ".")


def coefficient_forest(model: Model, title: str, words: str, measure: str, *, ratio: bool = False) -> Forest:
    """The coefficients but the intercept in one plot; ratios on a logarithmic axis."""
    names = [name for name in model.names if name != "intercept"] or list(model.names)
    return contrast_forest({name: model.coefficient(name) for name in names}, title, words, measure, ratio=ratio)


def contrast_forest(
    rows: Mapping[str, Contrast], title: str, words: str, measure: str, *, ratio: bool = False,
    left: str = "lower", right: str = "higher",
) -> Forest:  # fmt: skip
    turn = math.exp if ratio else float
    lines = [ForestRow(name, turn(c.value), turn(c.ci_low), turn(c.ci_high)) for name, c in rows.items()]
    return Forest(title, words, lines, measure, left, right, reference=1.0 if ratio else 0.0, log=ratio)


def means_over_time(
    title: str, words: str, visits: Sequence[str], means: Mapping[str, Sequence[Contrast]], *, measure: str = "outcome"
) -> Trajectories:
    """Adjusted means by arm; visits one step apart, since the model knows their order only."""
    lines = [
        Trajectory(arm, [Reading(v, c.value, c.ci_low, c.ci_high) for v, c in zip(visits, row, strict=True)])
        for arm, row in means.items()
    ]
    points = [TimePoint(visit, float(k)) for k, visit in enumerate(visits)]
    return Trajectories(title, words, points, [Panel(measure, lines, better="")], time_unit="the order of visits")

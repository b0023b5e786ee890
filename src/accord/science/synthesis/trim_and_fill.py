"""Trim and fill (Duval & Tweedie 2000): how many studies seem to lack on one side of the funnel; the mean with them.

Effects are turned so that the side with too many is the upper one. The k₀ largest are trimmed, the mean of the rest is
taken, all effects are centred at it and ranked by size; from the signed ranks a new k₀ is estimated, until it stays:

    L0 = (4 S − k(k+1)) / (2k − 1),  S the sum of ranks above the mean
    R0 = γ − 1,  γ the number of largest ranks in a row above the mean

The k₀ mirror images are then added and all are pooled anew.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from accord.science.errors import BadInput, Finding, NotEstimable
from accord.science.figures import Forest, ForestRow
from accord.science.figures.numbers import number
from accord.science.synthesis.egger import few_studies
from accord.science.synthesis.fitting import Test, pool, pool_effects
from accord.science.synthesis.model import Effects, effects
from accord.science.synthesis.pooled import Pooled
from accord.science.synthesis.tau2 import ESTIMATORS
from accord.science.synthesis.trimmed_mean import trimmed_mean
from accord.science.synthesis.weighting import data, fit
from accord.science.synthesis.wording import interval_text, notebook_html, plural

Array = NDArray[Any]
Estimator = Literal["L0", "R0"]
Side = Literal["left", "right"]


@dataclass(frozen=True)
class TrimAndFill:
    """`filled` studies added on `side`, its standard error, p of "none is missing" (R0 only, else NaN); the pool as it
    was (`observed`) and with the added studies (`adjusted`)."""

    k: int
    filled: int
    se_filled: float
    p: float
    side: str
    estimator: str
    observed: Pooled
    adjusted: Pooled
    warnings: tuple[Finding, ...]

    def table(self) -> pl.DataFrame:
        """Two rows: as observed, with the studies filled in."""
        keys = ("k", "estimate", "se", "ci_low", "ci_high", "p", "tau2")
        return pl.DataFrame([
            {"pool": name, **{key: getattr(pooled, key) for key in keys}}
            for name, pooled in (("observed", self.observed), ("with filled studies", self.adjusted))
        ])  # fmt: skip

    def to_dict(self) -> dict[str, Any]:
        return {
            "k": self.k, "filled": self.filled,
            "se_filled": None if math.isnan(self.se_filled) else self.se_filled,
            "p": None if math.isnan(self.p) else self.p, "side": self.side, "estimator": self.estimator,
            "observed": self.observed.to_dict(), "adjusted": self.adjusted.to_dict(),
            "warnings": [finding.to_dict() for finding in self.warnings],
        }  # fmt: skip

    def plot(self, *, title: str = "Trim and fill", measure: str = "effect") -> Forest:
        """A forest plot with the added studies at its end, and both pooled effects."""
        forest = self.adjusted.plot(title=title, measure=measure)
        old = self.observed
        before = ForestRow("pooled as observed", old.estimate, old.ci_low, old.ci_high, kind="summary")
        after = ForestRow(
            "pooled with filled studies", self.adjusted.estimate, self.adjusted.ci_low, self.adjusted.ci_high,
            kind="summary",
        )  # fmt: skip
        return Forest(title=title, description=self.summary(), rows=[*forest.rows[:-1], before, after], measure=measure)

    def summary(self) -> str:
        if not self.filled:
            text = f"Trim and fill ({self.estimator}): no study seems to lack on the {self.side}; nothing is changed."
        else:
            new, low, high = self.adjusted.estimate, self.adjusted.ci_low, self.adjusted.ci_high
            text = (
                f"Trim and fill ({self.estimator}): {plural(self.filled, 'study seems', 'studies seem')} to lack on "
                f"the {self.side}. With {'it' if self.filled == 1 else 'them'} filled in the effect would be "
                f"{number(new)} ({interval_text(low, high, self.adjusted.level)}) instead of "
                f"{number(self.observed.estimate)}. This is a what-if, not a corrected result: the funnel may be "
                "lopsided for other reasons."
            )
        return " ".join([text, *map(str, self.warnings)])

    def _repr_html_(self) -> str:
        return notebook_html(self)


def trim_and_fill(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    estimator: Estimator = "L0",
    side: Side | None = None,
    method: str = "REML",
    test: Test = "z",
    level: float = 0.95,
    labels: Sequence[Any] | None = None,
) -> TrimAndFill:
    """`side` is where studies are thought to lack; None: opposite to the slope of y on SE (same `method`).

    Standard errors of k₀ as in Duval & Tweedie (NaN where their variance is negative); p for R0 is P(γ > k₀) = ½^(k₀+1)
    when signs are even chances. Ties of size are ranked in the order of the effects. Raises NotEstimable for fewer than
    3 studies, or for no side to see. Checked against trimfill() of metafor 3.8.
    """
    if estimator not in ("L0", "R0"):
        raise BadInput(f"No estimator {estimator!r} of missing studies.", cure="Use L0 or R0.")
    if side not in (None, "left", "right"):
        raise BadInput(f"No side {side!r}.", cure="Use left or right: where studies are thought to lack.")
    observed = pool(yi, vi, method=method, test=test, level=level, labels=labels)
    e = observed.effects
    if e.k < 3:
        raise NotEstimable(f"{e.k} studies show no lopsided funnel.", cure="Trim and fill needs at least 3 studies.")
    lacking = side or _side(e, method)
    sign = 1.0 if lacking == "left" else -1.0
    order = np.argsort(sign * e.y, kind="stable")
    y, v = sign * e.y[order], e.v[order]
    k0, se, centre = _missing(y, v, estimator, method, observed.tau2)
    adjusted = observed
    if k0:
        extra = sign * (2 * centre - y[-k0:])
        names = (*e.labels, *(f"filled {n}" for n in range(1, k0 + 1)))
        whole = effects(np.append(e.y, extra), np.append(e.v, v[-k0:]), labels=names)
        adjusted = pool_effects(whole, method=method, test=test, level=level)
    p = 0.5 ** (k0 + 1) if estimator == "R0" else math.nan
    warnings = (*observed.warnings, *few_studies(e.k))
    return TrimAndFill(e.k, k0, se, p, lacking, estimator, observed, adjusted, warnings)


def _side(e: Effects, method: str) -> Side:
    root = np.sqrt(e.v)
    if root.min() == root.max():
        raise NotEstimable("All variances are the same: no side is lopsided.", cure="Say side='left' or 'right'.")
    d = data(e.y, e.v, np.linalg.qr(np.column_stack([np.ones(e.k), root]))[0])
    line = fit(d, d.weights(ESTIMATORS[method](d)))
    fitted = e.y - line.residual
    return "right" if fitted[root.argmax()] < fitted[root.argmin()] else "left"


def _missing(y: Array, v: Array, estimator: str, method: str, tau2: float) -> tuple[int, float, float]:
    """k₀, its standard error, and the centre; `y` sorted upwards, too many on its upper side."""
    k, k0, seen = len(y), 0, set[int]()
    while True:
        seen.add(k0)
        centre, tau2 = trimmed_mean(y[: k - k0], v[: k - k0], method, tau2)
        away = y - centre
        ranks = np.empty(k)
        ranks[np.argsort(np.abs(away), kind="stable")] = np.arange(1, k + 1)
        found, se = _linear(ranks[away > 0].sum(), k) if estimator == "L0" else _run(ranks[away < 0], k)
        if found == k0:
            return k0, se, centre
        if found in seen:
            raise NotEstimable("Trim and fill goes to and fro without an end.", cure="Use the other estimator.")
        k0 = min(found, k - 1)


def _linear(s: float, k: int) -> tuple[int, float]:
    raw = (4 * s - k * (k + 1)) / (2 * k - 1)
    variance = (
        k * (k + 1) * (2 * k + 1)
        + 10 * raw**3
        + 27 * raw**2
        + 17 * raw
        - 18 * k * raw**2
        - 18 * k * raw
        + 6 * k**2 * raw
    ) / 24
    return max(0, round(raw)), 4 * math.sqrt(variance) / (2 * k - 1) if variance >= 0 else math.nan


def _run(below: Array, k: int) -> tuple[int, float]:
    k0 = max(0, k - int(below.max(initial=0)) - 1)
    return k0, math.sqrt(2 * k0 + 2)

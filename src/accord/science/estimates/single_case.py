"""One person measured many times: Tau-U and a piecewise line, before and during treatment.

Tau-U (Parker, Vannest, Davis & Sauber 2011): of all pairs of one value before and one during, the share that improved
less the share that got worse; less the trend within the baseline when that is asked for. Piecewise: level and slope of
both phases by least squares with HAC (Newey-West) standard errors, as neighbouring days are alike.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.science.errors import NotEstimable
from accord.science.estimates.contrast import Contrast, contrast
from accord.science.estimates.showing import contrast_forest, html, in_words
from accord.science.figures import Forest

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class TauU:
    """`tau` in [-1, 1] before correction, improvement positive; z inference under no difference."""

    tau: Contrast
    s: int
    pairs: int
    baseline_trend: int
    corrected: bool
    before: int
    during: int

    def summary(self) -> str:
        """Tau with its limits."""
        less = ", less the trend before treatment" if self.corrected else ""
        return (
            f"Tau-U {in_words(self.tau)}{less}: {self.before} values before and {self.during} during treatment. 1: "
            "every "
            "value during is better than every value before; 0: no difference."
        )

    def plot(self) -> Forest:
        """Tau with its limits."""
        return contrast_forest({"Tau-U": self.tau}, "Before and during treatment", self.summary(), "Tau-U",
                               left="worse", right="better")  # fmt: skip

    def _repr_html_(self) -> str:
        return html(self)


def tau_u(before: ArrayLike, during: ArrayLike, *, sign: int, correct_baseline: bool = True) -> TauU:
    """S of all pairs over their number; `correct_baseline` takes the S within the baseline off (A vs B - trend A).

    SE under the null: √(n₁n₂(n₁+n₂+1)/3)/(n₁n₂), with the baseline's own variance added when it is taken off.
    """
    a, b = _known(before, 3, "before treatment"), _known(during, 3, "during treatment")
    s = int(np.sign(sign * (b[:, None] - a[None, :])).sum())
    trend = int(sum(np.sign(sign * (a[j] - a[i])) for i in range(len(a)) for j in range(i + 1, len(a))))
    pairs = len(a) * len(b)
    variance = pairs * (len(a) + len(b) + 1) / 3
    if correct_baseline:
        s -= trend
        variance += len(a) * (len(a) - 1) * (2 * len(a) + 5) / 18
    value = contrast(s / pairs, math.sqrt(variance) / pairs)
    return TauU(value, s, pairs, trend, correct_baseline, len(a), len(b))


@dataclass(frozen=True, slots=True)
class Piecewise:
    """`level`: jump at the start of treatment; `slope_change`: change of slope; in the scale's points (and days)."""

    baseline_level: Contrast
    baseline_slope: Contrast
    level: Contrast
    slope_change: Contrast
    n: int
    lags: int

    def summary(self) -> str:
        """The jump at the start of treatment and the change of slope."""
        return (
            f"Jump at the start {in_words(self.level)}; change of slope a day {in_words(self.slope_change)}. "
            f"{self.n} days, "
            f"least squares with Newey–West errors over {self.lags} lags."
        )

    def plot(self) -> Forest:
        """Both with their limits, in points and points a day."""
        rows = {"jump at the start": self.level, "change of slope, a day": self.slope_change}
        return contrast_forest(rows, "Before and during treatment", self.summary(), "points, points a day")

    def _repr_html_(self) -> str:
        return html(self)


def piecewise(day: ArrayLike, value: ArrayLike, *, start: float, lags: int | None = None) -> Piecewise:
    """y = b₀ + b₁ d + b₂ P + b₃ P(d - start), d counted from `start`, P = 1 from the start on.

    Newey-West's standard errors with ⌊4 (n/100)^(2/9)⌋ lags unless given, t with n - 4 df.
    """
    d, y = np.asarray(day, float), np.asarray(value, float)
    known = np.isfinite(d) & np.isfinite(y)
    order = np.argsort(d[known], kind="stable")
    d, y = d[known][order] - start, y[known][order]
    phase = (d >= 0).astype(float)
    for name, rows in (("before", phase == 0), ("during", phase == 1)):
        if len(np.unique(d[rows])) < 3:
            raise NotEstimable(f"Fewer than three days {name} treatment.", cure="Use Tau-U, or describe the values.")
    x = np.column_stack([np.ones(len(d)), d, phase, phase * d])
    lags = math.floor(4 * (len(d) / 100) ** (2 / 9)) if lags is None else lags
    beta, covariance = _newey_west(x, y, lags)
    found = [contrast(float(b), math.sqrt(v), len(d) - 4) for b, v in zip(beta, np.diagonal(covariance), strict=True)]
    return Piecewise(found[0], found[1], found[2], found[3], len(d), lags)


def _newey_west(x: Array, y: Array, lags: int) -> tuple[Array, Array]:
    bread = np.linalg.inv(x.T @ x)
    beta = bread @ x.T @ y
    scores = x * (y - x @ beta)[:, None]
    meat = scores.T @ scores
    for lag in range(1, lags + 1):
        cross = scores[lag:].T @ scores[:-lag]
        meat += (1 - lag / (lags + 1)) * (cross + cross.T)
    small = len(y) / (len(y) - x.shape[1])
    return beta, small * bread @ meat @ bread


def _known(values: ArrayLike, least: int, where: str) -> Array:
    array = np.asarray(values, float)
    array = array[np.isfinite(array)]
    if len(array) < least:
        raise NotEstimable(f"{len(array)} values {where}; {least} are needed.", cure="Describe the values instead.")
    return array

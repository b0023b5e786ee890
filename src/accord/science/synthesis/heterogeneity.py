"""How much the studies differ: Q, I², H², and the Q-profile interval of τ²."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import polars as pl
from scipy import special

from accord.science.errors import NotEstimable
from accord.science.figures import Forest, ForestRow
from accord.science.figures.numbers import number
from accord.science.synthesis.tau2 import where_rss_is
from accord.science.synthesis.weighting import Data, fit, trace_p
from accord.science.synthesis.wording import notebook_html

if TYPE_CHECKING:
    from accord.science.synthesis.pooled import Pooled


class Spread(NamedTuple):
    q: float
    p: float
    i2: float
    h2: float


def heterogeneity(d: Data, tau2: float, method: str) -> Spread:
    """Q = y'P(0)y with its χ²(k-p) p value; I² and H² from τ² and the typical variance (from Q with fixed effects)."""
    f = fit(d, d.weights(0.0))
    df = float(d.n - d.p)
    if not df:
        return Spread(0.0, math.nan, math.nan, math.nan)
    q = float(f.rss)
    p = float(special.chdtrc(df, q))
    if method == "FE":
        return Spread(q, p, 100 * max(0.0, (q - df) / q) if q > 0 else 0.0, q / df)
    typical = df / float(trace_p(d, f))
    return Spread(q, p, 100 * tau2 / (typical + tau2), tau2 / typical + 1)


def typical_variance(d: Data) -> float:
    """(k-p)/tr P(0): Higgins and Thompson's typical within-study variance (2002), with moderators too."""
    f = fit(d, d.weights(0.0))
    return float((d.n - d.p) / trace_p(d, f))


@dataclass(frozen=True, slots=True)
class Tau2Interval:
    """τ², τ, I² (per cent) and H², each as (value, low, high). `empty`: even τ² = 0 leaves less spread than the upper
    limit allows, so the interval holds no value (the studies agree better than chance); limits are then 0."""

    tau2: tuple[float, float, float]
    tau: tuple[float, float, float]
    i2: tuple[float, float, float]
    h2: tuple[float, float, float]
    level: float
    empty: bool

    def table(self) -> pl.DataFrame:
        rows = {"τ²": self.tau2, "τ": self.tau, "I² (%)": self.i2, "H²": self.h2}
        return pl.DataFrame(
            [(name, *values) for name, values in rows.items()], schema=["quantity", "value", "low", "high"],
            orient="row",
        )  # fmt: skip

    def to_dict(self) -> dict[str, Any]:
        return {
            "tau2": list(self.tau2), "tau": list(self.tau), "i2": list(self.i2), "h2": list(self.h2),
            "level": self.level, "empty": self.empty, "method": "Q-profile",
        }  # fmt: skip

    def summary(self) -> str:
        if self.empty:
            return "The studies differ less than chance alone would make them: the interval of τ² holds no value."
        (t, t1, t2), (i, i1, i2) = self.tau2, self.i2
        return (
            f"τ² {number(t, 3)} ({100 * self.level:g} % Q-profile interval {number(t1, 3)} to {number(t2, 3)}), "
            f"I² {number(i, 0)} % ({number(i1, 0)} to {number(i2, 0)} %)."
        )

    def plot(self, *, title: str = "Spread between studies") -> Forest:
        """τ² with its interval as one row."""
        rows = [ForestRow("τ²", *self.tau2)]
        return Forest(title=title, description=self.summary(), rows=rows, measure="τ²", left="", right="more spread")

    def _repr_html_(self) -> str:
        return notebook_html(self)


def tau2_interval(pooled: Pooled, *, level: float | None = None) -> Tau2Interval:
    """The Q-profile interval of τ² (Viechtbauer 2007): the values at which y'P(τ²)y is the χ²(k-p) quantile.

    It does not depend on the estimator of τ², so the estimate may lie outside. Checked against metafor::confint.
    """
    df = pooled.k - len(pooled.names)
    if df < 1:
        raise NotEstimable("One study says nothing about the spread between studies.", cure="Give two studies.")
    level = pooled.level if level is None else level
    tails = np.array([0.5 + level / 2, 0.5 - level / 2])
    wide = pooled.data.expanded()
    low, high = where_rss_is(wide, special.chdtri(df, 1 - tails)).tolist()
    empty = high == 0 and float(fit(pooled.data, pooled.data.weights(0.0)).rss) < special.chdtri(df, 1 - tails[1])
    typical = typical_variance(pooled.data)
    values = (0.0 if pooled.method == "FE" else pooled.tau2, low, high)

    def each(function: Any) -> tuple[float, float, float]:
        return tuple(float(function(t)) for t in values)  # type: ignore[return-value]

    return Tau2Interval(
        values, each(math.sqrt), each(lambda t: 100 * t / (t + typical)), each(lambda t: t / typical + 1), level, empty
    )

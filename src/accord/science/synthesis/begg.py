"""Small-study effects by ranks (Begg & Mazumdar 1994): Kendall's τ between standardised effects and variances.

    y*_i = (y_i − ȳ) / √(v_i − 1/Σw),  ȳ the fixed-effect mean, w = 1/v

Without ties p is exact (the distribution of the number of inversions of k ranks); with ties, or above 200 studies, it
is the normal approximation with the variance corrected for ties (Kendall 1970), without a correction for continuity.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from accord.science.errors import Finding, NotEstimable
from accord.science.estimates.interval import two_sided_p
from accord.science.figures import Forest, ForestRow
from accord.science.figures.numbers import number
from accord.science.synthesis.egger import few_studies
from accord.science.synthesis.model import effects
from accord.science.synthesis.wording import notebook_html, p_text

Array = NDArray[Any]

EXACT_UP_TO = 200


@dataclass(frozen=True)
class RankTest:
    """Kendall's τ (τ_b with ties), its two-sided p, and whether p is exact."""

    k: int
    tau: float
    p: float
    exact: bool
    warnings: tuple[Finding, ...]

    def table(self) -> pl.DataFrame:
        return pl.DataFrame({"tau": [self.tau], "p": [self.p], "exact": [self.exact], "k": [self.k]})

    def to_dict(self) -> dict[str, Any]:
        values = {"k": self.k, "tau": self.tau, "p": self.p, "exact": self.exact}
        return {**values, "warnings": [finding.to_dict() for finding in self.warnings]}

    def summary(self) -> str:
        shown = "go together" if self.p < 0.1 else "are not shown to go together"
        text = (
            f"Rank test of small-study effects (Begg, {self.k} studies): effects and variances {shown} "
            f"(Kendall's τ {number(self.tau)}, {p_text(self.p)}). The test misses much with few studies."
        )
        return " ".join([text, *map(str, self.warnings)])

    def plot(self, *, title: str = "Rank test of small-study effects") -> Forest:
        """Kendall's τ as a point; this test has no interval."""
        row = ForestRow("effects with variances", self.tau)
        return Forest(title=title, description=self.summary(), rows=[row], measure="Kendall's τ")

    def _repr_html_(self) -> str:
        return notebook_html(self)


def begg(yi: ArrayLike, vi: ArrayLike, *, labels: Sequence[Any] | None = None) -> RankTest:
    """Rank correlation of k effects with their variances.

    Raises NotEstimable for fewer than 3 studies, or when all variances are the same. Checked against ranktest() of
    metafor 3.8, with and without ties.
    """
    e = effects(yi, vi, labels=labels)
    if e.k < 3:
        raise NotEstimable(f"{e.k} studies cannot show a trend.", cure="The rank test needs at least 3 studies.")
    if e.v.min() == e.v.max():
        raise NotEstimable("All variances are the same.", cure="Small-study effects need studies of different sizes.")
    w = 1 / e.v
    star = (e.y - (w @ e.y) / w.sum()) / np.sqrt(e.v - 1 / w.sum())
    tau, p, exact = kendall(star, e.v)
    return RankTest(e.k, tau, p, exact, (*e.warnings, *few_studies(e.k)))


def kendall(a: Array, b: Array) -> tuple[float, float, bool]:
    """τ_b, two-sided p, and whether p is exact."""
    n = len(a)
    signs = np.sign(a[:, None] - a) * np.sign(b[:, None] - b)
    s = float(signs.sum()) / 2
    pairs = n * (n - 1) / 2
    in_a, in_b = (np.unique(x, return_counts=True)[1].astype(float) for x in (a, b))
    tied_a, tied_b = (float((t * (t - 1)).sum()) / 2 for t in (in_a, in_b))
    if tied_a == pairs or tied_b == pairs:
        return math.nan, math.nan, False
    tau = s / math.sqrt((pairs - tied_a) * (pairs - tied_b))
    if not tied_a and not tied_b and n <= EXACT_UP_TO:
        return tau, _exact_p(round((pairs + s) / 2), n), True
    return tau, two_sided_p(s / math.sqrt(_variance(n, in_a, in_b))), False


def _exact_p(concordant: int, n: int) -> float:
    """min(1, twice the smaller tail) of the number of concordant pairs, all orders being equally likely."""
    chances = np.ones(1)
    for size in range(2, n + 1):
        chances = np.convolve(chances, np.full(size, 1 / size))
    return min(1.0, 2 * float(min(chances[: concordant + 1].sum(), chances[concordant:].sum())))


def _variance(n: int, in_a: Array, in_b: Array) -> float:
    """Of S when there are ties: groups of sizes `in_a` and `in_b`."""

    def pairs(t: Array) -> float:
        return float((t * (t - 1)).sum())

    def spread(t: Array) -> float:
        return float((t * (t - 1) * (2 * t + 5)).sum())

    def triples(t: Array) -> float:
        return float((t * (t - 1) * (t - 2)).sum())

    own = (n * (n - 1) * (2 * n + 5) - spread(in_a) - spread(in_b)) / 18
    return (
        own
        + pairs(in_a) * pairs(in_b) / (2 * n * (n - 1))
        + triples(in_a) * triples(in_b) / (9 * n * (n - 1) * (n - 2))
    )

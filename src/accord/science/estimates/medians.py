"""Medians: of one set of values, of paired differences, and the difference of two groups' quantiles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from accord.science.errors import NotEstimable
from accord.science.estimates.estimate import Estimate

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class MedianEstimate:
    """A median (or difference of quantiles) with its limits, and p of "it is zero" (sign test) where there is one."""

    value: float
    ci_low: float
    ci_high: float
    p: float | None
    n: int
    missing: int
    method: str

    def estimate(self, id: str, label: str, **context: Any) -> Estimate:
        return Estimate(
            id=id, label=label, value=self.value, ci_low=self.ci_low, ci_high=self.ci_high, p=self.p, n=self.n,
            **{"missing": self.missing, "method": self.method, **context},
        )  # fmt: skip


def median(values: ArrayLike, *, level: float = 0.95) -> MedianEstimate:
    """Median with exact limits from order statistics: x_(k) and x_(n+1-k), k the largest with P(Bin(n, ½) < k) at most
    (1 - level)/2. With fewer than six values no such pair exists at 95 % and the limits are the extremes."""
    x = np.asarray(values, float)
    kept = np.sort(x[np.isfinite(x)])
    n = len(kept)
    if n == 0:
        raise NotEstimable("There are no values.", cure="Check the column.")
    below = special.bdtr(np.arange(n), n, 0.5)
    k = int(np.searchsorted(below, (1 - level) / 2, side="right"))
    rank = max(k, 1)
    moved = kept[kept != 0]
    positive = int((moved > 0).sum())
    few = min(positive, len(moved) - positive)
    p = min(1.0, 2 * float(special.bdtr(few, len(moved), 0.5))) if len(moved) else 1.0
    return MedianEstimate(
        float(np.median(kept)), float(kept[rank - 1]), float(kept[n - rank]), p, n, len(x) - n,
        "median, order-statistic limits, sign test",
    )  # fmt: skip


def median_change(before: ArrayLike, after: ArrayLike, *, sign: int = 1, level: float = 0.95) -> MedianEstimate:
    """Median of the paired changes sign·(after - before)."""
    return median(sign * (np.asarray(after, float) - np.asarray(before, float)), level=level)


def quantile_difference(
    first: ArrayLike,
    second: ArrayLike,
    *,
    quantile: float = 0.5,
    sign: int = 1,
    level: float = 0.95,
    replicates: int = 2000,
    seed: int = 20_240_117,
) -> MedianEstimate:
    """sign·(quantile of first - quantile of second), limits by a percentile bootstrap within each group."""
    a, b = (values[np.isfinite(values)] for values in (np.asarray(first, float), np.asarray(second, float)))
    if min(len(a), len(b)) < 5:
        raise NotEstimable("A difference of quantiles needs five values in each group.", cure="Report the values.")
    rng = np.random.default_rng(seed)
    draws = sign * (_resampled(a, quantile, replicates, rng) - _resampled(b, quantile, replicates, rng))
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
    value = sign * (np.quantile(a, quantile) - np.quantile(b, quantile))
    return MedianEstimate(
        float(value), float(low), float(high), None, len(a) + len(b), int(np.size(first) + np.size(second)) - len(a)
        - len(b), f"difference of quantiles ({quantile:g}), percentile bootstrap, {replicates} draws, seed {seed}",
    )  # fmt: skip


def _resampled(values: Array, quantile: float, replicates: int, rng: np.random.Generator) -> Array:
    """Quantiles of bootstrap samples, in blocks that keep memory small."""
    block = max(1, 4_000_000 // len(values))
    parts = []
    for start in range(0, replicates, block):
        picks = rng.integers(0, len(values), (min(block, replicates - start), len(values)))
        parts.append(np.quantile(values[picks], quantile, axis=1))
    return np.concatenate(parts)

"""Parametric bootstrap of the share of variance between clusters: what refitting 500 simulated data sets would give.

With one level the restricted likelihood needs only t_i ~ N(0, σ_e²(1 + λΔ_i)) and SSE ~ σ_e² χ²(f) (see
`variance_share`), so new ones are drawn instead of new data, and

    -2 log L(λ) = Σ log(1 + λΔ_i) + (r + f) log[(Σ t_i²/(1 + λΔ_i) + SSE)/(r + f)]

is minimised for all draws at once. The same distribution as lme4's bootMer, without its refits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.science.errors import BadInput
from accord.science.estimates.mixed_model import MixedModel
from accord.science.estimates.variance_share import canonical

Array = NDArray[Any]
_LARGEST = 1e6


@dataclass(frozen=True, slots=True)
class ShareBootstrap:
    """Percentile limits and the standard error of the share; `at_zero` of the draws had no variance."""

    share: float
    ci_low: float
    ci_high: float
    se: float
    at_zero: float
    draws: Array


def share_bootstrap(model: MixedModel, *, draws: int = 500, seed: int = 1, level: float = 0.95) -> ShareBootstrap:
    """For a model with one level of clusters. Percentile limits are too narrow with few clusters: prefer the exact
    interval of `variance_share`; this one is for comparison with papers that report it."""
    if model.sums.levels != 1:
        raise BadInput("The bootstrap of the share is for one level of clusters.", cure="Use variance_share, profile.")
    sizes, _, _, r, f = canonical(model.sums)
    ratio = float(model.ratios[0])
    random = np.random.default_rng(seed)
    squares = (1 + ratio * sizes) * random.chisquare(1, (draws, r))
    within = random.chisquare(f, draws)
    found = _best(sizes, squares, within, r + f)
    shares = found / (1 + found)
    low, high = np.quantile(shares, [(1 - level) / 2, (1 + level) / 2])
    return ShareBootstrap(
        ratio / (1 + ratio), float(low), float(high), float(shares.std(ddof=1)), float((found == 0).mean()), shares
    )


def _best(sizes: Array, squares: Array, within: Array, free: int) -> Array:
    """λ of each draw, by bisection of the slope on the scale of log λ; 0 where the slope is not negative at 0."""

    def slope(ratio: Array) -> Array:
        grown = 1 + ratio[:, None] * sizes
        total = (squares / grown).sum(axis=1) + within
        return np.asarray((sizes / grown).sum(axis=1) - free * (squares * sizes / grown**2).sum(axis=1) / total)

    low, high = np.full(len(within), -30.0), np.full(len(within), np.log(_LARGEST))
    for _ in range(60):
        middle = (low + high) / 2
        rising = slope(np.exp(middle)) > 0
        low, high = np.where(rising, low, middle), np.where(rising, middle, high)
    return np.where(slope(np.zeros(len(within))) >= 0, 0.0, np.exp(high))

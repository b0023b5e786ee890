"""Limits from bootstrap draws: percentile, bias-corrected (BC), bias-corrected and accelerated (BCa; Efron 1987)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

Array = NDArray[Any]


def percentile(draws: Array, level: float = 0.95) -> tuple[Array, Array]:
    """Of (B, q) draws: the (1-level)/2 and (1+level)/2 quantiles of each column."""
    tail = (1 - level) / 2
    low, high = np.quantile(draws, [tail, 1 - tail], axis=0)
    return low, high


def corrected(
    draws: Array, value: Array, *, acceleration: Array | float = 0.0, level: float = 0.95
) -> tuple[Array, Array]:
    """z0 = Φ⁻¹(share of draws below the value); quantiles at Φ(z0 + (z0 ± z)/(1 - a (z0 ± z))). a = 0 is BC."""
    count = len(draws)
    below = ((draws < value).sum(axis=0) + 0.5 * (draws == value).sum(axis=0)) / count
    bias = special.ndtri(np.clip(below, 0.5 / count, 1 - 0.5 / count))
    z = special.ndtri(0.5 + level / 2)
    ends = []
    for side in (-z, z):
        shifted = bias + side
        ends.append(special.ndtr(bias + shifted / (1 - acceleration * shifted)))
    ordered = np.sort(draws, axis=0)
    return _at(ordered, ends[0]), _at(ordered, ends[1])


def accelerated(left_out: Array) -> Array:
    """The acceleration from (n, q) jackknife values: Σ d³ / (6 (Σ d²)^1.5), d = mean - value."""
    d = np.nanmean(left_out, axis=0) - left_out
    cubes, squares = np.nansum(d**3, axis=0), np.nansum(d**2, axis=0)
    return np.where(squares > 0, cubes / (6 * np.maximum(squares, 1e-300) ** 1.5), 0.0)


def _at(ordered: Array, shares: Array) -> Array:
    """Quantiles (type 7) of each column at its own share."""
    place = np.clip(shares, 0, 1) * (len(ordered) - 1)
    low = np.floor(place).astype(int)
    high = np.minimum(low + 1, len(ordered) - 1)
    columns = np.arange(ordered.shape[1])
    part = place - low
    found: Array = ordered[low, columns] * (1 - part) + ordered[high, columns] * part
    return found

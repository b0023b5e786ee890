"""Least squares from sums of cross-products, for one sample or for thousands of re-weighted ones at once.

With S = Σ w_i z_i z_i' the slopes of column k on columns J are S[J,J]⁻¹ S[J,k]. A bootstrap sample only changes the
weights (how often each row was drawn), so all samples are one product of matrices: (B, n) @ (n, p²).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
_AT_ONCE = 4_000_000  # drawn rows kept in memory together


def standardised(z: Array) -> tuple[Array, Array]:
    """(z with every column but the first divided by its SD about its mean, the SDs). Keeps rounding small."""
    centre, size = z[:, 1:].mean(axis=0), z[:, 1:].std(axis=0)
    size = np.where(size > 0, size, 1.0)
    return np.column_stack([np.ones(len(z)), (z[:, 1:] - centre) / size]), np.concatenate([[1.0], size])


def products(z: Array) -> Array:
    """(n, p²): z_i z_i' of every row, flat."""
    return np.einsum("ij,ik->ijk", z, z).reshape(len(z), -1)


def resampled(z: Array, draws: int, seed: int, clusters: Array | None = None) -> Iterator[Array]:
    """(b, p, p) cross-products of bootstrap samples, `draws` in all, in chunks. Whole clusters are drawn if given."""
    random, p = np.random.default_rng(seed), z.shape[1]
    flat = products(z)
    if clusters is not None:
        _, place = np.unique(clusters, return_inverse=True)
        summed = np.zeros((int(place.max()) + 1, flat.shape[1]))
        np.add.at(summed, place, flat)
        flat = summed
    units = len(flat)
    step = max(1, _AT_ONCE // units)
    for start in range(0, draws, step):
        size = min(step, draws - start)
        yield (counts(random, size, units) @ flat).reshape(size, p, p)


def counts(random: np.random.Generator, draws: int, units: int) -> Array:
    """(draws, units): how often each unit was drawn into each sample."""
    drawn = random.integers(0, units, (draws, units)) + units * np.arange(draws)[:, None]
    return np.bincount(drawn.ravel(), minlength=draws * units).reshape(draws, units).astype(float)


def left_out(z: Array, clusters: Array | None = None) -> Array:
    """(n, p, p): the cross-products without one row (or one cluster), for the jackknife."""
    total = z.T @ z
    if clusters is None:
        return total[None] - np.einsum("ij,ik->ijk", z, z)
    names = np.unique(clusters)
    return np.stack([total - z[clusters == name].T @ z[clusters == name] for name in names])


def slopes(sums: Array, on: Sequence[int], of: Sequence[int]) -> Array:
    """(…, len(on), len(of)): the coefficients of columns `of` on columns `on`; NaN where a sample is singular."""
    left = sums[..., on, :][..., :, on]
    right = sums[..., on, :][..., :, of]
    size = np.sqrt(np.maximum(np.einsum("...jj->...j", left), 1e-300))
    scaled = left / size[..., :, None] / size[..., None, :]
    good = np.linalg.det(scaled) > 1e-12
    safe = np.where(good[..., None, None], scaled, np.eye(len(on)))
    found = np.linalg.solve(safe, right / size[..., :, None]) / size[..., :, None]
    return np.where(good[..., None, None], found, np.nan)

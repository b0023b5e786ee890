"""Peak picking (Boker, Xu, Rotondo & King 2002): in each window the peak of the lagged cross-correlation nearest to
lag zero.

A peak is a value that no other within half a second is above (`region`), away from the largest lags; of several the
one nearest to zero counts, of two at the same distance the higher. Windows without one have no value. The index is
the mean Z at the peaks; their lags say who moves first. The choice of the highest value nearby makes the index
positive even by chance: read it against its surrogates only.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from accord.science.synchrony.fisher import fisher_z
from accord.science.synchrony.scores import Method, Scores, block_middles
from accord.science.synchrony.settings import Settings, samples
from accord.science.synchrony.wlcc import Blocks, correlations, prepare, scored

Array = NDArray[np.float64]


def picked(z: Array, region: int) -> Array:
    """Column of the peak nearest to the middle in each row, −1 where there is none."""
    middle = z.shape[1] // 2
    if z.shape[1] < 2 * region + 1:
        return np.full(len(z), -1)
    high = np.lib.stride_tricks.sliding_window_view(z, 2 * region + 1, axis=1).max(axis=2)
    inner = z[:, region : z.shape[1] - region]
    distance = np.abs(np.arange(region, z.shape[1] - region) - middle)
    top = 1.0 + np.nanmax(np.abs(inner), initial=0.0)
    merit = np.where(inner == high, -distance + inner / (4 * top), -np.inf)  # nearest first, then higher
    best = merit.argmax(axis=1)
    return np.where(np.isfinite(merit.max(axis=1)), best + region, -1)


def measure(a: Blocks, b: Blocks, settings: Settings) -> Scores:
    grid = scored(fisher_z(correlations(a, b, settings)), settings)
    assert grid.grid is not None
    column = picked(grid.grid, max(samples(settings.region, settings.rate_hz), 1))
    found = column >= 0
    values = np.where(found, grid.grid[np.arange(len(column)), column], np.nan)
    overall = float(values[found].mean()) if found.any() else float("nan")
    return Scores(overall, values, grid.profile, grid.grid, lags=(column[found] - settings.reach) / settings.rate_hz)


PEAKS = Method(
    "peaks", "peak picking of the lagged cross-correlation", prepare, measure, block_middles,
    {"window": 30.0, "step": 10.0, "max_lag": 5.0}, one_sided=True, axis="events",
)  # fmt: skip

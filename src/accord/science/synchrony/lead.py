"""Who moves first, with an interval: the lag of the strongest coupling, and how far it moves between resamples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accord.science.synchrony.settings import Settings

Array = NDArray[np.float64]

RESAMPLES = 999
FEWEST = 6  # stretches of their own that an interval needs
STREAM = 1_000_003  # keeps the resamples' random numbers apart from those of any surrogate


@dataclass(frozen=True, slots=True)
class Lead:
    """The lag of the peak in seconds (positive: the first leads) and its interval; None where it cannot be had."""

    peak_lag_s: float | None
    low_s: float | None = None
    high_s: float | None = None

    @property
    def leads(self) -> int:
        """1 if the first leads, 2 if the second does, 0 where the interval holds zero or is missing."""
        if self.low_s is None or self.high_s is None:
            return 0
        return 1 if self.low_s > 0 else 2 if self.high_s < 0 else 0


def lead(grid: Array, settings: Settings, *, seed: int, level: float = 0.95, clock_s: float = 0.0) -> Lead:
    """Peak of the mean profile (of its size, where the sign is kept) and a percentile interval over windows.

    Windows overlap and neighbours are alike, so that whole stretches of windows are drawn with replacement (moving
    blocks, Künsch 1989), each as long as a window with its lag. `clock_s`, the uncertainty of the two clocks, widens
    the interval to either side.
    """
    known = ~np.isnan(grid)
    if settings.reach == 0 or not known.any():
        return Lead(None)
    filled = np.where(known, grid, 0.0)
    count = known.sum(axis=0)
    profile = filled.sum(axis=0) / np.maximum(count, 1)
    peak = _lag(profile[None, :], settings)[0]
    block = max(-(-(settings.width + settings.reach) // settings.shift), 1)
    usable = len(grid) // block
    if usable < FEWEST:
        return Lead(float(peak))
    weights = _weights(len(grid), block, np.random.default_rng([seed, STREAM]))
    drawn = (weights @ filled) / np.maximum(weights @ known, 1)
    tail = 100 * (1 - level) / 2
    low, high = np.percentile(_lag(drawn, settings), [tail, 100 - tail])
    return Lead(float(peak), float(low - clock_s), float(high + clock_s))


def _weights(windows: int, block: int, rng: np.random.Generator) -> Array:
    """How often each window is drawn, one row a resample."""
    stretches = -(-windows // block)
    first = rng.integers(0, windows - block + 1, (RESAMPLES, stretches))
    drawn = (first[:, :, None] + np.arange(block)).reshape(RESAMPLES, -1)[:, :windows]
    rows = np.repeat(np.arange(RESAMPLES), drawn.shape[1])
    found: Array = np.bincount(rows * windows + drawn.ravel(), minlength=RESAMPLES * windows).astype(float)
    return found.reshape(RESAMPLES, windows)


def _lag(profiles: Array, settings: Settings) -> Array:
    strength = profiles if settings.absolute else np.abs(profiles)
    found: Array = (strength.argmax(axis=1) - settings.reach) / settings.rate_hz
    return found


def lead_of_events(lags: Array, *, level: float = 0.95, clock_s: float = 0.0) -> Lead:
    """Mean lag of matched events and its t interval; without six events the mean alone."""
    from scipy.special import stdtrit

    if len(lags) == 0:
        return Lead(None)
    mean = float(lags.mean())
    if len(lags) < FEWEST:
        return Lead(mean)
    half = float(stdtrit(len(lags) - 1, 0.5 + level / 2)) * float(lags.std(ddof=1)) / len(lags) ** 0.5 + clock_s
    return Lead(mean, mean - half, mean + half)

"""Concordance of slopes: SUCO, and the index of Marci, Ham, Moran & Orr (2007).

Both look at whether two courses rise and fall together: least-squares slopes over `slope` seconds, one every second,
and their correlation in windows.

* SUCO: segments that follow each other (10 s, slopes over 2 s); the index is the mean Z of their correlations;
  `details` has the concordance index ln(Σ positive r / |Σ negative r|).
* Marci: windows of 15 s each second (slopes over 5 s); the index is that logarithm, cut at ±10: 0 is neutral.

With `max_lag` the slopes of the second person are also taken earlier and later, second by second.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.science.errors import BadInput
from accord.science.synchrony import wlcc
from accord.science.synchrony.fisher import fisher_z
from accord.science.synchrony.scores import Method, Scores, block_middles
from accord.science.synchrony.settings import Settings, samples

Array = NDArray[np.float64]

LARGEST = 10.0


@dataclass(frozen=True, slots=True)
class Sloped:
    """Blocks of slopes, and the settings in steps of the slopes."""

    blocks: wlcc.Blocks
    settings: Settings


def slopes(x: Array, settings: Settings) -> tuple[Array, float]:
    """Least-squares slope (per second) of the samples in each `slope` seconds, one a second; and their rate (Hz)."""
    span, step = max(samples(settings.slope, settings.rate_hz), 2), max(round(settings.rate_hz), 1)
    if len(x) < span:
        return np.empty(0), settings.rate_hz / step
    t = (np.arange(span) - (span - 1) / 2) / settings.rate_hz
    found: Array = np.lib.stride_tricks.sliding_window_view(x, span)[::step] @ (t / (t @ t))
    return found, settings.rate_hz / step


def prepare(x: Array, settings: Settings) -> Sloped:
    values, rate = slopes(x, settings)
    inside = samples(settings.window - settings.slope, rate) + 1  # slopes that lie whole in a window
    if inside < 3:
        raise BadInput(
            f"A window of {settings.window:g} s holds {inside} slopes over {settings.slope:g} s.",
            cure="Take a longer window or a shorter slope: at least 3.",
        )
    coarse = replace(settings, rate_hz=rate, window=inside / rate)
    return Sloped(wlcc.prepare(values, coarse), coarse)


def times(n: int, settings: Settings) -> Array:
    """Middles (s) of the windows."""
    rate = settings.rate_hz / max(round(settings.rate_hz), 1)
    span = max(samples(settings.slope, settings.rate_hz), 2)
    count = max((n - span) // max(round(settings.rate_hz), 1) + 1, 0)
    inside = samples(settings.window - settings.slope, rate) + 1
    coarse = replace(settings, rate_hz=rate, window=inside / rate)
    return block_middles(count, coarse) + (settings.slope - 1 / rate) / 2


def measure_suco(a: Sloped, b: Sloped, settings: Settings) -> Scores:
    return wlcc.scored(fisher_z(wlcc.correlations(a.blocks, b.blocks, a.settings)), settings)


def index(r: Array) -> Array:
    """ln(Σ positive r / |Σ negative r|) of each column, within ±10."""
    together, against = np.nansum(np.maximum(r, 0), axis=0), -np.nansum(np.minimum(r, 0), axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Array = np.clip(np.log(together) - np.log(against), -LARGEST, LARGEST)
    return found


def measure_marci(a: Sloped, b: Sloped, settings: Settings) -> Scores:
    r = wlcc.correlations(a.blocks, b.blocks, a.settings)
    profile = index(r)
    middle = r.shape[1] // 2
    return Scores(float(profile[middle]) if len(r) else float("nan"), r[:, middle], profile, r)


def details(a: Sloped, b: Sloped, scores: Scores, settings: Settings) -> dict[str, Any]:
    """The concordance index, and whether one side of it was empty."""
    r = wlcc.correlations(a.blocks, b.blocks, a.settings)
    middle = r[:, r.shape[1] // 2]
    one_sided = not (middle > 0).any() or not (middle < 0).any()
    return {
        "concordance_index": float(index(middle[:, None])[0]), "one_side_empty": one_sided,
        "share_positive_windows": float((middle[np.isfinite(middle)] > 0).mean()),
    }  # fmt: skip


SUCO = Method(
    "suco", "concordance of slopes (SUCO)", prepare, measure_suco, times,
    {"window": 10.0, "step": 10.0, "max_lag": 0.0, "slope": 2.0}, contiguous=True, details=details,
)  # fmt: skip
MARCI = Method(
    "marci", "Marci's concordance index", prepare, measure_marci, times,
    {"window": 15.0, "step": 1.0, "max_lag": 0.0, "slope": 5.0}, details=details,
)  # fmt: skip

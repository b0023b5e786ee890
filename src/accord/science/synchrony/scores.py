"""What one measured pair gives, real or surrogate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.science.errors import BadInput
from accord.science.synchrony.settings import Settings

Array = NDArray[np.float64]

MOST_SAMPLES = 8_000_000  # in all windows together: about 300 MB of spectra


@dataclass(frozen=True, slots=True)
class Chance:
    """What surrogates gave, one row each: `overall` (B,), `windows` (B, K), `profile` (B, P)."""

    overall: Array
    windows: Array
    profile: Array


@dataclass(frozen=True, slots=True)
class Scores:
    """`overall` is the index; `windows` its course (one value a window), `profile` its course over the lags."""

    overall: float
    windows: Array
    profile: Array
    grid: Array | None = None  # windows × lags, for the time-by-lag map and the interval of the lead
    lags: Array | None = None  # seconds, one for each event that found its partner


def nothing_more(a: Any, b: Any, scores: Scores, settings: Settings) -> dict[str, Any]:
    """The details of a method that has none."""
    return {}


@dataclass(frozen=True, slots=True)
class Method:
    """One way to measure coupling. All have one signature, so that surrogates need not know which one it is.

    `prepare(series, settings)` is done once for a person, `measure(prepared a, prepared b, settings)` for a pair.
    `times(samples, settings)` is the middle of each window in seconds. `details(a, b, scores, settings)` adds what only
    this method knows, for the real pair alone. `shuffled(a, b, orders, settings)`, where a method has it, scores many
    orders of b's windows at once.
    """

    name: str
    label: str
    prepare: Callable[[Array, Settings], Any]
    measure: Callable[[Any, Any, Settings], Scores]
    times: Callable[[int, Settings], Array]
    defaults: Mapping[str, float]
    one_sided: bool = False
    axis: str = "lag"  # lag: the peak of the profile; events: the mean of their lags; frequency: neither
    contiguous: bool = False  # windows follow each other: the step is the window
    drifts: bool = True  # a slow trend would count as coupling
    details: Callable[[Any, Any, Scores, Settings], dict[str, Any]] = nothing_more
    shuffled: Callable[[Any, Any, NDArray[np.int64], Settings], Chance | None] | None = None


def starts(n: int, settings: Settings, *, reach: int) -> NDArray[np.int64]:
    """First samples of the windows: every `step`, as long as window and lag fit (rMEA: ceil((n − W − L + 1)/step))."""
    return np.arange(0, max(n - settings.width - reach + 1, 0), settings.shift)


def not_too_many(windows: int, width: int) -> None:
    """`BadInput` where the windows together would not fit: a raw recording instead of a course on a grid."""
    if windows * width > MOST_SAMPLES:
        raise BadInput(
            f"{windows:,} windows of {width:,} samples are too much at once.",
            cure="Bring both recordings to 4 or 10 Hz first, or take a longer step.",
        )


def block_middles(n: int, settings: Settings) -> Array:
    """Middles (s) of blocks of window and lag."""
    first = starts(n, settings, reach=settings.reach)
    middles: Array = (first.astype(np.float64) + (settings.width + settings.reach) / 2) / settings.rate_hz
    return middles


def segment_count(n: int, settings: Settings) -> int:
    """Whole segments in n samples; what is over is dropped."""
    return n // settings.width


def segment_middles(n: int, settings: Settings) -> Array:
    """Middles (s) of segments that follow each other."""
    middles: Array = (np.arange(segment_count(n, settings), dtype=np.float64) + 0.5) * (
        settings.width / settings.rate_hz
    )
    return middles

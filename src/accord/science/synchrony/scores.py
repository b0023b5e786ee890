"""What one measured pair gives, real or surrogate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.science.synchrony.settings import Settings

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scores:
    """`overall` is the index; `windows` its course (one value a window), `profile` its course over the lags."""

    overall: float
    windows: Array
    profile: Array
    grid: Array | None = None  # windows × lags, for the time-by-lag map and the interval of the lead


@dataclass(frozen=True, slots=True)
class Method:
    """One way to measure coupling. All have one signature, so that surrogates need not know which one it is.

    `prepare(series, settings)` is done once for a person, `measure(prepared a, prepared b, settings)` for a pair.
    `times(samples, settings)` is the middle of each window in seconds. `details(a, b, scores, settings)` adds what only this method knows, for the real pair alone.
    """

    name: str
    label: str
    prepare: Callable[[Array, Settings], Any]
    measure: Callable[[Any, Any, Settings], Scores]
    times: Callable[[int, Settings], Array]
    defaults: Mapping[str, float]
    one_sided: bool = False
    axis: str = "lag"  # what the profile runs over: lag or frequency
    contiguous: bool = False  # windows follow each other: the step is the window
    details: Callable[[Any, Any, Scores, Settings], dict[str, Any]] = field(default=lambda a, b, s, o: {})


def starts(n: int, settings: Settings, *, reach: int) -> NDArray[np.int64]:
    """First samples of the windows: every `step`, as long as window and lag fit (rMEA: ceil((n − W − L + 1)/step))."""
    return np.arange(0, max(n - settings.width - reach + 1, 0), settings.shift)


def block_middles(n: int, settings: Settings) -> Array:
    """Middles (s) of blocks of window and lag."""
    first = starts(n, settings, reach=settings.reach)
    middles: Array = (first + (settings.width + settings.reach) / 2) / settings.rate_hz
    return middles

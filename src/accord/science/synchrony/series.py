"""Two series on one grid: what they must be, and the slow trend taken out of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.science.errors import BadInput, NotEstimable

Array = NDArray[np.float64]

LONGEST = 20_000_000  # samples: 24 hours at 200 Hz; more is a raw recording, not a course on a grid
FLAT = 1e-10  # an SD below this share of the values' own size is a flat line to rounding


def series(values: ArrayLike, name: str) -> Array:
    """One person's course as float64; what is missing is NaN. `BadInput` for what is no course."""
    try:
        x = np.asarray(values, np.float64)
    except (TypeError, ValueError) as error:
        raise BadInput(f"{name} is not a list of numbers.", cure="Give one number for each sample.") from error
    if x.ndim != 1:
        raise BadInput(f"{name} has {x.ndim} dimensions.", cure="Give one column of values.")
    if len(x) > LONGEST:
        raise BadInput(
            f"{name} has {len(x):,} samples; at most {LONGEST:,} are taken.",
            cure="Bring the recording to an even grid of 4 or 10 Hz first.",
        )
    x = np.where(np.isfinite(x), x, np.nan)
    known = x[~np.isnan(x)]
    if len(known) == 0:
        raise NotEstimable(f"{name} holds no value.", cure="Was this person recorded in this session?")
    if known.std() <= FLAT * max(float(np.abs(known).max()), 1e-300):
        raise NotEstimable(
            f"{name} is a flat line ({known[0]:g} throughout).",
            cure="A sensor that is off or saturated gives this; leave the recording out.",
        )
    return x


def pair(a: ArrayLike, b: ArrayLike, *, who: tuple[str, str]) -> tuple[Array, Array]:
    """Both courses, checked to lie on one grid."""
    x, y = series(a, f"The course of {who[0]}"), series(b, f"The course of {who[1]}")
    if len(x) != len(y):
        raise BadInput(
            f"The two courses have {len(x):,} and {len(y):,} samples.",
            cure="Bring both to one grid (same start, same rate, same end) first.",
        )
    return x, y


def without_flat_runs(x: Array, length: int) -> Array:
    """x with NaN where it does not change for `length` samples: a sensor that is off, which a trend taken out of it
    would otherwise turn into a faint course of rounding errors."""
    edges = np.concatenate([[0], np.flatnonzero(np.diff(x) != 0) + 1, [len(x)]])
    lengths = np.diff(edges)
    return np.where(np.repeat(lengths >= length, lengths), np.nan, x)


def detrended(x: Array, span: int) -> Array:
    """x minus the straight line fitted to the `span` samples around each sample (fewer at the ends); NaN stays NaN.

    What changes more slowly than the span goes: a fall after arrival, drift of an electrode. Whatever the other
    person did plays no part, so that taking it out cannot make two people alike. Running sums, O(n).
    """
    n, half = len(x), max(span // 2, 1)
    known = ~np.isnan(x)
    t = (np.arange(n) - (n - 1) / 2) / max(n, 1)
    y = np.where(known, x - np.nanmean(x), 0.0)
    low = np.maximum(np.arange(n) - half, 0)
    high = np.minimum(np.arange(n) + half + 1, n)

    def total(v: Array) -> Array:
        sums = np.concatenate([[0.0], np.cumsum(v)])
        found: Array = sums[high] - sums[low]
        return found

    m = known.astype(np.float64)
    count, st, sy, stt, sty = total(m), total(m * t), total(y), total(m * t * t), total(t * y)
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = stt - st * st / count
        slope = np.where(count > 2, (sty - st * sy / count) / spread, 0.0)
        line = sy / count + slope * (t - st / count)
    return np.where(known, y - line, np.nan)

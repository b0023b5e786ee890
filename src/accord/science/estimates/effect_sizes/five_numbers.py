"""Means and SDs from medians, quartiles and ranges, by named methods; all assume a normal outcome.

Papers give a median most often because the outcome is not normal: `skewed` says where the figures themselves speak
against it, and then the mean and SD made here are not to be trusted.
"""

from __future__ import annotations

import itertools
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from accord.science.errors import BadInput
from accord.science.estimates.effect_sizes.values import Array, arrays, one_of

MeanMethod = Literal["luo", "wan"]
SdMethod = Literal["wan", "shi"]


def mean_from_five(
    minimum: ArrayLike | None, q1: ArrayLike | None, median: ArrayLike, q3: ArrayLike | None,
    maximum: ArrayLike | None, n: ArrayLike, *, method: MeanMethod = "luo",
) -> Array:  # fmt: skip
    """The mean from median and range, median and quartiles, or all five (what is None or NaN is not used).

    With r = (min+max)/2 and q = (q1+q3)/2:

    * luo (Luo et al. 2018, equations 7, 11, 15): w·r + (1-w)·median, w = 4/(4+n^.75); w·q + (1-w)·median,
      w = .7+.39/n; w1·r + w2·q + (1-w1-w2)·median, w1 = 2.2/(2.2+n^.75), w2 = .7-.72/n^.55
    * wan (Wan et al. 2014): (min+2·median+max)/4; (q1+median+q3)/3; (min+2q1+2·median+2q3+max)/8

    Checked in many normal samples.
    """
    one_of("The method", method, ("luo", "wan"))
    low, a, m, b, high, size = _five(minimum, q1, median, q3, maximum, n)
    r, q = (low + high) / 2, (a + b) / 2
    if method == "wan":
        ranges, quartiles, both = (r + m) / 2, (2 * q + m) / 3, (r + 2 * q + m) / 4
    else:
        w, u = 4 / (4 + size**0.75), 0.7 + 0.39 / size
        w1, w2 = 2.2 / (2.2 + size**0.75), 0.7 - 0.72 / size**0.55
        ranges, quartiles = w * r + (1 - w) * m, u * q + (1 - u) * m
        both = w1 * r + w2 * q + (1 - w1 - w2) * m
    return _choose(r, q, ranges, quartiles, both)


def sd_from_five(
    minimum: ArrayLike | None, q1: ArrayLike | None, q3: ArrayLike | None, maximum: ArrayLike | None, n: ArrayLike,
    *, method: SdMethod = "wan",
) -> Array:  # fmt: skip
    """The SD from range, quartiles, or both.

    * wan (Wan et al. 2014): (max-min)/(2Φ⁻¹((n-.375)/(n+.25))); (q3-q1)/(2Φ⁻¹((.75n-.125)/(n+.25))); with all five
      the mean of both
    * shi (Shi et al. 2020): with all five θ·range + (1-θ)·quartiles, θ = 1/(1+.07 n^.6); else as wan

    NaN where only one person was measured. Checked in many normal samples.
    """
    one_of("The method", method, ("wan", "shi"))
    low, a, _, b, high, size = _five(minimum, q1, None, q3, maximum, n)
    size = np.where(size > 1, size, np.nan)
    ranges = (high - low) / (2 * special.ndtri((size - 0.375) / (size + 0.25)))
    quartiles = (b - a) / (2 * special.ndtri((0.75 * size - 0.125) / (size + 0.25)))
    theta = 1 / (1 + 0.07 * size**0.6) if method == "shi" else 0.5
    return _choose(ranges, quartiles, ranges, quartiles, theta * ranges + (1 - theta) * quartiles)


def skewed(q1: ArrayLike, median: ArrayLike, q3: ArrayLike, n: ArrayLike) -> Any:
    """Whether the quartiles lie so unevenly about the median that normal data would do so in one sample of twenty.

    |q1 + q3 - 2·median|/(q3 - q1) > 2.65/√n - 6/n² (Shi et al. 2023); from n = 5.
    """
    _, a, m, b, _, size = _five(None, q1, median, q3, None, n)
    with np.errstate(divide="ignore", invalid="ignore"):
        return (np.abs(a + b - 2 * m) / (b - a) > 2.65 / np.sqrt(size) - 6 / size**2) & (size >= 5)


def sd_from_se(se: ArrayLike, n: ArrayLike) -> Array:
    """SD = SE·√n of a mean."""
    s, size = arrays(sei=se, ni=n)
    return np.asarray(s * np.sqrt(size))


def sd_from_interval(low: ArrayLike, high: ArrayLike, n: ArrayLike, *, level: float = 0.95) -> Array:
    """SD of one group from the confidence interval of its mean: √n·(high-low)/(2t), t(n-1)."""
    a, b, size = arrays(low=low, high=high, ni=n)
    _in_order(a, b)
    size = np.where(size > 1, size, np.nan)
    return np.asarray(np.sqrt(size) * (b - a) / (2 * special.stdtrit(size - 1, 0.5 + level / 2)))


def _five(*columns: ArrayLike | None) -> tuple[Array, ...]:
    names = ("minimum", "q1", "median", "q3", "maximum", "ni")
    given = {name: np.nan if column is None else column for name, column in zip(names, columns, strict=True)}
    found = arrays(**given)
    for lower, upper in itertools.combinations(found[:-1], 2):
        _in_order(lower, upper)
    return found


def _in_order(smaller: Array, larger: Array) -> None:
    if (smaller > larger).any():
        row = int(np.flatnonzero(smaller > larger)[0])
        raise BadInput(
            f"Study {row + 1}: {smaller.flat[row]:g} should not be above {larger.flat[row]:g}.",
            cure="Order them: minimum, lower quartile, median, upper quartile, maximum; lower limit, upper limit.",
        )


def _choose(has_range: Array, has_quartiles: Array, ranges: Array, quartiles: Array, both: Array) -> Array:
    known_range, known_quartiles = np.isfinite(has_range), np.isfinite(has_quartiles)
    return np.where(known_range & known_quartiles, both, np.where(known_quartiles, quartiles, ranges))

"""Effects that a paper or a data base already gives: with a variance, a standard error or a confidence interval."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from accord.science.errors import BadInput
from accord.science.estimates.effect_sizes.values import Array, YiVi, arrays, known
from accord.science.estimates.interval import critical_value


def with_variance(yi: ArrayLike, vi: ArrayLike) -> YiVi:
    """The effect and its variance as they are."""
    return known(*arrays(yi=yi, vi=vi))


def with_se(yi: ArrayLike, sei: ArrayLike) -> YiVi:
    """The effect, and its standard error squared."""
    y, se = arrays(yi=yi, sei=sei)
    return known(y, se**2)


def with_interval(yi: ArrayLike, ci_low: ArrayLike, ci_high: ArrayLike, *, level: float = 0.95) -> YiVi:
    """The effect, and ((high - low)/(2z))², z of the normal at `level`. Intervals by t are a little wider than that."""
    y, low, high = arrays(yi=yi, ci_low=ci_low, ci_high=ci_high)
    return known(y, _se(low, high, level) ** 2)


def ratio_with_interval(ratio: ArrayLike, ratio_low: ArrayLike, ratio_high: ArrayLike, *, level: float = 0.95) -> YiVi:
    """A ratio (odds, risk, hazard) with its limits: log(ratio), ((log high - log low)/(2z))²."""
    y, low, high = arrays(ratio=ratio, ratio_low=ratio_low, ratio_high=ratio_high)
    return known(np.log(y), _se(np.log(low), np.log(high), level) ** 2)


def _se(low: Array, high: Array, level: float) -> Array:
    if (low >= high).any():
        row = int(np.flatnonzero(low >= high)[0])
        raise BadInput(
            f"Study {row + 1}: the lower limit is not below the upper limit.",
            cure="Look whether the two columns are swapped or one limit is lost.",
        )
    return np.asarray((high - low) / (2 * critical_value(level)))

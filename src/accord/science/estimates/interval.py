"""Intervals and p values from a value, its standard error and, where there are any, its degrees of freedom.

Uses the special functions only: `scipy.stats` takes ten times as long to import.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from scipy import special


class Interval(NamedTuple):
    """The limits of an interval and the two-sided p value of "the true value is zero"."""

    low: float
    high: float
    p: float


def critical_value(level: float = 0.95, df: float | None = None) -> float:
    """The two-sided quantile of t(df), or of the standard normal when `df` is None or infinite."""
    tail = 0.5 + level / 2
    if df is None or math.isinf(df):
        return float(special.ndtri(tail))
    return float(special.stdtrit(df, tail))


def two_sided_p(statistic: float, df: float | None = None) -> float:
    """Two-sided p of a t (or z) statistic."""
    if df is None or math.isinf(df):
        return float(2 * special.ndtr(-abs(statistic)))
    return float(2 * special.stdtr(df, -abs(statistic)))


def wald(value: float, se: float, df: float | None = None, level: float = 0.95) -> Interval:
    """value ± quantile · se, with the p value of value / se."""
    half = critical_value(level, df) * se
    p = two_sided_p(value / se, df) if se > 0 else math.nan
    return Interval(value - half, value + half, p)

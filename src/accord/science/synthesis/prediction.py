"""Prediction intervals: where the true effect of a new study would lie. The convention is always named.

estimate ± quantile · √(se² + τ²), with the quantile of

* metafor: the normal with test "z", t(k-p) with Hartung-Knapp (as metafor 3.8 does);
* cochrane: t(k-p-1), so t(k-2) without moderators (Higgins, Thompson & Spiegelhalter 2009, and the Cochrane Handbook),
  whatever the test.
"""

from __future__ import annotations

import math

from accord.science.estimates.interval import critical_value

NORMAL, T_KP, T_K2 = "normal (metafor)", "t(k−p) (metafor)", "t(k−p−1) (Cochrane)"
PREDICTIONS = ("metafor", "cochrane")


def prediction_convention(prediction: str, test: str, k: int, p: int) -> tuple[str, float | None]:
    """The name of the convention and its degrees of freedom."""
    name = T_K2 if prediction == "cochrane" else NORMAL if test == "z" else T_KP
    return name, prediction_df(name, k, p)


def prediction_df(convention: str, k: int, p: int) -> float | None:
    return {NORMAL: None, T_KP: float(k - p), T_K2: float(k - p - 1)}[convention]


def prediction_interval(estimate: float, se: float, tau2: float, level: float, df: float | None) -> tuple[float, float]:
    """NaN when τ² is not known or no degree of freedom is left."""
    if math.isnan(tau2) or (df is not None and df < 1):
        return math.nan, math.nan
    half = critical_value(level, df) * math.sqrt(se**2 + tau2)
    return estimate - half, estimate + half

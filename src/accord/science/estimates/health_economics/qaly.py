"""Quality-adjusted life years: the area under the course of utility, by trapezia, in years."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.science.errors import BadInput
from accord.science.estimates.health_economics.value_set import ValueSet

Array = NDArray[Any]
DAYS_A_YEAR = 365.25


def qalys(
    utilities: ArrayLike, days: ArrayLike, value_set: ValueSet, *, instrument: str, version: str,
    horizon_days: float | None = None,
) -> Array:  # fmt: skip
    """QALYs (N,) from utilities (N, T) at `days` (T,), the first of them day 0 or before.

    Σ (u_t + u_{t+1})/2 · (d_{t+1} - d_t)/365.25, from day 0 to the horizon (default: the last visit), straight lines
    between visits and level after the last. A missing utility makes the person's QALYs missing. Raises BadInput when
    the value set is of another version, a utility lies above 1 or below -1, or the days are out of order.
    """
    value_set.fits(instrument, version)
    u, when = np.atleast_2d(np.asarray(utilities, float)), np.asarray(days, float)
    _refuse(u, when)
    end = float(when[-1] if horizon_days is None else horizon_days)
    inner = when[(when > 0) & (when < end)]
    knots = np.concatenate([[0.0], inner, [end]])
    at = _interpolated(u, when, knots)
    area: Array = ((at[:, 1:] + at[:, :-1]) / 2 * np.diff(knots)).sum(axis=1) / DAYS_A_YEAR
    return np.where(np.isfinite(u).all(axis=1), area, np.nan)


def _refuse(u: Array, when: Array) -> None:
    if u.shape[1] != len(when) or len(when) < 2 or (np.diff(when) <= 0).any() or when[0] > 0:
        raise BadInput(
            "QALYs need one column of utilities per visit: a baseline (day 0 or before) and later days in order.",
            cure="Give days such as 0, 84, 182, 365.",
        )
    if (np.abs(u[np.isfinite(u)]) > 1).any():
        raise BadInput("A utility lies outside -1 to 1.", cure="Give index values, not the 0 to 100 scale.")


def _interpolated(u: Array, when: Array, knots: Array) -> Array:
    place = np.clip(np.searchsorted(when, knots, side="right") - 1, 0, len(when) - 2)
    share = np.clip((knots - when[place]) / (when[place + 1] - when[place]), 0.0, 1.0)
    found: Array = u[:, place] * (1 - share) + u[:, place + 1] * share
    return found

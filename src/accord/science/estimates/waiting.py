"""How long people wait, counting those who still do: quantiles of the Kaplan-Meier curve of waiting.

A median over those who have arrived alone is too short, because whoever waits longest has not arrived yet. Checked
against R's `quantile(survfit(Surv(t, d) ~ 1, conf.type = "log-log"))`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from accord.science.errors import NotEstimable
from accord.science.estimates.estimate import Estimate
from accord.science.estimates.time_to_event import survival

METHOD = "Kaplan–Meier, log–log limits; who still waits, or left before, counts as long as she waited"


def waiting_time(
    time: ArrayLike, arrived: ArrayLike, share: float, id: str, label: str, *, unit: str = "days"
) -> Estimate:
    """The time by which `share` of those who wait have arrived, as an `Estimate`.

    `time` (N,) until arrival or as long as she was seen to wait (NaN: not known, counted as missing), `arrived` (N,)
    0 or 1. Never raises: what cannot be had has no value and says why.
    """
    t, d = np.asarray(time, float), np.asarray(arrived, float)
    known = np.isfinite(t)
    n, missing = int(known.sum()), int((~known).sum())
    empty = Estimate(id=id, label=label, value=None, n=n, missing=missing, unit=unit, method=METHOD)
    if not n:
        return empty.renamed(note="Not estimable: nobody's wait is known.")
    try:
        curve = survival(t[known], d[known])
    except NotEstimable:
        return empty.renamed(note=f"Not estimable: none of {n:,} has arrived yet.")
    value = curve.quantile(share)
    so_far = f"{int(curve.events.sum()):,} of {n:,} have arrived."
    if value is None:
        return empty.renamed(note=f"Not estimable: not reached by so many as {100 * share:.0f} %. {so_far}")
    low, high = curve.quantile_limits(share)
    open_end = "" if high is not None else " The upper limit is not reached."
    return empty.renamed(value=value, ci_low=low, ci_high=high, note=so_far + open_end)

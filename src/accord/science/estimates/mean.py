"""The mean of one group with its t interval: mean ± t(n − 1) · s / √n. Checked against R's t.test (see tests)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from accord.science.errors import NotEstimable
from accord.science.estimates.contrast import Contrast, contrast
from accord.science.estimates.estimate import Estimate


def mean(values: ArrayLike, *, level: float = 0.95) -> tuple[Contrast, int]:
    """The mean of the finite values and how many there are. Raises NotEstimable for fewer than two."""
    kept = np.asarray(values, dtype=float)
    kept = kept[np.isfinite(kept)]
    if len(kept) < 2:
        raise NotEstimable(f"A mean with an interval needs two values; there are {len(kept)}.")
    se = float(kept.std(ddof=1)) / math.sqrt(len(kept))
    return contrast(float(kept.mean()), se, len(kept) - 1.0, level=level), len(kept)


def mean_estimate(values: ArrayLike, id: str, label: str, *, unit: str = "", scale: str | None = None) -> Estimate:
    """The mean as an `Estimate`; `missing` counts values that are not there. Never raises: the reason is the note."""
    all_of_them = np.asarray(values, dtype=float)
    try:
        found, n = mean(all_of_them)
    except NotEstimable as error:
        n = int(np.isfinite(all_of_them).sum())
        return Estimate(id=id, label=label, value=None, n=n, scale=scale, unit=unit, note=error.finding.what)
    # The p value of "the mean is zero" is of no interest for an amount.
    return Estimate(
        id=id, label=label, value=found.value, ci_low=found.ci_low, ci_high=found.ci_high, se=found.se, df=found.df,
        n=n, missing=len(all_of_them) - n, scale=scale, unit=unit, method="mean, t interval",
    )  # fmt: skip

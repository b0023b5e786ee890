"""Profile-likelihood intervals of the two variances of a three-level model.

All values of one variance that twice the log likelihood (the other variance and β at their best) puts within the
quantile of χ²(1) of the maximum. As confint() of metafor's rma.mv, which it was checked against.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from accord.science.errors import NotEstimable
from accord.science.estimates.interval import critical_value
from accord.science.synthesis.nested_likelihood import NestedData, NestedFit, maximise


class VarianceInterval(NamedTuple):
    """An estimate with its limits; `low` is 0 where zero itself is inside."""

    estimate: float
    low: float
    high: float


def profile_interval(data: NestedData, fit: NestedFit, which: int, level: float = 0.95) -> VarianceInterval:
    """`which`: 0 between studies, 1 within."""
    from scipy.optimize import brentq

    held = (which == 0, which == 1)
    allowed = critical_value(level) ** 2
    best = float(fit.variances[which])
    start = fit.variances.copy()

    def excess(value: float) -> float:
        start[which] = value
        return 2 * (fit.log_likelihood - maximise(data, start=start, held=held).log_likelihood) - allowed

    low = 0.0 if best == 0 or excess(0.0) <= 0 else brentq(excess, 0.0, best, xtol=1e-10, rtol=1e-10)
    high = max(2 * best, 0.1 * float(np.mean(data.sampling.variances)))
    for _ in range(60):
        if excess(high) > 0:
            break
        high *= 2
    else:
        raise NotEstimable("The variance has no upper limit.", cure="There are too few studies or effects.")
    return VarianceInterval(best, float(low), float(brentq(excess, best, high, xtol=1e-12 * max(high, 1), rtol=1e-10)))

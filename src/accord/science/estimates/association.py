"""Association of two measures across people: correlation, and the slope in standard deviations with covariates."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from accord.science.errors import NotEstimable
from accord.science.estimates.cluster_robust import cluster_robust
from accord.science.estimates.contrast import Contrast
from accord.science.estimates.interval import critical_value, two_sided_p


def correlation(first: ArrayLike, second: ArrayLike, *, level: float = 0.95) -> Contrast:
    """Pearson's r with limits by Fisher's z (se 1/√(n-3)); p by t on n - 2 df. Pairs with a missing value are left
    out."""
    a, b = np.asarray(first, float), np.asarray(second, float)
    known = np.isfinite(a) & np.isfinite(b)
    n = int(known.sum())
    if n < 4:
        raise NotEstimable(f"A correlation needs four pairs; found {n}.", cure="Report the values.")
    if not (np.ptp(a[known]) > 0 and np.ptp(b[known]) > 0):
        raise NotEstimable("One of the two measures does not vary.", cure="Report its value.")
    r = float(np.corrcoef(a[known], b[known])[0, 1])
    if abs(r) >= 1 - 1e-15:
        return Contrast(r, 0.0, n - 2, r, r, 0.0)
    half = critical_value(level) / math.sqrt(n - 3)
    t = r * math.sqrt((n - 2) / (1 - r * r))
    low, high = math.tanh(math.atanh(r) - half), math.tanh(math.atanh(r) + half)
    return Contrast(r, (1 - r * r) / math.sqrt(n - 2), n - 2, low, high, two_sided_p(t, n - 2))


def standardised_slope(
    outcome: ArrayLike,
    predictor: ArrayLike,
    *,
    covariates: Mapping[str, ArrayLike] | None = None,
    cluster: Sequence[Any] | ArrayLike | None = None,
    level: float = 0.95,
) -> Contrast:
    """SDs of the outcome per SD of the predictor at equal covariates. HC2 standard errors, or CR2 with `cluster`.

    Both SDs are those of the people with outcome and predictor, and are taken as known.
    """
    y, x = np.asarray(outcome, float), np.asarray(predictor, float)
    known = np.isfinite(y) & np.isfinite(x)
    if known.sum() < 4 or not (np.ptp(y[known]) > 0 and np.ptp(x[known]) > 0):
        raise NotEstimable("Outcome and predictor must vary over at least four people.", cure="Check the columns.")
    z = (x - x[known].mean()) / x[known].std(ddof=1)
    outcome_in_sd = (y - y[known].mean()) / y[known].std(ddof=1)
    return cluster_robust(outcome_in_sd, cluster, fixed={"predictor": z, **(covariates or {})}).coefficient(
        "predictor", level=level
    )

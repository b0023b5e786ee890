"""The small-sample factor J that makes a d into Hedges' g, exact and approximate."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from accord.science.estimates.effect_sizes.values import Array, one_of
from accord.science.estimates.hedges_g import correction_factor

Correction = Literal["exact", "approximate", "none"]


def small_sample(df: ArrayLike, correction: Correction = "exact") -> Array:
    """J for the degrees of freedom of the standardiser; NaN where df is not above 1.

    * exact: Γ(df/2) / (√(df/2) Γ((df-1)/2)) (Hedges 1981, equation 6e); what metafor uses
    * approximate: 1 - 3/(4 df - 1) (the same paper); what older reviews and several programs use
    * none: 1, so that the result is d and not g
    """
    one_of("The correction", correction, ("exact", "approximate", "none"))
    m = np.where(np.asarray(df, float) > 1, df, np.nan)
    if correction == "exact":
        return correction_factor(m)
    if correction == "approximate":
        return np.asarray(1 - 3 / (4 * m - 1), float)
    return np.where(np.isnan(m), np.nan, 1.0)

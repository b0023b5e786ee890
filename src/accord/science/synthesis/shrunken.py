"""What each study's own true effect most likely is, given all the others."""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy import special

from accord.science.synthesis.pooled import Pooled


def shrunken_effects(pooled: Pooled) -> pl.DataFrame:
    """Empirical Bayes estimates (BLUPs) of x_i'β + u_i, one row a study, with normal or t limits of the fit.

    λ y_i + (1-λ) x_i b with λ = τ²/(τ² + v_i); se² = λ v_i + (1-λ)² x_i cov(b) x_i'. Checked against metafor::blup.
    """
    e = pooled.effects
    tau2 = 0.0 if np.isnan(pooled.tau2) else pooled.tau2
    share = tau2 / (tau2 + e.v)
    fitted = e.x @ pooled.coefficients
    variance = np.einsum("ka,ab,kb->k", e.x, pooled.covariance, e.x)
    value = share * e.y + (1 - share) * fitted
    se = np.sqrt(share * e.v + (1 - share) ** 2 * variance)
    tail = 0.5 + pooled.level / 2
    reach = special.ndtri(tail) if pooled.df is None else special.stdtrit(pooled.df, tail)
    return pl.DataFrame({
        "study": list(e.labels), "estimate": value, "se": se, "low": value - reach * se, "high": value + reach * se,
    })  # fmt: skip

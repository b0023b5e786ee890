"""Pooling over imputations (Rubin 1987) with the df of Barnard & Rubin 1999.

Q̄ = mean of the estimates, W = mean of their variances, B = variance between; total T = W + (1 + 1/m)B. With
λ = (1 + 1/m)B/T: df_old = (m-1)/λ², df_obs = (ν+1)/(ν+3)·ν(1-λ), df = df_old·df_obs/(df_old + df_obs), ν the df of the
complete data. Checked against mice 3.15.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from accord.science.errors import BadInput
from accord.science.estimates.contrast import Contrast, contrast
from accord.science.estimates.estimate import Estimate


@dataclass(frozen=True, slots=True)
class Pooled:
    """The pooled contrast, and how much the missing values cost: `missing_information` (fmi) of what there would be."""

    contrast: Contrast
    imputations: int
    within: float
    between: float
    missing_information: float
    relative_increase: float

    def estimate(self, id: str, label: str, **context: Any) -> Estimate:
        note = f"{self.imputations} imputations; {100 * self.missing_information:.0f} % of the information is missing."
        return self.contrast.estimate(
            id, label, **{"note": note, "method": "multiple imputation, Rubin's rules", **context}
        )


def pool(estimates: ArrayLike, variances: ArrayLike, *, df_complete: float = math.inf, level: float = 0.95) -> Pooled:
    """Pool one number over m ≥ 2 imputations. `variances` are squared standard errors."""
    q, u = np.asarray(estimates, float), np.asarray(variances, float)
    m = len(q)
    if m < 2 or q.shape != u.shape or q.ndim != 1:
        raise BadInput(f"Pooling needs two imputations or more, with one variance each; found {q.shape}, {u.shape}.")
    within, between = float(u.mean()), float(q.var(ddof=1))
    total = within + (1 + 1 / m) * between
    share = (1 + 1 / m) * between / total
    df = _barnard_rubin(share, m, df_complete)
    increase = (1 + 1 / m) * between / within
    fmi = (increase + 2 / (df + 3)) / (1 + increase) if math.isfinite(df) else share
    return Pooled(contrast(float(q.mean()), math.sqrt(total), df, level=level), m, within, between, fmi, increase)


def _barnard_rubin(share: float, m: int, df_complete: float) -> float:
    old = math.inf if share <= 0 else (m - 1) / share**2
    if math.isinf(df_complete):
        return old
    observed = (df_complete + 1) / (df_complete + 3) * df_complete * (1 - share)
    return observed if math.isinf(old) else old * observed / (old + observed)

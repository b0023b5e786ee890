"""Correlated and hierarchical effects: sampling errors of one study share a correlation that nobody reports.

The effects of one study come from the same people, so their sampling errors go together. The working model (CHE,
Pustejovsky & Tipton 2022) assumes one correlation ρ for all and keeps both variances of the three-level model; CR2
standard errors make the inference hold when ρ is wrong. `rho_sensitivity` shows how little, or how much, it matters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from accord.science.errors import BadInput
from accord.science.synthesis.model import Moderators
from accord.science.synthesis.three_level import Errors, ThreeLevel, fit_nested


def working_covariance(
    yi: ArrayLike,
    vi: ArrayLike,
    study: Sequence[Any] | ArrayLike,
    *,
    rho: float = 0.6,
    mods: Moderators | None = None,
    method: Literal["REML", "ML"] = "REML",
    errors: Errors = "CR2",
    level: float = 0.95,
    reference: Mapping[str, str] | None = None,
) -> ThreeLevel:
    """As `three_level`, with cov(e_ij, e_il) = ρ √(v_ij v_il) within a study.

    `rho` from 0 to below 1; 0.6 is a convention, not a finding: say it and vary it. Raises BadInput for another rho,
    or for `vi` given as a matrix. Checked against metafor::rma.mv with clubSandwich::impute_covariance_matrix.
    """
    if not 0 <= rho < 1:
        raise BadInput(f"rho = {rho} is not a correlation of sampling errors.", cure="Use a rho from 0 to below 1.")
    if np.ndim(vi) != 1:
        raise BadInput("A whole covariance matrix leaves no place for rho.", cure="Use three_level() with the matrix.")
    return fit_nested(yi, vi, study, rho=rho, mods=mods, method=method, errors=errors, level=level, reference=reference)


def rho_sensitivity(
    yi: ArrayLike,
    vi: ArrayLike,
    study: Sequence[Any] | ArrayLike,
    *,
    rhos: Sequence[float] = (0.0, 0.2, 0.4, 0.6, 0.8),
    mods: Moderators | None = None,
    errors: Errors = "CR2",
    level: float = 0.95,
) -> pl.DataFrame:
    """One row a ρ: estimate, se, interval, p and both variances."""
    fits = [working_covariance(yi, vi, study, rho=rho, mods=mods, errors=errors, level=level) for rho in rhos]
    keys = ("rho", "estimate", "se", "ci_low", "ci_high", "p", "tau2_between", "tau2_within")
    return pl.DataFrame([{key: getattr(fit, key) for key in keys} for fit in fits])

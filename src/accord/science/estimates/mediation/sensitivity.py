"""How strong an unmeasured common cause of mediator and outcome would have to be (Imai, Keele and Yamamoto 2010).

For linear models without interaction. With ρ the correlation of the errors of mediator and outcome, σ1 and σ2 the
residual SDs of outcome on treatment and of mediator on treatment, and ρ̃ the correlation of those residuals,

    ACME(ρ) = (a σ1 / σ2) (ρ̃ - ρ √((1 - ρ̃²) / (1 - ρ²)))

which is zero at ρ = ρ̃. ρ² is also the product of the shares of the two residual variances that the cause would explain.
Checked against the identity at ρ = 0, ACME = a·b, and against data with such a cause put in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.science.estimates.mediation.design import design
from accord.science.estimates.mediation.limits import percentile
from accord.science.estimates.mediation.moments import resampled, standardised

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """ACME with limits at each `rho`; `rho_at_zero` where it vanishes, `rho_where_unsure` the smallest |ρ| whose limits
    hold zero (None: they hold it already at 0)."""

    rho: Array
    acme: Array
    low: Array
    high: Array
    rho_at_zero: float
    rho_where_unsure: float | None
    n: int

    @property
    def shares_at_zero(self) -> float:
        """The product of both shares of residual variance at which the effect vanishes."""
        return self.rho_at_zero**2

    def summary(self) -> str:
        each = abs(self.rho_at_zero)
        return (
            f"The effect through the mediator would vanish if an unmeasured cause correlated the errors by "
            f"{self.rho_at_zero:.2f}, for example by explaining {each:.0%} of what is left unexplained of each."
        )


def sensitivity(
    treatment: ArrayLike,
    mediator: ArrayLike,
    outcome: ArrayLike,
    *,
    covariates: Mapping[str, ArrayLike] | None = None,
    rho: ArrayLike | None = None,
    draws: int = 1000,
    seed: int = 1,
    level: float = 0.95,
) -> Sensitivity:
    """ACME over a grid of ρ (-0.9 to 0.9 by 0.1), with percentile limits from resampled people."""
    made = design(treatment, {"mediator": mediator}, outcome, covariates)
    grid = np.round(np.arange(-9, 10) / 10, 1) if rho is None else np.asarray(rho, float)
    z, size = standardised(made.z)
    before, places = list(made.before), [made.mediators[0], made.outcome]
    scale = size[made.outcome] / size[1]
    value, zero = _acme((z.T @ z)[None], before, places, grid, scale)
    found = np.concatenate([_acme(sums, before, places, grid, scale)[0] for sums in resampled(z, draws, seed)])
    low, high = percentile(found[np.isfinite(found).all(axis=1)], level)
    unsure = np.abs(grid[low * high <= 0])
    sure_at_zero = bool((low * high > 0)[np.argmin(np.abs(grid))])
    return Sensitivity(
        grid, value[0], low, high, float(zero[0]), float(unsure.min()) if sure_at_zero and unsure.size else None, made.n
    )


def _acme(sums: Array, before: list[int], places: list[int], grid: Array, scale: float) -> tuple[Array, Array]:
    """((B, len(grid)) effects, (B,) ρ̃) from cross-products."""
    left = sums[:, before][:, :, before]
    good = np.linalg.cond(left) < 1e12
    left = np.where(good[:, None, None], left, np.eye(len(before)))
    right = sums[:, before][:, :, places]
    slopes = np.linalg.solve(left, right)
    rest = sums[:, places][:, :, places] - np.swapaxes(right, 1, 2) @ slopes
    sd = np.sqrt(np.maximum(np.einsum("bjj->bj", rest), 1e-300))
    tilde = rest[:, 0, 1] / (sd[:, 0] * sd[:, 1])
    bent = grid[None] * np.sqrt((1 - tilde[:, None] ** 2) / (1 - grid[None] ** 2))
    found = scale * slopes[:, 1, 0, None] * (sd[:, 1] / sd[:, 0])[:, None] * (tilde[:, None] - bent)
    return np.where(good[:, None], found, np.nan), tilde

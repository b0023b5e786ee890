"""Missing outcomes replaced by how far people came: the practice of online-treatment trials, done openly.

People who stop lessons early improve less, so values missing at random given the baseline alone flatter a treatment
(Karin, Dear, Heller, Crane & Titov 2018, JMIR Ment Health 5:e22). Model, for each visit: y = b₀ + b₁ baseline + b₂
share of the programme completed + b₃ arm, normal; a missing value is drawn from it (coefficients and error drawn
too), in m sets to be pooled by Rubin's rules. The single replacement by the fitted mean that the literature uses is
given beside it; its intervals are too narrow and it is for comparison only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.fixed_effects import fixed_effects, refuse_aliased

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class CompletionReplaced:
    """`sets` (m, N) for Rubin's rules; `fitted` (N,) with each gap at its mean; `replaced` of `n` values were missing.

    `slope` is what the whole programme is worth in points, beside those who completed nothing, at the same baseline.
    """

    sets: Array
    fitted: Array
    replaced: int
    n: int
    slope: float


def completion_replacement(
    outcome: ArrayLike,
    baseline: ArrayLike,
    completed: ArrayLike,
    *,
    covariates: Mapping[str, ArrayLike] | None = None,
    sets: int = 20,
    seed: int = 1,
) -> CompletionReplaced:
    """`outcome` (N,) with NaN gaps, `baseline` (N,) and `completed` (N,) shares from 0 to 1, complete."""
    y, share = np.asarray(outcome, float), np.asarray(completed, float)
    if not (np.isfinite(share) & (share >= 0) & (share <= 1)).all():
        raise BadInput("A share completed is missing or not from 0 to 1.", cure="Divide lessons completed by lessons.")
    x = fixed_effects({"baseline": baseline, "completed": share, **(covariates or {})}, len(y))
    if not x.complete.all():
        raise BadInput("The baseline or a covariate has gaps.", cure="Impute them first, or leave such people out.")
    seen = np.isfinite(y)
    refuse_aliased(x.matrix[seen].T @ x.matrix[seen], x.names)
    df = int(seen.sum()) - len(x.names)
    if df < 1:
        raise NotEstimable(
            f"{int(seen.sum())} people have the outcome.", cure="There are too few to replace others by."
        )
    inverse = np.linalg.inv(x.matrix[seen].T @ x.matrix[seen])
    beta = inverse @ x.matrix[seen].T @ y[seen]
    left = y[seen] - x.matrix[seen] @ beta
    random = np.random.default_rng(seed)
    sigma = np.sqrt(left @ left / random.chisquare(df, sets))
    draws = beta + sigma[:, None] * (random.standard_normal((sets, len(beta))) @ np.linalg.cholesky(inverse).T)
    filled = np.repeat(y[None], sets, axis=0)
    gaps = int((~seen).sum())
    filled[:, ~seen] = draws @ x.matrix[~seen].T + sigma[:, None] * random.standard_normal((sets, gaps))
    fitted = np.where(seen, y, x.matrix @ beta)
    return CompletionReplaced(filled, fitted, gaps, len(y), float(beta[x.names.index("completed")]))

"""Cost per person who got somewhere: what all cost, over those who did. A description, not a cost per benefit (C29)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.estimate import Estimate
from accord.science.estimates.health_economics.tariff import refuse_negative

_DRAWS = 2000
DESCRIPTION = "A description: who got there might have got there without it. No cost per benefit."


def cost_per(
    cost: ArrayLike, reached: ArrayLike, id: str, label: str, *, currency: str = "EUR", seed: int = 1
) -> Estimate:
    """Σ cost / Σ reached over people (N,) of whom both are known; percentile limits over people drawn again.

    The costs of those who did not get there are in it. Raises BadInput for a negative cost or an outcome that is not 0
    or 1, NotEstimable when fewer than five got there.
    """
    money, there = np.asarray(cost, float), np.asarray(reached, float)
    refuse_negative(money, "A cost")
    known = np.isfinite(money) & np.isfinite(there)
    if not np.isin(there[known], (0, 1)).all():
        raise BadInput("Who got there is 1 or 0.", cure="Code it as 0 and 1.")
    money, there, missing = money[known], there[known], int((~known).sum())
    if there.sum() < 5:
        raise NotEstimable(f"{int(there.sum())} people got there; a cost per each needs five.",
                           cure="Report the cost per person.")  # fmt: skip
    weights = np.random.default_rng(seed).multinomial(len(money), np.full(len(money), 1 / len(money)), _DRAWS)
    counts = weights @ there
    ratios = (weights @ money)[counts > 0] / counts[counts > 0]
    low, high = np.quantile(ratios, [0.025, 0.975]).tolist()
    return Estimate(
        id=id, label=label, value=float(money.sum() / there.sum()), ci_low=low, ci_high=high,
        se=float(ratios.std(ddof=1)), n=len(money), missing=missing, unit=currency,
        method=f"ratio of sums, percentile bootstrap over people, {_DRAWS:,} draws, seed {seed}", note=DESCRIPTION,
    )  # fmt: skip

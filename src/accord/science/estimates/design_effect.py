"""By how much clustering widens a mean: the design effect, and how many independent people the clusters are worth.

1 + ((cv² + 1) m̄ - 1) ρ for clusters of unequal size (Eldridge, Ashby & Kerry 2006; m̄ mean size, cv its coefficient of
variation, ρ the share of variance between clusters); with equal sizes Kish's 1 + (m - 1) ρ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from accord.science.errors import BadInput


@dataclass(frozen=True, slots=True)
class DesignEffect:
    """`factor` multiplies the variance; `effective` = people / factor; `mean_size` and `cv` of the clusters."""

    factor: float
    effective: float
    people: int
    clusters: int
    mean_size: float
    cv: float


def design_effect(sizes: Sequence[int] | ArrayLike, share: float) -> DesignEffect:
    """`sizes` people in each cluster, `share` (ρ) of the variance between clusters, from 0 to 1."""
    m = np.asarray(sizes, float)
    if not len(m) or (m < 1).any():
        raise BadInput("A cluster has no people.", cure="Leave empty clusters out.")
    if not 0 <= share <= 1:
        raise BadInput(f"A share of {share} is not possible.", cure="Give one from 0 to 1.")
    mean = float(m.mean())
    cv = float(m.std()) / mean
    factor = 1 + ((cv**2 + 1) * mean - 1) * share
    return DesignEffect(factor, float(m.sum()) / factor, int(m.sum()), len(m), mean, cv)

"""Yes or no with a given share overall, more or less likely for some: logistic regression turned round."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
_NODES = 40


def happens(share: float, leaning: Array, spread: float, uniform: Array) -> Array:
    """Who has it. `leaning` is each person's log odds beside the average, normal with mean 0 and SD `spread`."""
    if share <= 0 or share >= 1:
        return np.full(len(uniform), share >= 1)
    happened: Array = uniform < 1 / (1 + np.exp(-(intercept(share, round(spread, 6)) + leaning)))
    return happened


@lru_cache(maxsize=4096)
def intercept(share: float, spread: float) -> float:
    """b with E[1 / (1 + exp(-(b + spread·Z)))] = share: Gauss-Hermite quadrature and bisection."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    weights = weights / weights.sum()
    low, high = -40.0, 40.0
    for _ in range(80):
        middle = (low + high) / 2
        reached = float((weights / (1 + np.exp(-(middle + spread * nodes)))).sum())
        low, high = (middle, high) if reached < share else (low, middle)
    return (low + high) / 2

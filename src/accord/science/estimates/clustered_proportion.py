"""A share of people who come in clusters (therapists, groups), with limits that stay between 0 and 1.

Wilson's score interval with the effective number of people n* = n / deff in place of n, as survey statistics does, and
the t quantile in place of the normal one. deff is the cluster-robust variance of the mean (CR2) over p(1−p)/n, and
never taken below 1; the df are those of the cluster-robust variance. With nobody, or everybody, in the share there is
no variance to see: people count as independent, and the note says so.

Checked by simulation (tests/science/analyses): 95 % intervals hold the truth where Wilson's own do not.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.science.errors import NotEstimable
from accord.science.estimates.cluster_robust import cluster_robust
from accord.science.estimates.interval import critical_value
from accord.science.estimates.proportions import Proportion, proportion

FEWEST_DF = 4.0


def clustered_proportion(
    flags: ArrayLike, cluster: NDArray[Any], *, level: float = 0.95
) -> tuple[Proportion, float, str]:
    """Share of true `flags`, design effect, and a note. `cluster` words, None where a person has none (her own then).

    Raises NotEstimable for nobody. With too few clusters (df below 4) the limits take people as independent.
    """
    values = np.asarray(flags, float)
    plain = proportion(int(values.sum()), len(values), level=level)
    if plain.events in (0, plain.n):
        return plain, 1.0, "Takes people as independent."
    own = np.array([str(v) if v is not None else f" {k}" for k, v in enumerate(np.asarray(cluster, object).tolist())])
    try:
        found = cluster_robust(values, own, fixed={}).coefficient("intercept", level=level)
    except NotEstimable:
        return plain, 1.0, "Takes people as independent: they are in one cluster."
    if found.df is None or found.df < FEWEST_DF:
        return plain, 1.0, f"Takes people as independent: too few clusters ({found.df or 0:.1f} df)."
    p, n = plain.value, plain.n
    effect = max(found.se**2 / (p * (1 - p) / n), 1.0)
    low, high = _wilson(p, n / effect, critical_value(level, found.df))
    return Proportion(plain.events, n, p, low, high), effect, f"Design effect {effect:.2f}."


def _wilson(p: float, n: float, quantile: float) -> tuple[float, float]:
    squared = quantile**2
    middle, scale = p + squared / (2 * n), 1 + squared / n
    half = quantile * math.sqrt(p * (1 - p) / n + squared / (4 * n * n))
    return max((middle - half) / scale, 0.0), min((middle + half) / scale, 1.0)

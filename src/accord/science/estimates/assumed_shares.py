"""What a comparison would look like under assumed shares of variance between clusters.

With few clusters their variance cannot be estimated (C18). Instead the comparison is given for each of a range of
shares that are taken as known: generalised least squares with that share, t with rows - coefficients df.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.clusters import nested_clusters
from accord.science.estimates.contrast import Contrast, contrast
from accord.science.estimates.fixed_effects import fixed_effects, refuse_aliased
from accord.science.estimates.nested_sums import nested_sums, weighted_products

SHARES = (0.0, 0.01, 0.02, 0.05, 0.10)


def under_assumed_shares(
    outcome: ArrayLike,
    cluster: Sequence[Any] | ArrayLike,
    *,
    fixed: Mapping[str, ArrayLike],
    effect: str,
    shares: Sequence[float] = SHARES,
    level: float = 0.95,
) -> dict[float, Contrast]:
    """The coefficient `effect` for each assumed share of variance between clusters (0 up to, not including, 1)."""
    y = np.asarray(outcome, float)
    x = fixed_effects(fixed, len(y))
    if effect not in x.names:
        raise BadInput(f"No effect {effect!r}.", cure=f"Use one of: {', '.join(x.names)}.")
    keep = np.isfinite(y) & x.complete
    df = int(keep.sum()) - len(x.names)
    if df < 1:
        raise NotEstimable(f"{int(keep.sum())} rows for {len(x.names)} coefficients.", cure="Use fewer covariates.")
    matrix = x.matrix[keep]
    refuse_aliased(matrix.T @ matrix, x.names)
    clusters = nested_clusters({"cluster": np.asarray(cluster)[keep]})
    sums = nested_sums(np.column_stack([matrix, y[keep]]), clusters.codes)
    found, p = {}, len(x.names)
    for share in shares:
        product, _ = weighted_products(sums, np.array([share / (1 - share)]))
        inverse = np.linalg.inv(product[:p, :p])
        beta = inverse @ product[:p, p]
        variance = float(product[p, p] - product[:p, p] @ beta) / df
        k = x.names.index(effect)
        found[share] = contrast(float(beta[k]), math.sqrt(variance * float(inverse[k, k])), df, level=level)
    return found

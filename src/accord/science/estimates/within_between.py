"""Process and outcome: what goes with a better outcome between people, and what within a person over time (C17).

A repeated predictor x_it is split into each person's (or cluster's) own mean x̄_i and the deviation x_it - x̄_i. Their
slopes answer different questions and are never one number. Least squares with CR2 standard errors by person; both are
associations, not effects.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.science.errors import NotEstimable
from accord.science.estimates.cluster_robust import cluster_robust
from accord.science.estimates.clusters import nested_clusters
from accord.science.estimates.contrast import Contrast

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class WithinBetween:
    """Slopes of the within and the between part, in units of the predictor, and how both parts vary."""

    within: Contrast
    between: Contrast
    difference: Contrast
    within_sd: float
    between_sd: float
    rows: int
    clusters: int
    missing: int
    method: str


def decompose(predictor: ArrayLike, cluster: Sequence[Any] | ArrayLike) -> tuple[Array, Array]:
    """Deviation from the cluster's own mean, and the cluster's mean (missing values are left out of the mean)."""
    x = np.asarray(predictor, float)
    codes = nested_clusters({"cluster": cluster}).codes[0]
    known = np.isfinite(x)
    counts = np.bincount(codes[known], minlength=int(codes.max()) + 1)
    with np.errstate(invalid="ignore"):
        means = np.bincount(codes[known], x[known], minlength=len(counts)) / counts
    return x - means[codes], np.where(known, means[codes], np.nan)


def within_between(
    outcome: ArrayLike,
    predictor: ArrayLike,
    cluster: Sequence[Any] | ArrayLike,
    *,
    covariates: Mapping[str, ArrayLike] | None = None,
    level: float = 0.95,
) -> WithinBetween:
    """outcome = a + w·(x - x̄) + b·x̄ + covariates (change so far among them), rows in long form.

    Rows without outcome, predictor or covariate are left out before the means are taken.
    """
    y, x = np.asarray(outcome, float), np.asarray(predictor, float)
    others = {name: np.asarray(values) for name, values in (covariates or {}).items()}
    known = np.isfinite(y) & np.isfinite(x)
    for values in others.values():
        if values.dtype.kind in "iufb":
            known &= np.isfinite(values.astype(float))
    groups = np.asarray(cluster)[known]
    if not known.any():
        raise NotEstimable("No row has outcome and predictor.", cure="Check the columns.")
    deviation, mean = decompose(x[known], groups)
    if not np.abs(deviation).max() > 1e-12 * max(np.abs(x[known]).max(), 1e-300):
        raise NotEstimable(
            "The predictor does not vary within people: there is no within part.",
            cure="Use the association between people (association.slope), or ask at more than one time.",
        )
    columns = {"within": deviation, "between": mean, **{name: values[known] for name, values in others.items()}}
    fit = cluster_robust(y[known], groups, fixed=columns)
    apart = np.zeros(len(fit.names))
    apart[1], apart[2] = 1, -1
    return WithinBetween(
        within=fit.coefficient("within", level=level), between=fit.coefficient("between", level=level),
        difference=fit.contrast(apart, level=level), within_sd=float(np.sqrt(np.mean(deviation**2))),
        between_sd=float(np.unique(np.column_stack([nested_clusters({"c": groups}).codes[0], mean]), axis=0)[:, 1]
                         .std(ddof=1)),
        rows=fit.rows, clusters=fit.clusters, missing=int((~known).sum()),
        method=f"within and between parts, {fit.method}; an association, not an effect",
    )  # fmt: skip

"""The difference in cost and the difference in effect together: least squares, and draws of both by one bootstrap.

Each equation has its own covariates (a baseline utility belongs to the effect; Manca 2005). A draw takes people within
their arm with replacement, or whole clusters; both equations see the same people, so their correlation is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.science.errors import NotEstimable

Array = NDArray[Any]
_AT_ONCE = 500
_LOST = 0.05


@dataclass(frozen=True, slots=True)
class Equations:
    """`matrix` (N, p) holds intercept, treated, covariates; `for_cost` and `for_effect` the columns each uses."""

    matrix: Array
    cost: Array
    effect: Array
    for_cost: tuple[int, ...]
    for_effect: tuple[int, ...]


def differences(equations: Equations, weights: Array) -> Array:
    """(B, 2) coefficients of `treated` for cost and effect under the weights (B, rows or clusters summed before)."""
    z = np.column_stack([equations.matrix, equations.cost, equations.effect])
    products = np.einsum("ni,nj->nij", z, z).reshape(len(z), -1)
    return from_products(equations, weights @ products)


def from_products(equations: Equations, sums: Array) -> Array:
    size = equations.matrix.shape[1]
    every = sums.reshape(len(sums), size + 2, size + 2)
    found = [_slope(every, columns, size + k) for k, columns in
             enumerate((equations.for_cost, equations.for_effect))]  # fmt: skip
    return np.column_stack(found)


def _slope(every: Array, columns: tuple[int, ...], outcome: int) -> Array:
    normal, right = every[:, columns][:, :, columns], every[:, columns, outcome]
    scale = np.sqrt(np.maximum(np.einsum("bii->bi", normal), 1e-300))
    even = normal / (scale[:, :, None] * scale[:, None, :])
    good = np.linalg.eigvalsh(even)[:, 0] > 1e-10
    found = np.full(len(every), np.nan)
    if good.any():
        solved = np.linalg.solve(even[good], (right / scale)[good][:, :, None])[:, :, 0]
        found[good] = solved[:, 1] / scale[good, 1]
    return found


def drawn(equations: Equations, draws: int, seed: int, clusters: Array | None) -> tuple[Array, int]:
    """(B, 2) joint draws, and how many could not be computed (left out). Clusters are drawn whole within their arm
    where an arm has its own, else from all."""
    z = np.column_stack([equations.matrix, equations.cost, equations.effect])
    products = np.einsum("ni,nj->nij", z, z).reshape(len(z), -1)
    treated = equations.matrix[:, 1]
    codes = np.arange(len(z)) if clusters is None else np.unique(clusters, return_inverse=True)[1].ravel()
    units = int(codes.max()) + 1
    sums = np.zeros((units, products.shape[1]))
    np.add.at(sums, codes, products)
    strata = _strata(codes, treated, units)
    random = np.random.default_rng(seed)
    found = []
    for start in range(0, draws, _AT_ONCE):
        count = min(_AT_ONCE, draws - start)
        weights = np.zeros((count, units))
        for members in strata:
            weights[:, members] = random.multinomial(len(members), np.full(len(members), 1 / len(members)), count)
        found.append(from_products(equations, weights @ sums))
    both = np.concatenate(found)
    good = np.isfinite(both).all(axis=1)
    if (~good).mean() > _LOST:
        raise NotEstimable(f"{(~good).mean():.0%} of the bootstrap samples could not be computed.",
                           cure="Use fewer covariates, or report the arms without a comparison.")  # fmt: skip
    return both[good], int((~good).sum())


def _strata(codes: Array, treated: Array, units: int) -> list[NDArray[np.int64]]:
    share = np.bincount(codes, weights=treated, minlength=units) / np.bincount(codes, minlength=units)
    if not np.isin(share, (0.0, 1.0)).all():
        return [np.arange(units)]
    return [np.flatnonzero(share == arm) for arm in (0.0, 1.0)]

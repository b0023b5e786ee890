"""Shrunken effects of a factor's levels (EBLUP): each person's intercept and slope, drawn in by how little she says.

û = Λ M⁻¹ Λ'Z'(y - Xβ̂) with M = Λ'Z'ZΛ + I, D/σ² = ΛΛ' (penalised least squares, sparse). Var(u | y, β) = σ² Λ M⁻¹ Λ';
the uncertainty of β̂ adds GXΦX'G', û = G(y - Xβ̂). Checked against lme4::ranef with condVar.
The variances are taken as known: with few levels the errors are too small (docs/explanation/estimates.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.science.errors import BadInput
from accord.science.estimates.linear_mixed.factors import Level
from accord.science.estimates.linear_mixed.fit import LinearMixed, Working

Array = NDArray[Any]
_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class RandomEffects:
    """`effects` (J, q) in the order of `labels` and `terms`. `covariances` (J, q, q) given the fixed effects (lme4's
    condVar); `se` (J, q) with the uncertainty of the fixed effects, `se_given_fixed` without; `rows` (J,) of each."""

    factor: str
    labels: tuple[str, ...]
    terms: tuple[str, ...]
    effects: Array
    covariances: Array
    se: Array
    rows: NDArray[np.int64]

    @property
    def se_given_fixed(self) -> Array:
        return np.sqrt(np.diagonal(self.covariances, axis1=1, axis2=2))


def random_effects(model: LinearMixed, factor: str) -> RandomEffects:
    """Effects of one factor. With several factors the time grows with the number of its levels times all effects."""
    work = model.working
    wanted = next((level for level in work.levels if level.name == factor), None)
    if wanted is None:
        raise BadInput(f"No factor {factor!r}.", cure=f"Use one of: {', '.join(model.terms)}.")
    if len(work.levels) == 1:
        gains, spread = _one_factor(work, wanted)
    else:
        gains, spread = _several(work, wanted)
    p = work.joint.shape[1] - 1
    product, _ = work.products.at(work.relative(work.theta))
    beta = np.linalg.solve(product[:p, :p], product[:p, p])
    effects = gains[:, :, p] - gains[:, :, :p] @ beta
    fixed = np.einsum("jqa,ab,jqb->jq", gains[:, :, :p], np.linalg.inv(product[:p, :p]), gains[:, :, :p])
    variance = model.residual_variance
    size = wanted.scale
    return RandomEffects(
        factor=factor, labels=wanted.labels, terms=wanted.terms, effects=work.unit * effects / size,
        covariances=variance * spread / np.outer(size, size),
        se=np.sqrt(variance * (np.diagonal(spread, axis1=1, axis2=2) + fixed)) / size,
        rows=np.bincount(wanted.codes, minlength=wanted.count),
    )  # fmt: skip


def _one_factor(work: Working, level: Level) -> tuple[Array, Array]:
    """G[X y] (J, q, p + 1) and Λ M⁻¹ Λ' (J, q, q), all levels at once."""
    (delta,) = work.relative(work.theta)
    order = np.argsort(level.codes, kind="stable")
    first = np.flatnonzero(np.diff(level.codes[order], prepend=-1))
    z, joint = level.columns[order], work.joint[order]
    own = np.add.reduceat(z[:, :, None] * z[:, None, :], first, axis=0)
    sums = np.stack([np.add.reduceat(z[:, k, None] * joint, first, axis=0) for k in range(level.size)], axis=1)
    spread = delta @ np.linalg.inv(np.eye(level.size) + own @ delta)
    return spread @ sums, (spread + np.swapaxes(spread, 1, 2)) / 2


def _several(work: Working, wanted: Level) -> tuple[Array, Array]:
    """The same from the sparse system of all factors together."""
    from scipy import sparse
    from scipy.sparse.linalg import splu

    made, start, begin = [], 0, 0
    for level, block in zip(work.levels, work.factors(work.theta), strict=True):
        rows = np.repeat(np.arange(len(level.codes)), level.size)
        columns = (level.codes[:, None] * level.size + np.arange(level.size)).ravel()
        shape = (len(level.codes), level.count * level.size)
        made.append(sparse.csc_matrix(((level.columns @ block).ravel(), (rows, columns)), shape))
        begin = start if level is wanted else begin
        start += shape[1]
    z = sparse.hstack(made).tocsc()
    solver = splu((z.T @ z + sparse.identity(start)).tocsc())
    q, count = wanted.size, wanted.count
    turn = work.factors(work.theta)[[level is wanted for level in work.levels].index(True)]
    own = solver.solve(np.asarray(z.T @ work.joint))[begin : begin + count * q]
    spread = np.empty((count, q, q))
    for low in range(0, count, _AT_ONCE):
        high = min(low + _AT_ONCE, count)
        places = np.arange(begin + low * q, begin + high * q)
        unit = np.zeros((start, len(places)))
        unit[places, np.arange(len(places))] = 1.0
        found = solver.solve(unit)[places].reshape(high - low, q, high - low, q)
        spread[low:high] = found[np.arange(high - low), :, np.arange(high - low), :]
    return turn @ own.reshape(count, q, -1), turn @ spread @ turn.T

"""The covariance of effects nested in studies, and its inverse in closed form.

Within study g, with known sampling covariance S_g = diag(d) + U U', variance `between` of studies and `within` of the
effects of one study:

    V_g = diag(d + within) + F F',  F = [√between · 1, U]

Woodbury: V⁻¹ = D − G (I + F'DF)⁻¹ G' with D = diag(1/(d + within)), G = D F, so a study of any size needs the inverse
of a small matrix only: 1 x 1 for independent sampling errors, 2 x 2 for one common correlation ρ of them. Any other S_g
is brought to this form by its eigenvalues.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.science.errors import BadInput

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Nesting:
    """Rows in the order of their studies: `order` sorts, `starts` is the first row of each, `study` its number."""

    order: Array
    starts: Array
    study: Array
    labels: tuple[str, ...]

    def sums(self, values: Array) -> Array:
        """Σ over the rows of each study."""
        summed: Array = np.add.reduceat(values, self.starts, axis=0)
        return summed

    @property
    def sizes(self) -> Array:
        return np.diff(np.append(self.starts, len(self.study)))


def nesting(study: Sequence[Any] | ArrayLike, rows: int) -> Nesting:
    """Studies in the order in which they first appear."""
    names = [str(name) for name in np.asarray(study).tolist()]
    if len(names) != rows:
        raise BadInput(f"{len(names)} study names for {rows} effects.", cure="Give the study of each effect.")
    first = {name: k for k, name in enumerate(dict.fromkeys(names))}
    codes = np.array([first[name] for name in names])
    order = np.argsort(codes, kind="stable")
    return Nesting(order, np.flatnonzero(np.diff(codes[order], prepend=-1)), codes[order], tuple(first))


@dataclass(frozen=True, slots=True)
class Sampling:
    """The known part diag(`diagonal`) + `factor` `factor`' within studies; rows sorted as `Nesting` says."""

    diagonal: Array
    factor: Array

    @property
    def variances(self) -> Array:
        total: Array = self.diagonal + (self.factor**2).sum(axis=1)
        return total


def correlated(variances: Array, rho: float) -> Sampling:
    """One correlation `rho` between the sampling errors of any two effects of one study."""
    if not 0 <= rho < 1:
        raise BadInput(f"rho = {rho} is not a correlation of sampling errors.", cure="Use a rho from 0 to below 1.")
    if rho == 0:
        return Sampling(variances, np.zeros((len(variances), 0)))
    return Sampling((1 - rho) * variances, np.sqrt(rho * variances)[:, None])


def from_matrix(matrix: Array, nest: Nesting) -> Sampling:
    """A whole covariance matrix, zero between studies, as smallest eigenvalue · I plus the rest, study by study."""
    same = nest.study[:, None] == nest.study
    if np.abs(matrix - matrix.T).max() > 1e-10 * matrix.max():
        raise BadInput("The covariance matrix of the effects is not symmetric.", cure="Give a symmetric matrix.")
    if np.any(matrix[~same] != 0):
        raise BadInput(
            "The covariance matrix links effects of different studies.",
            cure="Let effects that share people be one study.",
        )
    diagonal, factor = np.empty(len(matrix)), np.zeros((len(matrix), int(nest.sizes.max()) - 1))
    for start, size in zip(nest.starts, nest.sizes, strict=True):
        rows = slice(start, start + size)
        values, vectors = np.linalg.eigh(matrix[rows, rows])
        if not values[0] > 1e-10 * values[-1]:
            raise BadInput(
                f"The covariance of study {nest.labels[nest.study[start]]} is not positive definite.",
                cure="Check for effects entered twice and for correlations of one.",
            )
        diagonal[rows] = values[0]
        factor[rows, : size - 1] = vectors[:, 1:] * np.sqrt(values[1:] - values[0])
    return Sampling(diagonal, factor)


@dataclass(frozen=True, slots=True)
class Inverse:
    """V⁻¹ at one pair of variances: `precision` D, `spread` G (N, m), `core` (I + F'DF)⁻¹ (studies, m, m)."""

    nest: Nesting
    precision: Array
    spread: Array
    core: Array
    log_determinant: float

    def times(self, values: Array) -> Array:
        """V⁻¹ Z for Z (N, q)."""
        inner = self.nest.sums(np.einsum("nm,nq->nmq", self.spread, values))
        back = np.einsum("nm,nmq->nq", self.spread, (self.core @ inner)[self.nest.study])
        product: Array = self.precision[:, None] * values - back
        return product

    def traces(self) -> tuple[float, float]:
        """tr V⁻¹ and tr V⁻²."""
        outer = np.einsum("nm,nk->nmk", self.spread, self.spread)
        inner = self.core @ self.nest.sums(outer)
        weighted = self.nest.sums(self.precision[:, None, None] * outer)
        first = self.precision.sum() - np.trace(inner, axis1=1, axis2=2).sum()
        second = (self.precision**2).sum() - 2 * (self.core * weighted).sum() + np.einsum("gab,gba->", inner, inner)
        return float(first), float(second)


def inverse(sampling: Sampling, nest: Nesting, between: float, within: float) -> Inverse:
    """Also right at `between` = 0 and `within` = 0."""
    precision = 1 / (sampling.diagonal + within)
    loading = np.column_stack([np.full(len(precision), np.sqrt(between)), sampling.factor])
    spread = precision[:, None] * loading
    middle = nest.sums(np.einsum("nm,nk->nmk", loading, spread)) + np.eye(loading.shape[1])
    log_determinant = np.linalg.slogdet(middle)[1].sum() - np.log(precision).sum()
    return Inverse(nest, precision, spread, np.linalg.inv(middle), float(log_determinant))

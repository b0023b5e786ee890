"""Contrasts of a mixed model for repeated measures when people are clustered (therapists, groups).

The fit takes people as independent. Its coefficients stay right on average when they are not; their standard errors do
not. Here the error comes from what leaving out each whole cluster does to the coefficients, with V held:

    β₋c − β = −(A − A_c)⁻¹ u_c,   A = Σ_c A_c,   A_c = Σ_{i in c} X_i'V_i⁻¹X_i,   u_c = Σ_{i in c} X_i'V_i⁻¹(y_i − X_iβ)

    var(l'β) = (J−1)/J Σ_c (l'(β₋c − β))²          (the cluster jackknife, CR3)

with t inference. Its df are those of Bell & McCaffrey's approximation under the model fitted: with Ω the covariance of
the l'(β₋c − β), df = tr(Ω)²/tr(Ω²). One arm and J equal clusters give J − 1, two arms of whole clusters J − 2.

A person without a cluster is a cluster of her own. Checked against clubSandwich (CR3 of the same gls fit, and its
Satterthwaite df with CR3).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.science.errors import NotEstimable
from accord.science.estimates.contrast import Contrast, contrast
from accord.science.estimates.mmrm import MMRM

Array = NDArray[np.float64]
_MANY = 500
_SINGULAR = 1e-10
_CELLS = 4_000_000  # numbers held at a time


class ClusterJackknife:
    """What leaving out each cluster does to the coefficients of a fitted MMRM; `clusters` counts them, `alone` those of
    one person without a cluster."""

    def __init__(self, model: MMRM, outcome: ArrayLike, cluster: ArrayLike) -> None:
        """`outcome` (N, T) as given to the fit; `cluster` (N,) words, empty or None where there is none."""
        y = np.asarray(outcome, float)
        kept = np.isfinite(model.design.people).all(axis=1) & np.isfinite(y).any(axis=1)
        labels = np.asarray(cluster, dtype=object)[kept]
        codes = _codes(labels)
        self.clusters = int(codes.max()) + 1
        self.alone = sum(_none(label) for label in labels.tolist())
        if self.clusters < 2:
            raise NotEstimable("All people are in one cluster.", cure="Report the interval without clusters.")
        scores, blocks = _sums(model, y[kept], model.design.people[kept], codes, self.clusters)
        total = blocks.sum(axis=0)
        self._blocks, self._total_inverse = blocks, np.linalg.inv(total)
        size = np.sqrt(np.diagonal(total))
        if (np.linalg.eigvalsh((total - blocks) / np.outer(size, size))[:, 0] < _SINGULAR).any():
            raise NotEstimable(
                "One cluster alone carries a whole arm or visit.", cure="Cluster and arm cannot be told apart here."
            )
        self._left = np.linalg.inv(total - blocks)
        self._moves = -np.einsum("jab,jb->ja", self._left, scores)
        self._value = model.coefficients

    def said(self, level: str) -> str:
        """`24 therapists and 70 people without one`."""
        named = self.clusters - self.alone
        rest = f" and {self.alone} people without one" if self.alone else ""
        return f"{named} {level}{'s' if named != 1 else ''}{rest}"

    def contrast(self, weights: ArrayLike, *, level: float = 0.95) -> Contrast:
        """Σ w β with the jackknife's standard error and t inference."""
        w = np.asarray(weights, float)
        share = (self.clusters - 1) / self.clusters
        se = math.sqrt(share * float(((self._moves @ w) ** 2).sum()))
        return contrast(float(w @ self._value), se, self.df(w), level=level)

    def df(self, weights: ArrayLike) -> float:
        """tr(Ω)²/tr(Ω²), Ω = cov of the w'(β₋c − β) when the model fitted is right.

        With a_c = (A − A_c)⁻¹w the element (c, k) of Ω is a_c'(δ_ck A_c − A_c A⁻¹ A_k)a_k. With very many clusters the
        number of them minus one, which then makes no difference.
        """
        if self.clusters > _MANY:
            return float(self.clusters - 1)
        w = np.asarray(weights, float)
        a = self._left @ w
        carried = np.einsum("jab,jb->ja", self._blocks, a)
        omega = -carried @ self._total_inverse @ carried.T
        omega[np.diag_indices_from(omega)] += (carried * a).sum(axis=1)
        return float(np.trace(omega) ** 2 / (omega**2).sum())


def _none(name: Any) -> bool:
    return name is None or name == "" or name != name


def _codes(cluster: NDArray[Any]) -> NDArray[np.int64]:
    """0, 1, 2 … per cluster; who has none gets one of her own."""
    known: dict[Any, int] = {}
    codes = np.empty(len(cluster), dtype=np.int64)
    free = 0
    for row, name in enumerate(cluster.tolist()):
        if _none(name):
            codes[row] = free
            free += 1
        else:
            codes[row] = known.get(name, -1)
            if codes[row] < 0:
                known[name] = codes[row] = free
                free += 1
    return codes


def _sums(model: MMRM, y: Array, people: Array, codes: NDArray[np.int64], clusters: int) -> tuple[Array, Array]:
    """u_c (J, p) and A_c (J, p, p), pattern of missing visits by pattern."""
    maps, p = model.design.maps, len(model.coefficients)
    scores, blocks = np.zeros((clusters, p)), np.zeros((clusters, p, p))
    seen = np.isfinite(y)
    patterns, which = np.unique(seen, axis=0, return_inverse=True)
    for k, pattern in enumerate(patterns):
        root = np.linalg.cholesky(np.linalg.inv(model.covariance[np.ix_(pattern, pattern)])).T
        turned = np.tensordot(root, maps[pattern], axes=1)
        members = np.flatnonzero(which.ravel() == k)
        for rows in np.array_split(members, len(members) * p * p // _CELLS + 1):
            x = np.tensordot(people[rows], turned, axes=(1, 1))
            residual = y[rows][:, pattern] @ root.T - x @ model.coefficients
            np.add.at(scores, codes[rows], (residual[:, None, :] @ x)[:, 0, :])
            np.add.at(blocks, codes[rows], x.transpose(0, 2, 1) @ x)
    return scores, blocks

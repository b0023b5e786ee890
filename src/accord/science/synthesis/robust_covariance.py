"""Standard errors of a three-level model that hold when its covariance of the effects is only a guess (sandwich).

With W = V⁻¹, M = (X'WX)⁻¹ and residuals e_g of study g:

    Cov(b) = M [Σ_g X_g'W_g A_g e_g e_g' A_g' W_g X_g] M

CR1: A_g = √(G/(G−p)), t with G − p df. CR2 (Bell & McCaffrey 2002; Pustejovsky & Tipton 2018): A_g = C'B^(−1/2)C with
C'C = V_g the upper Cholesky root and B = C(V_g − X_g M X_g')C', which makes the covariance unbiased when V is right;
the df of a coefficient are Satterthwaite's under V:

    df = (Σ_g p_gg)² / Σ_gh p_gh²,  p_gh = [g = h] a_g'V_g a_g − (X_g'a_g)'M(X_h'a_h),  a_g = A_g'W_g X_g M w

Checked against clubSandwich 0.5.8 (CR2) and robust() of metafor 3.8 (CR1).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.science.errors import NotEstimable
from accord.science.estimates.contrast import Contrast, contrast
from accord.science.synthesis.nested_likelihood import NestedData, NestedFit

Array = NDArray[Any]

KINDS = ("CR2", "CR1", "model")


@dataclass(frozen=True, slots=True)
class Robust:
    """Covariance (p, p) of the coefficients; for CR2 also what its df are made of, else `df`. `alone` are the studies
    (by number) that a coefficient rests on alone: their own uncertainty is missing from CR2 errors of it."""

    kind: str
    coefficients: Array
    covariance: Array
    bread: Array
    df: float | None = None
    own: Array | None = None
    across: Array | None = None
    alone: tuple[int, ...] = ()

    def contrast(self, weights: ArrayLike, *, level: float = 0.95) -> Contrast:
        """Σ w b, its standard error, t interval and p."""
        w = np.asarray(weights, float)
        se = math.sqrt(float(w @ self.covariance @ w))
        return contrast(float(w @ self.coefficients), se, self._df(w), level=level)

    def _df(self, weights: Array) -> float | None:
        if self.own is None or self.across is None:
            return self.df
        start = self.bread @ weights
        turned = self.across @ start
        products = np.diag(np.einsum("a,gab,b->g", start, self.own, start)) - turned @ self.bread @ turned.T
        return float(np.trace(products)) ** 2 / float((products**2).sum())


def robust(data: NestedData, fit: NestedFit, kind: str = "CR2") -> Robust:
    """`kind`: CR2, CR1 or model (trusts V; t with N − p df). Studies are the clusters."""
    studies, (rows, p) = len(data.nest.starts), data.x.shape
    if kind == "model":
        return Robust(kind, fit.coefficients, fit.covariance, fit.covariance, df=float(rows - p))
    if studies <= p:
        raise NotEstimable(
            f"{studies} studies cannot carry robust standard errors of {p} coefficients.",
            cure="Use fewer moderators, or the model's own standard errors.",
        )
    if kind == "CR1":
        scores = data.nest.sums(data.x * fit.weighted_residual[:, None])
        covariance = fit.covariance @ (scores.T @ scores) @ fit.covariance * studies / (studies - p)
        return Robust(kind, fit.coefficients, covariance, fit.covariance, df=float(studies - p))
    scores, own, across, alone = _bias_reduced(data, fit)
    covariance = fit.covariance @ (scores.T @ scores) @ fit.covariance
    return Robust(kind, fit.coefficients, covariance, fit.covariance, own=own, across=across, alone=alone)


def _bias_reduced(data: NestedData, fit: NestedFit) -> tuple[Array, Array, Array, tuple[int, ...]]:
    """X'WAe (G, p), (A'WX)'V(A'WX) and X'A'WX (G, p, p), and the studies that a coefficient rests on alone.

    Studies of one size are worked at together.
    """
    nest, (_, p) = data.nest, data.x.shape
    residual = data.y - data.x @ fit.coefficients
    scores, own, across = np.empty((len(nest.starts), p)), *np.empty((2, len(nest.starts), p, p))
    sizes, alone = nest.sizes, np.zeros(len(nest.starts), dtype=bool)
    for size in np.unique(sizes):
        which = np.flatnonzero(sizes == size)
        rows = nest.starts[which, None] + np.arange(size)
        v, x = _blocks(data, fit.variances, rows), data.x[rows]
        adjustment, alone[which] = _adjustment(v, x, fit.covariance)
        turned = adjustment @ fit.weighted_x[rows]
        scores[which] = np.einsum("gna,gn->ga", turned, residual[rows])
        own[which] = np.swapaxes(turned, 1, 2) @ v @ turned
        across[which] = np.swapaxes(x, 1, 2) @ turned
    return scores, own, across, tuple(np.flatnonzero(alone).tolist())


def _blocks(data: NestedData, variances: Array, rows: Array) -> Array:
    """V_g of the studies whose rows are given (G, n)."""
    factor = data.sampling.factor[rows]
    block = factor @ np.swapaxes(factor, 1, 2) + variances[0]
    index = np.arange(rows.shape[1])
    block[:, index, index] += data.sampling.diagonal[rows] + variances[1]
    return block


def _adjustment(v: Array, x: Array, bread: Array) -> tuple[Array, Array]:
    """A_g (G, n, n), symmetric; and whether a coefficient rests on g alone: that direction gets the inverse 0."""
    root = np.swapaxes(np.linalg.cholesky(v), 1, 2)
    values, vectors = np.linalg.eigh(root @ (v - x @ bread @ np.swapaxes(x, 1, 2)) @ np.swapaxes(root, 1, 2))
    left = values > 1e-9 * np.einsum("gab,gab->g", v, v)[:, None]
    inner = np.swapaxes(vectors, 1, 2) @ root
    scaled = np.where(left, 1 / np.sqrt(np.where(left, values, 1.0)), 0.0)[..., None] * inner
    return np.swapaxes(inner, 1, 2) @ scaled, ~left.all(axis=1)

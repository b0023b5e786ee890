"""Least squares with standard errors that allow for clusters, or for unequal variances, in small samples.

CR2 (Bell & McCaffrey 2002): residuals of cluster g are multiplied by (I - H_gg)^(-1/2), which makes the covariance
unbiased when the errors are independent with one variance; the df of a coefficient are Satterthwaite's for that
estimator (Pustejovsky & Tipton 2018). With each row as its own cluster this is HC2 with Bell-McCaffrey df.

All is computed from S_g = X_g'X_g and X_g'e_g. With M = (X'X)⁻¹, R = M^(1/2) and R S_g R = Q D² Q' (p by p), the square
root of the n_g by n_g matrix is never formed:

    X_g'A_g e_g = R⁻¹ Q (1-D²)^(-1/2) Q' R X_g'e_g.

A direction with D = 1 (a cluster that an effect belongs to alone) gets the generalised inverse 0. Checked against
clubSandwich.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.clusters import nested_clusters
from accord.science.estimates.contrast import Contrast, contrast
from accord.science.estimates.fixed_effects import fixed_effects, refuse_aliased

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class ClusterRobust:
    """A least-squares fit with the CR2 covariance. `missing` counts rows left out."""

    names: tuple[str, ...]
    coefficients: Array
    covariance: Array
    rows: int
    clusters: int
    missing: int
    residual_sd: float
    method: str
    bread: Array
    _turned: Array
    _squares: Array

    def contrast(self, weights: ArrayLike, *, level: float = 0.95) -> Contrast:
        """Σ w b with t inference on Satterthwaite's df (working model: independent errors, one variance).

        df = (Σ_g p_g'p_g)² / Σ_gh (p_g'p_h)², with p_g'p_h = [g = h] a_g'a_g - (X_g'a_g)'M(X_h'a_h), a_g = A_g X_g M w.
        """
        w = np.asarray(weights, float)
        start = self.bread @ w
        own = np.einsum("a,gab,b->g", start, self._squares, start)
        across = self._turned @ start
        products = np.diag(own) - across @ self.bread @ across.T if len(own) <= 3000 else None
        if products is not None:
            df = float(np.trace(products)) ** 2 / float((products**2).sum())
        else:
            df = self._df_of_many(own, across)
        se = math.sqrt(float(w @ self.covariance @ w))
        return contrast(float(w @ self.coefficients), se, df, level=level)

    def _df_of_many(self, own: Array, across: Array) -> float:
        """The same without the clusters-by-clusters matrix."""
        both = np.einsum("ga,ab,gb->g", across, self.bread, across)
        inner = across.T @ across @ self.bread
        squares = float((own**2).sum() - 2 * (own * both).sum() + np.trace(inner @ inner))
        return float((own - both).sum()) ** 2 / squares

    def coefficient(self, name: str, *, level: float = 0.95) -> Contrast:
        """One coefficient by name."""
        if name not in self.names:
            raise BadInput(f"No effect {name!r}.", cure=f"Use one of: {', '.join(self.names)}.")
        return self.contrast(np.eye(len(self.names))[self.names.index(name)], level=level)


def cluster_robust(
    outcome: ArrayLike,
    cluster: Sequence[Any] | ArrayLike | None,
    *,
    fixed: Mapping[str, ArrayLike],
    reference: Mapping[str, str] | None = None,
) -> ClusterRobust:
    """Fit by least squares; `cluster` None: each row on its own (unequal variances). An intercept is always in."""
    y = np.asarray(outcome, float)
    x = fixed_effects(fixed, len(y), reference=reference)
    keep = np.isfinite(y) & x.complete
    matrix, y = x.matrix[keep], y[keep]
    if len(y) <= len(x.names):
        raise NotEstimable(f"{len(y)} rows for {len(x.names)} coefficients.", cure="Use fewer covariates.")
    refuse_aliased(matrix.T @ matrix, x.names)
    q, r = np.linalg.qr(matrix)
    back = np.linalg.inv(r)
    error = y - q @ (q.T @ y)
    if not float(np.abs(error).max()) > 1e-12 * float(np.abs(y).max(initial=1e-300)):
        raise NotEstimable("The outcome does not vary beyond its covariates.", cure="Use fewer covariates.")
    order, starts = _groups(cluster, keep)
    if len(starts) < 2:
        raise NotEstimable("There is one cluster only.", cure="Give at least two clusters, or none.")
    products = np.add.reduceat(np.einsum("na,nb->nab", q[order], q[order]), starts, axis=0)
    scores = np.add.reduceat(q[order] * error[order, None], starts, axis=0)
    values, vectors = np.linalg.eigh(products)
    left = 1 - values
    root = np.where(left > 1e-8, 1 / np.sqrt(np.maximum(left, 1e-300)), 0.0)
    adjusted = np.einsum("gab,gb,gcb,gc->ga", vectors, root, vectors, scores, optimize=True)
    covariance = back @ (adjusted.T @ adjusted) @ back.T
    turned = np.einsum("gab,gb,gcb->gac", vectors, values * root, vectors, optimize=True)
    squares = np.einsum("gab,gb,gcb->gac", vectors, values * root**2, vectors, optimize=True)
    kind = "HC2" if cluster is None else "CR2"
    return ClusterRobust(
        names=x.names, coefficients=back @ (q.T @ y), covariance=covariance, rows=len(y), clusters=len(starts),
        missing=int((~keep).sum()), residual_sd=math.sqrt(float(error @ error) / (len(y) - len(x.names))),
        method=f"least squares, {kind} standard errors, Satterthwaite df", bread=back @ back.T,
        _turned=r.T @ turned @ r, _squares=r.T @ squares @ r,
    )  # fmt: skip


def _groups(cluster: Sequence[Any] | ArrayLike | None, keep: NDArray[np.bool_]) -> tuple[Array, Array]:
    count = int(keep.sum())
    if cluster is None:
        return np.arange(count), np.arange(count)
    codes = nested_clusters({"cluster": np.asarray(cluster)[keep]}).codes[0]
    order = np.argsort(codes, kind="stable")
    return order, np.flatnonzero(np.diff(codes[order], prepend=-1))

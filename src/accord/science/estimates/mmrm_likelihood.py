"""The restricted likelihood of a multivariate normal with missing visits, from cross-products per missing pattern.

Everything that the likelihood, its gradient and both information matrices need of the data are, for each pattern r of
observed visits, the number of people n_r and the sums S_r = Σ z z', C_r = Σ z y', Q_r = Σ y y'. A step of the fit costs
O(patterns), however many people there are. With x_it = M_t' z_i and L the M_t stacked:

    X'V⁻¹X = L' (Σ_r W_r ⊗ S_r) L,     W_r = V_r⁻¹ with zeros where a visit is missing.

The covariance is linear in its parameters, V = Σ_j θ_j B_j, so second derivatives of V vanish: the Kenward-Roger
correction has no further term, and the observed information is twice the average minus the expected information.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class PatternSums:
    """Sums per pattern: `seen` (R, T) as 0/1, `n` (R,), `zz` (R, a, a), `zy` (R, a, T), `yy` (R, T, T); L (T·a, p)."""

    seen: Array
    n: Array
    zz: Array
    zy: Array
    yy: Array
    stacked: Array

    @property
    def visits(self) -> int:
        return int(self.seen.shape[1])

    @property
    def observations(self) -> int:
        return int(self.n @ self.seen.sum(axis=1))

    @property
    def pairs(self) -> Array:
        """How many people have both visits (T, T)."""
        return np.einsum("r,rs,rt->st", self.n, self.seen, self.seen)


@dataclass(frozen=True, slots=True)
class Point:
    """The fit at one covariance: minus twice the restricted log-likelihood and what its derivatives need."""

    theta: Array
    covariance: Array
    deviance: float
    beta: Array
    beta_covariance: Array
    inverses: Array


def pattern_sums(outcome: Array, people: Array, stacked: Array) -> PatternSums:
    """Group people by which visits they have, and sum. `outcome` (N, T) with NaN, `people` (N, a)."""
    seen = np.isfinite(outcome)
    visits = outcome.shape[1]
    code = seen @ (2 ** np.arange(visits, dtype=np.int64)) if visits < 62 else _row_codes(seen)
    order = np.argsort(code, kind="stable")
    starts = np.flatnonzero(np.diff(code[order], prepend=-1))
    joint = np.concatenate([people, np.where(seen, outcome, 0.0)], axis=1)[order]
    ends = np.append(starts[1:], len(order))
    sums = np.stack([joint[a:b].T @ joint[a:b] for a, b in zip(starts, ends, strict=True)])
    k = people.shape[1]
    return PatternSums(
        seen[order[starts]].astype(float), (ends - starts).astype(float), sums[:, :k, :k], sums[:, :k, k:],
        sums[:, k:, k:], stacked,
    )  # fmt: skip


def _row_codes(seen: NDArray[np.bool_]) -> NDArray[np.int64]:
    return np.unique(seen, axis=0, return_inverse=True)[1].ravel().astype(np.int64)


def linear_structure(name: str, visits: int) -> Array:
    """The matrices B_j (J, T, T) of "unstructured", "toeplitz" or "compound symmetry" (homogeneous variances)."""
    lag = np.abs(np.subtract.outer(np.arange(visits), np.arange(visits)))
    if name == "compound symmetry":
        return np.stack([(lag == 0), (lag > 0)][: min(visits, 2)]).astype(float)
    if name == "toeplitz":
        return np.stack([lag == k for k in range(visits)]).astype(float)
    basis = np.zeros((visits * (visits + 1) // 2, visits, visits))
    for j, (s, t) in enumerate(zip(*np.tril_indices(visits), strict=True)):
        basis[j, s, t] = basis[j, t, s] = 1
    return basis


def evaluate(sums: PatternSums, basis: Array, theta: Array) -> Point | None:
    """The fit at θ, or None where V is not positive definite (then the step was too long)."""
    visits = sums.visits
    covariance = np.tensordot(theta, basis, 1)
    mask = sums.seen[:, :, None] * sums.seen[:, None, :]
    padded = np.where(mask > 0, covariance, np.eye(visits))
    try:
        root = np.linalg.cholesky(padded)
        np.linalg.cholesky(covariance)
        inverses = np.linalg.inv(padded) * mask  # singular to rounding although its root could be had
    except np.linalg.LinAlgError:
        return None
    log_v = 2 * float(sums.n @ np.log(np.diagonal(root, axis1=1, axis2=2)).sum(axis=1))
    information = normal_matrix(sums, inverses)
    right = sums.stacked.T @ np.einsum("rst,rat->sa", inverses, sums.zy).ravel()
    try:
        factor = np.linalg.cholesky(information)
        beta_covariance = np.linalg.inv(information)
    except np.linalg.LinAlgError:
        return None
    beta = beta_covariance @ right
    log_x = 2 * float(np.log(np.diagonal(factor)).sum())
    squares = float((inverses * sums.yy).sum() - beta @ right)
    return Point(theta, covariance, log_v + log_x + squares, beta, beta_covariance, inverses)


def normal_matrix(sums: PatternSums, weights: Array) -> Array:
    """Σ_i X_i' A_r X_i (p, p) for weights A_r (R, T, T)."""
    visits, a = sums.visits, sums.zz.shape[1]
    kernel = weights.reshape(len(sums.n), -1).T @ sums.zz.reshape(len(sums.n), -1)
    kernel = kernel.reshape(visits, visits, a, a).transpose(0, 2, 1, 3).reshape(visits * a, visits * a)
    result: Array = sums.stacked.T @ kernel @ sums.stacked
    return result


def residual_products(sums: PatternSums, beta: Array) -> tuple[Array, Array]:
    """Σ e e' (R, T, T) and Σ z e' (R, a, T) of the residuals per pattern."""
    slopes = (sums.stacked @ beta).reshape(sums.visits, -1)
    ze = sums.zy - sums.zz @ slopes.T
    ee = sums.yy - slopes @ sums.zy - ze.transpose(0, 2, 1) @ slopes.T
    return ee, ze


def gradient(sums: PatternSums, basis: Array, point: Point) -> Array:
    """d deviance / dθ_j = tr(B_j Σ_r (n W - W(H+R)W)), H_r = Σ X Φ X' and R_r = Σ e e' per pattern."""
    w = point.inverses
    inner = _hat_products(sums, point.beta_covariance) + residual_products(sums, point.beta)[0]
    slope = (sums.n[:, None, None] * w - w @ inner @ w).sum(axis=0)
    result: Array = np.tensordot(basis, slope, 2)
    return result


def average_information(sums: PatternSums, basis: Array, point: Point) -> Array:
    """y'P B_j P B_k P y (J, J): the average of observed and expected information, on the deviance's scale."""
    w = point.inverses
    ee, ze = residual_products(sums, point.beta)
    first = _quadratic(basis, w, w @ ee @ w)
    scores = _scores(sums, basis, w, ze)
    return first - scores @ point.beta_covariance @ scores.T


def start_information(sums: PatternSums, basis: Array, point: Point) -> Array:
    """tr(W B_j W B_k) summed over people: the expected information of the unrestricted likelihood, for first steps."""
    return _quadratic(basis, point.inverses, sums.n[:, None, None] * point.inverses)


def expected_information(sums: PatternSums, basis: Array, point: Point, bends: Array) -> Array:
    """tr(P B_j P B_k) (J, J), on the deviance's scale (the information of θ is half of it)."""
    w, phi = point.inverses, point.beta_covariance
    hat = _hat_products(sums, phi)
    first = _quadratic(basis, w, sums.n[:, None, None] * w - 2 * w @ hat @ w)
    turned = bends @ phi
    return first + np.einsum("jab,kba->jk", turned, turned)


def precision_slopes(sums: PatternSums, basis: Array, point: Point) -> Array:
    """A_j = X'W B_j W X (J, p, p): minus the derivative of X'V⁻¹X; d Φ / dθ_j = Φ A_j Φ."""
    w = point.inverses
    return np.stack([normal_matrix(sums, w @ b @ w) for b in basis])


def kenward_roger_covariance(
    sums: PatternSums, basis: Array, point: Point, bends: Array, theta_covariance: Array
) -> Array:
    """Φ + 2Φ{Σ_jk w_jk (Q_jk - A_j Φ A_k)}Φ with w = cov(θ) from the expected information (Kenward & Roger 1997)."""
    w, phi = point.inverses, point.beta_covariance
    visits = sums.visits
    mixed = np.tensordot(theta_covariance, basis, 1)
    four = np.einsum("jab,jcd->adbc", basis, mixed, optimize=True).reshape(visits**2, visits**2)
    middle = (w.reshape(len(w), -1) @ four.T).reshape(w.shape)
    second = normal_matrix(sums, w @ middle @ w)
    first = np.einsum("jab,bc,jcd->ad", bends, phi, np.tensordot(theta_covariance, bends, 1), optimize=True)
    adjusted: Array = phi + 2 * phi @ (second - first) @ phi
    return (adjusted + adjusted.T) / 2


def log_likelihood(sums: PatternSums, deviance: float) -> float:
    """Restricted log-likelihood with the constant (n - p) log 2π, as nlme and lme4 give it."""
    return -0.5 * (deviance + (sums.observations - sums.stacked.shape[1]) * math.log(2 * math.pi))


def _hat_products(sums: PatternSums, phi: Array) -> Array:
    visits, a = sums.visits, sums.zz.shape[1]
    spread = (sums.stacked @ phi @ sums.stacked.T).reshape(visits, a, visits, a).transpose(0, 2, 1, 3)
    result: Array = (sums.zz.reshape(len(sums.n), -1) @ spread.reshape(visits**2, a * a).T).reshape(-1, visits, visits)
    return result


def _quadratic(basis: Array, w: Array, u: Array) -> Array:
    """Σ_r tr(B_j W_r B_k U_r) for all j, k."""
    visits = w.shape[1]
    pairs = (w.reshape(len(w), -1).T @ u.reshape(len(u), -1)).reshape((visits,) * 4)
    kernel = pairs.transpose(3, 0, 1, 2).reshape(visits**2, visits**2)
    flat = basis.reshape(len(basis), -1)
    result: Array = flat @ kernel @ flat.T
    return result


def _scores(sums: PatternSums, basis: Array, w: Array, ze: Array) -> Array:
    """X'W B_j W e (J, p)."""
    visits, a = sums.visits, sums.zz.shape[1]
    turned = w @ ze.transpose(0, 2, 1)
    kernel = (w.reshape(len(w), -1).T @ turned.reshape(len(w), -1)).reshape(visits, visits, visits, a)
    result: Array = np.einsum("jbc,sbca->jsa", basis, kernel, optimize=True).reshape(len(basis), -1) @ sums.stacked
    return result

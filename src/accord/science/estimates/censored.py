"""Regression of a normal outcome that is not seen below a detection limit (left-censored; Tobin 1958).

y* = Xβ + ε, ε ~ N(0, σ²); y = y* where y* ≥ limit, else only "below the limit" is known. Maximum likelihood in Olsen's
(1978) parameters γ = β/σ, θ = 1/σ, in which the log-likelihood is concave, so that Newton's steps find the one maximum:

    seen:   log θ − ½ (θy − x'γ)² − ½ log 2π        below:   log Φ(θ·limit − x'γ)

Nothing is put in place of a value below the limit. Inference by t with the number of rows less the number of
coefficients as df (survreg uses z). Checked against survival::survreg (tests/published/test_survreg.py).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.contrast import Contrast, contrast

Array = NDArray[Any]
_STEPS = 60


@dataclass(frozen=True, slots=True)
class CensoredRegression:
    """Coefficients in the order of the columns of X, their covariance, the residual SD, rows seen and below."""

    coefficients: Array
    covariance: Array
    sigma: float
    seen: int
    below: int

    def coefficient(self, column: int, *, level: float = 0.95) -> Contrast:
        df = self.seen + self.below - len(self.coefficients)
        se = math.sqrt(self.covariance[column, column])
        return contrast(float(self.coefficients[column]), se, float(df), level=level)


def censored_regression(y: ArrayLike, X: ArrayLike, limit: ArrayLike, below: ArrayLike) -> CensoredRegression:
    """Fit. `y` (n,), ignored where `below`; `X` (n, p) with its constant; `limit` (n,) or one number; `below` (n,).

    Raises NotEstimable when fewer values are seen than coefficients asked for, or when an effect cannot be told from
    others among the values seen.
    """
    design, hidden = np.asarray(X, dtype=float), np.asarray(below, dtype=bool)
    values = np.where(hidden, np.broadcast_to(np.asarray(limit, dtype=float), hidden.shape), np.asarray(y, dtype=float))
    if not (np.isfinite(values).all() and np.isfinite(design).all()):
        raise BadInput("Values, limits and covariates must be known.", cure="Leave out rows that lack one.")
    n, p = design.shape
    if (~hidden).sum() <= p or np.linalg.matrix_rank(design[~hidden]) < p:
        raise NotEstimable(
            f"Of {n} values {int(hidden.sum())} lie below the detection limit; the rest do not carry {p} coefficients.",
            cure="Report the share below the limit instead.",
        )
    # Start from the values as they stand; with θ fixed the problem is close to least squares.
    beta, *_ = np.linalg.lstsq(design, values, rcond=None)
    residual = float(np.std(values - design @ beta))
    if residual == 0:
        raise NotEstimable("The values do not vary about the model.", cure="Check the column.")
    parameters = np.append(beta / residual, 1 / residual)
    for _ in range(_STEPS):
        gradient, hessian = _slopes(parameters, values, design, hidden)
        step = np.linalg.solve(hessian, gradient)
        parameters = _improved(parameters, step, values, design, hidden)
        if float(np.abs(step).max()) < 1e-10 * (1 + float(np.abs(parameters).max())):
            return _in_beta(parameters, hessian, int((~hidden).sum()), int(hidden.sum()))
    raise NotEstimable("The censored regression did not converge.", cure="Use fewer covariates.")


def _log_likelihood(parameters: Array, y: Array, X: Array, below: Array) -> float:
    theta = parameters[-1]
    if theta <= 0:
        return -math.inf
    z = theta * y - X @ parameters[:-1]
    seen = math.log(theta) - 0.5 * z[~below] ** 2 - 0.5 * math.log(2 * math.pi)
    return float(seen.sum() + special.log_ndtr(z[below]).sum())


def _slopes(parameters: Array, y: Array, X: Array, below: Array) -> tuple[Array, Array]:
    """Gradient and (negative definite) Hessian in (γ, θ)."""
    theta = parameters[-1]
    z = theta * y - X @ parameters[:-1]
    # λ = φ(z)/Φ(z), by logarithms so that far tails do not divide zero by zero
    mills = np.exp(-0.5 * z**2 - 0.5 * math.log(2 * math.pi) - special.log_ndtr(z))
    pull = np.where(below, -mills, z)
    bend = np.where(below, mills * (mills + z), 1.0)
    seen = ~below
    gradient = np.append(X.T @ pull, seen.sum() / theta - y @ pull)
    hessian = np.empty((len(parameters), len(parameters)))
    hessian[:-1, :-1] = -(X * bend[:, None]).T @ X
    hessian[:-1, -1] = hessian[-1, :-1] = X.T @ (bend * y)
    hessian[-1, -1] = -seen.sum() / theta**2 - (bend * y) @ y
    return gradient, hessian


def _improved(parameters: Array, step: Array, y: Array, X: Array, below: Array) -> Array:
    now = _log_likelihood(parameters, y, X, below)
    for halving in range(40):
        tried = parameters - step / 2**halving
        if _log_likelihood(tried, y, X, below) >= now - 1e-12:
            return tried
    return parameters


def _in_beta(parameters: Array, hessian: Array, seen: int, below: int) -> CensoredRegression:
    gamma, theta = parameters[:-1], parameters[-1]
    jacobian = np.column_stack([np.eye(len(gamma)) / theta, -gamma / theta**2])
    covariance = jacobian @ np.linalg.inv(-hessian) @ jacobian.T
    return CensoredRegression(gamma / theta, covariance, float(1 / theta), seen, below)

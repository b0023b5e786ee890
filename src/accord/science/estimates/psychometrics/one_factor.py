"""One common factor by maximum likelihood: Σ = λλ' + diag(ψ), the factor's variance 1.

Fisher scoring from the first principal axis, with halving; the covariance of (λ, ψ) is the inverse of the expected
information n/2·tr(Σ⁻¹∂Σ Σ⁻¹∂Σ). The sample covariance is divided by n, as lavaan does. Checked against lavaan.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.science.errors import NotEstimable

Array = NDArray[Any]
_STEPS = 500
_LEAST = 1e-6  # of a question's variance: below it the question is the factor


@dataclass(frozen=True, slots=True)
class OneFactor:
    """`loadings` (k,) turned so that their sum is positive, `own` (k,) variances, `covariance` (2k, 2k) of both."""

    loadings: Array
    own: Array
    covariance: Array
    log_likelihood: float


def one_factor(x: Array) -> OneFactor:
    """Fit to complete answers (n, k), k of three or more. Raises NotEstimable for questions that repeat each other and
    for a question that the factor tells completely (a Heywood case)."""
    n, k = x.shape
    spread = x.std(axis=0)
    s = np.corrcoef(x.T)
    values, vectors = np.linalg.eigh(s)
    if values[0] < 1e-10:
        raise NotEstimable("The questions repeat each other: one follows from the rest.", cure="Leave one of them out.")
    loadings = vectors[:, -1] * np.sqrt(max(values[-1] - values[:-1].mean(), 0.1))
    own = np.maximum(1 - loadings**2, 0.1)
    fit = _discrepancy(s, loadings, own)
    for _ in range(_STEPS):
        slope, information = _derivatives(s, loadings, own)
        move = np.linalg.lstsq(information, -slope, rcond=None)[0]
        for length in 0.5 ** np.arange(25.0):
            tried, still = loadings + length * move[:k], own + length * move[k:]
            if still.min() <= 0:
                continue
            value = _discrepancy(s, tried, still)
            if value <= fit + 1e-14:
                break
        else:
            break
        done = abs(fit - value) < 1e-13 and float(np.abs(length * move).max()) < 1e-9
        loadings, own, fit = tried, still, value
        if done or own.min() < _LEAST:
            break
    if own.min() < _LEAST * 10:
        raise NotEstimable(
            f"One factor tells question {int(np.argmin(own)) + 1} completely (a Heywood case): omega has no meaning.",
            cure="Report alpha, or look at how the questions hang together.",
        )
    _, information = _derivatives(s, loadings, own)
    sign = 1.0 if (loadings * spread).sum() >= 0 else -1.0
    scale = np.concatenate([sign * spread, spread**2])
    covariance = np.linalg.inv(information * n / 2) * np.outer(scale, scale)
    likelihood = -n / 2 * (k * np.log(2 * np.pi) + fit + 2 * float(np.log(spread).sum()))
    return OneFactor(sign * loadings * spread, own * spread**2, covariance, likelihood)


def _discrepancy(s: Array, loadings: Array, own: Array) -> float:
    """ln|Σ| + tr(SΣ⁻¹)."""
    sigma = np.outer(loadings, loadings) + np.diag(own)
    sign, size = np.linalg.slogdet(sigma)
    return float(size + np.trace(np.linalg.solve(sigma, s))) if sign > 0 else np.inf


def _derivatives(s: Array, loadings: Array, own: Array) -> tuple[Array, Array]:
    """Slope of the discrepancy and its expected second derivative tr(Σ⁻¹∂ₐΣ Σ⁻¹∂ᵦΣ)."""
    inverse = np.linalg.inv(np.outer(loadings, loadings) + np.diag(own))
    gap = inverse - inverse @ s @ inverse
    slope = np.concatenate([2 * gap @ loadings, np.diagonal(gap)])
    w = inverse @ loadings
    both = 2 * (inverse * float(loadings @ w) + np.outer(w, w))
    across = 2 * inverse * w[:, None]
    return slope, np.block([[both, across.T], [across, inverse**2]])

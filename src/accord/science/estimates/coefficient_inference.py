"""Standard errors and degrees of freedom of β in a model with V linear in its parameters: Kenward-Roger, Satterthwaite.

All that is needed of the data are P(θ) = [X y]'V⁻¹[X y] and log|V| with their first and second derivatives:
A_j = -∂(X'V⁻¹X)/∂θ_j, and X'V⁻¹B_jV⁻¹B_kV⁻¹X as half the second derivative.
Source: Kenward & Roger 1997, Biometrics 53:983; Fai & Cornelius 1996. Checked against lmerTest and pbkrtest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Df = Literal["kenward-roger", "satterthwaite"]
_TINY = 1e-30


@dataclass(frozen=True, slots=True)
class Derivatives:
    """Of P(θ) and log|V|: values, first (K, …) and second (K, K, …)."""

    product: Array
    first: Array
    second: Array
    log_det_second: Array


@dataclass(frozen=True, slots=True)
class CoefficientInference:
    """Φ = (X'V⁻¹X)⁻¹, A_j, cov(θ), and the covariance of β that goes with the kind of df."""

    phi: Array
    bends: Array
    theta_covariance: Array
    covariance: Array


def differentiate(at: Callable[[Array], tuple[Array, Any]], theta: Array, steps: Array) -> Derivatives:
    """First derivatives by complex step, second by central differences of those (relative error about 1e-8).

    `at` takes many θ at once along a leading axis.
    """
    count = len(theta)
    turn = 1j * _TINY * np.eye(count)
    moves = np.concatenate([np.zeros((1, count)), np.diag(steps), -np.diag(steps)])
    product, log_det = at((theta + moves[:, None, :] + turn).reshape(-1, count))
    slopes = (product.imag / _TINY).reshape(2 * count + 1, count, *product.shape[-2:])
    log_slopes = (np.imag(log_det) / _TINY).reshape(2 * count + 1, count)
    up, down = slice(1, count + 1), slice(count + 1, None)
    second = (slopes[up] - slopes[down]) / (2 * steps[:, None, None, None])
    log_second = (log_slopes[up] - log_slopes[down]) / (2 * steps[:, None])
    value = product.real.reshape(slopes.shape)[0, 0]
    return Derivatives(value, slopes[0], (second + second.swapaxes(0, 1)) / 2, (log_second + log_second.T) / 2)


def coefficient_inference(
    d: Derivatives, beta: Array, df: Df, *, inner: bool, reml: bool = True
) -> CoefficientInference:
    """`inner`: the estimate lies inside (no variance at zero). At the boundary the observed information is not that of
    a maximum, and Satterthwaite falls back to the expected one. Kenward-Roger's adjustment is that of REML."""
    p = len(beta)
    phi = np.linalg.inv(d.product[:p, :p])
    bends = -d.first[:, :p, :p]
    halves = d.second / 2
    turned = bends @ phi
    expected = -d.log_det_second
    if reml:
        expected = (
            expected
            - 2 * np.einsum("ab,jkba->jk", phi, halves[:, :, :p, :p])
            + np.einsum("jab,kba->jk", turned, turned)
        )
    if df == "satterthwaite":
        b = np.concatenate([-beta, [1.0]])
        scores = (d.first @ b)[:, :p]
        average = np.einsum("a,jkab,b->jk", b, halves, b) - scores @ phi @ scores.T
        observed = 2 * average - expected
        sound = inner and np.linalg.eigvalsh(observed)[0] > 0
        return CoefficientInference(phi, bends, 2 * _inverse(observed if sound else expected), phi)
    spread = 2 * _inverse(expected)
    second = np.einsum("jk,jkab->ab", spread, halves[:, :, :p, :p])
    first = np.einsum("jk,jab,bc,kcd->ad", spread, bends, phi, bends, optimize=True)
    adjusted = phi + 2 * phi @ (second - first) @ phi
    return CoefficientInference(phi, bends, spread, (adjusted + adjusted.T) / 2)


def _inverse(information: Array) -> Array:
    """Inverse in units of its diagonal, so that a variance of 1e-3 and one of 1e3 do not spoil one another."""
    unit = np.sqrt(np.abs(np.diagonal(information)))
    return np.linalg.inv(information / np.outer(unit, unit)) / np.outer(unit, unit)

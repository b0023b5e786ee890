"""Logistic or probit slopes of many weighted samples at once, by scoring from sums of weighted cross-products."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special

from accord.science.errors import NotEstimable

Array = NDArray[Any]
Link = Literal["logit", "probit"]
_STEPS, _CLOSE, _FAR = 60, 1e-9, 40.0


def share(link: Link, eta: Array) -> Array:
    """The probability at a linear predictor."""
    return special.expit(eta) if link == "logit" else special.ndtr(eta)


def binomial(x: Array, y: Array, weights: Array, link: Link) -> Array:
    """(B, p) slopes of y (n, 0 or 1) on x (n, p) under weights (B, n); NaN where a sample separates."""
    flat = np.einsum("ij,ik->ijk", x, x).reshape(len(x), -1)
    p = x.shape[1]
    beta = np.zeros((len(weights), p))
    for _ in range(_STEPS):
        eta = beta @ x.T
        mean = share(link, eta)
        if link == "logit":
            slope, work = mean * (1 - mean), (y - mean)
        else:
            density = np.exp(-0.5 * eta**2) / np.sqrt(2 * np.pi)
            variance = np.maximum(mean * (1 - mean), 1e-12)
            slope, work = density**2 / variance, (y - mean) * density / variance
        information = ((weights * slope) @ flat).reshape(-1, p, p)
        score = (weights * work) @ x
        good = np.linalg.cond(information) < 1e12
        information[~good] = np.eye(p)
        step = np.linalg.solve(information, score[..., None])[..., 0]
        step[~good] = 0
        beta = np.where(good[:, None], beta + step, np.nan)
        if not (np.abs(np.nan_to_num(step)) > _CLOSE).any():
            break
    with np.errstate(invalid="ignore"):
        far = np.abs(beta @ x.T).max(axis=1) > _FAR
    beta[far] = np.nan
    return beta


def fitted(x: Array, y: Array, link: Link, what: str) -> tuple[Array, Array]:
    """One fit with its covariance. Raises NotEstimable for one class only, or perfect separation."""
    classes = np.unique(y)
    if not np.array_equal(classes, [0.0, 1.0]):
        raise NotEstimable(
            f"{what} holds {', '.join(f'{value:g}' for value in classes[:4])}; a share needs zeros and ones.",
            cure="Code it 0 and 1, or take the linear model.",
        )
    beta = binomial(x, y, np.ones((1, len(y))), link)[0]
    if not np.isfinite(beta).all():
        raise NotEstimable(f"{what} is told apart perfectly by a predictor.", cure="Leave that predictor out.")
    eta = x @ beta
    mean = share(link, eta)
    if link == "logit":
        slope = mean * (1 - mean)
    else:
        slope = np.exp(-(eta**2)) / (2 * np.pi) / np.maximum(mean * (1 - mean), 1e-12)
    return beta, np.linalg.inv((x * slope[:, None]).T @ x)

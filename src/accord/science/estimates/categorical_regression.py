"""Regression of a category on covariates, for imputation: proportional odds and multinomial logit, gently penalised.

The penalty (0.1 on predictors in units of their spread) keeps estimates finite when a covariate tells a category apart.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

Array = NDArray[Any]


def proportional_odds(
    y: NDArray[np.int64], x: Array, start: tuple[Array, Array] | None = None, *, ridge: float = 0.1
) -> tuple[Array, Array]:
    """Cut points and slopes of logit P(y ≤ k) = c_k - x'b, by maximum likelihood with a small penalty on b."""
    categories = int(y.max()) + 1

    def unpack(values: Array) -> tuple[Array, Array]:
        cuts = values[0] + np.concatenate([[0.0], np.cumsum(np.exp(values[1 : categories - 1]))])
        return cuts, values[categories - 1 :]

    def objective(values: Array) -> tuple[float, Array]:
        cuts, slope = unpack(values)
        padded = np.concatenate([[-np.inf], cuts, [np.inf]])
        eta = x @ slope
        high, low = special.expit(padded[y + 1] - eta), special.expit(padded[y] - eta)
        p = np.maximum(high - low, 1e-12)
        d_high, d_low = high * (1 - high) / p, low * (1 - low) / p
        by_cut = _by_cut(y, d_high, d_low, categories)
        gradient = np.empty(len(values))
        gradient[0] = by_cut.sum()
        steps = np.exp(values[1 : categories - 1])
        gradient[1 : categories - 1] = steps * np.cumsum(by_cut[::-1])[::-1][1:]
        gradient[categories - 1 :] = -x.T @ (d_high - d_low) - ridge * slope
        return -float(np.log(p).sum()) + ridge * float(slope @ slope) / 2, -gradient

    shares = np.clip(np.cumsum(np.bincount(y, minlength=categories))[:-1] / len(y), 1e-3, 1 - 1e-3)
    cuts, slope = (special.logit(shares), np.zeros(x.shape[1])) if start is None else start
    if len(cuts) != categories - 1:
        cuts, slope = special.logit(shares), np.zeros(x.shape[1])
    first = np.concatenate([cuts[:1], np.log(np.maximum(np.diff(cuts), 1e-3)), slope])
    found = optimize.minimize(objective, first, jac=True, method="L-BFGS-B", options={"maxiter": 60})
    return unpack(found.x)


def _by_cut(y: NDArray[np.int64], d_high: Array, d_low: Array, categories: int) -> Array:
    """d log-likelihood / d cut_k: from those just below it and those just above it."""
    rise = np.bincount(y, d_high, categories)[: categories - 1]
    fall = np.bincount(y, d_low, categories)[1:]
    return np.asarray(rise - fall)


def multinomial_logit(y: NDArray[np.int64], x: Array, start: Array | None = None, *, ridge: float = 0.1) -> Array:
    """Slopes (K - 1, p) of log P(y = k)/P(y = 0) = x'b_k; the first column of `x` is the intercept, not penalised."""
    count, p = int(y.max()) + 1, x.shape[1]
    hits = np.eye(count)[y][:, 1:]
    weight = np.full(p, ridge)
    weight[0] = 0.0

    def objective(values: Array) -> tuple[float, Array]:
        slopes = values.reshape(count - 1, p)
        scores = np.column_stack([np.zeros(len(y)), x @ slopes.T])
        log_p = scores - special.logsumexp(scores, axis=1, keepdims=True)
        gradient = (np.exp(log_p[:, 1:]) - hits).T @ x + weight * slopes
        value = -float(log_p[np.arange(len(y)), y].sum()) + float((weight * slopes**2).sum()) / 2
        return value, gradient.ravel()

    first = np.zeros((count - 1) * p) if start is None or start.shape != (count - 1, p) else start.ravel()
    found = optimize.minimize(objective, first, jac=True, method="L-BFGS-B", options={"maxiter": 60})
    return np.asarray(found.x.reshape(count - 1, p))

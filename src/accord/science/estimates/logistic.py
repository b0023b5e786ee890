"""Logistic regression by iteratively reweighted least squares, with an optional ridge penalty for prediction.

Maximises Σ log-likelihood - (ridge/2) Σ β_k² over standardised predictors (mean 0, SD 1; the intercept is free).
Without a penalty: odds ratios with Wald limits, as R's glm. With a penalty coefficients are drawn towards zero on
purpose, no interval of theirs would hold, and none is given. Separation is recognised and named. Checked against R glm.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.contrast import Contrast, contrast
from accord.science.estimates.estimate import Estimate
from accord.science.estimates.fixed_effects import FixedEffects, fixed_effects, refuse_aliased

Array = NDArray[Any]
_NO_INFORMATION = 1e6


@dataclass(frozen=True, slots=True)
class Logistic:
    """Coefficients in the units of the predictors, log odds. `covariance` is None with a penalty."""

    names: tuple[str, ...]
    coefficients: Array
    covariance: Array | None
    log_likelihood: float
    n: int
    events: int
    missing: int
    ridge: float

    def coefficient(self, name: str, *, level: float = 0.95) -> Contrast:
        """Log odds ratio per unit, z inference."""
        if name not in self.names:
            raise BadInput(f"No predictor {name!r}.", cure=f"Use one of: {', '.join(self.names)}.")
        if self.covariance is None:
            raise NotEstimable("A penalised coefficient has no valid interval.", cure="Fit with ridge=0.")
        k = self.names.index(name)
        return contrast(float(self.coefficients[k]), math.sqrt(float(self.covariance[k, k])), level=level)

    def odds_ratio(self, name: str, id: str, label: str, *, per: float = 1.0, **context: Any) -> Estimate:
        """Odds ratio for `per` units more, as an `Estimate`."""
        c = self.coefficient(name)
        low, high = sorted((c.ci_low * per, c.ci_high * per))
        return Estimate(
            id=id, label=label, value=math.exp(c.value * per), ci_low=math.exp(low), ci_high=math.exp(high), p=c.p,
            **{"n": self.n, "missing": self.missing, "unit": "odds ratio", "method": self.method, **context},
        )  # fmt: skip

    def predict(self, matrix: Array) -> Array:
        """Probabilities for rows of the same columns (intercept first)."""
        result: Array = special.expit(matrix @ self.coefficients)
        return result

    @property
    def method(self) -> str:
        return "logistic regression" + (f", ridge {self.ridge:g}" if self.ridge else ", Wald limits")


def logistic(
    outcome: ArrayLike,
    predictors: Mapping[str, ArrayLike],
    *,
    ridge: float = 0.0,
    reference: Mapping[str, str] | None = None,
) -> Logistic:
    """Fit on rows with outcome (0 or 1) and all predictors; the rest are counted."""
    y = np.asarray(outcome, float)
    x = fixed_effects(predictors, len(y), reference=reference)
    keep = np.isfinite(y) & x.complete
    return replace(fit_logistic(y[keep], x.kept(keep), ridge), missing=int((~keep).sum()))


def fit_logistic(y: Array, x: FixedEffects, ridge: float = 0.0) -> Logistic:
    """The same on complete rows with the matrix made (intercept first)."""
    return ridge_path(y, x, (ridge,))[0]


def ridge_path(y: Array, x: FixedEffects, ridges: Sequence[float]) -> list[Logistic]:
    """Fits under each penalty, each started where the one before ended (cheapest from large to small)."""
    if not ((y == 0) | (y == 1)).all():
        raise BadInput("The outcome of a logistic regression is 0 or 1.", cure="Code it as 0 and 1.")
    events = int(y.sum())
    if events in (0, len(y)):
        raise NotEstimable(f"{events} of {len(y)} people have the event: nothing to predict.", cure="Report the count.")
    if not all(ridges):
        refuse_aliased(x.matrix.T @ x.matrix, x.names)
    centre, spread = x.matrix.mean(axis=0), x.matrix.std(axis=0)
    centre[0], spread = 0.0, np.where(spread > 0, spread, 1.0)
    z = (x.matrix - centre) / spread
    back = np.diag(1 / spread)
    back[0, 1:] = -centre[1:] / spread[1:]
    beta = np.zeros(z.shape[1])
    beta[0] = special.logit(y.mean())
    fits = []
    for ridge in ridges:
        penalty = np.full(len(x.names), float(ridge))
        penalty[0] = 0.0
        beta, inverse, log_likelihood = _climb(y, z, penalty, x.names, beta)
        covariance = None if ridge else back @ inverse @ back.T
        fits.append(Logistic(x.names, back @ beta, covariance, log_likelihood, len(y), events, 0, float(ridge)))
    return fits


def _climb(y: Array, z: Array, penalty: Array, names: tuple[str, ...], start: Array) -> tuple[Array, Array, float]:
    """Newton's method with halving: coefficients, inverse information, log-likelihood.

    Where a predictor separates the outcomes the maximum lies at infinity: the climb stalls with information gone, and
    the standard error of a standardised predictor is beyond anything that data could give.
    """
    beta, eta = start, z @ start
    value = _log_likelihood(y, eta) - 0.5 * float(penalty @ beta**2)
    for _ in range(60):
        mean = special.expit(eta)
        information = (z * (mean * (1 - mean))[:, None]).T @ z + np.diag(penalty)
        slope = z.T @ (y - mean) - penalty * beta
        try:
            inverse = np.linalg.inv(information)
        except np.linalg.LinAlgError:
            break
        move = inverse @ slope
        if float(slope @ move) < 1e-14 * (1 + abs(value)):
            if np.diagonal(inverse).max() > _NO_INFORMATION:
                break
            return beta, inverse, _log_likelihood(y, eta)
        step = z @ move
        for length in 0.5 ** np.arange(20.0):
            tried = _log_likelihood(y, eta + length * step) - 0.5 * float(penalty @ (beta + length * move) ** 2)
            if tried >= value - 1e-12 * abs(value):
                break
        beta, eta, value = beta + length * move, eta + length * step, tried
    raise _separated(beta, names)


def _log_likelihood(y: Array, eta: Array) -> float:
    return float((y * eta - np.maximum(eta, 0) - np.log1p(np.exp(-np.abs(eta)))).sum())


def _separated(beta: Array, names: tuple[str, ...]) -> NotEstimable:
    worst = names[1 + int(np.argmax(np.abs(beta[1:])))] if len(names) > 1 else names[0]
    return NotEstimable(
        f"The predictors tell some outcomes completely (separation), above all {worst!r}; its odds ratio is infinite.",
        cure="Leave it out, join rare groups, or use a ridge penalty.",
    )

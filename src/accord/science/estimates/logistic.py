"""Logistic regression by iteratively reweighted least squares, with an optional ridge penalty for prediction.

Maximises Σ log-likelihood - (ridge/2) Σ β_k² over standardised predictors (mean 0, SD 1; the intercept is free).
Without a penalty: odds ratios with Wald limits, as R's glm. With a penalty coefficients are drawn towards zero on
purpose, no interval of theirs would hold, and none is given. Separation is recognised and named. Checked against R glm.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.contrast import Contrast, contrast
from accord.science.estimates.estimate import Estimate
from accord.science.estimates.fixed_effects import FixedEffects, fixed_effects, refuse_aliased

Array = NDArray[Any]


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
    fit = fit_logistic(y[keep], x.kept(keep), ridge)
    return Logistic(**{**{k: getattr(fit, k) for k in Logistic.__slots__}, "missing": int((~keep).sum())})


def fit_logistic(y: Array, x: FixedEffects, ridge: float = 0.0) -> Logistic:
    """The same on complete rows with the matrix made (intercept first)."""
    if not np.isin(y, (0, 1)).all():
        raise BadInput("The outcome of a logistic regression is 0 or 1.", cure="Code it as 0 and 1.")
    events = int(y.sum())
    if events in (0, len(y)):
        raise NotEstimable(f"{events} of {len(y)} people have the event: nothing to predict.", cure="Report the count.")
    if not ridge:
        refuse_aliased(x.matrix.T @ x.matrix, x.names)
    centre, spread = x.matrix.mean(axis=0), x.matrix.std(axis=0)
    centre[0], spread = 0.0, np.where(spread > 0, spread, 1.0)
    z = (x.matrix - centre) / spread
    penalty = np.full(len(x.names), float(ridge))
    penalty[0] = 0.0
    beta, information = _climb(y, z, penalty, x.names)
    eta = z @ beta
    log_likelihood = float((y * eta - np.logaddexp(0, eta)).sum())
    back = np.diag(1 / spread)
    back[0, 1:] = -centre[1:] / spread[1:]
    covariance = None if ridge else back @ np.linalg.inv(information) @ back.T
    return Logistic(x.names, back @ beta, covariance, log_likelihood, len(y), events, 0, float(ridge))


def _climb(y: Array, z: Array, penalty: Array, names: tuple[str, ...]) -> tuple[Array, Array]:
    beta = np.zeros(z.shape[1])
    beta[0] = special.logit(y.mean())
    value = _penalised(y, z, beta, penalty)
    for _ in range(60):
        mean = special.expit(z @ beta)
        information = (z * (mean * (1 - mean))[:, None]).T @ z + np.diag(penalty)
        slope = z.T @ (y - mean) - penalty * beta
        try:
            move = np.linalg.solve(information, slope)
        except np.linalg.LinAlgError:
            raise _separated(beta, names) from None
        length = 1.0
        while _penalised(y, z, beta + length * move, penalty) < value - 1e-12 * abs(value) and length > 1e-6:
            length /= 2
        beta = beta + length * move
        value = _penalised(y, z, beta, penalty)
        if np.abs(z @ beta).max() > 40:
            raise _separated(beta, names)
        if float(slope @ move) < 1e-14 * (1 + abs(value)):
            _refuse_separation(y, z @ beta, beta, names, penalty)
            mean = special.expit(z @ beta)
            return beta, (z * (mean * (1 - mean))[:, None]).T @ z + np.diag(penalty)
    raise _separated(beta, names)


def _penalised(y: Array, z: Array, beta: Array, penalty: Array) -> float:
    eta = z @ beta
    return float((y * eta - np.logaddexp(0, eta)).sum() - 0.5 * (penalty * beta**2).sum())


def _refuse_separation(y: Array, eta: Array, beta: Array, names: tuple[str, ...], penalty: Array) -> None:
    """At a maximum that is at infinity the climb stalls with people predicted perfectly."""
    if not penalty.any() and np.abs(eta).max() > 18 and (np.abs(y - special.expit(eta)) < 1e-7).any():
        raise _separated(beta, names)


def _separated(beta: Array, names: tuple[str, ...]) -> NotEstimable:
    worst = names[1 + int(np.argmax(np.abs(beta[1:])))] if len(names) > 1 else names[0]
    return NotEstimable(
        f"The predictors tell some outcomes completely (separation), above all {worst!r}; its odds ratio is infinite.",
        cure="Leave it out, join rare groups, or use a ridge penalty.",
    )

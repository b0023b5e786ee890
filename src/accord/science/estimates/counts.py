"""Counts (visits, attacks, days): negative binomial regression, with Poisson as its limit, and an offset for time.

log E(y) = x'β + log(time), Var(y) = μ + μ²/θ. Counts of people vary more than Poisson allows; where they do not, θ
runs away and the Poisson fit is given and named. Checked against MASS::glm.nb and glm.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, special

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.contrast import Contrast, contrast
from accord.science.estimates.fixed_effects import fixed_effects, refuse_aliased
from accord.science.estimates.showing import coefficient_forest, coefficients_in_words, html
from accord.science.figures import Forest

Array = NDArray[Any]
_POISSON = 1e6


@dataclass(frozen=True, slots=True)
class Counts:
    """Log rate ratios. `theta` is None when the counts vary no more than Poisson's."""

    names: tuple[str, ...]
    coefficients: Array
    covariance: Array
    theta: float | None
    log_likelihood: float
    n: int
    missing: int

    def coefficient(self, name: str, *, level: float = 0.95) -> Contrast:
        """One log rate ratio with normal inference; exp() of value and limits is the rate ratio."""
        if name not in self.names:
            raise BadInput(f"No effect {name!r}.", cure=f"Use one of: {', '.join(self.names)}.")
        k = self.names.index(name)
        return contrast(float(self.coefficients[k]), math.sqrt(self.covariance[k, k]), level=level)

    @property
    def method(self) -> str:
        return "Poisson regression" if self.theta is None else f"negative binomial regression, theta {self.theta:.2f}"

    def summary(self) -> str:
        """Rate ratios (of one mean: the rate itself)."""
        one = len(self.names) == 1
        return (
            f"{'Rate' if one else 'Rate ratios'}: {coefficients_in_words(self, ratio=True)} {self.n:,} people, "
            f"{self.missing:,} left out; {self.method}."
        )

    def plot(self) -> Forest:
        """The rate ratios with their limits."""
        return coefficient_forest(self, "Rate ratios", self.summary(), "rate ratio", ratio=True)

    def _repr_html_(self) -> str:
        return html(self)


def count_regression(
    count: ArrayLike, fixed: Mapping[str, ArrayLike] | None = None, *, time: ArrayLike | None = None
) -> Counts:
    """Fit. `count` (N,) whole numbers, `time` (N,) observed for each (positive), `fixed` name -> N numbers or words."""
    y = np.asarray(count, float)
    x = fixed_effects(fixed or {}, len(y))
    offset = np.zeros(len(y)) if time is None else np.asarray(time, float)
    if time is not None and not (offset[np.isfinite(offset)] > 0).all():
        raise BadInput("A time of observation is 0 or less.", cure="Leave such rows out, or give the time in days.")
    keep = np.isfinite(y) & x.complete & np.isfinite(offset)
    if ((y[keep] < 0) | (y[keep] != np.floor(y[keep]))).any():
        raise BadInput("A count is negative or not a whole number.", cure="Use counts, or another model.")
    if keep.sum() <= len(x.names) or not y[keep].any():
        raise NotEstimable("There is nothing counted.", cure="Report that the count was 0 for everybody.")
    refuse_aliased(x.matrix[keep].T @ x.matrix[keep], x.names)
    log_time = np.log(offset[keep]) if time is not None else offset[keep]
    q, r = np.linalg.qr(x.matrix[keep])
    return _fit(y[keep], q * math.sqrt(len(q)), r / math.sqrt(len(q)), log_time, x.names, int((~keep).sum()))


def _fit(y: Array, x: Array, r: Array, offset: Array, names: tuple[str, ...], missing: int) -> Counts:
    beta = _weighted(y, x, offset, math.inf)

    def profile(log_theta: float) -> float:
        theta = math.exp(log_theta)
        return -_log_likelihood(y, np.exp(x @ _weighted(y, x, offset, theta, beta) + offset), theta)

    found = optimize.minimize_scalar(
        profile, bounds=(-8, math.log(_POISSON)), method="bounded", options={"xatol": 1e-9}
    )
    theta = math.exp(float(found.x))
    if theta > _POISSON / 20:
        theta = math.inf
    beta = _weighted(y, x, offset, theta, beta)
    mu = np.exp(x @ beta + offset)
    weights = mu if math.isinf(theta) else mu / (1 + mu / theta)
    back = np.linalg.inv(r)
    covariance = back @ np.linalg.inv(x.T @ (weights[:, None] * x)) @ back.T
    value = _log_likelihood(y, mu, theta)
    return Counts(names, back @ beta, covariance, None if math.isinf(theta) else theta, value, len(y), missing)


def _weighted(y: Array, x: Array, offset: Array, theta: float, start: Array | None = None) -> Array:
    """β at one θ, by iteratively reweighted least squares."""
    eta = np.log(y + 0.5) if start is None else x @ start + offset
    beta = np.zeros(x.shape[1])
    for _ in range(200):
        mu = np.exp(np.clip(eta, -30, 30))
        weights = mu if math.isinf(theta) else mu / (1 + mu / theta)
        target = eta - offset + (y - mu) / mu
        new = np.linalg.solve(x.T @ (weights[:, None] * x), x.T @ (weights * target))
        done = np.abs(new - beta).max() < 1e-11 * (1 + np.abs(new).max())
        beta, eta = new, x @ new + offset
        if done:
            break
    if np.abs(x @ beta).max() > 25:
        raise NotEstimable("One level of a covariate has no counts at all.", cure="Join that level with another.")
    return beta


def _log_likelihood(y: Array, mu: Array, theta: float) -> float:
    if math.isinf(theta):
        return float((y * np.log(mu) - mu - special.gammaln(y + 1)).sum())
    terms = special.gammaln(y + theta) - special.gammaln(theta) - special.gammaln(y + 1)
    terms = terms + theta * math.log(theta) + special.xlogy(y, mu) - (y + theta) * np.log(theta + mu)
    return float(terms.sum())

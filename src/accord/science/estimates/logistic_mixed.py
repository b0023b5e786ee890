"""Logistic regression with a random intercept of clusters, by adaptive Gauss-Hermite quadrature.

logit P(y = 1) = x'β + σ b_j, b_j ~ N(0, 1). Each cluster's integral over b is taken at nodes that are centred at the
mode of its integrand and scaled by the curvature there (Pinheiro & Bates 1995). β and σ by Newton's steps: the
gradient is the score averaged over the nodes' posterior weights, the information its numerical derivative.
Checked against lme4's glmer with the same number of nodes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, special

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.clusters import nested_clusters
from accord.science.estimates.contrast import Contrast, contrast
from accord.science.estimates.fixed_effects import fixed_effects, refuse_aliased
from accord.science.estimates.showing import coefficient_forest, coefficients_in_words, html
from accord.science.figures import Forest

Array = NDArray[Any]
_LOGISTIC_VARIANCE = math.pi**2 / 3


@dataclass(frozen=True, slots=True)
class LogisticMixed:
    """A fitted model. `variance` is that of the clusters on the logit scale; `boundary` when it is zero.

    `share` = variance / (variance + π²/3), the part of the latent outcome that lies between clusters. `modes` and
    `spreads` (J,) are the clusters' own deviations (logit) with their conditional standard deviations.
    """

    names: tuple[str, ...]
    coefficients: Array
    covariance_of_coefficients: Array
    variance: float
    boundary: bool
    log_likelihood: float
    rows: int
    clusters: int
    missing: int
    nodes: int
    modes: Array
    spreads: Array

    @property
    def share(self) -> float:
        return self.variance / (self.variance + _LOGISTIC_VARIANCE)

    @property
    def method(self) -> str:
        return f"logistic mixed model, random intercept, adaptive quadrature with {self.nodes} nodes"

    def summary(self) -> str:
        """Odds ratios within clusters, the spread between them, and how it was had."""
        edge = " No variance between clusters was found; the fit stands." if self.boundary else ""
        return (
            f"Odds ratios within clusters: {coefficients_in_words(self, ratio=True)} SD between clusters "
            f"{math.sqrt(self.variance):.3g} on the logit scale, {100 * self.share:.1f} % of the latent outcome.{edge} "
            f"{self.rows:,} rows of {self.clusters} clusters, {self.missing:,} left out; {self.method}."
        )

    def plot(self) -> Forest:
        """The odds ratios with their limits."""
        return coefficient_forest(self, "Odds ratios within clusters", self.summary(), "odds ratio", ratio=True)

    def _repr_html_(self) -> str:
        return html(self)

    def coefficient(self, name: str, *, level: float = 0.95) -> Contrast:
        """One coefficient (log odds ratio, within clusters) with its normal inference."""
        if name not in self.names:
            raise BadInput(f"No effect {name!r}.", cure=f"Use one of: {', '.join(self.names)}.")
        k = self.names.index(name)
        return contrast(float(self.coefficients[k]), math.sqrt(self.covariance_of_coefficients[k, k]), level=level)


@dataclass(frozen=True, slots=True)
class _Data:
    y: Array
    x: Array
    codes: NDArray[np.int64]
    count: int
    points: Array  # Gauss-Hermite nodes for exp(-z²/2), (K,)
    log_weights: Array

    def sums(self, values: Array) -> Array:
        """Sums within clusters of (N,) or (N, K)."""
        if values.ndim == 1:
            return np.bincount(self.codes, values, self.count)
        return np.column_stack([np.bincount(self.codes, column, self.count) for column in values.T])


def logistic_mixed(
    outcome: ArrayLike,
    cluster: Sequence[Any] | ArrayLike,
    *,
    fixed: Mapping[str, ArrayLike] | None = None,
    nodes: int = 15,
) -> LogisticMixed:
    """Fit. `outcome` (N,) of 0 and 1 (missing: NaN), `cluster` N labels, `fixed` name -> N numbers or words.

    Raises NotEstimable for an outcome of one kind and for separation: a covariate that tells the outcome apart.
    """
    y = np.asarray(outcome, float)
    x = fixed_effects(fixed or {}, len(y))
    keep = np.isfinite(y) & x.complete
    if not np.isin(y[keep], (0.0, 1.0)).all():
        raise BadInput("The outcome has values other than 0 and 1.", cure="Recode it: 1 for yes, 0 for no.")
    if keep.sum() == 0 or len(set(y[keep].tolist())) < 2:
        raise NotEstimable("The outcome is the same for everybody.", cure="There is nothing to explain; leave it out.")
    refuse_aliased(x.matrix[keep].T @ x.matrix[keep], x.names)
    codes = nested_clusters({"cluster": np.asarray(cluster)[keep]}).codes[0]
    count = int(codes.max()) + 1
    if count < 2:
        raise NotEstimable("There is one cluster only.", cure="Use a logistic regression without clusters.")
    points, weights = np.polynomial.hermite_e.hermegauss(nodes)
    q, r = np.linalg.qr(x.matrix[keep])
    data = _Data(y[keep], q * math.sqrt(len(q)), codes, count, points, np.log(weights) + points**2 / 2)
    return _fit(data, r / math.sqrt(len(q)), x.names, int((~keep).sum()), nodes)


def _fit(data: _Data, r: Array, names: tuple[str, ...], missing: int, nodes: int) -> LogisticMixed:
    p = data.x.shape[1]

    def objective(values: Array) -> tuple[float, Array]:
        value, gradient = _log_likelihood(data, values[:p], float(values[p]))
        return -value, -gradient

    bounds = [(-30.0, 30.0)] * p + [(0.0, 20.0)]
    start = np.append(np.zeros(p), 0.5)
    found = optimize.minimize(objective, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-13})
    values = _polish(objective, found.x)
    _refuse_separation(data, values, p)
    boundary = bool(values[p] < 1e-4)
    if boundary:
        values[p] = 0.0
    information = _curvature(objective, values, range(p) if boundary else range(p + 1))
    covariance = np.linalg.inv(information)[:p, :p]
    back = np.linalg.inv(r)
    sigma = float(values[p])
    value, _ = _log_likelihood(data, values[:p], sigma)
    modes, spreads = _modes(data, data.x @ values[:p], sigma)
    return LogisticMixed(
        names=names, coefficients=back @ values[:p], covariance_of_coefficients=back @ covariance @ back.T,
        variance=sigma**2, boundary=boundary, log_likelihood=value, rows=len(data.y), clusters=data.count,
        missing=missing, nodes=nodes, modes=modes * sigma, spreads=spreads * sigma,
    )  # fmt: skip


def _log_likelihood(data: _Data, beta: Array, sigma: float) -> tuple[float, Array]:
    """Σ log of each cluster's integral, and its gradient in (β, σ)."""
    eta = data.x @ beta
    mode, spread = _modes(data, eta, sigma)
    b = mode[:, None] + spread[:, None] * data.points
    at = eta[:, None] + sigma * b[data.codes]
    joint = data.sums(data.y[:, None] * at - np.logaddexp(0, at)) - b**2 / 2 - 0.5 * math.log(2 * math.pi)
    terms = joint + data.log_weights + np.log(spread)[:, None]
    each = special.logsumexp(terms, axis=1)
    weights = np.exp(terms - each[:, None])
    left = (data.y[:, None] - special.expit(at)) * weights[data.codes]
    gradient = np.append(data.x.T @ left.sum(axis=1), float((left * b[data.codes]).sum()))
    return float(each.sum()), gradient


def _modes(data: _Data, eta: Array, sigma: float) -> tuple[Array, Array]:
    """Mode of each cluster's integrand in b and 1/√curvature there, by Newton's steps for all at once."""
    b = np.zeros(data.count)
    curve = np.ones(data.count)
    for _ in range(100):
        probability = special.expit(eta + sigma * b[data.codes])
        slope = sigma * data.sums(data.y - probability) - b
        curve = sigma**2 * data.sums(probability * (1 - probability)) + 1
        step = slope / curve
        b = b + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-10:
            break
    return b, 1 / np.sqrt(curve)


def _curvature(objective: Any, values: Array, places: Sequence[int] | range) -> Array:
    rows = []
    for k in places:
        step = 1e-5 * max(1.0, abs(values[k]))
        up, down = values.copy(), values.copy()
        up[k] += step
        down[k] -= step
        rows.append((objective(up)[1] - objective(down)[1])[list(places)] / (2 * step))
    matrix = np.array(rows)
    return (matrix + matrix.T) / 2


def _polish(objective: Any, values: Array) -> Array:
    """Newton's steps from the quasi-Newton's end, on what is not at the boundary."""
    places = list(range(len(values))) if values[-1] > 1e-4 else list(range(len(values) - 1))
    for _ in range(5):
        gradient = objective(values)[1][places]
        if np.abs(gradient).max() < 1e-8:
            break
        step = np.linalg.solve(_curvature(objective, values, places), gradient)
        if np.abs(step).max() > 0.5:
            break
        values = values.copy()
        values[places] -= step
    return values


def _refuse_separation(data: _Data, values: Array, p: int) -> None:
    at = data.x @ values[:p]
    if np.abs(values[:p]).max() > 25 or (np.abs(at) > 20).mean() > 0.05:
        raise NotEstimable(
            "A covariate tells the outcome apart completely, so its effect has no finite estimate.",
            cure="Leave that covariate out, or join its rare values with others.",
        )

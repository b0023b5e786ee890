"""Causal mediation: average causal mediation effect (ACME) and direct effect (ADE), for linear and binary models.

With Y(t, M(t')) the outcome under treatment t and the mediator as it would be under t' (Imai, Keele and Tingley 2010):

    ACME(t) = E[Y(t, M(1)) - Y(t, M(0))]      ADE(t) = E[Y(1, M(t)) - Y(0, M(t))]      total = ACME(1) + ADE(0)

Each expectation is computed, not simulated: over a binary mediator it is a sum of two terms, over a normal one under a
linear outcome it needs only its mean, under a binary outcome 24 Gauss-Hermite nodes. So M(0) and M(1) never carry
different noise, which makes the limits of a popular Python program too wide, and a binary mediator is never treated by
multiplying a log odds ratio with a slope, which another does.

Holds if, given the covariates, nothing unmeasured changes both mediator and outcome (and the treatment was allocated).
That is an assumption about the world; `sensitivity` asks how wrong it may be. Checked against R (glm and lm,
standardised by hand, and closed forms) and against simulated truth.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.estimate import Estimate
from accord.science.estimates.mediation.binomial import Link, binomial, fitted, share
from accord.science.estimates.mediation.design import Design, design
from accord.science.estimates.mediation.limits import percentile
from accord.science.estimates.mediation.moments import counts
from accord.science.figures.forest import Forest, ForestRow

Array = NDArray[Any]
Kind = Literal["linear", "logit", "probit"]
How = Literal["quasi-bayesian", "bootstrap"]
_NODES, _AT_ONCE, _LOST = 24, 2_000_000, 0.05
_LABELS = (
    "ACME, untreated",
    "ACME, treated",
    "ACME, average",
    "ADE, untreated",
    "ADE, treated",
    "ADE, average",
    "total",
)
_IDS = ("acme.0", "acme.1", "acme", "ade.0", "ade.1", "ade", "total")


@dataclass(frozen=True, slots=True)
class CausalMediation:
    """ACME and ADE under both treatments and on average, and the total; risk differences for a binary outcome."""

    estimates: tuple[Estimate, ...]
    mediated: float | None
    n: int
    missing: int
    method: str

    def effect(self, id: str) -> Estimate:
        """`acme`, `acme.0`, `acme.1`, `ade`, `ade.0`, `ade.1` or `total`."""
        if id not in _IDS:
            raise BadInput(f"There is no effect {id!r}.", cure=f"Use one of: {', '.join(_IDS)}.")
        return self.estimates[_IDS.index(id)]

    def summary(self) -> str:
        acme, ade, total = (self.effect(name) for name in ("acme", "ade", "total"))
        said = "; ".join(
            f"{name} {one.value:.3g} ({one.ci_low:.3g} to {one.ci_high:.3g})"
            for name, one in (("through the mediator", acme), ("otherwise", ade), ("in all", total))
        )
        return (
            f"{said[0].upper()}{said[1:]}. {self.n:,} people; {self.method}. It holds if nothing unmeasured changes "
            "both mediator and outcome."
        )

    def plot(self, *, title: str = "Through the mediator and otherwise") -> Forest:
        rows = [ForestRow(one.label, one.value, one.ci_low, one.ci_high) for one in self.estimates]
        return Forest(title, self.summary(), rows, "effect")

    def _repr_html_(self) -> str:
        return f"<p>{self.summary()}</p>{self.plot().svg()}"


@dataclass(frozen=True, slots=True)
class _Models:
    """Design matrices: `m` for the mediator, `y(t, mediator)` for the outcome with treatment set."""

    made: Design
    mediator: Kind
    outcome: Kind
    interaction: bool
    low: float
    high: float

    def m_at(self, t: float | None) -> Array:
        z = self.made.z[:, list(self.made.before)].copy()
        if t is not None:
            z[:, 1] = t
        return z

    def y_at(self, t: float | None, mediator: float | None) -> Array:
        """Columns: intercept, treatment, covariates, mediator, and their product."""
        z = self.m_at(t)
        m = self.made.z[:, self.made.mediators[0]] if mediator is None else np.full(len(z), mediator)
        columns = [z, m[:, None]] + ([(m * z[:, 1])[:, None]] if self.interaction else [])
        return np.column_stack(columns)


def causal_mediation(
    treatment: ArrayLike,
    mediator: ArrayLike,
    outcome: ArrayLike,
    *,
    covariates: Mapping[str, ArrayLike] | None = None,
    mediator_model: Kind = "linear",
    outcome_model: Kind = "linear",
    interaction: bool = False,
    levels: tuple[float, float] = (0.0, 1.0),
    how: How = "quasi-bayesian",
    draws: int = 1000,
    seed: int = 1,
    level: float = 0.95,
    unit: str = "",
) -> CausalMediation:
    """One mediator. `levels` are the two treatments compared; `interaction` lets the mediator's slope differ by arm.

    Limits from draws of the coefficients around their estimates (`quasi-bayesian`), or from resampled people
    (`bootstrap`). Complete cases. Raises BadInput for words or a mediator that is the outcome, NotEstimable for a class
    that nobody is in, or perfect separation.
    """
    for name, kind in (("mediator", mediator_model), ("outcome", outcome_model)):
        if kind not in ("linear", "logit", "probit"):
            raise BadInput(f"There is no {name} model {kind!r}.", cure="Use linear, logit or probit.")
    if how not in ("quasi-bayesian", "bootstrap"):
        raise BadInput(f"There are no limits {how!r}.", cure="Use quasi-bayesian or bootstrap.")
    made = design(treatment, {"mediator": mediator}, outcome, covariates)
    models = _Models(made, mediator_model, outcome_model, interaction, *levels)
    first = _fit(models.m_at(None), made.z[:, made.mediators[0]], mediator_model, "The mediator")
    second = _fit(models.y_at(None, None), made.z[:, made.outcome], outcome_model, "The outcome")
    value = _effects(models, first[0][None], second[0][None], np.array([first[2]]))[0]
    if how == "quasi-bayesian":
        random = np.random.default_rng(seed)
        a = random.multivariate_normal(first[0], first[1], draws, method="eigh")
        b = random.multivariate_normal(second[0], second[1], draws, method="eigh")
        found, lost = _in_chunks(lambda s: _effects(models, a[s], b[s], np.full(len(a[s]), first[2])), draws, made.n), 0
    else:
        found, lost = _resampled(models, draws, seed)
    low, high = percentile(found, level)
    note = f"{lost} of {draws} samples could not be computed." if lost else ""
    crossed = ", with interaction" if interaction else ""
    method = f"mediator {mediator_model}, outcome {outcome_model}{crossed}; {how}, {draws:,} draws, seed {seed}"
    method = f"{method}; complete cases"
    estimates = tuple(
        Estimate(f"mediation.{id}", label, float(value[k]), float(low[k]), float(high[k]),
                 float(found[:, k].std(ddof=1)), p=_p(found[:, k]), n=made.n, missing=made.missing, unit=unit,
                 method=method, note=note)
        for k, (id, label) in enumerate(zip(_IDS, _LABELS, strict=True))
    )  # fmt: skip
    shown = low[6] * high[6] > 0  # a share of a total that may be zero says nothing
    mediated = float(value[2] / value[6]) if shown else None
    return CausalMediation(estimates, mediated, made.n, made.missing, method)


def _fit(x: Array, y: Array, kind: Kind, what: str) -> tuple[Array, Array, float]:
    """(slopes, their covariance, residual SD; 0 for a share)."""
    if kind != "linear":
        return *fitted(x, y, kind, what), 0.0
    inverse = np.linalg.inv(x.T @ x)
    beta = inverse @ (x.T @ y)
    rest = y - x @ beta
    variance = float(rest @ rest) / (len(y) - x.shape[1])
    return beta, inverse * variance, float(np.sqrt(variance))


def _effects(models: _Models, a: Array, b: Array, sd: Array, weights: Array | None = None) -> Array:
    """(B, 7) effects for B draws of both models' slopes, averaged over people (by `weights`, (B, n))."""
    mean = (
        np.full((1, models.made.n), 1 / models.made.n) if weights is None else weights / weights.sum(1, keepdims=True)
    )
    cell = {
        (t, u): (_expected(models, a, b, sd, t, u) * mean).sum(axis=1)
        for t in (models.low, models.high)
        for u in (models.low, models.high)
    }
    low, high = models.low, models.high
    acme_0, acme_1 = cell[low, high] - cell[low, low], cell[high, high] - cell[high, low]
    ade_0, ade_1 = cell[high, low] - cell[low, low], cell[high, high] - cell[low, high]
    total = cell[high, high] - cell[low, low]
    return np.stack([acme_0, acme_1, (acme_0 + acme_1) / 2, ade_0, ade_1, (ade_0 + ade_1) / 2, total], axis=1)


def _expected(models: _Models, a: Array, b: Array, sd: Array, t: float, u: float) -> Array:
    """(B, n): E[Y(t, M(u))] of every person."""
    middle = a @ models.m_at(u).T
    base, slope = b @ models.y_at(t, 0.0).T, _slope(models, b, t)
    if models.mediator != "linear":
        with_it = share(models.mediator, middle)
        return with_it * _mean(models.outcome, base + slope) + (1 - with_it) * _mean(models.outcome, base)
    if models.outcome == "linear":
        return np.asarray(base + slope * middle)
    if models.outcome == "probit":  # exact: a probit over a normal is a probit
        return share("probit", (base + slope * middle) / np.sqrt(1 + (slope * sd[:, None]) ** 2))
    nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    total = np.zeros(middle.shape)
    for node, weight in zip(nodes, weights / weights.sum(), strict=True):
        total += weight * _mean(models.outcome, base + slope * (middle + node * sd[:, None]))
    return total


def _slope(models: _Models, b: Array, t: float) -> Array:
    """(B, 1): the outcome's slope on the mediator under treatment t."""
    if models.interaction:
        return b[:, -2:-1] + t * b[:, -1:]
    return b[:, -1:]


def _mean(kind: Kind, eta: Array) -> Array:
    return eta if kind == "linear" else share(kind, eta)


def _in_chunks(make: Callable[[slice], Array], draws: int, n: int) -> Array:
    step = max(1, _AT_ONCE // n)
    return np.concatenate([make(slice(start, min(start + step, draws))) for start in range(0, draws, step)])


def _resampled(models: _Models, draws: int, seed: int) -> tuple[Array, int]:
    """Effects in samples of people drawn with replacement."""
    random, made = np.random.default_rng(seed), models.made
    x, w = models.m_at(None), models.y_at(None, None)
    m, y = made.z[:, made.mediators[0]], made.z[:, made.outcome]

    def some(part: slice) -> Array:
        weights = counts(random, part.stop - part.start, made.n)
        a, sd = _weighted(x, m, weights, models.mediator)
        b, _ = _weighted(w, y, weights, models.outcome)
        return _effects(models, a, b, sd, weights)

    found = _in_chunks(some, draws, made.n)
    good = np.isfinite(found).all(axis=1)
    if (~good).mean() > _LOST:
        raise NotEstimable(
            f"{(~good).mean():.0%} of the bootstrap samples could not be computed.",
            cure="Use how='quasi-bayesian', or fewer covariates.",
        )
    return found[good], int((~good).sum())


def _weighted(x: Array, y: Array, weights: Array, kind: Kind) -> tuple[Array, Array]:
    """(B, p) slopes and (B,) residual SDs."""
    if kind != "linear":
        link: Link = kind
        return binomial(x, y, weights, link), np.zeros(len(weights))
    p = x.shape[1]
    flat = np.einsum("ij,ik->ijk", x, x).reshape(len(x), -1)
    sums = (weights @ flat).reshape(-1, p, p)
    good = np.linalg.cond(sums) < 1e12
    sums[~good] = np.eye(p)
    beta = np.linalg.solve(sums, (weights @ (x * y[:, None]))[..., None])[..., 0]
    beta[~good] = np.nan
    squares = (weights * (y - beta @ x.T) ** 2).sum(axis=1)
    return beta, np.sqrt(squares / (weights.sum(axis=1) - p))


def _p(draws: Array) -> float:
    """Two-sided: twice the smaller share of draws on either side of zero, at least 1/B."""
    below = float((draws < 0).mean())
    return float(min(1.0, max(2 * min(below, 1 - below), 1 / len(draws))))

"""Mediation within people (1-1-1): treatment dose, mediator and outcome all measured again and again (Bauer 2006).

Person i at occasion t, all slopes hers:

    m = d_mi + a_i x + e_m          y = d_yi + b_i m + c_i x + e_y

Both equations are fitted as one mixed model of the stacked rows, so that a_i and b_i may go together. The average
indirect effect is then not a·b but

    a b + cov(a_i, b_i)

People in whom x moves m a lot may be those in whom m moves y, and a·b alone misses it. The two residual variances
differ: y's rows are multiplied by a factor that is found by restricted maximum likelihood (with its Jacobian).

Limits: normal draws of a, b and cov(a_i, b_i) with their asymptotic covariance. Checked against nlme's stacked lme.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.estimate import Estimate
from accord.science.estimates.linear_mixed import Factor, LinearMixed, linear_mixed
from accord.science.estimates.mediation.limits import percentile

Array = NDArray[Any]
FEWEST_PEOPLE, FEWEST_OCCASIONS = 20, 4


@dataclass(frozen=True, slots=True)
class WithinPeople:
    """Average slopes `a`, `b`, `direct`, the spread of a and b over people, their covariance, and the effects."""

    a: Estimate
    b: Estimate
    direct: Estimate
    indirect: Estimate
    total: Estimate
    variance_a: float
    variance_b: float
    covariance: float
    log_likelihood: float
    people: int
    rows: int
    missing: int
    boundary: tuple[str, ...]

    @property
    def estimates(self) -> list[Estimate]:
        return [self.a, self.b, self.indirect, self.direct, self.total]

    def summary(self) -> str:
        one = self.indirect
        together = "which adds to it" if self.covariance * (self.a.value or 0) * (self.b.value or 0) > 0 else (
            "which takes from it"
        )  # fmt: skip
        return (
            f"On average {one.value:.3g} runs through the mediator within people ({one.ci_low:.3g} to "
            f"{one.ci_high:.3g}); a and b go together with a covariance of {self.covariance:.3g}, {together}. "
            f"{self.people:,} people, {self.rows:,} occasions."
        )


def mediate_within_people(
    person: ArrayLike,
    treatment: ArrayLike,
    mediator: ArrayLike,
    outcome: ArrayLike,
    *,
    centre: bool = False,
    draws: int = 20_000,
    seed: int = 1,
    level: float = 0.95,
    unit: str = "",
) -> WithinPeople:
    """One row an occasion. `centre` takes each person's own means away first, so that only what happens within her
    counts. Raises NotEstimable below 20 people or about 4 occasions each."""
    x, m, y = (np.asarray(values, float) for values in (treatment, mediator, outcome))
    who = np.asarray(person)
    if len({len(x), len(m), len(y), len(who)}) > 1:
        raise BadInput("The columns differ in length.", cure="Give one value of each for every occasion.")
    keep = np.isfinite(x) & np.isfinite(m) & np.isfinite(y)
    missing = int((~keep).sum())
    x, m, y, who = x[keep], m[keep], y[keep], np.unique(who[keep], return_inverse=True)[1]
    people = int(who.max()) + 1 if len(who) else 0
    if people < FEWEST_PEOPLE or len(who) < FEWEST_OCCASIONS * people:
        raise NotEstimable(
            f"{people} people with {len(who)} occasions are too few for slopes of their own.",
            cure=f"Have at least {FEWEST_PEOPLE} people with {FEWEST_OCCASIONS} occasions, or take fixed slopes.",
        )
    for name, values in (("treatment", x), ("mediator", m), ("outcome", y)):
        if not (values - _means(values, who)).std() > 0:
            raise NotEstimable(f"The {name} does not change within people.", cure="Ask for a path between people.")
    if centre:
        x, m, y = (values - _means(values, who) for values in (x, m, y))
    fitted, ratio = _fit(who, x, m, y)
    return _result(fitted, ratio, people, len(who), missing, draws, seed, level, unit)


def _means(values: Array, who: NDArray[np.int64]) -> Array:
    return np.asarray((np.bincount(who, values) / np.bincount(who))[who])


def _stacked(who: Array, x: Array, m: Array, y: Array, ratio: float) -> tuple[Array, Array, dict[str, Array]]:
    n, zero = len(x), np.zeros(len(x))
    one = np.ones(n)
    columns = {
        "mediator": np.concatenate([one, zero]), "a": np.concatenate([x, zero]),
        "outcome": np.concatenate([zero, one]), "b": np.concatenate([zero, m]), "direct": np.concatenate([zero, x]),
    }  # fmt: skip
    return np.concatenate([m, ratio * y]), np.concatenate([who, who]), columns


def _fit(who: Array, x: Array, m: Array, y: Array) -> tuple[LinearMixed, float]:
    """The model at the ratio of residual SDs (mediator over outcome) that is most likely."""
    start = np.log((m - _means(m, who)).std() / (y - _means(y, who)).std())

    def fitted(log_ratio: float) -> LinearMixed:
        stacked, person, columns = _stacked(who, x, m, y, float(np.exp(log_ratio)))
        fixed = {name: columns[name] for name in ("mediator", "a", "b", "direct")}  # the intercept is the outcome's
        factor = {"person": Factor(person, columns, intercept=False)}
        return linear_mixed(stacked, factor, fixed=fixed, df="satterthwaite")

    def objective(log_ratio: float) -> float:
        # The Jacobian of y's rows, less that of its three coefficients, which REML integrates out.
        return -(fitted(log_ratio).log_likelihood + (len(y) - 3) * log_ratio)

    # The likelihood is flat at its top: a thousandth of the ratio changes no figure that is printed.
    found = optimize.minimize_scalar(
        objective, bounds=(start - 0.7, start + 0.7), method="bounded", options={"xatol": 2e-3}
    )
    best = fitted(float(found.x))
    return replace(best, log_likelihood=-float(found.fun)), float(np.exp(found.x))


def _result(
    fitted: LinearMixed, ratio: float, people: int, rows: int, missing: int, draws: int, seed: int, level: float,
    unit: str,
) -> WithinPeople:  # fmt: skip
    names, terms = fitted.names, fitted.terms["person"]
    spread = fitted.covariances["person"]
    at = {name: terms.index(name) for name in ("a", "b")}
    # a is in the mediator's units; b and direct carry the factor that y's rows were multiplied by.
    beta = {
        name: fitted.coefficients[names.index(name)] / (1 if name == "a" else ratio) for name in ("a", "b", "direct")
    }
    covariance = float(spread[at["a"], at["b"]]) / ratio
    error = _error_of_covariance(fitted, at) / ratio
    keep = [names.index(name) for name in ("a", "b", "direct")]
    scale = np.array([1, 1 / ratio, 1 / ratio])
    sigma = fitted.covariance_of_coefficients[np.ix_(keep, keep)] * np.outer(scale, scale)
    random = np.random.default_rng(seed)
    drawn = random.multivariate_normal([beta[name] for name in ("a", "b", "direct")], sigma, draws, method="eigh")
    together = covariance + error * random.standard_normal(draws)
    indirect = drawn[:, 0] * drawn[:, 1] + together
    value = float(beta["a"] * beta["b"]) + covariance
    method = f"stacked mixed model with slopes of people, REML, Monte Carlo limits ({draws:,} draws, seed {seed})"
    context: dict[str, Any] = {"n": people, "missing": missing, "unit": unit, "method": method}

    def effect(id: str, label: str, found: float, values: Array) -> Estimate:
        low, high = percentile(values[:, None], level)
        return Estimate(id, label, found, float(low[0]), float(high[0]), float(values.std(ddof=1)), **context)

    def slope(name: str, label: str) -> Estimate:
        c = fitted.coefficient(name, level=level)
        by = 1 if name == "a" else 1 / ratio
        return Estimate(
            f"mediation.within.{name}", label, c.value * by, c.ci_low * by, c.ci_high * by, c.se * by, c.df, c.p,
            **context,
        )  # fmt: skip

    return WithinPeople(
        slope("a", "treatment to mediator"), slope("b", "mediator to outcome"), slope("direct", "direct"),
        effect("mediation.within", "average indirect effect within people", value, indirect),
        effect("mediation.within.total", "total within people", value + float(beta["direct"]), indirect + drawn[:, 2]),
        float(spread[at["a"], at["a"]]), float(spread[at["b"], at["b"]]) / ratio**2, covariance,
        fitted.log_likelihood, people, rows, missing, fitted.boundary,
    )  # fmt: skip


def _error_of_covariance(fitted: LinearMixed, at: dict[str, int]) -> float:
    """Standard error of cov(a_i, b_i) from the information on the variance parameters."""
    level = fitted.working.levels[0]
    pair = (max(at.values()), min(at.values()))
    place = 1 + level.places.index(pair)  # the residual variance comes first
    variance = float(fitted._theta_covariance[place, place])
    size = fitted.working.unit**2 / (level.scale[pair[0]] * level.scale[pair[1]])
    return float(np.sqrt(max(variance, 0.0))) * size

"""Random-intercept cross-lagged panel (Hamaker, Kuiper and Grasman 2015): which of two measures goes before which.

What a person is like all along is taken out of both measures (random intercepts); what is left of x and y at wave t,

    (x_t, y_t)' = A (x_{t-1}, y_{t-1})' + e_t,    A = [[x to x, y to x], [x to y, y to y]],

with A the same at every wave, the residuals' covariance free at every wave, the first wave free. Fitted by full
information maximum likelihood: means μ, covariance Σ(θ) of all 2 T values, every person with the waves she has.
Standard errors from the observed information. The two crossed slopes stand beside each other: the path and its reverse.

It is an association in time, within people; what changes both between two waves looks the same. Checked against lavaan.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.contrast import contrast
from accord.science.estimates.estimate import Estimate
from accord.science.estimates.mediation.gaps import Pattern, likelihood, patterns_of
from accord.science.figures.mechanism_map import Leg, MechanismMap

Array = NDArray[Any]
_LAGS = ("x to x", "y to x", "x to y", "y to y")
FEWEST_WAVES = 3
_STEP = 1e-6


@dataclass(frozen=True, slots=True)
class CrossLagged:
    """`lags` by name ("x to y": x at one wave, y at the next), in the units of the data and, `standardised`, in SDs of
    what varies within people; `stable` the correlation of what people are like all along."""

    lags: dict[str, Estimate]
    standardised: dict[str, float]
    stable_sd: tuple[float, float]
    stable: float | None
    log_likelihood: float
    people: int
    waves: int
    missing: int
    names: tuple[str, str]

    @property
    def estimates(self) -> list[Estimate]:
        return list(self.lags.values())

    def summary(self) -> str:
        first, second = self.names
        said = []
        for name, words in (("x to y", f"{first} before {second}"), ("y to x", f"{second} before {first}")):
            one = self.lags[name]
            away = "away from zero" if (one.ci_low or 0) * (one.ci_high or 0) > 0 else "not shown"
            said.append(f"{words}: {one.value:.3g} ({one.ci_low:.3g} to {one.ci_high:.3g}), {away}")
        return f"Within people, {'; '.join(said)}. {self.people:,} people, {self.waves} waves."

    def plot(self, *, title: str = "What goes before what, within people") -> MechanismMap:
        there, back = self.lags["x to y"], self.lags["y to x"]
        first, second = self.names
        legs = [
            Leg(first, second, there.value, there.ci_low, there.ci_high),
            Leg(second, first, back.value, back.ci_low, back.ci_high, back=True),
        ]
        return MechanismMap(title, self.summary(), legs, start="", end=second)

    def _repr_html_(self) -> str:
        return f"<p>{self.summary()}</p>{self.plot().svg()}"


def cross_lagged(
    first: ArrayLike, second: ArrayLike, *, names: tuple[str, str] = ("x", "y"), level: float = 0.95, unit: str = ""
) -> CrossLagged:
    """`first` and `second` (N, T), NaN where missing, at least three waves.

    Raises BadInput for shapes that differ, NotEstimable for fewer than three waves, too few people, a measure that does
    not vary, or a likelihood that does not settle.
    """
    x, y = np.asarray(first, float), np.asarray(second, float)
    if x.ndim != 2 or x.shape != y.shape:
        raise BadInput(f"The measures have the shapes {x.shape} and {y.shape}.", cure="Give (people, waves) of both.")
    waves = x.shape[1]
    if waves < FEWEST_WAVES:
        raise NotEstimable(f"{waves} waves cannot part what lasts from what moves.", cure="Have at least three.")
    there = (np.isfinite(x) | np.isfinite(y)).any(axis=1)
    x, y = x[there], y[there]
    spread = np.array([np.nanstd(x), np.nanstd(y)])
    if len(x) < 10 * waves or not (spread > 0).all():
        raise NotEstimable(f"{len(x)} people over {waves} waves are too few.", cure=f"Have at least {10 * waves}.")
    centre = np.array([np.nanmean(x), np.nanmean(y)])
    v = np.empty((len(x), 2 * waves))
    v[:, 0::2], v[:, 1::2] = (x - centre[0]) / spread[0], (y - centre[1]) / spread[1]
    patterns = patterns_of(np.ones((len(v), 1)), v)
    theta = _fitted(patterns, v, waves)
    covariance = np.linalg.inv(_information(patterns, theta, waves))
    value = sum(likelihood(one, theta[None, : 2 * waves], _sigma(theta, waves)) for one in patterns)
    value -= float((np.isfinite(v) * np.log(np.tile(spread, waves))).sum())
    return _result(theta, covariance, spread, value, len(v), waves, int((~np.isfinite(v)).sum()), names, level, unit)


def _result(
    theta: Array, covariance: Array, spread: Array, value: float, people: int, waves: int, missing: int,
    names: tuple[str, str], level: float, unit: str,
) -> CrossLagged:  # fmt: skip
    at = 2 * waves
    method = "random-intercept cross-lagged panel, full information maximum likelihood, lags alike over waves"
    words = {"x": names[0], "y": names[1]}
    lags = {}
    for k, name in enumerate(_LAGS):
        of, on = divmod(k, 2)
        turn = spread[of] / spread[on]
        one = contrast(float(theta[at + k] * turn), float(np.sqrt(covariance[at + k, at + k]) * turn), level=level)
        label = f"{words[name[0]]} to the next {words[name[-1]]}"
        lags[name] = one.estimate(f"panel.{name.replace(' ', '_')}", label, n=people, missing=missing, unit=unit,
                                  method=method)  # fmt: skip
    stable, within = _stable(theta, waves), _within(theta, waves)
    sd = np.sqrt(np.mean([np.diagonal(block) for block in within], axis=0))
    alike = float(stable[0, 1] / np.sqrt(stable[0, 0] * stable[1, 1])) if (np.diagonal(stable) > 1e-8).all() else None
    return CrossLagged(
        lags, {name: float(theta[at + k] * sd[k % 2] / sd[k // 2]) for k, name in enumerate(_LAGS)},
        (float(np.sqrt(stable[0, 0]) * spread[0]), float(np.sqrt(stable[1, 1]) * spread[1])), alike, value, people,
        waves, missing, names,
    )  # fmt: skip


# --- the model ----------------------------------------------------------------------------------------------------
# θ: 2 T means; A row by row (4); Cholesky factors of the random intercepts, of the first wave, of each later residual.


def _lower(values: Array) -> Array:
    return np.array([[values[0], 0.0], [values[1], values[2]]], dtype=values.dtype)


def _stable(theta: Array, waves: int) -> Array:
    root = _lower(theta[2 * waves + 4 : 2 * waves + 7])
    return np.asarray(root @ root.T)


def _within(theta: Array, waves: int) -> list[Array]:
    """The covariance of what varies within people at each wave."""
    lag = theta[2 * waves : 2 * waves + 4].reshape(2, 2)
    found: list[Array] = []
    for wave in range(waves):
        start = 2 * waves + 7 + 3 * wave
        root = _lower(theta[start : start + 3])
        own = root @ root.T
        found.append(own if not found else lag @ found[-1] @ lag.T + own)
    return found


def _sigma(theta: Array, waves: int) -> Array:
    lag = theta[2 * waves : 2 * waves + 4].reshape(2, 2)
    made = np.tile(_stable(theta, waves), (waves, waves))
    for s, block in enumerate(_within(theta, waves)):
        for t in range(s, waves):
            made[2 * t : 2 * t + 2, 2 * s : 2 * s + 2] += block
            if t > s:
                made[2 * s : 2 * s + 2, 2 * t : 2 * t + 2] += block.T
            block = lag @ block
    return made


def _gradient(patterns: list[Pattern], theta: Array, waves: int) -> tuple[float, Array]:
    """(-log-likelihood, its gradient): that of Σ in closed form, that of Σ(θ) by complex steps."""
    q = 2 * waves
    sigma, means = _sigma(theta, waves), theta[None, :q]
    by_means, by_sigma, value = np.zeros(q), np.zeros((q, q)), 0.0
    for one in patterns:
        o = one.seen
        inverse, b = np.linalg.inv(sigma[np.ix_(o, o)]), means[:, o]
        rest = one.vv - b.T @ one.zv - one.zv.T @ b + b.T @ one.zz @ b
        by_means[o] += ((one.zv - one.zz @ b) @ inverse)[0]
        by_sigma[np.ix_(o, o)] += 0.5 * (inverse @ rest @ inverse - one.n * inverse)
        value += likelihood(one, means, sigma)
    turned = 1j * 1e-30
    bent = []
    for k in range(q, len(theta)):
        moved = theta.astype(complex)
        moved[k] += turned
        bent.append(float((by_sigma * (_sigma(moved, waves).imag / 1e-30)).sum()))
    return -value, -np.concatenate([by_means, bent])


def _fitted(patterns: list[Pattern], v: Array, waves: int) -> Array:
    q = 2 * waves
    start = np.zeros(q + 7 + 3 * waves)
    start[:q] = np.nanmean(v, axis=0)
    start[q : q + 4] = [0.2, 0.0, 0.0, 0.2]
    start[q + 4 : q + 7] = [0.6, 0.2, 0.6]
    for wave in range(waves):
        start[q + 7 + 3 * wave : q + 10 + 3 * wave] = [0.7, 0.1, 0.7]

    def objective(theta: Array) -> tuple[float, Array]:
        if np.linalg.eigvalsh(_sigma(theta, waves))[0] < 1e-9:
            return 1e12, np.zeros(len(theta))
        return _gradient(patterns, theta, waves)

    found = optimize.minimize(objective, start, jac=True, method="BFGS", options={"gtol": 1e-6, "maxiter": 2000})
    if not np.isfinite(found.fun) or np.abs(found.jac).max() > 1e-2 * np.sqrt(len(v)):
        raise NotEstimable(
            "The panel model did not settle.", cure="Take fewer waves, or leave out the measure that hardly varies."
        )
    return np.asarray(found.x)


def _information(patterns: list[Pattern], theta: Array, waves: int) -> Array:
    made = np.stack([
        (_gradient(patterns, theta + _STEP * unit, waves)[1] - _gradient(patterns, theta - _STEP * unit, waves)[1])
        / (2 * _STEP) for unit in np.eye(len(theta))
    ])  # fmt: skip
    made = (made + made.T) / 2
    if np.linalg.eigvalsh(made)[0] <= 0:
        raise NotEstimable(
            "What lasts and what moves cannot be told apart in these data.",
            cure="Have more waves or people, or look at the plain lagged correlations.",
        )
    return made

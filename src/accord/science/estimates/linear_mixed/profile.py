"""Profile likelihood intervals of a mixed model: the values at which ML's deviance rises by χ²(1)'s quantile.

Checked against lme4's `confint(method = "profile")`, which profiles the ML fit also when the model was fitted by REML.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import combinations, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.linear_mixed.factors import within
from accord.science.estimates.linear_mixed.fit import LinearMixed, Working, best_theta, deviance_of
from accord.science.estimates.linear_mixed.products import products

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class ProfileInterval:
    """An interval by profile likelihood; `low` of a standard deviation may be 0 (the boundary)."""

    name: str
    value: float
    low: float
    high: float


def profile_interval(model: LinearMixed, name: str, *, level: float = 0.95) -> ProfileInterval:
    """Interval of a coefficient by its name, of "residual" (its sd), of a factor's random intercept (the factor's name:
    its sd), of any random term ("week of person": its sd), or of "correlation of intercept and week of person".

    A term is put first, where its sd is one element of the Cholesky factor; two terms put first have their correlation
    in the second row. Raises NotEstimable for the correlation of a term without variance.
    """
    rise = float(special.chdtri(1, 1 - level))
    w = model.working
    ml = replace(w, reml=False)
    theta = best_theta(ml)
    lowest = float(np.real(ml.deviance(theta)))
    if name in model.names:
        return _of_coefficient(model, ml, theta, name, lowest, rise)
    if name == "residual" or name in model.terms:
        return _of_deviation(model, ml, theta, name, lowest, rise)
    terms = {f"{term} of {factor}": (factor, term) for factor, own in model.terms.items() for term in own}
    if name in terms:
        factor, term = terms[name]
        turned = _with_first(ml, factor, (term,))
        found = _of_deviation(model, turned, best_theta(turned), factor, lowest, rise, first=True)
        return replace(found, name=name)
    pairs = {
        f"correlation of {one} and {other} of {factor}": (factor, (one, other))
        for factor, own in model.terms.items()
        for one, other in combinations(own, 2)
        if len(own) > 1 and _correlated(ml, factor)
    }
    if name in pairs:
        return _of_correlation(_with_first(ml, *pairs[name]), *pairs[name], name, lowest, rise)
    known = [*model.names, "residual", *model.terms, *terms, *pairs]
    raise BadInput(f"No parameter {name!r}.", cure=f"Use one of: {', '.join(known)}.")


def _of_coefficient(
    model: LinearMixed, ml: Working, theta: Array, name: str, lowest: float, rise: float
) -> ProfileInterval:
    """β_j held: y less its part, the other coefficients free."""
    place = model.names.index(name)
    forth = np.linalg.inv(ml.back)
    others = np.delete(forth, place, axis=1)  # columns of X but one, in orthonormal units
    own = forth[:, place]

    def deviance(t: Array, value: float) -> Any:
        product, log_det = ml.products.at(ml.relative(t))
        p = len(own)
        turn = np.zeros((p + 1, p))
        turn[:p, : p - 1] = others
        turn[p, p - 1] = 1.0
        turn[:p, p - 1] = (ml.start - own * value) / ml.unit
        return deviance_of(turn.T @ product @ turn, log_det, ml.products.rows, reml=False)

    centre = float((ml.back @ (ml.start + ml.unit * _beta(ml, theta)))[place])
    se = math.sqrt(float(model.covariance_of_coefficients[place, place]))
    at = _minimiser(ml, theta, deviance)
    low = _crossing(at, centre, -se, lowest + rise, None)
    high = _crossing(at, centre, se, lowest + rise, None)
    return ProfileInterval(name, centre, low, high)


def _of_deviation(
    model: LinearMixed, ml: Working, theta: Array, name: str, lowest: float, rise: float, *, first: bool = False
) -> ProfileInterval:
    """A standard deviation held; σ² is then no longer profiled out when it is not the one held."""
    places = [(level, place) for level in ml.levels for place in level.places]
    scale = 1.0
    if name == "residual":
        place = -1
    else:
        level = next(level for level in ml.levels if level.name == name)
        if level.terms[0] != "intercept" and not first:
            raise BadInput(f"{name} has no random intercept.", cure="Ask for a coefficient, or for the residual.")
        place = next(i for i, (owner, where) in enumerate(places) if owner is level and where == (0, 0))
        scale = float(level.scale[0])
    rows = ml.products.rows
    residual = float(np.real(_rss(ml, theta))) / rows
    centre = math.sqrt(residual) if place < 0 else math.sqrt(residual) * float(theta[place])

    def at(value: float) -> float:
        def objective(free: Array) -> float:
            sigma2 = value**2 if place < 0 else math.exp(free[-1])
            t = free if place < 0 else np.insert(free[:-1], place, value / math.sqrt(sigma2))
            product, log_det = ml.products.at(ml.relative(t))
            p = len(product) - 1
            rss = product[p, p] - product[:p, p] @ np.linalg.solve(product[:p, :p], product[:p, p])
            return float(log_det + rows * math.log(sigma2) + rss / sigma2 - rows)

        start = theta if place < 0 else np.append(np.delete(theta, place), math.log(residual))
        if len(start) == 0:
            return objective(start)
        diagonal = [r == c for _, (r, c) in places]
        bounds: list[tuple[float | None, float | None]] = [(0.0, None) if on else (None, None) for on in diagonal]
        if place >= 0:
            bounds = [*bounds[:place], *bounds[place + 1 :], (None, None)]
        found = optimize.minimize(objective, start, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-14})
        return float(found.fun)

    target = lowest + rise
    turn = ml.unit / scale
    from_zero = centre <= 0 or (place >= 0 and at(0.0) <= target)
    low = 0.0 if from_zero else _crossing(at, centre, -0.2 * centre, target, 0.0)
    high = _crossing(at, centre, 0.2 * max(centre, 0.05), target, None)
    return ProfileInterval(name, centre * turn, low * turn, high * turn)


def _correlated(ml: Working, factor: str) -> bool:
    level = next(level for level in ml.levels if level.name == factor)
    return any(row != column for row, column in level.places)


def _with_first(ml: Working, factor: str, terms: tuple[str, ...]) -> Working:
    """The same model with some terms of a factor before its others."""
    levels = []
    for level in ml.levels:
        if level.name == factor:
            order = [level.terms.index(term) for term in terms]
            order += [k for k in range(level.size) if k not in order]
            level = replace(
                level, terms=tuple(level.terms[k] for k in order), columns=level.columns[:, order],
                scale=level.scale[order],
            )  # fmt: skip
        levels.append(level)
    nested = all(within(*pair) for pair in pairwise(levels))
    return replace(ml, levels=tuple(levels), products=products(ml.joint, levels, nested))


def _of_correlation(
    ml: Working, factor: str, terms: tuple[str, str], name: str, lowest: float, rise: float
) -> ProfileInterval:
    """The second row of the Cholesky factor is t (ρ, √(1 - ρ²)): ρ held, t and all others free."""
    theta = best_theta(ml)
    places = [(level, place) for level in ml.levels for place in level.places]
    level = next(level for level in ml.levels if level.name == factor)
    below, diagonal_place = (
        next(i for i, (owner, where) in enumerate(places) if owner is level and where == at) for at in ((1, 0), (1, 1))
    )
    first = next(i for i, (owner, where) in enumerate(places) if owner is level and where == (0, 0))
    size = math.hypot(theta[below], theta[diagonal_place])
    if not size > 1e-4 or not theta[first] > 1e-4:
        raise NotEstimable(
            f"{terms[0] if size > 1e-4 else terms[1]} of {factor} has no variance, so it has no correlation.",
            cure="Report the variance as zero.",
        )
    centre = float(theta[below] / size)
    on = [r == c for _, (r, c) in places]
    bounds = [(0.0, None) if one else (None, None) for k, one in enumerate(on) if k != below]

    def at(rho: float) -> float:
        def whole(free: Array) -> Array:
            t = np.insert(free, below, 0.0)
            t[..., below], t[..., diagonal_place] = rho * t[diagonal_place], math.sqrt(1 - rho**2) * t[diagonal_place]
            return t

        start = np.delete(np.where(np.arange(len(theta)) == diagonal_place, size, theta), below)
        found = optimize.minimize(
            lambda free: float(np.real(ml.deviance(whole(free)))), start, method="L-BFGS-B", bounds=bounds,
            options={"ftol": 1e-14, "gtol": 1e-7},
        )  # fmt: skip
        return float(found.fun)

    target, edge = lowest + rise, 1 - 1e-6
    ends = []
    for side in (-1.0, 1.0):
        if at(side * edge) <= target:
            ends.append(side)
        else:
            ends.append(float(optimize.brentq(lambda rho: at(rho) - target, centre, side * edge, xtol=1e-7)))
    return ProfileInterval(name, centre, ends[0], ends[1])


def _rss(ml: Working, theta: Array) -> Any:
    product, _ = ml.products.at(ml.relative(theta))
    p = len(product) - 1
    return product[p, p] - product[:p, p] @ np.linalg.solve(product[:p, :p], product[:p, p])


def _beta(ml: Working, theta: Array) -> Array:
    product, _ = ml.products.at(ml.relative(theta))
    p = len(product) - 1
    return np.asarray(np.linalg.solve(product[:p, :p], product[:p, p]))


def _minimiser(ml: Working, theta: Array, deviance: Callable[[Array, float], Any]) -> Callable[[float], float]:
    diagonal = [r == c for level in ml.levels for r, c in level.places]
    bounds = [(0.0, None) if on else (None, None) for on in diagonal]

    def at(value: float) -> float:
        def objective(t: Array) -> tuple[float, Array]:
            found = deviance(t + 1e-30j * np.vstack([np.zeros(len(t)), np.eye(len(t))]), value)
            return float(found[0].real), np.asarray(found[1:].imag / 1e-30)

        found = optimize.minimize(
            objective, theta, jac=True, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-14, "gtol": 1e-8}
        )
        return float(found.fun)

    return at


def _crossing(at: Callable[[float], float], centre: float, step: float, target: float, floor: float | None) -> float:
    """Where the profile reaches the target on one side."""
    inside, outside = centre, centre + step
    while at(outside) < target:
        inside, outside = outside, outside + 2 * (outside - centre)
        if floor is not None and outside <= floor:
            outside = floor
            break
    return float(optimize.brentq(lambda v: at(v) - target, inside, outside, xtol=1e-9, rtol=1e-9))

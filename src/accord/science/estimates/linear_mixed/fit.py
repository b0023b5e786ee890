"""Fit a linear mixed model: y = Xβ + Σ Z_k u_k + e, u_k ~ N(0, I ⊗ D_k), e ~ N(0, σ²).

θ are the free elements of the Cholesky factors of D_k/σ²; σ² and β are profiled out. The deviance has exact gradients
(complex step); a diagonal element at zero is a boundary fit: it is set to zero, named, and the fit is used.
Inference on β by t with Kenward-Roger's or Satterthwaite's df. Checked against lme4, lmerTest, pbkrtest.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.coefficient_inference import Df, coefficient_inference, differentiate
from accord.science.estimates.contrast import Contrast, contrast
from accord.science.estimates.fixed_effects import fixed_effects, refuse_aliased
from accord.science.estimates.linear_mixed.factors import Factor, Level, complete, levels_of
from accord.science.estimates.linear_mixed.products import Products, products
from accord.science.estimates.showing import coefficient_forest, coefficients_in_words, html
from accord.science.figures import Forest

Array = NDArray[Any]
_TINY = 1e-30
_FLAT = 0.01  # slope of the deviance per unit of θ (which is of size one); Newton's steps reach 1e-7
_AT_ZERO = 1e-4  # a relative standard deviation below it is a boundary fit
_AWAY = (0.02, 0.1, 0.4)  # relative standard deviations at which a zero is left, if the deviance is lower there


@dataclass(frozen=True, slots=True)
class LinearMixed:
    """A fitted model. `covariances` has each factor's D (q, q) in the data's units, terms as `terms` names them.

    `boundary` names the terms whose variance is zero, or whose covariance matrix is singular. `log_likelihood` is with
    its constant (restricted when `reml`), as lme4 gives it. `missing` counts rows left out.
    """

    names: tuple[str, ...]
    coefficients: Array
    covariance_of_coefficients: Array
    covariances: dict[str, Array]
    terms: dict[str, tuple[str, ...]]
    residual_variance: float
    boundary: tuple[str, ...]
    log_likelihood: float
    reml: bool
    rows: int
    counts: dict[str, int]
    missing: int
    df_method: Df
    working: Working
    _phi: Array
    _bends: Array
    _theta_covariance: Array

    @property
    def singular(self) -> bool:
        return bool(self.boundary)

    def contrast(self, weights: ArrayLike, *, level: float = 0.95) -> Contrast:
        """Σ w β with t inference: df = 2 (w'Φw)² / var(w'Φw)."""
        w = np.asarray(weights, float)
        if not w.any():
            return Contrast(0.0, 0.0, None, 0.0, 0.0, math.nan)
        se = math.sqrt(float(w @ self.covariance_of_coefficients @ w))
        spread = self._phi @ w
        slopes = np.einsum("a,jab,b->j", spread, self._bends, spread)
        df = 2 * float(w @ spread) ** 2 / float(slopes @ self._theta_covariance @ slopes)
        return contrast(float(w @ self.coefficients), se, df, level=level)

    def coefficient(self, name: str, *, level: float = 0.95) -> Contrast:
        """One coefficient by name."""
        if name not in self.names:
            raise BadInput(f"No effect {name!r}.", cure=f"Use one of: {', '.join(self.names)}.")
        return self.contrast(np.eye(len(self.names))[self.names.index(name)], level=level)

    @property
    def method(self) -> str:
        name = {"satterthwaite": "Satterthwaite", "kenward-roger": "Kenward–Roger"}[self.df_method]
        parts = [f"{' and '.join(terms)} of {factor}" for factor, terms in self.terms.items()]
        return f"mixed model, random {'; '.join(parts)}, {'REML' if self.reml else 'ML'}, {name} df"

    def summary(self) -> str:
        """Coefficients, how much levels of each factor differ, and how it was had."""
        spread = "; ".join(
            f"SD of {term} between {factor} {math.sqrt(max(float(d[k, k]), 0.0)):.3g}"
            for factor, d in self.covariances.items()
            for k, term in enumerate(self.terms[factor])
        )
        edge = f" At the boundary: {', '.join(self.boundary)}; the fit stands." if self.boundary else ""
        return (
            f"{coefficients_in_words(self)} {spread}; residual SD {math.sqrt(self.residual_variance):.3g}.{edge} "
            f"{self.rows:,} rows, {self.missing:,} left out; {self.method}."
        )

    def plot(self) -> Forest:
        """The coefficients with their limits."""
        return coefficient_forest(self, "Coefficients", self.summary(), "units of the outcome")

    def _repr_html_(self) -> str:
        return html(self)


@dataclass(frozen=True, slots=True)
class Working:
    """The fit in the units it was made in: X orthonormal (back = R⁻¹), y less its least squares, over `unit`.

    `joint` (N, p + 1) holds both, row by row.
    """

    joint: Array
    products: Products
    levels: tuple[Level, ...]
    theta: Array
    reml: bool
    back: Array
    start: Array
    unit: float

    def relative(self, theta: Array) -> list[Array]:
        """D_k/σ² of each factor."""
        return [factor @ np.swapaxes(factor, -1, -2) for factor in self.factors(theta)]

    def factors(self, theta: Array) -> list[Array]:
        return [level.factor_matrix(part) for level, part in self._parts(theta)]

    def _parts(self, values: Array) -> list[tuple[Level, Array]]:
        ends = np.cumsum([len(level.places) for level in self.levels])
        return list(zip(self.levels, np.split(values, ends[:-1], axis=-1), strict=True))

    def deviance(self, theta: Array) -> Any:
        """-2 log-likelihood without its constant, β and σ² profiled out. θ may be complex."""
        product, log_det = self.products.at(self.relative(theta))
        return deviance_of(product, log_det, self.products.rows, reml=self.reml)

    def slope(self, theta: Array) -> Array:
        return self.value_and_slope(theta)[1]

    def value_and_slope(self, theta: Array) -> tuple[float, Array]:
        steps = np.vstack([np.zeros(len(theta)), np.eye(len(theta))])
        found = self.deviance(theta + 1j * _TINY * steps)
        return float(found[0].real), np.asarray(found[1:].imag / _TINY)

    def at_parameters(self, values: Array) -> tuple[Array, Any]:
        """P and log|V| at (σ², D's elements) (…, K), which V is linear in."""
        sigma2 = values[..., :1]
        relative = [level.symmetric(part / sigma2) for level, part in self._parts(values[..., 1:])]
        product, log_det = self.products.at(relative)
        return product / sigma2[..., None], log_det + self.products.rows * np.log(sigma2[..., 0])


def linear_mixed(
    outcome: ArrayLike,
    random: Mapping[str, Factor],
    *,
    fixed: Mapping[str, ArrayLike] | None = None,
    reml: bool = True,
    df: Df = "kenward-roger",
) -> LinearMixed:
    """Fit. `outcome` (N,), `random` name -> Factor, `fixed` name -> N numbers or words; an intercept is always in.

    Factors may be nested or crossed. Rows with a missing outcome or covariate are left out and counted.
    Kenward-Roger's needs REML; with ML the df are Satterthwaite's.
    """
    y = np.asarray(outcome, float)
    x = fixed_effects(fixed or {}, len(y))
    keep = np.isfinite(y) & x.complete & complete(random, len(y))
    if keep.sum() <= len(x.names) + 1:
        raise NotEstimable(
            f"{int(keep.sum())} rows have an outcome and all covariates, for {len(x.names)} coefficients.",
            cure="Use fewer covariates, or check the outcome's column.",
        )
    refuse_aliased(x.matrix[keep].T @ x.matrix[keep], x.names)
    levels, nested = levels_of(random, keep)
    q, r = np.linalg.qr(x.matrix[keep])
    start = q.T @ y[keep]
    residual = y[keep] - q @ start
    unit = math.sqrt(float(residual @ residual) / (len(residual) - len(start)))
    if not unit > 1e-10 * np.abs(y[keep]).max():
        raise NotEstimable("The outcome does not vary beyond its covariates.", cure="Use fewer covariates.")
    joint = np.column_stack([q, residual / unit])
    made = products(joint, levels, nested)
    working = Working(joint, made, tuple(levels), np.zeros(0), reml, np.linalg.inv(r), start, unit)
    _refuse_constant_within(working)
    working = replace(working, theta=best_theta(working))
    return _finish(working, x.names, int((~keep).sum()), df if reml else "satterthwaite", r)


def deviance_of(product: Array, log_det: Any, rows: int, *, reml: bool) -> Any:
    """-2 log-likelihood without its constant from P (…) and log|V|, in units of σ², which is profiled out with β."""
    p = product.shape[-1] - 1
    xx, xy, yy = product[..., :p, :p], product[..., :p, p:], product[..., p, p]
    rss = yy - (np.swapaxes(xy, -1, -2) @ np.linalg.solve(xx, xy))[..., 0, 0] if p else yy
    if not reml:
        return log_det + rows * np.log(rss / rows)
    sign, log_x = np.linalg.slogdet(xx) if p else (1.0, 0.0)
    return log_det + np.log(sign) + log_x + (rows - p) * np.log(rss / (rows - p))


def _refuse_constant_within(working: Working) -> None:
    """What is left when the random effects may be as large as they like: nothing, when the outcome is one of them."""
    product, _ = working.products.at([1e10 * np.eye(level.size) for level in working.levels])
    if not product[-1, -1] > 1e-7 * working.products.rows:
        raise NotEstimable(
            "Within the innermost groups the outcome does not vary.", cure="Check that it is no value of the group."
        )


def best_theta(working: Working) -> Array:
    """θ that minimises the deviance: bounded quasi-Newton, again from a second start when the first ended at a
    boundary, then Newton's steps on what is inside."""
    diagonal = np.array([r == c for level in working.levels for r, c in level.places])
    fit = _quasi_newton(working, diagonal, 0.3)
    if not math.isfinite(fit.fun) or (fit.x[diagonal] < _AT_ZERO).any():
        again = _quasi_newton(working, diagonal, 1.0)
        fit = min((fit, again), key=lambda found: float(found.fun))
    best = np.where(diagonal & (fit.x < _AT_ZERO), 0.0, fit.x)
    for _ in range(len(best)):
        further = _left_zero(working, best, diagonal)
        if further is None:
            break
        best = further
    return _settled(working, _polished(working, best, diagonal), diagonal)


def _left_zero(working: Working, theta: Array, diagonal: NDArray[np.bool_]) -> Array | None:
    """A better θ when the deviance falls from a zero, else None.

    Every standard deviation has a flat deviance at zero, a valley or a hill: an optimiser that comes there stays. Which
    of the two it is shows a step away.
    """
    zeros = np.flatnonzero(diagonal & (theta == 0))
    if not len(zeros):
        return None
    tried = np.repeat(theta[None], len(zeros) * len(_AWAY) + 1, axis=0)
    for row, (place, step) in enumerate([(place, step) for place in zeros for step in _AWAY]):
        tried[row, place] = step
    values = np.real(np.asarray(working.deviance(tried)))
    values = np.where(np.isfinite(values), values, np.inf)
    lowest = int(np.argmin(values))
    if not values[lowest] < values[-1] - 1e-9:
        return None
    fit = _quasi_newton(working, diagonal, tried[lowest])
    found = np.where(diagonal & (fit.x < _AT_ZERO), 0.0, fit.x)
    return found if float(np.real(working.deviance(found))) < values[-1] - 1e-9 else None


def _settled(working: Working, theta: Array, diagonal: NDArray[np.bool_]) -> Array:
    """θ when the deviance is flat there; a fit that did not settle is refused with the next rung."""
    free = ~(diagonal & (theta == 0))
    if not free.any() or np.abs(working.slope(theta)[free]).max() < _FLAT:
        return theta
    slopes = [level.name for level in working.levels if level.size > 1]
    cure = f"Leave out the slopes of {' and '.join(slopes)}." if slopes else "Leave out the outermost factor."
    raise NotEstimable("The mixed model did not settle: its deviance still falls.", cure=cure)


def _quasi_newton(working: Working, diagonal: NDArray[np.bool_], start: float | Array) -> Any:
    """From θ, or from this size on the diagonal."""

    def objective(theta: Array) -> tuple[float, Array]:
        value, slope = working.value_and_slope(theta)
        return (value, slope) if math.isfinite(value) else (1e300, np.zeros(len(theta)))

    bounds = [(0.0, None) if on else (None, None) for on in diagonal]
    options = {"ftol": 1e-9, "gtol": 1e-2, "maxiter": 500}  # Newton does the rest
    return optimize.minimize(
        objective,
        np.where(diagonal, start, 0.0) if np.ndim(start) == 0 else start,
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options=options,
    )


def _polished(working: Working, theta: Array, diagonal: NDArray[np.bool_]) -> Array:
    """A few Newton steps on the elements that are not held at zero; kept only when the deviance falls."""
    free = ~(diagonal & (theta == 0))
    if not free.any():
        return theta
    value, slope = working.value_and_slope(theta)
    for _ in range(12):
        if np.abs(slope[free]).max() < 1e-7:
            break
        moved = theta.copy()
        moved[free] -= _newton_step(working, theta, free, slope[free])
        found, its_slope = working.value_and_slope(moved)
        if not found <= value + 1e-10 or (moved[diagonal] < 0).any():
            break
        theta, value, slope = moved, found, its_slope
    return theta


def _newton_step(working: Working, theta: Array, free: NDArray[np.bool_], slope: Array) -> Array:
    places = np.flatnonzero(free)
    count = len(places)
    width = np.where(free, 1e-5 * np.maximum(1.0, np.abs(theta)), 0.0)[places]
    sides = np.zeros((2 * count, count, len(theta)), complex)
    for row, place in enumerate(places):
        sides[row, :, place] += width[row]
        sides[count + row, :, place] -= width[row]
        sides[:, row, place] += 1j * _TINY
    slopes = working.deviance((theta + sides).reshape(-1, len(theta))).imag.reshape(2 * count, count) / _TINY
    curve = (slopes[:count] - slopes[count:]) / (2 * width[:, None])
    values, vectors = np.linalg.eigh((curve + curve.T) / 2)
    return np.asarray(vectors @ ((vectors.T @ slope) / np.maximum(values, 1e-8 * values.max())))


def _finish(working: Working, names: tuple[str, ...], missing: int, df: Df, r: Array) -> LinearMixed:
    p, rows = len(names), working.products.rows
    relative = working.relative(working.theta)
    product, log_det = working.products.at(relative)
    beta = np.linalg.solve(product[:p, :p], product[:p, p])
    free = rows - p if working.reml else rows
    residual = float(product[p, p] - product[:p, p] @ beta) / free
    parts = [level.free(residual * block) for level, block in zip(working.levels, relative, strict=True)]
    parameters = np.concatenate([[residual], *parts])
    zero = _at_boundary(working, relative)
    steps = 1e-4 * np.maximum(np.abs(parameters), residual * 0.02)
    found = coefficient_inference(
        differentiate(working.at_parameters, parameters, steps), beta, df, inner=not zero, reml=working.reml
    )
    deviance = float(np.real(deviance_of(product, log_det, rows, reml=working.reml)))
    deviance += free * (1 + math.log(2 * math.pi)) + (
        2 * float(np.log(np.abs(np.diagonal(r))).sum()) if working.reml else 0.0
    )
    unit, back = working.unit, working.back
    return LinearMixed(
        names=names, coefficients=back @ (working.start + unit * beta),
        covariance_of_coefficients=unit**2 * back @ found.covariance @ back.T,
        covariances={
            level.name: unit**2 * residual * block / np.outer(level.scale, level.scale)
            for level, block in zip(working.levels, relative, strict=True)
        },
        terms={level.name: level.terms for level in working.levels}, residual_variance=unit**2 * residual,
        boundary=zero, log_likelihood=-0.5 * deviance - free * math.log(unit), reml=working.reml, rows=rows,
        counts={level.name: level.count for level in working.levels}, missing=missing, df_method=df, working=working,
        _phi=back @ found.phi @ back.T, _bends=np.einsum("ba,jbc,cd->jad", r, found.bends, r),
        _theta_covariance=found.theta_covariance,
    )  # fmt: skip


def _at_boundary(working: Working, relative: list[Array]) -> tuple[str, ...]:
    """Terms of no variance, and factors whose matrix is singular (a correlation of one)."""
    named: list[str] = []
    for level, block in zip(working.levels, relative, strict=True):
        size = np.diagonal(block)
        named += [f"{term} of {level.name}" for term, v in zip(level.terms, size, strict=True) if v <= _AT_ZERO**2]
        kept = size > _AT_ZERO**2
        if kept.sum() > 1:
            unit = np.sqrt(size[kept])
            if np.linalg.eigvalsh(block[np.ix_(kept, kept)] / np.outer(unit, unit))[0] < 1e-6:
                named.append(f"correlations of {level.name}")
    return tuple(named)

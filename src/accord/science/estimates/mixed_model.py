"""Linear model with random intercepts of nested clusters (therapists; groups in therapists), fitted by REML.

y = Xβ + u_outer + u_inner + … + e. Estimated from sums per cluster, so that a fit costs O(clusters). A variance that
is best at zero is set to zero and named (a boundary fit). Inference on β by t with Kenward-Roger's standard error and
df (default; it keeps counting clusters when their variance is estimated as zero), or Satterthwaite's.

Checked against lme4, lmerTest and pbkrtest.
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
from accord.science.estimates.clusters import NestedClusters, nested_clusters
from accord.science.estimates.coefficient_inference import Df, coefficient_inference, differentiate
from accord.science.estimates.contrast import Contrast, contrast
from accord.science.estimates.fixed_effects import fixed_effects, refuse_aliased
from accord.science.estimates.nested_sums import NestedSums, nested_sums, products_at, weighted_products
from accord.science.estimates.showing import coefficient_forest, coefficients_in_words, html
from accord.science.figures import Forest

Array = NDArray[Any]
_GRID = np.array([0.0, 0.002, 0.01, 0.03, 0.08, 0.2, 0.5, 1.5, 6.0, 40.0, 1000.0])


@dataclass(frozen=True, slots=True)
class MixedModel:
    """A fitted model. Levels are named outermost first; `variances` holds the residual under "residual".

    `boundary` lists the levels whose variance was estimated as zero. `log_likelihood` is the restricted one with its
    constant, as lme4 gives it. `missing` counts rows left out for a missing outcome or covariate.
    """

    names: tuple[str, ...]
    levels: tuple[str, ...]
    coefficients: Array
    covariance_of_coefficients: Array
    variances: dict[str, float]
    boundary: tuple[str, ...]
    log_likelihood: float
    rows: int
    clusters: dict[str, int]
    labels: dict[str, tuple[str, ...]]
    missing: int
    df_method: Df
    sums: NestedSums
    _phi: Array
    _bends: Array
    _theta_covariance: Array

    def contrast(self, weights: ArrayLike, *, level: float = 0.95) -> Contrast:
        """Σ w β with t inference."""
        w = np.asarray(weights, float)
        value = float(w @ self.coefficients)
        se = math.sqrt(float(w @ self.covariance_of_coefficients @ w))
        spread = self._phi @ w
        slopes = np.einsum("a,jab,b->j", spread, self._bends, spread)
        if not w.any():
            return Contrast(0.0, 0.0, None, 0.0, 0.0, math.nan)
        df = 2 * float(w @ spread) ** 2 / float(slopes @ self._theta_covariance @ slopes)
        return contrast(value, se, df, level=level)

    def coefficient(self, name: str, *, level: float = 0.95) -> Contrast:
        """One coefficient by name."""
        if name not in self.names:
            raise BadInput(f"No effect {name!r}.", cure=f"Use one of: {', '.join(self.names)}.")
        return self.contrast(np.eye(len(self.names))[self.names.index(name)], level=level)

    @property
    def ratios(self) -> Array:
        """Variance of each level over the residual variance, innermost first."""
        return np.array([self.variances[name] for name in self.levels[::-1]]) / self.variances["residual"]

    @property
    def method(self) -> str:
        name = {"satterthwaite": "Satterthwaite", "kenward-roger": "Kenward–Roger"}[self.df_method]
        return f"mixed model, random intercepts of {' and '.join(self.levels)}, REML, {name} df"

    def summary(self) -> str:
        """Coefficients, the variance of each level, and how it was had."""
        spread = "; ".join(f"SD between {level} {math.sqrt(self.variances[level]):.3g}" for level in self.levels)
        edge = f" At the boundary: {', '.join(self.boundary)}; the fit stands." if self.boundary else ""
        residual = math.sqrt(self.variances["residual"])
        return (
            f"{coefficients_in_words(self)} {spread}; residual SD {residual:.3g}.{edge} "
            f"{self.rows:,} rows, {self.missing:,} left out; {self.method}."
        )

    def plot(self) -> Forest:
        """The coefficients with their limits."""
        return coefficient_forest(self, "Coefficients", self.summary(), "units of the outcome")

    def _repr_html_(self) -> str:
        return html(self)


def mixed_model(
    outcome: ArrayLike,
    clusters: Mapping[str, Sequence[Any] | ArrayLike],
    *,
    fixed: Mapping[str, ArrayLike] | None = None,
    df: Df = "kenward-roger",
) -> MixedModel:
    """Fit. `outcome` (N,), `clusters` name -> N labels (outermost first), `fixed` name -> N numbers or words.

    An intercept is always in. Rows with a missing outcome or covariate are left out and counted.
    """
    y = np.asarray(outcome, float)
    x = fixed_effects(fixed or {}, len(y))
    keep = np.isfinite(y) & x.complete
    if keep.sum() <= len(x.names) + 1:
        raise NotEstimable(
            f"{int(keep.sum())} rows have an outcome and all covariates, for {len(x.names)} coefficients.",
            cure="Use fewer covariates, or check the outcome's column.",
        )
    nested = nested_clusters({name: np.asarray(labels)[keep] for name, labels in clusters.items()})
    refuse_aliased(x.matrix[keep].T @ x.matrix[keep], x.names)
    q, r = np.linalg.qr(x.matrix[keep])
    start = q.T @ y[keep]
    residual = y[keep] - q @ start
    unit = math.sqrt(float(residual @ residual) / (len(residual) - len(start)))
    if not unit > 1e-10 * np.abs(y[keep]).max():
        raise NotEstimable("The outcome does not vary beyond its covariates.", cure="Use fewer covariates.")
    _refuse_saturated(q, nested)
    sums = nested_sums(np.column_stack([q, residual / unit]), nested.codes)
    return _finish(sums, best_ratios(sums), nested, x.names, int((~keep).sum()), df, r, start, unit)


def restricted_deviance(sums: NestedSums, ratios: Array) -> Any:
    """Minus twice the restricted log-likelihood at these ratios, residual variance profiled out, no constant."""
    product, log_det = weighted_products(sums, ratios)
    p = len(product) - 1
    free = sums.rows - p
    xx, xy, yy = product[:p, :p], product[:p, p], product[p, p]
    if p == 0:
        return log_det + free * np.log(yy / free)
    sign, log_x = np.linalg.slogdet(xx)
    rss = yy - xy @ np.linalg.solve(xx, xy)
    return log_det + np.log(sign) + log_x + free * np.log(rss / free)


def best_ratios(sums: NestedSums, fixed: Mapping[int, float] | None = None) -> Array:
    """The ratios (innermost first) that minimise the restricted deviance; those in `fixed` are held."""
    held = fixed or {}
    free = [k for k in range(sums.levels) if k not in held]
    base = np.array([held.get(k, 0.0) for k in range(sums.levels)])
    if not free:
        return base
    if len(free) == 1:
        base[free[0]] = _best_single(sums, base, free[0])
        return base
    return _best_several(sums, base, free)


def _slope_in(sums: NestedSums, ratios: Array, k: int) -> float:
    moved = ratios.astype(complex)
    moved[k] += 1e-30j
    return float(np.imag(restricted_deviance(sums, moved)) / 1e-30)


def _best_single(sums: NestedSums, base: Array, k: int) -> float:
    def at(value: float) -> Array:
        moved = base.copy()
        moved[k] = value
        return moved

    best = int(np.argmin([float(restricted_deviance(sums, at(value))) for value in _GRID]))
    low, high = _GRID[max(best - 1, 0)], _GRID[min(best + 1, len(_GRID) - 1)]
    if best == 0 and _slope_in(sums, at(0.0), k) >= 0:
        return 0.0
    if _slope_in(sums, at(low), k) > 0:
        low = _GRID[best] if best else 0.0
    while _slope_in(sums, at(high), k) < 0 and high < 1e12:
        low, high = high, high * 100
    if high >= 1e12:
        raise NotEstimable(
            "Within clusters the outcome does not vary.", cure="Check that the outcome is not a value of the cluster."
        )
    return float(optimize.brentq(lambda v: _slope_in(sums, at(v), k), low, high, xtol=1e-14, rtol=1e-12))


def _best_several(sums: NestedSums, base: Array, free: list[int]) -> Array:
    """Bounded quasi-Newton in λ's square roots from the better of two starts, then the coordinates in turn."""

    def deviance(roots: Array) -> tuple[float, Array]:
        ratios = base.copy()
        ratios[free] = roots**2
        slopes = np.array([_slope_in(sums, ratios, k) for k in free])
        return float(restricted_deviance(sums, ratios)), 2 * roots * slopes

    starts = [np.full(len(free), 0.3), np.full(len(free), 1.0)]
    fits = [
        optimize.minimize(deviance, s, jac=True, method="L-BFGS-B", bounds=[(0, 1e4)] * len(free),
                          options={"ftol": 1e-15, "gtol": 1e-9})
        for s in starts
    ]  # fmt: skip
    ratios = base.copy()
    ratios[free] = min(fits, key=lambda fit: float(fit.fun)).x ** 2
    for _ in range(50):
        before = ratios.copy()
        for k in free:
            ratios[k] = _best_single(sums, ratios, k)
        if np.abs(ratios - before).max() <= 1e-9 * (1 + np.abs(ratios).max()):
            break
    return ratios


def _refuse_saturated(q: Array, nested: NestedClusters) -> None:
    """Each level needs clusters left over after the fixed effects, and rows (or inner clusters) left over after it."""
    sizes = [*(len(labels) for labels in nested.labels), len(q)]
    for k, name in enumerate(nested.names):
        if sizes[k] < 2:
            raise NotEstimable(f"There is one {name} only.", cure=f"Leave {name} out of the model.")
        if sizes[k] == sizes[k + 1]:
            raise NotEstimable(
                f"Each {name} has one member only: its variance is the same as what varies below it.",
                cure=f"Leave {name} out of the model.",
            )
        if sizes[k] <= q.shape[1] and _spanned(q, nested.codes[k]):
            raise NotEstimable(
                f"{name.capitalize()} and the fixed effects cannot be told apart (one {name} in each arm?).",
                cure=f"Report the difference between arms as that of arm and {name} together.",
            )


def _spanned(q: Array, codes: NDArray[np.int64]) -> bool:
    """Whether the fixed effects (orthonormal columns) already tell all clusters apart."""
    sums = np.zeros((int(codes.max()) + 1, q.shape[1]))
    np.add.at(sums, codes, q)
    left = np.diag(np.bincount(codes)) - sums @ sums.T
    return bool(np.abs(left).max() < 1e-8 * len(q))


def _finish(
    sums: NestedSums, ratios: Array, nested: NestedClusters, names: tuple[str, ...], missing: int, df: Df, r: Array,
    start: Array, unit: float,
) -> MixedModel:  # fmt: skip
    p = len(names)
    product, _ = weighted_products(sums, ratios)
    beta = np.linalg.solve(product[:p, :p], product[:p, p])
    free = sums.rows - p
    residual = float(product[p, p] - product[:p, p] @ beta) / free
    theta = residual * np.concatenate([[1.0], ratios])
    steps = 1e-4 * np.maximum(theta, theta[0] / sums.sizes.mean())
    derivatives = differentiate(lambda many: products_at(sums, many), theta, steps)
    found = coefficient_inference(derivatives, beta, df, inner=bool(theta.min() > 0))
    back = np.linalg.inv(r)
    log_r = float(np.log(np.abs(np.diagonal(r))).sum())
    deviance = float(restricted_deviance(sums, ratios)) + free * (1 + math.log(2 * math.pi)) + 2 * log_r
    values = unit**2 * theta
    return MixedModel(
        names=names, levels=nested.names, coefficients=back @ (start + unit * beta),
        covariance_of_coefficients=unit**2 * back @ found.covariance @ back.T,
        variances={"residual": float(values[0]), **dict(zip(nested.names, values[:0:-1].tolist(), strict=True))},
        boundary=tuple(name for name, ratio in zip(nested.names, ratios[::-1], strict=True) if ratio == 0),
        log_likelihood=-0.5 * deviance - free * math.log(unit), rows=sums.rows, clusters=nested.counts, missing=missing,
        labels=dict(zip(nested.names, nested.labels, strict=True)),
        df_method=df, sums=sums, _phi=back @ found.phi @ back.T, _bends=np.einsum("ba,jbc,cd->jad", r, found.bends, r),
        _theta_covariance=found.theta_covariance,
    )  # fmt: skip


def mixture_p(deviance_drop: float) -> float:
    """p of "this one variance is zero": half the tail of χ²(1), as a variance is never negative (Self & Liang 1987)."""
    return 1.0 if deviance_drop <= 0 else float(special.chdtrc(1, deviance_drop) / 2)

"""Generalised estimating equations for repeated outcomes (Liang & Zeger 1986): population means, any outcome family.

Σ_i D_i' V_i⁻¹ (y_i - μ_i) = 0 with V_i = φ A^½ R(α) A^½. Families: normal with identity link, gamma with log link,
binomial with logit link, Poisson with log link. Gamma-log is fitted as quasi-likelihood (mean and variance function
only), so that zeros are legal: they are kept, and counted in the result (C20). Working correlations: independence,
exchangeable, AR(1) over the order of visits, unstructured; their parameters by moments without a correction for the
number of coefficients (as geepack; statsmodels and SPSS divide otherwise, and their estimates differ in the third
digit).

Standard errors: robust (sandwich), bias-reduced (Mancl & DeRouen 2001), or Fay and Graubard's (2001; each person's
score is enlarged by at most 2), all with t on people - coefficients df.

Assumes that missing values are missing completely at random, and says so. Vectorised over the people of one missing
pattern (benchmarks/estimates.py measures it beside statsmodels, which goes through people one by one). Checked against
geepack and statsmodels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.contrast import Contrast, contrast
from accord.science.estimates.estimate import Estimate
from accord.science.estimates.fixed_effects import refuse_aliased
from accord.science.estimates.repeated_design import RepeatedDesign
from accord.science.estimates.showing import contrast_forest, html, in_words, means_over_time
from accord.science.figures import Forest, Trajectories

Array = NDArray[Any]
Family = Literal["gaussian", "gamma-log", "binomial", "poisson"]
Correlation = Literal["independence", "exchangeable", "ar1", "unstructured"]
Covariance = Literal["robust", "bias-reduced", "fay-graubard"]
_FAY_GRAUBARD_BOUND = 0.75
ASSUMPTION = "assumes missing completely at random"


@dataclass(frozen=True, slots=True)
class GEE:
    """A fit. `correlation_matrix` (T, T) is R(α), `scale` is φ; `zeros` counts outcomes of exactly zero, all kept."""

    design: RepeatedDesign
    family: Family
    correlation: Correlation
    coefficients: Array
    covariance_of_coefficients: Array
    correlation_matrix: Array
    scale: float
    people: int
    observations: int
    missing: int
    zeros: int
    iterations: int
    errors: Covariance

    def contrast(self, weights: ArrayLike, *, level: float = 0.95) -> Contrast:
        """Σ w β on the scale of the link, t on people - coefficients df."""
        w = np.asarray(weights, float)
        se = math.sqrt(float(w @ self.covariance_of_coefficients @ w))
        return contrast(float(w @ self.coefficients), se, float(self.people - len(self.coefficients)), level=level)

    def mean(self, arm: str, visit: str, *, level: float = 0.95) -> Contrast:
        """Mean of the outcome at average covariates, with limits carried over from the link's scale."""
        on_link = self.contrast(self.design.mean(arm, visit), level=level)
        value, slope = _inverse(self.family, np.array(on_link.value))
        low, high = (float(_inverse(self.family, np.array(x))[0]) for x in (on_link.ci_low, on_link.ci_high))
        return Contrast(float(value), float(slope) * on_link.se, on_link.df, low, high, math.nan)

    @property
    def method(self) -> str:
        return (
            f"GEE, {self.family}, {self.correlation} working correlation, {self.errors} standard errors; {ASSUMPTION}"
        )

    @property
    def note(self) -> str:
        return f"{self.zeros} values of zero were kept." if self.family == "gamma-log" and self.zeros else ""

    def summary(self) -> str:
        """The means of each arm at the last visit, what arms differ by there, and how it was had."""
        arms, visits = self.design.arms, self.design.visits
        counted = f"{self.people:,} people, {self.observations:,} values, {self.missing:,} missing; {self.method}"
        if not arms:
            return f"{len(self.coefficients)} coefficients. {counted}."
        last = visits[-1]
        means = "; ".join(f"{arm} {in_words(self.mean(arm, last), p=False)}" for arm in arms)
        where = "Differences there" if self.family == "gaussian" else "On the scale of the link"
        apart = "; ".join(
            f"{arm} - {arms[0]} {in_words(self.contrast(self.design.difference(arm, arms[0], last)))}"
            for arm in arms[1:]
        )
        return f"Adjusted means at {last}: {means}. {f'{where}: {apart}. ' if apart else ''}{counted}."

    def plot(self) -> Forest | Trajectories:
        """Adjusted means over time; the coefficients where the design has no arms."""
        arms, visits = self.design.arms, self.design.visits
        if not arms:
            rows = {n: self.contrast(w) for n, w in zip(self.design.names, np.eye(len(self.coefficients)), strict=True)}
            return contrast_forest(rows, "Coefficients", self.summary(), "scale of the link")
        means = {arm: [self.mean(arm, visit) for visit in visits] for arm in arms}
        return means_over_time("Adjusted means over time", self.summary(), visits, means)

    def _repr_html_(self) -> str:
        return html(self)


@dataclass(frozen=True, slots=True)
class PercentageChange:
    """Change of a mean in per cent of the first mean, from the true zero and from the raw score (C20)."""

    from_true_zero: Contrast
    from_raw_score: Contrast
    zero: float
    method: str
    people: int
    note: str

    def estimate(self, id: str, label: str, *, basis: Literal["true zero", "raw score"], **context: Any) -> Estimate:
        chosen = self.from_true_zero if basis == "true zero" else self.from_raw_score
        words = (
            f"Per cent of the mean counted from {self.zero:g}." if basis == "true zero" else "Per cent of the raw mean."
        )
        given = {"n": self.people, "unit": "%", "method": self.method, "note": f"{words} {self.note}".strip()}
        return chosen.estimate(id, label, **{**given, **context})


def gee(
    outcome: ArrayLike,
    design: RepeatedDesign,
    *,
    family: Family = "gaussian",
    correlation: Correlation = "exchangeable",
    errors: Covariance = "bias-reduced",
) -> GEE:
    """Fit. `outcome` (N, T) with NaN where missing; gamma-log: counted from the true zero (so ≥ 0); binomial: 0 or 1.

    Raises NotEstimable where an effect has no data or the equations do not settle (separation with binomial).
    """
    y = np.asarray(outcome, float)
    if y.shape != (len(design.people), len(design.visits)):
        raise BadInput(f"The outcome is {y.shape}, the design {(len(design.people), len(design.visits))}.")
    keep = np.isfinite(y).any(axis=1) & np.isfinite(design.people).all(axis=1)
    y, seen = y[keep], np.isfinite(y[keep])
    _check_values(y[seen], family)
    x = np.einsum("na,tap->ntp", design.people[keep], design.maps) * seen[:, :, None]
    flat = x.reshape(-1, x.shape[2])
    refuse_aliased(flat.T @ flat, design.names)
    if keep.sum() <= x.shape[2]:
        raise NotEstimable(f"{int(keep.sum())} people for {x.shape[2]} coefficients.", cure="Use fewer covariates.")
    state = _settle(np.where(seen, y, 0.0), x, seen, family, correlation)
    beta, matrix, scale, steps = state
    covariance = _sandwich(np.where(seen, y, 0.0), x, seen, family, beta, matrix, errors)
    return GEE(
        design=design, family=family, correlation=correlation, coefficients=beta, covariance_of_coefficients=covariance,
        correlation_matrix=matrix, scale=scale, people=int(keep.sum()), observations=int(seen.sum()),
        missing=int(seen.size - seen.sum()), zeros=int((y[seen] == 0).sum()), iterations=steps, errors=errors,
    )  # fmt: skip


def percentage_change(
    fit: GEE, arm: str, visit: str, since: str, *, zero: float, level: float = 0.95
) -> PercentageChange:
    """100·(mean now / mean then - 1) of an arm, with the outcome counted from the true zero, and of the raw score.

    `fit` has the outcome minus `zero`. With the log link the limits are those of the log ratio; else by the delta
    method. The raw basis is 100·(mean now - mean then)/(mean then + zero), by the delta method.
    """
    now, then = fit.design.mean(arm, visit), fit.design.mean(arm, since)
    raw = _relative(fit, now, then, zero, level)
    if fit.family == "gamma-log":
        ratio = fit.contrast(now - then, level=level)
        low, high = 100 * math.expm1(ratio.ci_low), 100 * math.expm1(ratio.ci_high)
        value = 100 * math.expm1(ratio.value)
        true = Contrast(value, (value + 100) * ratio.se, ratio.df, low, high, ratio.p)
    else:
        true = _relative(fit, now, then, 0.0, level)
    return PercentageChange(true, raw, zero, fit.method, fit.people, fit.note)


def _relative(fit: GEE, now: Array, then: Array, zero: float, level: float) -> Contrast:
    """100·(μ1 - μ0)/(μ0 + zero) by the delta method."""
    (m1, s1), (m0, s0) = (_inverse(fit.family, w @ fit.coefficients) for w in (now, then))
    base = float(m0) + zero
    slope = 100 * (float(s1) * now / base - float(s0) * then * (float(m1) + zero) / base**2)
    se = math.sqrt(float(slope @ fit.covariance_of_coefficients @ slope))
    return contrast(100 * float(m1 - m0) / base, se, float(fit.people - len(fit.coefficients)), level=level)


def _inverse(family: Family, eta: Any) -> tuple[Array, Array]:
    """μ and dμ/dη."""
    if family == "gaussian":
        return np.asarray(eta), np.ones_like(eta)
    if family in ("gamma-log", "poisson"):
        mean = np.exp(np.clip(eta, -700, 700))
        return mean, mean
    mean = special.expit(eta)
    return mean, mean * (1 - mean)


def _weighted(y: Array, x: Array, seen: Array, family: Family, beta: Array) -> tuple[Array, Array]:
    """Pearson residuals (N, T) and the derivative on their scale (N, T, p); zero where missing."""
    mean, slope = _inverse(family, x @ beta)
    sd = np.maximum(np.sqrt(slope) if family in ("binomial", "poisson") else slope, 1e-150)
    return np.where(seen, (y - mean) / sd, 0.0), x * (np.where(seen, slope / sd, 0.0))[:, :, None]


def _settle(
    y: Array, x: Array, seen: Array, family: Family, correlation: Correlation
) -> tuple[Array, Array, float, int]:
    beta = _start(y, x, seen, family)
    patterns = _patterns(seen)
    for step in range(1, 101):
        residual, derivative = _weighted(y, x, seen, family, beta)
        scale = float((residual**2).sum() / seen.sum())
        if not scale > 1e-20 * (1.0 if family != "gaussian" else float(np.mean(y[seen] ** 2))):
            raise NotEstimable("Nothing is left to vary once the means are fitted.", cure="Check the outcome.")
        matrix = _working_correlation(residual, seen, scale, correlation)
        bread, score = _equations(residual, derivative, patterns, matrix)
        move = np.linalg.solve(bread, score)
        beta = beta + move
        if not np.isfinite(beta).all() or (family == "binomial" and np.abs(x @ beta).max() > 30):
            break
        if np.abs(move).max() <= 1e-10 * (1 + np.abs(beta).max()):
            return beta, matrix, scale, step
    raise NotEstimable(
        "The estimating equations do not settle: an arm, visit or covariate may tell the outcome completely.",
        cure="Use fewer effects, or another working correlation.",
    )


def _start(y: Array, x: Array, seen: Array, family: Family) -> Array:
    """Least squares on the link's scale of values drawn towards their mean."""
    middle = y[seen].mean()
    target = y[seen] if family == "gaussian" else (y[seen] + middle) / 2
    on_link = {"gaussian": lambda v: v, "gamma-log": np.log, "poisson": np.log, "binomial": special.logit}[family](
        target
    )
    result: Array = np.linalg.lstsq(x[seen], on_link, rcond=None)[0]
    return result


def _patterns(seen: Array) -> list[tuple[Array, Array]]:
    """For each pattern of visits: which people have it, and which visits."""
    found, codes = np.unique(seen, axis=0, return_inverse=True)
    order = np.argsort(codes.ravel(), kind="stable")
    parts = np.split(order, np.cumsum(np.bincount(codes.ravel()))[:-1])
    return [(people, np.flatnonzero(visits)) for people, visits in zip(parts, found, strict=True)]


def _equations(
    residual: Array, derivative: Array, patterns: list[tuple[Array, Array]], matrix: Array
) -> tuple[Array, Array]:
    p = derivative.shape[2]
    bread, score = np.zeros((p, p)), np.zeros(p)
    for people, visits in patterns:
        inverse = np.linalg.inv(matrix[np.ix_(visits, visits)])
        d = derivative[np.ix_(people, visits)]
        turned = (inverse @ d).reshape(-1, p)
        bread += turned.T @ d.reshape(-1, p)
        score += turned.T @ residual[np.ix_(people, visits)].ravel()
    return bread, score


def _sandwich(y: Array, x: Array, seen: Array, family: Family, beta: Array, matrix: Array, errors: Covariance) -> Array:
    """B Σ U_i U_i' B; bias-reduced: residuals are multiplied by (I - H_ii)⁻¹ with H_ii = D_i B D_i' V_i⁻¹;
    Fay-Graubard: each element of U_i is divided by √(1 - min(.75, (D_i'V_i⁻¹D_i B)_jj))."""
    residual, derivative = _weighted(y, x, seen, family, beta)
    patterns = _patterns(seen)
    bread = np.linalg.inv(_equations(residual, derivative, patterns, matrix)[0])
    p = len(beta)
    meat = np.zeros((p, p))
    for people, visits in patterns:
        inverse = np.linalg.inv(matrix[np.ix_(visits, visits)])
        d, e = derivative[np.ix_(people, visits)], residual[np.ix_(people, visits)]
        if errors == "bias-reduced":
            hat = d @ bread @ d.transpose(0, 2, 1) @ inverse
            e = np.linalg.solve(np.eye(len(visits)) - hat, e[:, :, None])[:, :, 0]
        scores = np.einsum("ntp,nt->np", d, e @ inverse)
        if errors == "fay-graubard":
            own = np.einsum("ntp,ts,nsq,qp->np", d, inverse, d, bread, optimize=True)
            scores = scores / np.sqrt(1 - np.minimum(own, _FAY_GRAUBARD_BOUND))
        meat += scores.T @ scores
    result: Array = bread @ meat @ bread
    return result


def _working_correlation(residual: Array, seen: Array, scale: float, correlation: Correlation) -> Array:
    visits = seen.shape[1]
    if correlation == "independence" or visits == 1:
        return np.eye(visits)
    counts = seen.T.astype(float) @ seen
    products = residual.T @ residual / scale
    lag = np.abs(np.subtract.outer(np.arange(visits), np.arange(visits)))
    if correlation == "exchangeable":
        above = lag > 0
        alpha = float(np.clip(products[above].sum() / max(counts[above].sum(), 1), 0.005 - 1 / (visits - 1), 0.995))
        matrix = np.where(above, alpha, 1.0)
    elif correlation == "ar1":
        matrix = _ar1(products, counts, lag) ** lag
    else:
        matrix = np.where(lag == 0, 1.0, products / np.maximum(counts, 1))
    if np.linalg.eigvalsh(matrix)[0] <= 1e-8:
        raise NotEstimable(f"The {correlation} working correlation is not positive definite.", cure="Use independence.")
    return matrix


def _ar1(products: Array, counts: Array, lag: NDArray[np.int64]) -> float:
    """α that solves Σ over pairs lag·α^(lag-1)·(r_s r_t/φ - α^lag) = 0."""
    from scipy import optimize

    above = lag > 0

    def equation(alpha: float) -> float:
        slope = lag[above] * alpha ** (lag[above] - 1.0)
        return float((slope * (products[above] - counts[above] * alpha ** lag[above])).sum())

    if equation(1e-9) * equation(1 - 1e-9) > 0:
        return 0.0
    return float(optimize.brentq(equation, 1e-9, 1 - 1e-9, xtol=1e-13))


def _check_values(values: Array, family: Family) -> None:
    if len(values) == 0:
        raise NotEstimable("No person has an outcome and all covariates.", cure="Check the outcome's column.")
    if family == "gamma-log" and values.min() < 0:
        raise BadInput("Gamma-log needs values of zero or more.", cure="Subtract the scale's true zero first.")
    if family == "poisson" and ((values < 0) | (values != np.floor(values))).any():
        raise BadInput("A count is negative or not a whole number.", cure="Use counts, or another family.")
    if family in ("gamma-log", "poisson") and values.max() == 0:
        raise NotEstimable("All values are zero.", cure="Report that.")
    if family == "binomial" and not np.isin(values, (0, 1)).all():
        raise BadInput("A binomial outcome is 0 or 1.", cure="Code the outcome as 0 and 1.")

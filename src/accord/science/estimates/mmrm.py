"""Mixed model for repeated measures: adjusted means and changes per visit and arm, with missing visits.

Model: y_i ~ N(X_i β, V) for the visits that person i has; V unstructured (Toeplitz, AR(1), compound symmetry) over
visits; estimated by restricted maximum likelihood. Valid when values are missing at random given what was observed.
Inference on a contrast l'β by t: Satterthwaite (observed information of the variances, model-based standard error) or
Kenward-Roger (expected information, standard error adjusted for estimating V; linear parameters as in SAS).

When the unstructured covariance cannot be had, the next rung of a ladder that was stated beforehand is taken and said
so (C24): unstructured, Toeplitz, compound symmetry. AR(1) is σ²ρ^|s-t|, asked for by name; its df are to first order
in ρ, with the expected information ("Kenward-Roger linear").

Checked against nlme::gls (β, se, V, log-likelihood), against lmerTest and pbkrtest (df, Kenward-Roger se).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates import mmrm_likelihood as likelihood
from accord.science.estimates.contrast import Contrast, contrast
from accord.science.estimates.estimate import Estimate
from accord.science.estimates.fixed_effects import refuse_aliased
from accord.science.estimates.mmrm_likelihood import PatternSums, Point
from accord.science.estimates.repeated_design import RepeatedDesign
from accord.science.estimates.showing import contrast_forest, html, in_words, means_over_time
from accord.science.figures import Forest, Trajectories

Array = NDArray[Any]
Structure = Literal["unstructured", "toeplitz", "ar1", "compound symmetry"]
Df = Literal["satterthwaite", "kenward-roger"]

LADDER: tuple[Structure, ...] = ("unstructured", "toeplitz", "compound symmetry")
STRUCTURES: tuple[Structure, ...] = ("unstructured", "toeplitz", "ar1", "compound symmetry")
_STEPS = 100
_CLOSE_ENOUGH = 1e-14
_EDGE = "it became singular (one visit says all that another says, or too few people have several visits)"


@dataclass(frozen=True, slots=True)
class MMRM:
    """A fitted model.

    `coefficients` and `covariance_of_coefficients` follow `design.names` (Kenward-Roger's adjusted covariance when
    `df_method` is that). `covariance` (T, T) is V. `people` entered the fit; `without_outcome` had no value at any
    visit, `without_covariates` lacked a covariate; `missing` counts empty visits among those who entered. `ladder`
    says in words why earlier rungs were left.
    """

    design: RepeatedDesign
    coefficients: Array
    covariance_of_coefficients: Array
    covariance: Array
    structure: Structure
    df_method: Df
    log_likelihood: float
    iterations: int
    people: int
    observations: int
    missing: int
    without_outcome: int
    without_covariates: int
    observed: tuple[int, ...]
    ladder: tuple[str, ...]
    _phi: Array
    _bends: Array
    _theta_covariance: Array

    def contrast(self, weights: ArrayLike, *, level: float = 0.95) -> Contrast:
        """Σ w β with t inference. df = 2(w'Φw)² / Var(w'Φw), the variance by the delta method from cov(θ)."""
        w = np.asarray(weights, float)
        if w.shape != self.coefficients.shape:
            raise BadInput(
                f"The weights are {w.shape}, the model has {len(self.coefficients)} coefficients.",
                cure="Use design.mean, design.difference or design.change.",
            )
        value = float(w @ self.coefficients)
        se = math.sqrt(float(w @ self.covariance_of_coefficients @ w))
        spread = self._phi @ w
        slopes = np.einsum("a,jab,b->j", spread, self._bends, spread)
        if not w.any():
            return Contrast(0.0, 0.0, None, 0.0, 0.0, math.nan)
        df = 2 * float(w @ spread) ** 2 / float(slopes @ self._theta_covariance @ slopes)
        return contrast(value, se, df, level=level)

    def mean(self, arm: str, visit: str, *, level: float = 0.95) -> Contrast:
        """Adjusted mean of an arm at a visit, covariates at their average."""
        return self.contrast(self.design.mean(arm, visit), level=level)

    def difference(self, arm: str, against: str, visit: str, *, level: float = 0.95) -> Contrast:
        """Adjusted mean of `arm` minus that of `against` at a visit."""
        return self.contrast(self.design.difference(arm, against, visit), level=level)

    def change(self, arm: str, visit: str, since: str, *, level: float = 0.95) -> Contrast:
        """Adjusted change of one arm between two visits of the outcome."""
        return self.contrast(self.design.change(arm, visit, since), level=level)

    def estimate(
        self, weights: ArrayLike, id: str, label: str, *, sign: int = 1, n: int | None = None,
        missing: int | None = None, scale: str | None = None, unit: str = "", level: float = 0.95,
    ) -> Estimate:  # fmt: skip
        """A contrast as an `Estimate`; `sign` -1 turns it where lower is better."""
        return self.contrast(sign * np.asarray(weights, float), level=level).estimate(
            id, label, n=self.people if n is None else n, missing=missing, scale=scale, unit=unit, method=self.method,
            note=" ".join(self.ladder),
        )  # fmt: skip

    @property
    def method(self) -> str:
        name = {"satterthwaite": "Satterthwaite", "kenward-roger": "Kenward–Roger"}[self.df_method]
        return f"mixed model for repeated measures, REML, {self.structure} covariance, {name} df"

    def summary(self) -> str:
        """The means of each arm at the last visit, what arms differ by there, and how it was had."""
        arms, visits = self.design.arms, self.design.visits
        counted = f"{self.people:,} people, {self.observations:,} values, {self.missing:,} missing; {self.method}"
        if not arms:
            return f"{len(self.coefficients)} coefficients. {counted}."
        last = visits[-1]
        means = "; ".join(f"{arm} {in_words(self.mean(arm, last), p=False)}" for arm in arms)
        apart = "; ".join(f"{arm} - {arms[0]} {in_words(self.difference(arm, arms[0], last))}" for arm in arms[1:])
        return f"Adjusted means at {last}: {means}. {f'Differences there: {apart}. ' if apart else ''}{counted}."

    def plot(self) -> Forest | Trajectories:
        """Adjusted means over time; the coefficients where the design has no arms."""
        arms, visits = self.design.arms, self.design.visits
        if not arms:
            rows = {n: self.contrast(w) for n, w in zip(self.design.names, np.eye(len(self.coefficients)), strict=True)}
            return contrast_forest(rows, "Coefficients", self.summary(), "units of the outcome")
        means = {arm: [self.mean(arm, visit) for visit in visits] for arm in arms}
        return means_over_time("Adjusted means over time", self.summary(), visits, means)

    def _repr_html_(self) -> str:
        return html(self)


def mmrm(
    outcome: ArrayLike,
    design: RepeatedDesign,
    *,
    structure: Structure = "unstructured",
    df: Df = "kenward-roger",
    ladder: Sequence[Structure] | None = None,
) -> MMRM:
    """Fit by REML. `outcome` (N, T) with NaN where a visit is missing, in the order of `design.visits`.

    `ladder`: the structures to try in turn from `structure` on (None: the rest of unstructured, Toeplitz, compound
    symmetry; an empty one: no fallback). Raises NotEstimable when an effect cannot be told from others (an arm without
    values at a visit), when there is no variance, or when no rung converges.
    """
    y = np.asarray(outcome, float)
    keep, without_outcome, without_covariates = _people_that_count(y, design)
    people, stacked = _orthonormal(design.people[keep], design)
    sums, start, unit = _residual_sums(y[keep], people, stacked, design)
    left: list[str] = []
    for rung in _rungs(structure, ladder):
        fitted: tuple[Point, int] | str = _cannot(sums, rung, design.visits)
        basis, fitted = _fitted(sums, rung) if not fitted else (np.zeros(0), fitted)
        if isinstance(fitted, str):
            left.append(f"The {rung} covariance was left: {fitted}.")
            continue
        point, steps = fitted
        phi, bends, spread, adjusted = _inference(sums, basis, point, df, bent=rung == "ar1")
        if not _positive(spread) or not _positive(adjusted):
            left.append(f"The {rung} covariance was left: so few people do not tell its variances apart.")
            continue
        return MMRM(
            design=design, coefficients=start + unit * point.beta, covariance_of_coefficients=unit**2 * adjusted,
            covariance=unit**2 * point.covariance, structure=rung, df_method=df,
            log_likelihood=likelihood.log_likelihood(sums, point.deviance)
            - (sums.observations - len(start)) * math.log(unit),
            iterations=steps, people=int(keep.sum()), observations=sums.observations,
            missing=int(keep.sum()) * sums.visits - sums.observations, without_outcome=without_outcome,
            without_covariates=without_covariates, observed=tuple(int(k) for k in sums.n @ sums.seen),
            ladder=tuple(left), _phi=phi, _bends=bends, _theta_covariance=spread,
        )  # fmt: skip
    raise NotEstimable(" ".join(left), cure="Ask for fewer visits, or compare one visit by analysis of covariance.")


def _positive(covariance: Array) -> bool:
    """Whether every variance on the diagonal is one: at a maximum that is none, rounding makes some negative."""
    diagonal = np.diag(covariance)
    return bool(np.isfinite(diagonal).all() and (diagonal > 0).all())


def _people_that_count(y: Array, design: RepeatedDesign) -> tuple[NDArray[np.bool_], int, int]:
    expected = (len(design.people), len(design.visits))
    if y.shape != expected:
        raise BadInput(f"The outcome is {y.shape}, the design {expected}.", cure="Give people by visits.")
    complete = np.asarray(np.isfinite(design.people).all(axis=1))
    some = np.asarray(np.isfinite(y).any(axis=1))
    if not (complete & some).any():
        raise NotEstimable("No person has an outcome and all covariates.", cure="Check the outcome's column.")
    return complete & some, int((~some).sum()), int((some & ~complete).sum())


def _orthonormal(people: Array, design: RepeatedDesign) -> tuple[Array, Array]:
    """z = QR: with Q in place of z (and R M_t in place of M_t) the cross-products are well conditioned. Where z has
    columns that follow from others the pivoted form keeps as many as are free; effects lost by that are named later."""
    q, r = np.linalg.qr(people)
    size = np.abs(np.diagonal(r))
    if len(people) < people.shape[1] or size.min() < 1e-10 * size.max():
        from scipy import linalg

        q, r, order = linalg.qr(people, mode="economic", pivoting=True)
        rank = int((np.abs(np.diagonal(r)) > 1e-10 * np.abs(r[0, 0])).sum())
        q, r = q[:, :rank], r[:rank, np.argsort(order)]
    return q, np.concatenate([r @ m for m in design.maps])


def _residual_sums(y: Array, people: Array, stacked: Array, design: RepeatedDesign) -> tuple[PatternSums, Array, float]:
    """Sums of the residuals from a first least-squares fit, in units of their own size: what is left is well scaled."""
    sums = likelihood.pattern_sums(y, people, stacked)
    every = sums.seen[:, :, None] * np.eye(sums.visits)
    normal = likelihood.normal_matrix(sums, every)
    refuse_aliased(normal, design.names)
    right = stacked.T @ np.einsum("rst,rat->sa", every, sums.zy).ravel()
    start = np.linalg.solve(normal, right)
    residual = y - people @ (stacked @ start).reshape(sums.visits, -1).T
    unit = math.sqrt(float(np.nanmean(residual**2)))
    if not unit > 1e-10 * float(np.nanmax(np.abs(y))) or sums.observations <= len(start):
        raise NotEstimable(
            "Nothing is left to vary once the fixed effects are fitted.",
            cure="Use fewer covariates, or check that the outcome is not constant.",
        )
    return likelihood.pattern_sums(residual / unit, people, stacked), start, unit


def _rungs(structure: Structure, ladder: Sequence[Structure] | None) -> list[Structure]:
    if structure not in STRUCTURES:
        raise BadInput(f"No covariance structure {structure!r}.", cure=f"Use one of: {', '.join(STRUCTURES)}.")
    simpler = STRUCTURES[STRUCTURES.index(structure) + 1 :]
    return [structure, *([rung for rung in simpler if rung in LADDER] if ladder is None else ladder)]


def _cannot(sums: PatternSums, rung: Structure, visits: tuple[str, ...]) -> str:
    """Why this structure is not identified by the visits that were seen together; empty when it is."""
    pairs = sums.pairs
    if rung == "unstructured" and pairs.min() < 2:
        s, t = np.unravel_index(int(np.argmin(pairs)), pairs.shape)
        both = "1 person has" if pairs[s, t] == 1 else "0 people have"
        return f"{both} both {visits[s]} and {visits[t]}"
    lags = [np.trace(pairs, k) for k in range(1, len(visits))]
    if rung == "toeplitz" and min(lags, default=2) < 2:
        return f"no two visits {1 + int(np.argmin(lags))} apart were seen in the same person"
    if rung in ("ar1", "compound symmetry") and len(visits) > 1 and sum(lags) < 2:
        return "nobody has two visits"
    return ""


def _fitted(sums: PatternSums, rung: Structure) -> tuple[Array, tuple[Point, int] | str]:
    """The matrices that V is linear in (for AR(1): to first order at the fit), and the fit."""
    if rung == "ar1" and sums.visits > 1:
        return _first_order(sums)
    basis = likelihood.linear_structure("compound symmetry" if rung == "ar1" else rung, sums.visits)
    return basis, _climb(sums, basis)


def _first_order(sums: PatternSums) -> tuple[Array, tuple[Point, int] | str]:
    """V = σ² ρ^lag: σ² by scoring at each ρ, ρ by Brent's search; then the basis (R, σ² dR/dρ) at the fit."""
    lag = np.abs(np.subtract.outer(np.arange(sums.visits), np.arange(sums.visits))).astype(float)

    def at(rho: float) -> tuple[Point, int] | str:
        return _climb(sums, (np.sign(rho) ** lag * np.abs(rho) ** lag)[None])

    def deviance(rho: float) -> float:
        found = at(rho)
        return found[0].deviance if not isinstance(found, str) else math.inf

    grid = np.linspace(-0.9, 0.9, 13)
    best = float(grid[int(np.argmin([deviance(float(rho)) for rho in grid]))])
    search = optimize.minimize_scalar(
        deviance, bounds=(max(best - 0.16, -0.999), min(best + 0.16, 0.999)), method="bounded", options={"xatol": 1e-10}
    )
    rho, found = float(search.x), at(float(search.x))
    if isinstance(found, str):
        return np.zeros(0), found
    if abs(rho) > 0.995:
        return np.zeros(0), _EDGE
    sigma2 = float(found[0].theta[0])
    slope = np.where(lag > 0, lag * np.sign(rho) ** (lag - 1) * np.abs(rho) ** np.maximum(lag - 1, 0), 0.0)
    basis = np.stack([np.sign(rho) ** lag * np.abs(rho) ** lag, sigma2 * slope])
    point = likelihood.evaluate(sums, basis, np.array([sigma2, 0.0]))
    return basis, (point, found[1]) if point is not None else _EDGE


def _climb(sums: PatternSums, basis: Array) -> tuple[Point, int] | str:
    """Scoring steps with halving; the first two use the expected information, then the average information. Gives the
    reason in words when it does not get there."""
    point = last = likelihood.evaluate(sums, basis, _start(sums, basis))
    for step in range(1, _STEPS + 1):
        if point is None:
            break
        last = point
        slope = likelihood.gradient(sums, basis, point)
        curve = (likelihood.start_information if step < 3 else likelihood.average_information)(sums, basis, point)
        try:
            move = -np.linalg.solve(curve, slope)
        except np.linalg.LinAlgError:
            break
        promise = -float(slope @ move)
        if 0 <= promise < _CLOSE_ENOUGH and step > 3:
            return (point, step) if _inside(point.covariance) else _EDGE
        point = _shorter_until_better(sums, basis, point, move, promise)
    return _EDGE if last is not None and not _inside(last.covariance, 1e-3) else f"no convergence in {_STEPS} steps"


def _shorter_until_better(sums: PatternSums, basis: Array, point: Point, move: Array, promise: float) -> Point | None:
    length = 1.0
    for _ in range(40):
        tried = likelihood.evaluate(sums, basis, point.theta + length * move)
        if tried is not None and tried.deviance <= point.deviance + 1e-9 * (1 + abs(point.deviance)) * (promise < 1e-6):
            return tried
        length /= 2
    return None


def _inside(covariance: Array, smallest: float = 1e-8) -> bool:
    """A covariance on the edge of what is possible (a correlation of 1) has no usable standard errors."""
    sd = np.sqrt(np.diagonal(covariance))
    return bool(np.linalg.eigvalsh(covariance / np.outer(sd, sd))[0] > smallest)


def _start(sums: PatternSums, basis: Array) -> Array:
    """Moments of the least-squares residuals over the pairs seen, made positive definite, put into the structure."""
    pairs = np.maximum(sums.pairs, 1)
    moments = sums.yy.sum(axis=0) / pairs
    weights = np.sqrt(pairs).ravel()
    flat = basis.reshape(len(basis), -1)
    for shrink in (1.0, 0.9, 0.7, 0.4, 0.0):
        target = shrink * moments + (1 - shrink) * np.diag(np.diagonal(moments))
        theta = np.linalg.lstsq((flat * weights).T, target.ravel() * weights, rcond=None)[0]
        values = np.linalg.eigvalsh(np.tensordot(theta, basis, 1))
        if values[0] > 1e-3 * values[-1]:
            break
    return np.asarray(theta)


def _inference(
    sums: PatternSums, basis: Array, point: Point, df: Df, *, bent: bool
) -> tuple[Array, Array, Array, Array]:
    """Φ, the A_j, cov(θ) and the covariance of the coefficients that goes with the kind of df, in the fit's units."""
    bends = likelihood.precision_slopes(sums, basis, point)
    expected = likelihood.expected_information(sums, basis, point, bends)
    if df == "kenward-roger":
        spread = 2 * np.linalg.inv(expected)
        adjusted = likelihood.kenward_roger_covariance(sums, basis, point, bends, spread)
    elif bent:  # AR(1): V is linear to first order only, and so the observed information is not at hand
        spread, adjusted = 2 * np.linalg.inv(expected), point.beta_covariance
    else:
        spread = 2 * np.linalg.inv(2 * likelihood.average_information(sums, basis, point) - expected)
        adjusted = point.beta_covariance
    return point.beta_covariance, bends, spread, adjusted

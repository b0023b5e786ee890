"""Effects nested in studies: several effects a study, pooled without treating them as independent.

    y_ij = x_ij'β + u_i + w_ij + e_ij,  var(u_i) = τ²_between, var(w_ij) = τ²_within, cov(e) = S known

REML (or ML); S diagonal (three-level model, Konstantopoulos 2011; Van den Noortgate et al. 2013), with one correlation
(`working_covariance`), or a whole matrix (`shared_control_covariance`). Inference by default with CR2 standard errors
and Satterthwaite df, which hold when S is only a guess.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray
from scipy import special

from accord.science.errors import BadInput, Finding, NotEstimable, Place
from accord.science.estimates.contrast import Contrast
from accord.science.estimates.interval import critical_value
from accord.science.figures import Forest, ForestRow
from accord.science.figures.numbers import number
from accord.science.synthesis.checks import repeated
from accord.science.synthesis.model import Effects, Moderators, effects
from accord.science.synthesis.nested_covariance import Sampling, correlated, from_matrix, nesting
from accord.science.synthesis.nested_likelihood import NestedData, NestedFit, evaluate, maximise
from accord.science.synthesis.robust_covariance import KINDS, Robust, robust
from accord.science.synthesis.variance_profile import VarianceInterval, profile_interval
from accord.science.synthesis.wording import interval_text, notebook_html, p_text, plural

Array = NDArray[Any]
Errors = Literal["CR2", "CR1", "model"]


@dataclass(frozen=True)
class ThreeLevel:
    """A fitted three-level model; percentages in per cent, variances in the squared unit of `yi`.

    `estimate` is the mean effect, or with moderators the effect at their mean (coefficients by `coefficient`). `i2` is
    the share of both variances in the total, `i2_between` and `i2_within` its parts. The prediction interval is for the
    true effect of one new outcome in a new study.
    """

    k: int
    studies: int
    estimate: float
    se: float
    df: float | None
    ci_low: float
    ci_high: float
    p: float
    tau2_between: float
    tau2_within: float
    i2: float
    i2_between: float
    i2_within: float
    q: float
    q_df: int
    q_p: float
    pi_low: float
    pi_high: float
    method: str
    errors: str
    rho: float | None
    level: float
    log_likelihood: float
    names: tuple[str, ...]
    data: NestedData
    fit: NestedFit
    inference: Robust
    warnings: tuple[Finding, ...]

    @property
    def tau2(self) -> float:
        """Both variances together."""
        return self.tau2_between + self.tau2_within

    @property
    def coefficients(self) -> Array:
        return self.fit.coefficients

    @property
    def covariance(self) -> Array:
        return self.inference.covariance

    @property
    def labels(self) -> tuple[str, ...]:
        """The studies."""
        return self.data.nest.labels

    def coefficient(self, name: str = "intercept", *, errors: str | None = None) -> Contrast:
        """One coefficient with its test, by this fit's standard errors or those of `errors`."""
        if name not in self.names:
            raise BadInput(f"No term {name!r}.", cure=f"Use one of: {', '.join(self.names)}.")
        return self.combination(np.eye(len(self.names))[self.names.index(name)], errors=errors)

    def combination(self, weights: ArrayLike, *, errors: str | None = None) -> Contrast:
        """Σ w b with its test."""
        w = np.asarray(weights, float)
        if w.shape != self.coefficients.shape:
            raise BadInput(f"{w.size} values for {len(self.names)} terms.", cure=f"Terms: {', '.join(self.names)}.")
        inference = self.inference if errors in (None, self.errors) else _inference(self.data, self.fit, str(errors))
        return inference.contrast(w, level=self.level)

    def variance_intervals(self) -> tuple[VarianceInterval, VarianceInterval]:
        """Profile-likelihood intervals of τ²_between and τ²_within."""
        return profile_interval(self.data, self.fit, 0, self.level), profile_interval(
            self.data, self.fit, 1, self.level
        )

    def table(self) -> pl.DataFrame:
        """One row a coefficient."""
        tests = [self.coefficient(name) for name in self.names]
        return pl.DataFrame({
            "term": list(self.names), "estimate": [t.value for t in tests], "se": [t.se for t in tests],
            "ci_low": [t.ci_low for t in tests], "ci_high": [t.ci_high for t in tests],
            "df": [t.df for t in tests], "p": [t.p for t in tests],
        }, schema_overrides={"df": pl.Float64})  # fmt: skip

    def by_study(self) -> pl.DataFrame:
        """One row a study: the mean of its effects under the model (τ²_between left out), its interval and weight.

        With moderators these are means of effects, not adjusted for them.
        """
        within = evaluate(self.data, np.array([0.0, self.tau2_within])).weights
        solved = within.times(np.column_stack([np.ones(self.k), self.data.y]))
        total, mean = self.data.nest.sums(solved).T
        share = self.data.nest.sums(self.fit.weights.times(np.ones((self.k, 1))))[:, 0]
        half = critical_value(self.level) / np.sqrt(total)
        return pl.DataFrame({
            "study": list(self.labels), "effects": self.data.nest.sizes, "yi": mean / total,
            "ci_low": mean / total - half, "ci_high": mean / total + half, "weight": 100 * share / share.sum(),
        })  # fmt: skip

    def plot(self, *, title: str = "Effects by study", measure: str = "effect") -> Forest:
        """A forest plot: one row a study (the mean of its effects), then the pooled effect."""
        rows = [
            ForestRow(s["study"], s["yi"], s["ci_low"], s["ci_high"], weight=s["weight"] / 100,
                      note=plural(s["effects"], "effect", "effects"))
            for s in self.by_study().iter_rows(named=True)
        ]  # fmt: skip
        pooled = ForestRow("pooled", self.estimate, self.ci_low, self.ci_high, kind="summary", note=self._model)
        return Forest(title=title, description=self.summary(), rows=[*rows, pooled], measure=measure)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        keys = (
            "k", "studies", "estimate", "se", "ci_low", "ci_high", "p", "tau2", "i2", "q", "q_p", "pi_low", "pi_high",
            "method", "errors", "rho", "level", "df", "tau2_between", "tau2_within", "i2_between", "i2_within", "q_df",
            "log_likelihood",
        )  # fmt: skip
        result = {key: getattr(self, key) for key in keys}
        result["coefficients"] = self.table().to_dicts()
        result["warnings"] = [finding.to_dict() for finding in self.warnings]
        return result

    def summary(self) -> str:
        """In plain words."""
        what = "mean effect" if len(self.names) == 1 else "effect at the mean of the moderators"
        parts = [
            f"{plural(self.k, 'effect', 'effects')} of {plural(self.studies, 'study', 'studies')}, {self._model}: the "
            f"{what} is {number(self.estimate)} ({interval_text(self.ci_low, self.ci_high, self.level)}, "
            f"{p_text(self.p)}).",
            f"Between studies τ² is {number(self.tau2_between, 3)}, between the effects of one study "
            f"{number(self.tau2_within, 3)}; {number(self.i2, 0)} % of the variation is not sampling error.",
            f"In a new study one outcome's true effect would lie between {number(self.pi_low)} and "
            f"{number(self.pi_high)} ({100 * self.level:g} % prediction interval).",
        ]
        return " ".join(parts + [str(finding) for finding in self.warnings])

    def _repr_html_(self) -> str:
        return notebook_html(self)

    @property
    def _model(self) -> str:
        sampling = "" if not self.rho else f", sampling errors of one study correlated {self.rho:g}"
        return f"three-level model ({self.method}{sampling}), {self.errors} standard errors"


def three_level(
    yi: ArrayLike,
    vi: ArrayLike,
    study: Sequence[Any] | ArrayLike,
    *,
    mods: Moderators | None = None,
    method: Literal["REML", "ML"] = "REML",
    errors: Errors = "CR2",
    level: float = 0.95,
    reference: Mapping[str, str] | None = None,
) -> ThreeLevel:
    """Pool k effects of fewer studies. `vi`: variances (k,), or the sampling covariance (k, k), zero between studies.

    Rows with a missing effect, variance or moderator are left out with a warning. t inference: CR2 on Satterthwaite df,
    CR1 on studies − p, model on k − p. Q = y'P(0)y on k − p df. I² of a level = τ²/(τ²_between + τ²_within + v̄),
    v̄ = (k−p)/tr P(0). Prediction: estimate ± t √(se² + τ²_between + τ²_within) with the df of the estimate.

    Raises NotEstimable when each study has one effect (use `pool`), or there is one study. Checked against
    metafor::rma.mv 3.8 and clubSandwich 0.5.8 (tests/published).
    """
    return fit_nested(
        yi, vi, study, rho=None, mods=mods, method=method, errors=errors, level=level, reference=reference
    )


def fit_nested(
    yi: ArrayLike, vi: ArrayLike, study: Sequence[Any] | ArrayLike, *, rho: float | None, mods: Moderators | None,
    method: str, errors: str, level: float, reference: Mapping[str, str] | None,
) -> ThreeLevel:  # fmt: skip
    """What `three_level` and `working_covariance` share; `rho` None: S as given."""
    _refuse_unknown(method, errors, level)
    matrix, variances = _whole_matrix(vi)
    names = _study_names(study)
    e = effects(yi, variances, mods=mods, labels=names, reference=reference)
    nest = nesting(np.asarray(e.labels), e.k)
    order = nest.order
    if len(nest.labels) < 2:
        raise NotEstimable("There is one study only.", cure="Pool effects of at least two studies.")
    if len(nest.labels) == e.k:
        raise NotEstimable("Each study has one effect: the two variances cannot be told apart.", cure="Use pool().")
    if e.k <= e.p:
        raise NotEstimable(f"{e.k} effects for {e.p} coefficients.", cure="Use fewer moderators or join levels.")
    sampling = _sampling(e, order, matrix, rho, nest)
    data = NestedData(e.y[order], e.x[order], sampling, nest, restricted=method == "REML")
    return _result(e, data, method=method, errors=errors, level=level, rho=rho)


def _result(e: Effects, data: NestedData, *, method: str, errors: str, level: float, rho: float | None) -> ThreeLevel:
    fit = maximise(data)
    inference = _inference(data, fit, errors)
    at = inference.contrast(data.x.mean(axis=0), level=level)
    between, within = fit.variances.tolist()
    fixed = evaluate(data, np.zeros(2))
    q, q_df = float(data.y @ fixed.weighted_residual), e.k - e.p
    total = between + within + _typical_variance(fixed, e)
    half = critical_value(level, at.df) * math.sqrt(at.se**2 + between + within)
    return ThreeLevel(
        k=e.k, studies=len(data.nest.labels), estimate=at.value, se=at.se, df=at.df, ci_low=at.ci_low,
        ci_high=at.ci_high, p=at.p, tau2_between=between, tau2_within=within, i2=100 * (between + within) / total,
        i2_between=100 * between / total, i2_within=100 * within / total, q=q, q_df=q_df,
        q_p=float(special.chdtrc(q_df, q)), pi_low=at.value - half, pi_high=at.value + half, method=method,
        errors=errors, rho=rho, level=level, log_likelihood=fit.log_likelihood, names=e.names, data=data, fit=fit,
        inference=inference,
        warnings=(
            *e.warnings, *repeated(e), *_few_df(at, errors), *_boundary(between, within), *_alone(inference, data),
        ),
    )  # fmt: skip


def _typical_variance(fixed: NestedFit, e: Effects) -> float:
    trace = fixed.weights.traces()[0] - float(np.trace(fixed.covariance @ (fixed.weighted_x.T @ fixed.weighted_x)))
    return (e.k - e.p) / trace


def _study_names(study: Sequence[Any] | ArrayLike) -> list[Any]:
    names: list[Any] = np.asarray(study).tolist()
    for row, name in enumerate(names, 1):
        if name is None or name == "" or name != name:
            raise BadInput(
                "This effect has no study.",
                where=Place(row=row),
                cure="Name the study of each effect: it is the cluster.",
            )
    return names


def _whole_matrix(vi: ArrayLike) -> tuple[Array | None, ArrayLike]:
    given = np.asarray(vi)
    if given.ndim != 2:
        return None, vi
    if given.shape[0] != given.shape[1]:
        raise BadInput(f"A covariance matrix of {given.shape[0]} by {given.shape[1]}.", cure="Give a square one.")
    return given.astype(float), np.diagonal(given).astype(float)


def _sampling(e: Effects, order: Array, matrix: Array | None, rho: float | None, nest: Any) -> Sampling:
    if matrix is None:
        return correlated(e.v[order], rho or 0.0)
    rows = e.kept[order]
    return from_matrix(matrix[np.ix_(rows, rows)], nest)


def _inference(data: NestedData, fit: NestedFit, errors: str) -> Robust:
    if errors not in KINDS:
        raise BadInput(f"No standard errors {errors!r}.", cure=f"Use one of: {', '.join(KINDS)}.")
    return robust(data, fit, errors)


def _refuse_unknown(method: str, errors: str, level: float) -> None:
    if method not in ("REML", "ML"):
        raise BadInput(f"No method {method!r} for a three-level model.", cure="Use REML or ML.")
    if errors not in KINDS:
        raise BadInput(f"No standard errors {errors!r}.", cure=f"Use one of: {', '.join(KINDS)}.")
    if not 0 < level < 1:
        raise BadInput(f"A level of {level} is no probability.", cure="Use 0.95 for a 95 % interval.")


def _few_df(at: Contrast, errors: str) -> list[Finding]:
    if errors != "CR2" or at.df is None or at.df >= 4:
        return []
    return [Finding(
        what=f"Only {at.df:.1f} degrees of freedom: p below .05 may come by chance more often than said.",
        cure="Read p against .01, or show the interval alone.", warning=True, rule="few studies",
    )]  # fmt: skip


def _boundary(between: float, within: float) -> list[Finding]:
    zero = [name for name, value in (("between studies", between), ("within studies", within)) if value == 0]
    if not zero:
        return []
    return [Finding(
        what=f"The variance {' and '.join(zero)} is best at zero.",
        cure="See variance_intervals() for how large it may be.", warning=True, rule="boundary",
    )]  # fmt: skip


def _alone(inference: Robust, data: NestedData) -> list[Finding]:
    if not inference.alone:
        return []
    names = ", ".join(data.nest.labels[study] for study in inference.alone)
    return [Finding(
        what=f"A coefficient rests on one study alone ({names}): its CR2 error leaves out that study's uncertainty.",
        cure="Use errors='model' for it, or join levels of the moderator.", warning=True, rule="one study",
    )]  # fmt: skip

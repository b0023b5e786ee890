"""A fitted synthesis: what it found, what it was made of, and how it reads.

Model: y_i = x_i'β + u_i + e_i, var(e_i) = v_i known, var(u_i) = τ². β is weighted least squares with w = 1/(v + τ²),
τ² by one of the estimators in `tau2.py`.

* test "z": cov(b) = (X'WX)⁻¹, normal quantiles.
* test "knha" (Hartung & Knapp 2001, Sidik & Jonkman 2002, Knapp & Hartung 2003): cov(b) multiplied by
  s² = y'Py/(k-p), t(k-p).
* test "knha-truncated": the same with s² never below 1, so that the interval is never narrower than with t alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from accord.science.errors import BadInput, Finding
from accord.science.estimates.contrast import Contrast, contrast
from accord.science.estimates.interval import critical_value
from accord.science.figures import Forest, ForestRow
from accord.science.figures.numbers import number
from accord.science.synthesis.model import Effects
from accord.science.synthesis.prediction import T_K2, prediction_df, prediction_interval
from accord.science.synthesis.weighting import Data, Fit, data, fit
from accord.science.synthesis.wording import interval_text, notebook_html, p_text, plural

Array = NDArray[Any]

TESTS: dict[str, str] = {
    "z": "normal", "knha": "Hartung-Knapp", "knha-truncated": "Hartung-Knapp, never below 1",
}  # fmt: skip
NAN = float("nan")


@dataclass(frozen=True)
class Pooled:
    """A fitted synthesis. Everything a percentage is in per cent; τ² and effects are in the unit of `yi`.

    Without moderators `estimate` is the mean effect. With moderators it is the effect the model gives at the mean of
    all moderators (the coefficients are in `coefficients`, `se_coefficients`, `covariance`, under `names`).
    `q` is Cochran's Q (residual heterogeneity with moderators), `qm` the test of all moderators together. What cannot
    be had is NaN (τ² of one study, a prediction interval of fixed effects) and None in `to_dict()`.
    """

    k: int
    estimate: float
    se: float
    ci_low: float
    ci_high: float
    statistic: float
    df: float | None
    p: float
    tau2: float
    se_tau2: float
    i2: float
    h2: float
    q: float
    q_df: int
    q_p: float
    pi_low: float
    pi_high: float
    pi_convention: str
    method: str
    test: str
    level: float
    names: tuple[str, ...]
    coefficients: Array
    covariance: Array
    qm: float
    qm_df: tuple[int, float | None]
    qm_p: float
    r2: float
    tau2_without: float
    log_likelihood: float
    scale: float
    effects: Effects
    warnings: tuple[Finding, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        return self.effects.labels

    @property
    def se_coefficients(self) -> Array:
        return np.sqrt(np.diagonal(self.covariance))

    @cached_property
    def data(self) -> Data:
        """What the solvers take (weighting.py)."""
        return data(self.effects.y, self.effects.v, self.effects.basis)

    @cached_property
    def fit(self) -> Fit:
        """The weighted fit on the orthonormal basis."""
        return fit(self.data, self.data.weights(self._tau2))

    @property
    def weights(self) -> Array:
        """The weight of each study in per cent."""
        return 100 * self.fit.w / self.fit.w.sum()

    @property
    def prediction_rule(self) -> str:
        """What `pool` was given as `prediction`."""
        return "cochrane" if self.pi_convention == T_K2 else "metafor"

    @property
    def residuals(self) -> Array:
        return self.fit.residual

    @property
    def _tau2(self) -> float:
        return 0.0 if math.isnan(self.tau2) else self.tau2

    @property
    def parameters(self) -> int:
        """Coefficients, and τ² where it is estimated."""
        return len(self.names) + (self.method != "FE")

    @property
    def aic(self) -> float:
        return -2 * self.log_likelihood + 2 * self.parameters

    @property
    def bic(self) -> float:
        n = self.k - len(self.names) if self.method == "REML" else self.k
        return -2 * self.log_likelihood + self.parameters * math.log(n) if n > 0 else NAN

    def coefficient(self, name: str) -> Contrast:
        """One coefficient with its test."""
        if name not in self.names:
            raise BadInput(f"No term {name!r}.", cure=f"Use one of: {', '.join(self.names)}.")
        return self.combination(np.eye(len(self.names))[self.names.index(name)])

    def combination(self, weights: ArrayLike) -> Contrast:
        """Σ w b with its test: an effect at given moderators, or a difference of levels."""
        w = np.asarray(weights, float)
        if w.shape != self.coefficients.shape:
            raise BadInput(f"{w.size} values for {len(self.names)} terms.", cure=f"Terms: {', '.join(self.names)}.")
        return contrast(
            float(w @ self.coefficients), math.sqrt(float(w @ self.covariance @ w)), self.df, level=self.level
        )

    def prediction(self, weights: ArrayLike) -> tuple[float, float]:
        """The prediction interval around Σ w b, in this fit's convention."""
        at = self.combination(weights)
        df = prediction_df(self.pi_convention, self.k, len(self.names))
        return prediction_interval(at.value, at.se, self.tau2, self.level, df)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; what could not be had is None."""
        keys = (
            "k", "estimate", "se", "ci_low", "ci_high", "p", "tau2", "i2", "q", "q_p", "pi_low", "pi_high", "method",
            "test", "level", "statistic", "df", "se_tau2", "h2", "q_df", "pi_convention", "r2", "qm", "qm_p",
            "log_likelihood",
        )  # fmt: skip
        result = {key: _plain(getattr(self, key)) for key in keys}
        result["qm_df"] = list(self.qm_df)
        result["coefficients"] = self.table().to_dicts()
        result["warnings"] = [finding.to_dict() for finding in self.warnings]
        return result

    def table(self) -> pl.DataFrame:
        """One row a coefficient."""
        tests = [self.coefficient(name) for name in self.names]
        return pl.DataFrame({
            "term": list(self.names), "estimate": [t.value for t in tests], "se": [t.se for t in tests],
            "ci_low": [t.ci_low for t in tests], "ci_high": [t.ci_high for t in tests],
            "df": [None if t.df is None else float(t.df) for t in tests], "p": [t.p for t in tests],
        }, schema_overrides={"df": pl.Float64})  # fmt: skip

    def studies(self) -> pl.DataFrame:
        """One row a study: effect, variance, interval, weight in per cent, residual."""
        half = critical_value(self.level) * np.sqrt(self.effects.v)
        return pl.DataFrame({
            "study": list(self.labels), "yi": self.effects.y, "vi": self.effects.v, "ci_low": self.effects.y - half,
            "ci_high": self.effects.y + half, "weight": self.weights, "residual": self.residuals,
        })  # fmt: skip

    def plot(self, *, title: str = "Effects of the studies", measure: str = "effect") -> Forest:
        """A forest plot: one row a study, then the pooled effect."""
        rows = [
            ForestRow(s["study"], s["yi"], s["ci_low"], s["ci_high"], weight=s["weight"] / 100)
            for s in self.studies().iter_rows(named=True)
        ]
        pooled = ForestRow("pooled", self.estimate, self.ci_low, self.ci_high, kind="summary", note=self._model)
        return Forest(title=title, description=self.summary(), rows=[*rows, pooled], measure=measure)

    def summary(self) -> str:
        """In plain words: the effect, how much the studies differ, what a new study may show."""
        parts = [self._mean_sentence()]
        if self.k > len(self.names):
            parts.append(self._heterogeneity_sentence())
        if math.isfinite(self.pi_low):
            parts.append(
                f"In a new study like these the true effect would lie between {number(self.pi_low)} and "
                f"{number(self.pi_high)} ({100 * self.level:g} % prediction interval, {self.pi_convention})."
            )
        if len(self.names) > 1:
            r2 = f", and takes away {self.r2:.0f} % of τ²" if math.isfinite(self.r2) and self.method != "FE" else ""
            parts.append(f"The moderators together: {p_text(self.qm_p)}{r2}.")
        parts += [str(finding) for finding in self.warnings]
        return " ".join(parts)

    def _repr_html_(self) -> str:
        return notebook_html(self)

    @property
    def _model(self) -> str:
        kind = "fixed effects" if self.method == "FE" else f"random effects ({self.method})"
        return f"{kind}, {TESTS[self.test]}"

    def _mean_sentence(self) -> str:
        what = "mean effect" if len(self.names) == 1 else "effect at the mean of the moderators"
        return (
            f"{plural(self.k, 'study', 'studies')}, {self._model}: the {what} is {number(self.estimate)} "
            f"({interval_text(self.ci_low, self.ci_high, self.level)}, {p_text(self.p)})."
        )

    def _heterogeneity_sentence(self) -> str:
        tau = "" if math.isnan(self.se_tau2) else f"τ² {number(self.tau2, 3)}, "
        return (
            f"Between studies: {tau}I² {number(self.i2, 0)} %, Q {number(self.q, 1)} on {self.q_df} df "
            f"({p_text(self.q_p)})."
        )


def _plain(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value

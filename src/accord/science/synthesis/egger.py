"""Small-study effects by regression (Egger et al. 1997): do less precise studies show larger effects?

    form "lm":  y on SE by least squares with weights 1/v and a free residual variance (Egger's own test; t on k − 2)
    form "rma": y on SE with random effects (Sterne & Egger 2005; z)

The slope is the test; the intercept, the effect at SE = 0, is the `limit`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from accord.science.errors import BadInput, Finding, NotEstimable
from accord.science.estimates.contrast import Contrast, contrast
from accord.science.figures import Forest
from accord.science.figures.numbers import number
from accord.science.synthesis.fitting import pool
from accord.science.synthesis.model import Effects, effects, numbers
from accord.science.synthesis.pictures import beside
from accord.science.synthesis.wording import notebook_html, p_text

Array = NDArray[Any]
Form = Literal["lm", "rma"]

FEW = 10


@dataclass(frozen=True)
class SmallStudyRegression:
    """`slope` per unit of `predictor`, `limit` the effect where the predictor is 0; `tau2` is 0 for form lm."""

    k: int
    form: str
    predictor: str
    slope: Contrast
    limit: Contrast
    tau2: float
    warnings: tuple[Finding, ...]

    @property
    def p(self) -> float:
        """Two-sided p of no small-study effect."""
        return self.slope.p

    def table(self) -> pl.DataFrame:
        rows = [
            {"term": self.predictor, **contrast_values(self.slope)},
            {"term": "limit", **contrast_values(self.limit)},
        ]
        return pl.DataFrame(rows, schema_overrides={"df": pl.Float64})

    def to_dict(self) -> dict[str, Any]:
        return {
            "k": self.k, "form": self.form, "predictor": self.predictor, "p": self.p, "tau2": self.tau2,
            "slope": contrast_values(self.slope), "limit": contrast_values(self.limit),
            "warnings": [finding.to_dict() for finding in self.warnings],
        }  # fmt: skip

    def summary(self) -> str:
        shown = "show" if self.p < 0.1 else "are not shown to have"
        way = "higher" if self.slope.value > 0 else "lower"
        model = "least squares" if self.form == "lm" else "random effects"
        text = (
            f"Small-study effects (Egger's regression, {model}, {self.k} studies): studies with a larger "
            f"{self.predictor} {shown} {way} effects (slope {number(self.slope.value)}, {p_text(self.p)}). At a "
            f"{self.predictor} of 0 the line gives {number(self.limit.value)} ({number(self.limit.ci_low)} to "
            f"{number(self.limit.ci_high)}). A slope has other causes than unpublished studies too: small trials may "
            "differ in patients, dose or quality."
        )
        return " ".join([text, *map(str, self.warnings)])

    def plot(self, *, title: str = "Small-study effects", measure: str = "effect") -> Forest:
        """The effect that the line gives for a study without error; the slope is in the words."""
        rows = [(f"effect at a {self.predictor} of 0", self.limit)]
        return beside(title, self.summary(), rows, measure=measure)

    def _repr_html_(self) -> str:
        return notebook_html(self)


def egger(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    form: Form = "lm",
    predictor: Literal["se", "variance"] | ArrayLike = "se",
    method: str = "REML",
    level: float = 0.95,
    labels: Sequence[Any] | None = None,
) -> SmallStudyRegression:
    """Regress k effects on their standard errors, variances, or on numbers given (√(1/n₁ + 1/n₂) for standardised
    differences, whose own SE grows with the effect: Pustejovsky & Rodgers 2019).

    Raises NotEstimable for fewer than 3 studies, or when the predictor does not vary. Checked against regtest() of
    metafor 3.8.
    """
    if form not in ("lm", "rma"):
        raise BadInput(f"No form {form!r} of Egger's test.", cure="Use lm or rma.")
    name, values = _predictor(predictor, vi)
    e = effects(yi, vi, mods={name: values}, labels=labels)
    if e.k < 3:
        raise NotEstimable(f"{e.k} studies cannot show a slope.", cure="Small-study effects need at least 3 studies.")
    tau2, warnings = 0.0, e.warnings
    if form == "rma":
        fit = pool(yi, vi, mods={name: values}, method=method, level=level, labels=labels)
        limit, slope = (fit.coefficient(term) for term in e.names)
        tau2, warnings = fit.tau2, fit.warnings
    else:
        limit, slope = least_squares(e, level)
    return SmallStudyRegression(e.k, form, name, slope, limit, tau2, (*warnings, *few_studies(e.k)))


def least_squares(e: Effects, level: float) -> tuple[Contrast, ...]:
    """Weights 1/v, residual variance free, t on k − p df; one contrast a column of x."""
    root = 1 / np.sqrt(e.v)
    q, r = np.linalg.qr(e.x * root[:, None])
    b = np.linalg.solve(r, q.T @ (e.y * root))
    residual = (e.y - e.x @ b) * root
    df = e.k - e.p
    inner = np.linalg.inv(r)
    se = np.sqrt((inner**2).sum(axis=1) * float(residual @ residual) / df)
    return tuple(
        contrast(value, error, float(df), level=level) for value, error in zip(b.tolist(), se.tolist(), strict=True)
    )


def few_studies(k: int) -> tuple[Finding, ...]:
    if k >= FEW:
        return ()
    return (Finding(
        what=f"With {k} studies such tests have little power and funnels mislead.",
        cure=f"Do not read much into it below {FEW} studies.", warning=True, rule="few studies",
    ),)  # fmt: skip


def contrast_values(value: Contrast) -> dict[str, float | None]:
    """The fields of a contrast, NaN as None."""
    values = {"estimate": value.value, **{field.name: getattr(value, field.name) for field in fields(value)[1:]}}
    return {key: None if v is None or not math.isfinite(v) else v for key, v in values.items()}


def _predictor(given: str | ArrayLike, vi: ArrayLike) -> tuple[str, ArrayLike]:
    if not isinstance(given, str):
        return "predictor", given
    if given not in ("se", "variance"):
        raise BadInput(f"No predictor {given!r}.", cure="Use se, variance, or give one number a study.")
    variances = numbers(vi, "variance")
    if given == "variance":
        return "variance", variances
    return "standard error", np.sqrt(np.where(variances > 0, variances, np.nan))

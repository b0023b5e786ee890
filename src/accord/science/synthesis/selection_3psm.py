"""Three-parameter selection model (Vevea & Hedges 1995, one step): mean and heterogeneity of all studies, seen or not.

Studies with a one-sided p at or below `step` (.025: significant at .05, in the favoured direction) are seen for
certain, others with relative probability δ. μ, τ² and δ are estimated together by maximum likelihood; the
likelihood-ratio test asks whether δ = 1. δ below 1 means that significant results were favoured.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray
from scipy import special

from accord.science.errors import BadInput, Finding, NotEstimable
from accord.science.estimates.contrast import Contrast, contrast
from accord.science.figures import Forest
from accord.science.figures.numbers import number
from accord.science.synthesis.egger import contrast_values, few_studies
from accord.science.synthesis.model import Effects, effects
from accord.science.synthesis.pictures import beside
from accord.science.synthesis.selection_likelihood import Selection, Top, with_selection, without_selection
from accord.science.synthesis.wording import interval_text, notebook_html, p_text

Array = NDArray[Any]
Favoured = Literal["greater", "less"]


@dataclass(frozen=True)
class SelectionModel:
    """`mean` of all studies, seen or not (normal inference); `tau2`; `delta` with its standard error and interval (made
    on the log scale); the likelihood-ratio test of δ = 1; `unadjusted` the mean by maximum likelihood with δ = 1."""

    k: int
    significant: int
    mean: Contrast
    tau2: float
    se_tau2: float
    delta: float
    se_delta: float
    delta_low: float
    delta_high: float
    lrt: float
    lrt_p: float
    log_likelihood: float
    unadjusted: Contrast
    unadjusted_tau2: float
    step: float
    favoured: str
    level: float
    warnings: tuple[Finding, ...]

    @property
    def estimate(self) -> float:
        return self.mean.value

    @property
    def se(self) -> float:
        return self.mean.se

    def table(self) -> pl.DataFrame:
        """Two rows: all studies alike (ML), with selection."""
        rows = [
            {"model": "no selection", **contrast_values(self.unadjusted), "tau2": self.unadjusted_tau2, "delta": 1.0},
            {"model": "selection", **contrast_values(self.mean), "tau2": self.tau2, "delta": self.delta},
        ]
        return pl.DataFrame(rows, schema_overrides={"df": pl.Float64})

    def to_dict(self) -> dict[str, Any]:
        keys = (
            "k", "significant", "tau2", "se_tau2", "delta", "se_delta", "delta_low", "delta_high", "lrt", "lrt_p",
            "log_likelihood", "unadjusted_tau2", "step", "favoured", "level",
        )  # fmt: skip
        plain = {key: getattr(self, key) for key in keys}
        plain = {key: None if isinstance(v, float) and not math.isfinite(v) else v for key, v in plain.items()}
        return {
            **contrast_values(self.mean), **plain, "unadjusted": contrast_values(self.unadjusted),
            "warnings": [finding.to_dict() for finding in self.warnings],
        }  # fmt: skip

    def summary(self) -> str:
        shown = "is likely" if self.lrt_p < 0.05 else "is not shown"
        text = (
            f"Selection model ({self.k} studies, {self.significant} of them significant): a study that is not "
            f"significant was seen {number(self.delta)} times as often as one that is ({number(self.delta_low)} to "
            f"{number(self.delta_high)}); selection {shown} ({p_text(self.lrt_p)}). Allowing for "
            f"it the mean effect is {number(self.mean.value)} "
            f"({interval_text(self.mean.ci_low, self.mean.ci_high, self.level)}) instead of "
            f"{number(self.unadjusted.value)}. The result leans on the shape of the model; treat it as one view."
        )
        return " ".join([text, *map(str, self.warnings)])

    def plot(self, *, title: str = "Selection model", measure: str = "effect") -> Forest:
        """The mean effect with all studies taken alike, and allowing for selection."""
        rows = [("all studies alike", self.unadjusted), ("allowing for selection", self.mean)]
        return beside(title, self.summary(), rows, measure=measure, summary="allowing for selection")

    def _repr_html_(self) -> str:
        return notebook_html(self)


def selection_3psm(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    favoured: Favoured = "greater",
    step: float = 0.025,
    level: float = 0.95,
    labels: Sequence[Any] | None = None,
) -> SelectionModel:
    """`favoured`: the direction in which significant results would be published, never guessed from the data.

    Standard errors from the observed information (with τ² at 0, of the others given it). Raises NotEstimable when all
    studies, or none, are significant in that direction (δ cannot be known), or with fewer than 4 studies. Checked
    against selmodel(type = "stepfun") of metafor 3.8.
    """
    if favoured not in ("greater", "less"):
        raise BadInput(f"No direction {favoured!r}.", cure="Use greater or less.")
    if not 0 < step < 0.5:
        raise BadInput(f"A step at p = {step}.", cure="Use a one-sided p between 0 and .5, such as .025.")
    e = effects(yi, vi, labels=labels)
    if e.k < 4:
        raise NotEstimable(f"{e.k} studies for three parameters.", cure="The selection model needs at least 4 studies.")
    sign = 1 if favoured == "greater" else -1
    model = Selection(sign * e.y, e.v, -float(special.ndtri(step)))
    significant = int(model.favoured.sum())
    if significant in (0, e.k):
        raise NotEstimable(
            f"{significant} of {e.k} studies are significant in the favoured direction: how much others were held back "
            "cannot be known.",
            cure="Check the direction (favoured=); else report that no selection model can be fitted.",
        )
    plain, top = without_selection(model), with_selection(model)
    return _result(e, top, plain, sign=sign, significant=significant, step=step, favoured=favoured, level=level)


def _result(
    e: Effects, top: Top, plain: Top, *, sign: int, significant: int, step: float, favoured: str, level: float
) -> SelectionModel:
    se = _standard_errors(top, 3)
    delta = math.exp(top.at[2])
    log_delta = contrast(float(top.at[2]), float(se[2]), level=level)
    lrt = max(0.0, 2 * (top.value - plain.value))
    return SelectionModel(
        k=e.k, significant=significant, mean=contrast(float(top.at[0]), float(se[0]), level=level).turned(sign),
        tau2=float(top.at[1]), se_tau2=float(se[1]), delta=delta, se_delta=delta * float(se[2]),
        delta_low=math.exp(log_delta.ci_low), delta_high=math.exp(log_delta.ci_high), lrt=lrt,
        lrt_p=float(special.chdtrc(1, lrt)), log_likelihood=top.value,
        unadjusted=contrast(float(plain.at[0]), float(_standard_errors(plain, 2)[0]), level=level).turned(sign),
        unadjusted_tau2=float(plain.at[1]), step=step, favoured=favoured, level=level,
        warnings=(*e.warnings, *few_studies(e.k), *_few_in_a_group(e.k, significant)),
    )  # fmt: skip


def _standard_errors(top: Top, parameters: int) -> Array:
    """NaN for τ² at its bound."""
    free = np.arange(3) < parameters
    free[1] &= bool(top.at[1] > 0)
    se = np.full(3, np.nan)
    se[free] = np.sqrt(np.diagonal(np.linalg.inv(top.information[np.ix_(free, free)])))
    return se


def _few_in_a_group(k: int, significant: int) -> tuple[Finding, ...]:
    fewer = min(significant, k - significant)
    if fewer >= 4:
        return ()
    return (Finding(
        what=f"Only {fewer} of {k} studies are {'' if fewer == significant else 'not '}significant in the favoured "
        "direction: δ rests on them.",
        cure="Look at the interval of δ before using the adjusted mean.", warning=True, rule="few in a group",
    ),)  # fmt: skip

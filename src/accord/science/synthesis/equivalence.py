"""Equivalence and non-inferiority: no significant difference is not equality (C22).

Two one-sided tests (Schuirmann 1987) against a margin stated beforehand: equivalence is shown at level α when both
"at or below the lower margin" and "at or above the upper margin" are rejected at α, that is when the 1 − 2α interval
lies within the margin. With one margin infinite it is a test of non-inferiority.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import polars as pl
from scipy import special

from accord.science.errors import BadInput
from accord.science.estimates.contrast import Contrast, contrast
from accord.science.estimates.interval import critical_value
from accord.science.figures import Forest, ForestRow
from accord.science.figures.numbers import number
from accord.science.synthesis.wording import interval_text, notebook_html, p_text

VERDICTS = {
    "equivalent": "equal within the margin",
    "small": "different, but by less than the margin",
    "different": "different",
    "not shown": "not shown: neither a difference nor equality",
}


@dataclass(frozen=True)
class Equivalence:
    """`difference` with its two-sided test and interval; `p` of equivalence is the larger of both one-sided p; the
    interval of level 1 − 2α that must lie within the margin; `verdict` a key of VERDICTS."""

    difference: Contrast
    what: str
    margin_low: float
    margin_high: float
    alpha: float
    p_low: float
    p_high: float
    inner_low: float
    inner_high: float

    @property
    def p(self) -> float:
        return max(self.p_low, self.p_high)

    @property
    def verdict(self) -> str:
        differs = self.difference.p < self.alpha
        if self.p < self.alpha:
            return "small" if differs and math.isfinite(self.margin_low + self.margin_high) else "equivalent"
        return "different" if differs else "not shown"

    def table(self) -> pl.DataFrame:
        values = {key: value for key, value in self.to_dict().items() if key != "what"}
        return pl.DataFrame([{"what": self.what, **values}])

    def to_dict(self) -> dict[str, Any]:
        d = self.difference
        values = {
            "what": self.what, "estimate": d.value, "se": d.se, "df": d.df, "ci_low": d.ci_low, "ci_high": d.ci_high,
            "p_difference": d.p, "margin_low": self.margin_low, "margin_high": self.margin_high, "alpha": self.alpha,
            "p": self.p, "inner_low": self.inner_low, "inner_high": self.inner_high, "verdict": self.verdict,
        }  # fmt: skip
        return {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in values.items()}

    def plot(self, *, measure: str = "difference") -> Forest:
        """Both intervals; the one of the test of equivalence must lie within the margin."""
        d = self.difference
        rows = [
            ForestRow("difference", d.value, d.ci_low, d.ci_high),
            ForestRow(
                f"for equivalence ({100 * (1 - 2 * self.alpha):g} %)", d.value, self.inner_low, self.inner_high,
                note=self._margin,
            ),
        ]  # fmt: skip
        return Forest(title=self.what, description=self.summary(), rows=rows, measure=measure)

    def summary(self) -> str:
        """What was shown and what was not, with the interval and the margin."""
        d = self.difference
        start = f"{self.what[:1].upper()}{self.what[1:]}: {number(d.value)} "
        start += f"({number(d.ci_low)} to {number(d.ci_high)}, {p_text(d.p)}). "
        inner = f"{interval_text(self.inner_low, self.inner_high, 1 - 2 * self.alpha)}, {p_text(self.p)}"
        if self.verdict == "equivalent" and not math.isfinite(self.margin_low + self.margin_high):
            return f"{start}Shown to be not beyond {self._margin} ({inner})."
        if self.p < self.alpha:
            tail = ", though there is a difference" if self.verdict == "small" else ""
            return f"{start}Shown to be equal within {self._margin} ({inner}){tail}."
        if self.verdict == "different":
            return f"{start}There is a difference; equality within {self._margin} is not shown ({inner})."
        return (
            f"{start}A difference is not shown, and equality within {self._margin} is not shown either ({inner}): the "
            "data leave it open."
        )

    def _repr_html_(self) -> str:
        return notebook_html(self)

    @property
    def _margin(self) -> str:
        low, high = self.margin_low, self.margin_high
        if low == -high:
            return f"a margin of ±{number(high)}"
        if math.isinf(high):
            return f"a margin of {number(low)} downwards"
        if math.isinf(low):
            return f"a margin of {number(high)} upwards"
        return f"a margin of {number(low)} to {number(high)}"


def equivalence(
    estimate: float,
    se: float,
    *,
    margin: float | tuple[float, float],
    df: float | None = None,
    alpha: float = 0.05,
    level: float = 0.95,
    what: str = "the difference",
) -> Equivalence:
    """TOST of an estimate with its standard error (normal, or t on `df`).

    `margin`: ± a number in the unit of the estimate, or (low, high) of which one may be infinite. It is stated before
    the data are seen; there is no default. `what` names the difference in the summary. Raises BadInput for a margin
    that does not contain 0 or a standard error that is not above 0. Checked against one-sided t tests of R 4.2.
    """
    low, high = (-abs(margin), abs(margin)) if isinstance(margin, int | float) else margin
    if not low < 0 < high:
        raise BadInput(f"A margin from {low:g} to {high:g} does not contain 0.", cure="Give 0.2 or (-0.2, 0.3).")
    if math.isinf(low) and math.isinf(high):
        raise BadInput("Both margins are infinite.", cure="State at least one margin.")
    if not (math.isfinite(estimate) and math.isfinite(se) and se > 0):
        raise BadInput(
            f"An estimate of {estimate:g} with standard error {se:g}.", cure="Both finite, the error above 0."
        )
    if not 0 < alpha < 0.5:
        raise BadInput(f"alpha = {alpha} is no level of a test.", cure="Use 0.05.")
    half = critical_value(1 - 2 * alpha, df) * se
    return Equivalence(
        difference=contrast(estimate, se, df, level=level), what=what, margin_low=low, margin_high=high, alpha=alpha,
        p_low=_upper_tail((estimate - low) / se, df), p_high=_upper_tail((high - estimate) / se, df),
        inner_low=estimate - half, inner_high=estimate + half,
    )  # fmt: skip


def moderation(
    effect: Contrast, *, margin: float | tuple[float, float], moderator: str, alpha: float = 0.05
) -> Equivalence:
    """A moderator's coefficient (from `Pooled.coefficient` or `ThreeLevel.coefficient`) against a stated margin.

    Its summary says "not shown" where there is no significant moderation, with the interval and the test of equality
    (C22). `margin` is per unit of the moderator, or for the difference between two levels.
    """
    return equivalence(
        effect.value, effect.se, margin=margin, df=effect.df, alpha=alpha, what=f"moderation by {moderator}"
    )


def _upper_tail(statistic: float, df: float | None) -> float:
    if df is None or math.isinf(df):
        return float(special.ndtr(-statistic))
    return 0.0 if math.isinf(statistic) else float(special.stdtr(df, -statistic))

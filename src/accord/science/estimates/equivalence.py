"""Is a difference small enough? Equivalence by two one-sided tests, and non-inferiority, from a contrast and a margin.

Equivalence at α: the 1 - 2α interval lies within (-margin, margin) (Schuirmann 1987). Non-inferiority at α: the lower
limit of the 1 - 2α interval of the improvement lies above -margin. The margin is stated before, with its reason.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy import special, stats

from accord.science.errors import BadInput
from accord.science.estimates.contrast import Contrast
from accord.science.estimates.showing import html
from accord.science.figures import Forest, ForestRow


@dataclass(frozen=True, slots=True)
class Margin:
    """How it came out: `shown` at `alpha`, the larger p of the tests asked for, and the 1 - 2α interval."""

    shown: bool
    p: float
    ci_low: float
    ci_high: float
    margin: float
    alpha: float
    question: str

    def summary(self) -> str:
        """Shown or not shown; never 'equal'."""
        said = "is shown" if self.shown else "is not shown"
        return (
            f"{self.question.capitalize()} within {self.margin:g} {said} at {self.alpha:g}: "
            f"{100 - 200 * self.alpha:g} % "
            f"interval {self.ci_low:.3g} to {self.ci_high:.3g}, p = {self.p:.3g}."
        )

    def plot(self) -> Forest:
        """The interval beside the margin."""
        middle = (self.ci_low + self.ci_high) / 2
        level = f"{100 - 200 * self.alpha:g} %"
        rows = [
            ForestRow(f"difference, {level}", middle, self.ci_low, self.ci_high),
            ForestRow("margin", None, -self.margin, self.margin, kind="prediction"),
        ]
        return Forest(self.question.capitalize(), self.summary(), rows, f"difference with its {level} interval")

    def _repr_html_(self) -> str:
        return html(self)


def equivalence(difference: Contrast, margin: float, *, alpha: float = 0.05) -> Margin:
    """Both tests: difference > -margin and difference < margin."""
    _check(margin, alpha)
    p = max(_upper(difference, difference.value + margin), _upper(difference, margin - difference.value))
    low, high = _limits(difference, alpha)
    return Margin(p < alpha, p, low, high, margin, alpha, "equivalence")


def non_inferiority(improvement: Contrast, margin: float, *, alpha: float = 0.025) -> Margin:
    """One test: improvement > -margin, with improvement positive when the new treatment is better."""
    _check(margin, alpha)
    p = _upper(improvement, improvement.value + margin)
    low, high = _limits(improvement, alpha)
    return Margin(p < alpha, p, low, high, margin, alpha, "non-inferiority")


def _check(margin: float, alpha: float) -> None:
    if not margin > 0:
        raise BadInput(f"A margin of {margin} is not possible.", cure="State it in the scale's points, above 0.")
    if not 0 < alpha < 0.5:
        raise BadInput(f"alpha = {alpha} is not possible.", cure="Use 0.05 or 0.025.")


def _upper(of: Contrast, distance: float) -> float:
    if of.se == 0:
        return 0.0 if distance > 0 else 1.0
    t = distance / of.se
    return float(special.ndtr(-t)) if of.df is None else float(special.stdtr(of.df, -t))


def _limits(of: Contrast, alpha: float) -> tuple[float, float]:
    q = stats.norm.ppf(1 - alpha) if of.df is None or math.isinf(of.df) else stats.t.ppf(1 - alpha, of.df)
    return of.value - float(q) * of.se, of.value + float(q) * of.se

"""How well the questions of a scale hang together: Cronbach's alpha, McDonald's omega, each question with the rest.

    alpha  k/(k-1)·(1 - Σ var_j / var of the sum), limits by Feldt: (1 - α)·F has an F distribution
    omega  (Σλ)²/((Σλ)² + Σψ) of one factor by maximum likelihood, limits on the logit scale by the delta method

Alpha takes the questions as equally good; omega does not. Neither shows that there is one factor: both can be high
without it. Checked against R (alpha and Feldt by hand, omega with lavaan).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from accord.science.errors import BadInput
from accord.science.estimates.estimate import Estimate
from accord.science.estimates.interval import critical_value
from accord.science.estimates.psychometrics.answers import complete_answers
from accord.science.estimates.psychometrics.one_factor import one_factor

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Question:
    """One question: its correlation with the sum of the others, and alpha without it."""

    name: str
    with_rest: float
    alpha_without: float | None

    @property
    def runs_against(self) -> bool:
        """Less of the rest goes with more of it: perhaps it was not turned."""
        return self.with_rest < 0


@dataclass(frozen=True, slots=True)
class Consistency:
    """`questions` in the order given."""

    alpha: Estimate
    omega: Estimate
    questions: tuple[Question, ...]
    n: int
    missing: int

    def summary(self) -> str:
        """Both figures, and the questions that run against the rest."""
        said = f"Alpha {_of(self.alpha)}; omega {_of(self.omega)}; {self.n:,} people, {self.missing:,} left out."
        turned = [one.name for one in self.questions if one.runs_against]
        if turned:
            said += f" {', '.join(turned)} runs against the rest: was it turned?"
        return said


def consistency(answers: ArrayLike, *, names: Sequence[str] | None = None, level: float = 0.95) -> Consistency:
    """Of answers (people, at least three questions), all turned to one direction; people with a gap are left out.

    Raises BadInput and NotEstimable as `complete_answers`, and for names of another number.
    """
    kept, missing = complete_answers(answers, questions=3)
    k = kept.shape[1]
    labels = list(names) if names is not None else [f"question {j + 1}" for j in range(k)]
    if len(labels) != k:
        raise BadInput(f"{len(labels)} names for {k} questions.", cure="Give one name per question.")
    value = _alpha(kept)
    low, high = feldt(value, len(kept), k, level)
    context: dict[str, Any] = {"n": len(kept), "missing": missing}
    found = Estimate(id="alpha", label="Cronbach's alpha", value=value, ci_low=low, ci_high=high,
                     method="alpha, Feldt limits; complete cases", **context)  # fmt: skip
    return Consistency(found, _omega(kept, level, context), _questions(kept, labels), len(kept), missing)


def _alpha(x: Array) -> float:
    k = x.shape[1]
    return float(k / (k - 1) * (1 - x.var(axis=0, ddof=1).sum() / x.sum(axis=1).var(ddof=1)))


def feldt(alpha: float, n: int, k: int, level: float = 0.95) -> tuple[float, float]:
    """1 - (1 - α)·F quantiles on n - 1 and (n - 1)(k - 1) df (Feldt 1965)."""
    tail = (1 - level) / 2
    upper, lower = (float(special.fdtri(n - 1, (n - 1) * (k - 1), p)) for p in (1 - tail, tail))
    return 1 - (1 - alpha) * upper, 1 - (1 - alpha) * lower


def _omega(x: Array, level: float, context: dict[str, Any]) -> Estimate:
    factor = one_factor(x)
    common, own = float(factor.loadings.sum()) ** 2, float(factor.own.sum())
    value = common / (common + own)
    k = len(factor.loadings)
    slope = np.concatenate([np.full(k, 2 * float(factor.loadings.sum()) * own), np.full(k, -common)])
    slope /= (common + own) ** 2
    se = math.sqrt(float(slope @ factor.covariance @ slope))
    half = critical_value(level) * se / (value * (1 - value))
    low, high = (float(special.expit(special.logit(value) + side * half)) for side in (-1, 1))
    return Estimate(
        id="omega", label="McDonald's omega, total", value=value, ci_low=low, ci_high=high, se=se,
        method="one factor, maximum likelihood, delta method on the logit scale; complete cases", **context,
    )  # fmt: skip


def _questions(x: Array, names: list[str]) -> tuple[Question, ...]:
    found = []
    for j, name in enumerate(names):
        rest = np.delete(x, j, axis=1)
        r = float(np.corrcoef(x[:, j], rest.sum(axis=1))[0, 1])
        found.append(Question(name, r, _alpha(rest)))
    return tuple(found)


def _of(one: Estimate) -> str:
    return f"{one.value:.2f} (95 % {one.ci_low:.2f} to {one.ci_high:.2f})"

"""A treatment given to people, mediator and outcome measured again and again (2-1-1): the path runs between people.

A treatment that is the same at every occasion cannot explain why an occasion differs from the last; what it moves is
each person's level. With m̄_i her mean of the mediator and m_ij - m̄_i what is left (Zhang, Zyphur and Preacher 2009),

    m̄_i = d + a x_i + u_i          y_ij = d' + b_B m̄_i + b_W (m_ij - m̄_i) + c x_i + w_i + e_ij

the average indirect effect is a·b_B; b_W belongs to the day and stands beside it, never in the product. A mean of few
occasions is not her level: `reliability` says how good it is, and b_B is drawn towards b_W where it is low.

Both equations are linear mixed models (REML, Kenward-Roger); limits by normal draws of a and b_B. Checked against lme4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.estimate import Estimate
from accord.science.estimates.linear_mixed import Factor, linear_mixed
from accord.science.estimates.mediation.limits import percentile

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class BetweenPeople:
    """`a`, `b` (between), `within` (the day's slope, beside the path), `direct`, and the `indirect` effect a·b."""

    a: Estimate
    b: Estimate
    within: Estimate
    direct: Estimate
    indirect: Estimate
    reliability: float
    people: int
    rows: int

    @property
    def estimates(self) -> list[Estimate]:
        return [self.a, self.b, self.indirect, self.direct, self.within]

    def summary(self) -> str:
        one = self.indirect
        weak = " Her mean of so few occasions is a poor measure of her level." if self.reliability < 0.7 else ""
        return (
            f"Between people {one.value:.3g} runs along the mediator's level ({one.ci_low:.3g} to {one.ci_high:.3g}). "
            f"{self.people:,} people, {self.rows:,} occasions; reliability of a mean {self.reliability:.2f}.{weak}"
        )


def mediate_between_people(
    person: ArrayLike,
    treatment: ArrayLike,
    mediator: ArrayLike,
    outcome: ArrayLike,
    *,
    covariates: Mapping[str, ArrayLike] | None = None,
    draws: int = 20_000,
    seed: int = 1,
    level: float = 0.95,
    unit: str = "",
) -> BetweenPeople:
    """One row an occasion; `treatment` is the same in all rows of a person, `covariates` as well or by occasion."""
    x, m, y = (np.asarray(values, float) for values in (treatment, mediator, outcome))
    labels = np.asarray(person)
    if len({len(x), len(m), len(y), len(labels)}) > 1:
        raise BadInput("The columns differ in length.", cure="Give one value of each for every occasion.")
    keep = np.isfinite(x) & np.isfinite(m) & np.isfinite(y)
    more = {name: np.asarray(values)[keep] for name, values in (covariates or {}).items()}
    x, m, y = x[keep], m[keep], y[keep]
    who = np.unique(labels[keep], return_inverse=True)[1]
    people = int(who.max()) + 1 if len(who) else 0
    count = np.bincount(who, minlength=people).astype(float)
    if people < 4 or not (count > 1).any():
        raise NotEstimable(
            f"{people} people with {len(who)} occasions have no levels to compare.",
            cure="Have several occasions of each person, or use `mediate` with one value each.",
        )
    if np.abs(x - (np.bincount(who, x) / count)[who]).max() > 1e-9:
        raise BadInput(
            "The treatment changes within people.", cure="Use mediate_within_people, or give each person her arm."
        )
    mean = (np.bincount(who, m) / count)[who]
    factor = {"person": Factor(who)}
    first = linear_mixed(m, factor, fixed={"treatment": x, **more})
    columns = {"treatment": x, "level": mean, "day": m - mean, **more}
    second = linear_mixed(y, factor, fixed=columns)
    a, b = first.coefficient("treatment", level=level), second.coefficient("level", level=level)
    drawn = np.random.default_rng(seed).normal((a.value, b.value), (a.se, b.se), (draws, 2)).prod(axis=1)
    low, high = percentile(drawn[:, None], level)
    between = float(first.covariances["person"][0, 0])
    reliability = between / (between + first.residual_variance / float(len(who) / people))
    method = f"mixed models, REML, Kenward-Roger; Monte Carlo limits of the product ({draws:,} draws, seed {seed})"
    context: dict[str, Any] = {"n": people, "missing": int((~keep).sum()), "unit": unit, "method": method}
    return BetweenPeople(
        a.estimate("mediation.between.a", "treatment to the mediator's level", **context),
        b.estimate("mediation.between.b", "the mediator's level to the outcome", **context),
        second.coefficient("day", level=level).estimate("mediation.between.day", "the day's own slope", **context),
        second.coefficient("treatment", level=level).estimate("mediation.between.direct", "direct", **context),
        Estimate("mediation.between", "indirect effect between people", a.value * b.value, float(low[0]),
                 float(high[0]), float(drawn.std(ddof=1)), **context),
        reliability, people, len(who),
    )  # fmt: skip

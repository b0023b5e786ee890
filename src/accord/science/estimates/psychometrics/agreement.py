"""The same people measured twice when nothing should have changed: ICC, standard error of measurement, smallest change.

Two-way analysis of variance of people (rows) by occasions (columns), single measurements (Shrout and Fleiss 1979):

    ICC(2,1)  agreement: occasions are a sample, and a shift of all of them counts as error
    ICC(3,1)  consistency: a shift of all (practice, season) does not count

SEM = √(error variance), of agreement with the variance of occasions in it. SDC = 1.96·√2·SEM is the smallest change of
one person beyond the error of two measurements. Limits by F. Checked against R.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from numpy.typing import ArrayLike
from scipy import special

from accord.science.estimates.estimate import Estimate
from accord.science.estimates.psychometrics.answers import complete_answers


@dataclass(frozen=True, slots=True)
class Agreement:
    """`icc_2_1` agreement, `icc_3_1` consistency; `sem` and `sdc` of agreement, the others of consistency."""

    icc_2_1: Estimate
    icc_3_1: Estimate
    sem: float
    sdc: float
    sem_consistency: float
    sdc_consistency: float
    shift: float
    n: int
    occasions: int
    missing: int

    def summary(self) -> str:
        """Agreement, its limits, and how much change of one person is more than error."""
        i = self.icc_2_1
        return (f"ICC(2,1) {i.value:.2f} (95 % {i.ci_low:.2f} to {i.ci_high:.2f}), {self.n:,} people at "
                f"{self.occasions} occasions. One measurement is off by {self.sem:.3g} (SEM); a change of one person "
                f"below {self.sdc:.3g} points is within the error of two (SDC).")  # fmt: skip


def agreement(scores: ArrayLike, *, level: float = 0.95) -> Agreement:
    """Of scores (people, occasions), people with a gap left out.

    Raises NotEstimable with fewer than four complete people or scores without variance. Whether nothing changed in
    between is for who knows the people: with treatment in between these are no figures of reliability.
    """
    x, missing = complete_answers(scores, questions=2, word="occasion")
    n, k = x.shape
    people, occasions = x.mean(axis=1), x.mean(axis=0)
    msr = k * float(people.var(ddof=1))
    msc = n * float(occasions.var(ddof=1))
    error = x - people[:, None] - occasions[None, :] + x.mean()
    mse = max(float((error**2).sum()) / ((n - 1) * (k - 1)), 1e-300)
    context: dict[str, Any] = {"n": n, "missing": missing}
    two = (msr - mse) / (msr + (k - 1) * mse + k * (msc - mse) / n)
    three = (msr - mse) / (msr + (k - 1) * mse)
    low, high = _limits_of_agreement(two, msr, msc, mse, n, k, level)
    below, above = _limits_of_consistency(msr / mse, n, k, level)
    both = (
        Estimate(id="icc.2.1", label="ICC(2,1), agreement", value=two, ci_low=low, ci_high=high,
                 method="two-way, single measurement, absolute agreement; F limits", **context),
        Estimate(id="icc.3.1", label="ICC(3,1), consistency", value=three, ci_low=below, ci_high=above,
                 method="two-way, single measurement, consistency; F limits", **context),
    )  # fmt: skip
    sem = math.sqrt(mse + max((msc - mse) / n, 0.0))
    narrow = math.sqrt(mse)
    factor = 1.959963984540054 * math.sqrt(2)
    return Agreement(
        *both, sem, factor * sem, narrow, factor * narrow, float(occasions[-1] - occasions[0]), n, k, missing
    )


def _limits_of_consistency(f: float, n: int, k: int, level: float) -> tuple[float, float]:
    df = ((n - 1), (n - 1) * (k - 1))
    p = 0.5 + level / 2
    low, high = f / float(special.fdtri(*df, p)), f * float(special.fdtri(df[1], df[0], p))
    return (low - 1) / (low + k - 1), (high - 1) / (high + k - 1)


def _limits_of_agreement(
    icc: float, msr: float, msc: float, mse: float, n: int, k: int, level: float
) -> tuple[float, float]:  # fmt: skip
    """McGraw and Wong 1996: the df of the mixed denominator by Satterthwaite."""
    r = min(icc, 1 - 1e-12)
    a = k * r / (n * (1 - r))
    b = 1 + k * r * (n - 1) / (n * (1 - r))
    v = (a * msc + b * mse) ** 2 / ((a * msc) ** 2 / (k - 1) + (b * mse) ** 2 / ((n - 1) * (k - 1)))
    p = 0.5 + level / 2
    upper, lower = float(special.fdtri(n - 1, v, p)), float(special.fdtri(v, n - 1, p))
    rest = k * msc + (k * n - k - n) * mse
    return (n * (msr - upper * mse) / (upper * rest + n * msr), n * (lower * msr - mse) / (rest + n * lower * msr))

"""Whether one person changed: the published families of reliable change, one small function each.

| method | index | asks |
|---|---|---|
| jacobson-truax | (x₂ - x₁) / (s √(2(1 - r))) | more than error of both measurements (1991) |
| gulliksen-lord-novick | (x₂ - m - r(x₁ - m)) / (s √(1 - r²)) | more than a retest in the population (1988) |
| edwards-nunnally | (x₂ - m - r(x₁ - m)) / (s √(1 - r)) | outside the band of the estimated true score (1978) |
| hageman-arrindell | (d r_d + D(1 - r_d)) / (√r_d s √(2(1 - r))) | with the reliability of differences (1999) |

x₁, x₂: before and after; m, s: mean and SD before; r: reliability; d = x₂ - x₁, D its mean, and
r_d = (s₁² r₁ + s₂² r₂ - 2 s₁ s₂ r₁₂) / (s₁² + s₂² - 2 s₁ s₂ r₁₂), r_k = 1 - s²(1 - r)/s_k².

They answer different questions and disagree at the edges: two-sided normal limits at the level asked for, so that the
methods differ by their index alone. Checked by hand on the examples in the tests.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.interval import critical_value
from accord.science.estimates.proportions import proportion
from accord.science.estimates.showing import html
from accord.science.figures import BarRow, Bars

Array = NDArray[Any]
Method = Literal["jacobson-truax", "gulliksen-lord-novick", "edwards-nunnally", "hageman-arrindell"]


@dataclass(frozen=True, slots=True)
class _Sample:
    before: Array
    after: Array
    mean: float
    sd: float
    r: float


@dataclass(frozen=True, slots=True)
class IndividualChange:
    """`index` (N,): change in units of its error, improvement positive, NaN where a value is missing.

    `kinds` (N,): "improved", "unchanged", "worse" or "" (missing).
    """

    method: Method
    index: Array
    kinds: NDArray[np.str_]
    counts: dict[str, int]
    limit: float
    mean: float
    sd: float
    r: float

    def summary(self) -> str:
        """Shares of each class among people with both values."""
        n = sum(self.counts.values())
        said = ", ".join(f"{kind} {count} ({count / n:.0%})" if n else kind for kind, count in self.counts.items())
        return (
            f"{said}; {len(self.kinds) - n} without both values. Rule: {self.method}, index beyond ±{self.limit:.2f}, "
            f"reliability {self.r:.2f}, mean {self.mean:.3g} and SD {self.sd:.3g} before."
        )

    def plot(self) -> Bars:
        """Shares with Wilson's limits."""
        rows = []
        n = sum(self.counts.values())
        for kind, count in self.counts.items():
            share = proportion(count, n)
            rows.append(BarRow(kind, share.value, share.ci_low, share.ci_high, n))
        return Bars("Change of single people", self.summary(), rows, "share of people", percent=True)

    def _repr_html_(self) -> str:
        return html(self)


def individual_change(
    before: ArrayLike,
    after: ArrayLike,
    *,
    reliability: float,
    sign: int,
    method: Method = "jacobson-truax",
    mean: float | None = None,
    sd: float | None = None,
    level: float = 0.95,
) -> IndividualChange:
    """The index and class of each person. `mean` and `sd` are the population's; without them the sample's own before.

    `sign` +1: higher is better, -1: higher is worse. Raises NotEstimable where differences have no reliability left.
    """
    if method not in METHODS:
        raise BadInput(f"No method {method!r}.", cure=f"Use one of: {', '.join(METHODS)}.")
    if not 0 < reliability < 1:
        raise BadInput(f"A reliability of {reliability} is not possible.", cure="Give one between 0 and 1.")
    x1, x2 = np.asarray(before, float), np.asarray(after, float)
    known = np.isfinite(x1) & np.isfinite(x2)
    if known.sum() < 2 and (mean is None or sd is None):
        raise NotEstimable("Fewer than two people have both values.", cure="Give the population's mean and sd.")
    m = float(np.mean(x1[known])) if mean is None else mean
    s = float(np.std(x1[known], ddof=1)) if sd is None else sd
    if not s > 0:
        raise NotEstimable("The values before do not vary.", cure="Give the population's sd.")
    index = np.full(len(x1), np.nan)
    index[known] = sign * METHODS[method](_Sample(x1[known], x2[known], m, s, reliability))
    limit = critical_value(level)
    with np.errstate(invalid="ignore"):
        kinds = np.select([index >= limit, index <= -limit, known], ["improved", "worse", "unchanged"], default="")
    counts = {kind: int((kinds == kind).sum()) for kind in ("improved", "unchanged", "worse")}
    return IndividualChange(method, index, kinds, counts, limit, m, s, reliability)


def _jacobson_truax(of: _Sample) -> Array:
    return (of.after - of.before) / (of.sd * math.sqrt(2 * (1 - of.r)))


def _gulliksen_lord_novick(of: _Sample) -> Array:
    return _from_expected(of) / (of.sd * math.sqrt(1 - of.r**2))


def _edwards_nunnally(of: _Sample) -> Array:
    return _from_expected(of) / (of.sd * math.sqrt(1 - of.r))


def _hageman_arrindell(of: _Sample) -> Array:
    s1, s2 = of.sd, float(np.std(of.after, ddof=1))
    error = of.sd**2 * (1 - of.r)
    both = float(np.cov(of.before, of.after)[0, 1]) / (np.std(of.before, ddof=1) * s2) * s1 * s2 if s2 > 0 else 0.0
    spread = s1**2 + s2**2 - 2 * both
    reliable = (spread - 2 * error) / spread if spread > 0 else 0.0
    if not reliable > 0:
        raise NotEstimable(
            "The differences vary no more than measurement error would make them: their reliability is zero or less.",
            cure="Use jacobson-truax.",
        )
    change = of.after - of.before
    return (change * reliable + change.mean() * (1 - reliable)) / (math.sqrt(reliable) * math.sqrt(2 * error))


def _from_expected(of: _Sample) -> Array:
    """What was found less what regression to the mean lets expect."""
    return of.after - (of.mean + of.r * (of.before - of.mean))


METHODS: dict[Method, Callable[[_Sample], Array]] = {
    "jacobson-truax": _jacobson_truax,
    "gulliksen-lord-novick": _gulliksen_lord_novick,
    "edwards-nunnally": _edwards_nunnally,
    "hageman-arrindell": _hageman_arrindell,
}


def cut_off(
    criterion: Literal["a", "b", "c"],
    *,
    patients: tuple[float, float],
    general: tuple[float, float] | None = None,
    sign: int,
) -> float:
    """Jacobson and Truax's criteria, from (mean, SD): a two SD beyond the patients, b within two SD of the general
    population, c where both are as likely."""
    (m1, s1) = patients
    if criterion == "a":
        return m1 + sign * 2 * s1
    if general is None:
        raise BadInput(f"Criterion {criterion} needs the general population.", cure="Give its mean and SD, or use a.")
    (m0, s0) = general
    return m0 - sign * 2 * s0 if criterion == "b" else (s0 * m1 + s1 * m0) / (s0 + s1)

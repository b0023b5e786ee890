"""Reliable change of single people (Jacobson & Truax 1991).

RC = change / (SD √(2(1 - r))); beyond ±1.96 the change is more than measurement error would give a stable person in
95 of 100. Needs the reliability with its kind, interval and source, and the SD with its population; without them it
refuses (C16). Changes are turned so that an improvement is positive.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.estimate import Estimate
from accord.science.estimates.interval import critical_value
from accord.science.estimates.proportions import Proportion, proportion

Kind = Literal["test-retest", "internal consistency"]
Group = Literal["recovered", "improved", "unchanged", "deteriorated"]
GROUPS: tuple[Group, ...] = ("recovered", "improved", "unchanged", "deteriorated")


@dataclass(frozen=True, slots=True)
class Reliability:
    """What a reliable change rests on. `interval` is the time between test and retest in words."""

    r: float | None
    kind: Kind | None
    sd: float | None
    source: str
    interval: str = ""
    population: str = ""

    def lacks(self) -> list[str]:
        """What is missing, in words."""
        asked = {
            "a reliability": self.r is not None,
            "the kind of reliability": self.kind is not None,
            "a standard deviation": self.sd is not None,
            "a source": bool(self.source),
        }
        return [what for what, there in asked.items() if not there]


@dataclass(frozen=True, slots=True)
class ReliableChange:
    """`groups` holds the class of each person ("" where a value is missing); counts are of those with both values.

    Without a cut-off "recovered" stays empty and "improved" is reliable improvement. `improved_or_better` counts both.
    """

    threshold: float
    groups: NDArray[np.str_]
    counts: dict[Group, int]
    n: int
    missing: int
    reliability: Reliability
    level: float

    def share(self, *groups: Group) -> Proportion:
        """Wilson's interval for the share of people in these groups."""
        return proportion(sum(self.counts[group] for group in groups), self.n, level=0.95)

    @property
    def improved_or_better(self) -> Proportion:
        return self.share("recovered", "improved")

    @property
    def deteriorated(self) -> Proportion:
        return self.share("deteriorated")

    @property
    def method(self) -> str:
        r = self.reliability
        interval = f" over {r.interval}" if r.interval else ""
        return (
            f"reliable change, threshold {self.threshold:.1f} points "
            f"({r.kind} r = {r.r:.2f}{interval}, SD = {r.sd:.1f}; {r.source})"
        )

    def estimate(self, id: str, label: str, *groups: Group, **context: Any) -> Estimate:
        return self.share(*groups).estimate(id, label, **{"missing": self.missing, "method": self.method, **context})


def reliable_change_threshold(reliability: Reliability, *, level: float = 0.95, scale: str = "this scale") -> float:
    """The smallest change in points that counts as reliable: z SD √(2(1 - r))."""
    lacking = reliability.lacks()
    if lacking:
        raise NotEstimable(
            f"Reliable change of {scale} cannot be computed: {' and '.join(lacking)} is not known.",
            cure="Add reliability, its kind, SD and source to the scale, or use a minimal important change.",
        )
    r, sd = float(reliability.r or 0), float(reliability.sd or 0)
    if not 0 < r < 1 or not sd > 0:
        raise BadInput(f"Reliability {r} and SD {sd} of {scale} are not possible.", cure="0 < r < 1, and SD above 0.")
    return critical_value(level) * sd * math.sqrt(2 * (1 - r))


def reliable_change(
    baseline: ArrayLike,
    post: ArrayLike,
    reliability: Reliability,
    *,
    sign: int,
    cutoff: float | None = None,
    level: float = 0.95,
    scale: str = "this scale",
) -> ReliableChange:
    """Class of each person. `sign` +1: higher is better, -1: higher is worse. `cutoff` (on the scale): who was on the
    worse side (or at it) before and is on the better side after, with a reliable improvement, has recovered."""
    threshold = reliable_change_threshold(reliability, level=level, scale=scale)
    before, after = np.asarray(baseline, float), np.asarray(post, float)
    known = np.isfinite(before) & np.isfinite(after)
    change = sign * (after - before)
    better, worse = known & (change >= threshold), known & (change <= -threshold)
    crossed = better & (sign * (before - cutoff) <= 0) & (sign * (after - cutoff) > 0) if cutoff is not None else ~known
    crossed &= known
    groups = np.select(
        [crossed, better, worse, known], ["recovered", "improved", "deteriorated", "unchanged"], default=""
    )
    counts: dict[Group, int] = {group: int((groups == group).sum()) for group in GROUPS}
    return ReliableChange(threshold, groups, counts, int(known.sum()), int((~known).sum()), reliability, level)


def jacobson_truax_cutoff(patients: tuple[float, float], general: tuple[float, float]) -> float:
    """Criterion c between two populations (mean, SD): (s0·m1 + s1·m0)/(s0 + s1)."""
    (m1, s1), (m0, s0) = patients, general
    return (s0 * m1 + s1 * m0) / (s0 + s1)

"""Proportions and their differences, with limits that hold for small counts.

Wilson's score interval for one proportion; Newcombe's hybrid score limits (his method 10) for a difference of two
independent ones. Checked against R's prop.test (Wilson) and Newcombe 1998, table II.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.estimate import Estimate
from accord.science.estimates.interval import critical_value


@dataclass(frozen=True, slots=True)
class Proportion:
    """`events` of `n`, as a share with Wilson limits."""

    events: int
    n: int
    value: float
    ci_low: float
    ci_high: float

    def estimate(self, id: str, label: str, **context: Any) -> Estimate:
        return Estimate(
            id=id, label=label, value=self.value, ci_low=self.ci_low, ci_high=self.ci_high, n=self.n,
            **{"method": "Wilson interval", "note": f"{self.events} of {self.n}", **context},
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class RiskDifference:
    """first - second with Newcombe's limits."""

    first: Proportion
    second: Proportion
    value: float
    ci_low: float
    ci_high: float

    def estimate(self, id: str, label: str, **context: Any) -> Estimate:
        counts = f"{self.first.events} of {self.first.n} against {self.second.events} of {self.second.n}"
        return Estimate(
            id=id, label=label, value=self.value, ci_low=self.ci_low, ci_high=self.ci_high,
            n=self.first.n + self.second.n,
            **{"method": "difference of proportions, Newcombe–Wilson limits", "note": counts, **context},
        )  # fmt: skip


def proportion(events: int, n: int, *, level: float = 0.95) -> Proportion:
    """events / n with Wilson's limits: (p + z²/2n ± z√(p(1-p)/n + z²/4n²)) / (1 + z²/n)."""
    if n < 1:
        raise NotEstimable("There is nobody to take a share of.", cure="Check who was counted.")
    if not 0 <= events <= n:
        raise BadInput(f"{events} events among {n} people.", cure="Give between 0 and n events.")
    z = critical_value(level)
    p = events / n
    middle = p + z * z / (2 * n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    low = 0.0 if events == 0 else (middle - half) / scale
    high = 1.0 if events == n else (middle + half) / scale
    return Proportion(events, n, p, low, high)


def risk_difference(first: tuple[int, int], second: tuple[int, int], *, level: float = 0.95) -> RiskDifference:
    """p1 - p2 from (events, n) each: limits d - √((p1-l1)² + (u2-p2)²) and d + √((u1-p1)² + (p2-l2)²)."""
    a, b = proportion(*first, level=level), proportion(*second, level=level)
    d = a.value - b.value
    low = d - math.hypot(a.value - a.ci_low, b.ci_high - b.value)
    high = d + math.hypot(a.ci_high - a.value, b.value - b.ci_low)
    return RiskDifference(a, b, d, low, high)


def share_estimate(events: int, n: int, id: str, label: str, **context: Any) -> Estimate:
    """events / n as an `Estimate`; of nobody it has no value and says so."""
    if n < 1:
        note = "there is nobody to take a share of."
        rest = {**context, "unit": "share", "note": f"Not estimable: {note}"}
        return Estimate(id=id, label=label, value=None, n=0, **rest)
    return proportion(events, n).estimate(id, label, **{"unit": "share", **context})

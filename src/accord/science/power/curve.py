"""Power over numbers of people, with the Monte Carlo error of each point; what it says, how it looks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from accord.science.estimates.estimate import Estimate
from accord.science.estimates.proportions import proportion
from accord.science.figures.power_curve import PowerCurvePicture, PowerDot

ENOUGH = 0.8


@dataclass(frozen=True, slots=True)
class PowerAt:
    """Of `done` simulated studies with `n` people, `found` found it; `failed` could not be judged and count as not.

    `value` is the mean estimate, `half_width` the median half of its 95 % interval, `truth` what was put in, `covered`
    how many intervals held it.
    """

    n: int
    done: int
    found: int
    failed: int = 0
    value: float | None = None
    half_width: float | None = None
    truth: float | None = None
    covered: int | None = None

    @property
    def power(self) -> float:
        return self.found / self.done

    @property
    def error(self) -> float:
        """Standard error of the simulation."""
        return math.sqrt(self.power * (1 - self.power) / self.done)

    def estimate(self, id: str) -> Estimate:
        low, high = _limits(self)
        return Estimate(
            id=f"power.{id}.{self.n}", label=f"power with {self.n} people", value=self.power, ci_low=low, ci_high=high,
            se=self.error, n=self.done, missing=self.failed, unit="share", method="simulation, Wilson interval",
        )  # fmt: skip

    def to_dict(self) -> dict[str, Any]:
        low, high = _limits(self)
        return {
            "n": self.n, "power": self.power, "error": self.error, "low": low, "high": high, "replicates": self.done,
            "not_estimable": self.failed, "mean_estimate": self.value, "half_width": self.half_width,
            "truth": self.truth, "covered": None if self.covered is None else self.covered / self.done,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class PowerCurve:
    """`what` is found (words), by which analysis; `formula` the closed form at each size where there is one."""

    id: str
    what: str
    points: Sequence[PowerAt]
    method: str
    comparison: bool
    unit: str = ""
    formula: Sequence[float | None] = ()
    invented_effect: str = ""

    def smallest(self, power: float = ENOUGH) -> int | None:
        """The smallest simulated size from which on every larger one has at least this power."""
        enough = None
        for point in sorted(self.points, key=lambda one: -one.n):
            if point.power < power:
                break
            enough = point.n
        return enough

    @property
    def estimates(self) -> list[Estimate]:
        return [point.estimate(self.id) for point in self.points]

    def summary(self) -> str:
        """What it means, in plain words."""
        said = [*(self._sentence(point) for point in self.points[-1:]), self._enough(), self._kind()]
        return " ".join(sentence for sentence in said if sentence)

    def sentence_at(self, n: int) -> str:
        return self._sentence(next(point for point in self.points if point.n == n))

    def _sentence(self, point: PowerAt) -> str:
        low, high = _limits(point)
        wide = (
            f" Its interval would reach {point.half_width:.2g} {self.unit} to either side." if point.half_width else ""
        )
        return (
            f"With {point.n:,} people, {point.power:.0%} of {point.done:,} simulated studies found {self.what} "
            f"(the simulation is sure to {low:.0%} to {high:.0%}).{wide}"
        )

    def _enough(self) -> str:
        if len(self.points) < 2:
            return ""
        smallest = self.smallest()
        if smallest is None:
            return f"No size that was tried reaches {ENOUGH:.0%} for certain."
        return f"{smallest:,} people is the smallest size tried that reaches {ENOUGH:.0%}."

    def _kind(self) -> str:
        said = f"The effect is {self.invented_effect}. " if self.invented_effect else ""
        if self.comparison:
            return f"{said}A study with low power that finds nothing has not shown that there is nothing."
        return (
            f"{said}There is no comparison here: what is found is change, or what goes along with it, not an effect "
            "of treatment."
        )

    def plot(self, *, planned: int | None = None) -> PowerCurvePicture:
        dots = [PowerDot(p.n, p.power, *_limits(p)) for p in self.points]
        return PowerCurvePicture(
            f"Power: {self.what}", self.summary(), dots, list(self.formula), enough=ENOUGH, planned=planned
        )

    def _repr_html_(self) -> str:
        return f"<p>{self.summary()}</p>{self.plot().svg()}"

    def to_dict(self) -> dict[str, Any]:
        formula = list(self.formula) or [None] * len(self.points)
        points = [point.to_dict() | {"formula": f} for point, f in zip(self.points, formula, strict=True)]
        return {
            "id": self.id, "what": self.what, "points": points, "smallest": self.smallest(), "method": self.method,
            "comparison": self.comparison, "summary": self.summary(),
        }  # fmt: skip


def _limits(point: PowerAt) -> tuple[float, float]:
    share = proportion(point.found, point.done)
    return share.ci_low, share.ci_high

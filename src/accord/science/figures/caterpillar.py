"""Caterpillar: shrunken effects of therapists, groups or sites in order, with intervals (C18)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accord.science.figures.figure import Columns, Rows


@dataclass(frozen=True, slots=True)
class Effect:
    label: str
    value: float
    low: float
    high: float
    n: int | None = None


@dataclass(frozen=True, slots=True)
class Caterpillar:
    """`measure` names the axis; `caution` is printed under the picture (not assigned at random)."""

    title: str
    description: str
    effects: Sequence[Effect]
    measure: str
    left: str = "below average"
    right: str = "above average"
    reference: float = 0.0
    digits: int = 2
    caution: str = "Shrunken towards the average. People were not assigned at random."
    invented: bool = False

    def table(self) -> tuple[Columns, Rows]:
        columns = ("Label", self.measure, "95 % from", "95 % to", "n")
        return columns, tuple((one.label, one.value, one.low, one.high, one.n) for one in self.ordered())

    def ordered(self) -> list[Effect]:
        return sorted(self.effects, key=lambda one: (one.value, one.label))

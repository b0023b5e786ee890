"""CONSORT flow: who came, who left where and why, any number of arms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from accord.science.figures.figure import Cell, Columns, Rows


@dataclass(frozen=True, slots=True)
class Reason:
    label: str
    n: int


@dataclass(frozen=True, slots=True)
class Stage:
    """A box with its count. `lost` left before the next box, with their reasons; `lost_label` heads them."""

    label: str
    n: int
    lost: Sequence[Reason] = ()
    lost_label: str = "Left"


@dataclass(frozen=True, slots=True)
class Arm:
    label: str
    stages: Sequence[Stage]


@dataclass(frozen=True, slots=True)
class Flow:
    """`trunk` is common to all (referred, assessed, randomised); each arm then has a column of its own stages."""

    title: str
    description: str
    trunk: Sequence[Stage]
    arms: Sequence[Arm] = ()
    invented: bool = False

    def table(self) -> tuple[Columns, Rows]:
        return ("Arm", "Stage", "n", "Reason", "n who left"), tuple(self._rows())

    def _rows(self) -> Iterator[tuple[Cell, ...]]:
        branches = [("all", self.trunk), *((arm.label, arm.stages) for arm in self.arms)]
        for arm, stages in branches:
            for stage in stages:
                yield (arm, stage.label, stage.n, None, None)
                yield from ((arm, stage.label, None, reason.label, reason.n) for reason in stage.lost)

"""Trajectories: mean and interval band per arm over time, one small panel a scale; time runs right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accord.science.figures.figure import Columns, Rows


@dataclass(frozen=True, slots=True)
class TimePoint:
    """`time` is where it stands on the axis, in the unit that the figure's `time_unit` names."""

    label: str
    time: float


@dataclass(frozen=True, slots=True)
class Reading:
    """The mean of one arm at one time-point with its 95 % interval; no value leaves a gap."""

    at: str
    mean: float | None
    low: float | None = None
    high: float | None = None
    n: int | None = None


@dataclass(frozen=True, slots=True)
class Trajectory:
    """One arm (or the whole cohort)."""

    label: str
    readings: Sequence[Reading]


@dataclass(frozen=True, slots=True)
class Threshold:
    """A thin labelled line, for example a clinical cut-off."""

    value: float
    label: str


@dataclass(frozen=True, slots=True)
class Panel:
    """One scale. `better` is `down` or `up`; `minimum` and `maximum` are the ends of the scale, in the caption."""

    title: str
    trajectories: Sequence[Trajectory]
    better: str = "down"
    minimum: float | None = None
    maximum: float | None = None
    thresholds: Sequence[Threshold] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Trajectories:
    title: str
    description: str
    time_points: Sequence[TimePoint]
    panels: Sequence[Panel]
    time_unit: str = "days from enrolment"
    digits: int = 1
    invented: bool = False

    def table(self) -> tuple[Columns, Rows]:
        columns = ("Scale", "Better", "Arm", "Time-point", "Mean", "95 % from", "95 % to", "n")
        rows = tuple(
            (panel.title, panel.better, line.label, reading.at, reading.mean, reading.low, reading.high, reading.n)
            for panel in self.panels
            for line in panel.trajectories
            for reading in line.readings
        )
        return columns, rows

"""Calibration: predicted against observed risk by bins with intervals, and how the predictions are spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accord.science.figures.figure import Columns, Rows


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """Mean predicted and observed share (0 to 1) of `n` people, with the 95 % interval of the observed share."""

    predicted: float
    observed: float
    low: float | None = None
    high: float | None = None
    n: int | None = None


@dataclass(frozen=True, slots=True)
class Calibration:
    """`outcome` names what is predicted; `distribution` counts people in equal steps of the prediction from 0 to 1."""

    title: str
    description: str
    outcome: str
    bins: Sequence[CalibrationBin]
    distribution: Sequence[int] = ()
    note: str = ""
    invented: bool = False

    def table(self) -> tuple[Columns, Rows]:
        columns = ("Predicted", "Observed", "95 % from", "95 % to", "n")
        return columns, tuple((one.predicted, one.observed, one.low, one.high, one.n) for one in self.bins)

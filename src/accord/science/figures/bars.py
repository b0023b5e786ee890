"""Bars: one amount a row (minutes, a share) with its interval; starts at zero."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accord.science.figures.figure import Columns, Rows


@dataclass(frozen=True, slots=True)
class BarRow:
    """`group` heads the rows that follow each other under one name."""

    label: str
    value: float | None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    note: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class Bars:
    """`percent`: values are shares from 0 to 1, printed as %. `maximum` fixes the end of the axis."""

    title: str
    description: str
    rows: Sequence[BarRow]
    measure: str
    percent: bool = False
    maximum: float | None = None
    digits: int = 0
    invented: bool = False

    def table(self) -> tuple[Columns, Rows]:
        columns = ("Group", "Row", self.measure, "95 % from", "95 % to", "n", "Note")
        rows = tuple((row.group, row.label, row.value, row.low, row.high, row.n, row.note) for row in self.rows)
        return columns, rows

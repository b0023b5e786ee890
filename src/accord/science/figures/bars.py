"""Bars: one amount a row (minutes, a share) with its interval; starts at zero."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from accord.science.figures.axis import Axis, from_zero
from accord.science.figures.drawing import drawing
from accord.science.figures.figure import WIDE, Columns, Rows
from accord.science.figures.marks import CALM, CALM_WASH, INK, box, line
from accord.science.figures.numbers import count, known, percent, with_interval
from accord.science.figures.rows import PlotRow, RowPlot


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

    def svg(self, *, ident: str | None = None, width: int = WIDE) -> str:
        body, height = _plot(self).draw(width)
        return drawing(
            self.title, self.description, body, width=width, height=height, ident=ident, invented=self.invented
        )


def _plot(bars: Bars) -> RowPlot:
    several = any(row.n is not None for row in bars.rows)
    rows: list[PlotRow] = []
    group = ""
    for row in bars.rows:
        if row.group and row.group != group:
            rows.append(PlotRow(row.group, lambda axis, y: [], heading=True))
        group = row.group
        cells = (("" if row.n is None else count(row.n),) if several else ()) + (_words(bars, row),)
        rows.append(PlotRow(row.label, _drawer(row), cells, note=row.note))
    return RowPlot(
        rows=rows,
        headings=(
            *(("n",) if several else ()),
            "95 % interval" if any(known(r.low) for r in bars.rows) else "",
        ),
        ends=from_zero([v for row in bars.rows for v in (row.value, row.high)], bars.maximum),
        measure=bars.measure,
        reference=0.0,
        percent=bars.percent,
        pad=6.0,
    )


def _words(bars: Bars, row: BarRow) -> str:
    if not bars.percent:
        return with_interval(row.value, row.low, row.high, bars.digits)
    if not known(row.value):
        return "not estimable"
    ends = f" [{percent(row.low, bars.digits)}, {percent(row.high, bars.digits)}]" if known(row.low) else ""
    return percent(row.value, bars.digits) + ends


def _drawer(row: BarRow) -> Callable[[Axis, float], list[str]]:
    """A pale bar to the value with a firm end, and the interval as a dark line over it."""

    def draw(axis: Axis, y: float) -> list[str]:
        if not known(row.value):
            return []
        x = axis.at(row.value)
        parts = [
            box(axis.start, y - 8, x - axis.start, 16, fill=CALM_WASH, colour=CALM),
            line(x, y - 8, x, y + 8, colour=CALM, width=3),
        ]
        if known(row.low) and known(row.high):
            parts.append(line(axis.at(row.low), y, axis.at(row.high), y, colour=INK, width=1.5))
        return parts

    return draw

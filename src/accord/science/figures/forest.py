"""Forest plot: one row an estimate with its interval; improvement to the right in every row."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeGuard

from accord.science.figures.axis import Axis, domain
from accord.science.figures.drawing import drawing
from accord.science.figures.figure import WIDE, Cell, Columns, Rows
from accord.science.figures.letters import SMALL, shorten
from accord.science.figures.marks import CALM, WARM, Sample, legend, line, marker, path, shifted
from accord.science.figures.numbers import count, interval, known, number, percent, with_interval
from accord.science.figures.rows import PlotRow, RowPlot, whisker

_RISK = 84.0  # the widest word of a risk of bias


@dataclass(frozen=True, slots=True)
class Published:
    """A published figure beside ours (C19): `comparable` is True only when time-point, SD, method, population and
    programme are all known to match; False and None (not known) both draw hollow."""

    value: float
    low: float | None = None
    high: float | None = None
    comparable: bool | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class ForestRow:
    """`kind`: `estimate` (square sized by `weight`), `heading` (label only), `summary` (diamond),
    `prediction` (a thin line from `low` to `high`: where the true effect of a new study would lie).
    `risk`: of bias, in a column of its own."""

    label: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    weight: float | None = None
    published: Published | None = None
    kind: str = "estimate"
    note: str = ""
    risk: str = ""


@dataclass(frozen=True, slots=True)
class Forest:
    """`measure` names the axis (`Hedges g, baseline to post`); `left` and `right` say what lies there. `ours` and
    `published` are the words of the legend, which stands only when there is a published figure."""

    title: str
    description: str
    rows: Sequence[ForestRow]
    measure: str
    left: str = "worse"
    right: str = "better"
    reference: float = 0.0
    log: bool = False
    digits: int = 2
    ours: str = "this cohort"
    published: str = "published"
    invented: bool = False

    def table(self) -> tuple[Columns, Rows]:
        columns = ("Row", self.measure, "95 % from", "95 % to", "n", "Note")
        if any(row.risk for row in self.rows):
            return (*columns, "Risk of bias"), tuple((*_cells(row), row.risk) for row in self.rows)
        if not any(row.published for row in self.rows):
            return columns, tuple(_cells(row) for row in self.rows)
        others = ("Published", "Published from", "Published to", "Source", "Comparable")
        return (*columns, *others), tuple(_cells(row) + _published_cells(row.published) for row in self.rows)

    def svg(self, *, ident: str | None = None, width: int = WIDE) -> str:
        key, top = _legend(self, width)
        plot, height = _plot(self).draw(width)
        return drawing(
            self.title, self.description, [*key, *shifted(plot, top)], width=width, height=top + height, ident=ident,
            invented=self.invented,
        )  # fmt: skip


def _cells(row: ForestRow) -> tuple[Cell, ...]:
    return (row.label, row.value, row.low, row.high, row.n, row.note)


def _published_cells(other: Published | None) -> tuple[Cell, ...]:
    if other is None:
        return (None,) * 5
    comparable = {True: "yes", False: "no", None: "not known"}[other.comparable]
    return (other.value, other.low, other.high, other.source, comparable)


def _plot(forest: Forest) -> RowPlot:
    columns = _columns(forest)
    return RowPlot(
        rows=[_plot_row(forest, k, tuple(texts[k] for _, texts in columns)) for k in range(len(forest.rows))],
        headings=tuple(heading for heading, _ in columns),
        ends=_ends(forest),
        measure=forest.measure,
        log=forest.log,
        reference=forest.reference,
        left=forest.left,
        right=forest.right,
    )


def _ends(forest: Forest) -> tuple[float, float]:
    others = [row.published for row in forest.rows if row.published]
    estimates = [row.value for row in forest.rows] + [other.value for other in others]
    intervals = [(row.low, row.high) for row in forest.rows] + [(other.low, other.high) for other in others]
    return domain(estimates, intervals, forest.reference, log=forest.log)


def _columns(forest: Forest) -> list[tuple[str, list[str]]]:
    """What stands to the right of the plot: headings and one text a row, left to right."""
    columns = [
        (
            "estimate, 95 %",
            [
                interval(row.low, row.high, forest.digits)
                if row.kind == "prediction"
                else with_interval(row.value, row.low, row.high, forest.digits)
                for row in forest.rows
            ],
        )
    ]
    weights = [row.weight for row in forest.rows]
    if any(known(weight) for weight in weights):
        columns.insert(0, ("weight", [percent(weight, 1) if known(weight) else "" for weight in weights]))
    if any(row.n is not None for row in forest.rows):
        columns.insert(0, ("n", ["" if row.n is None else count(row.n) for row in forest.rows]))
    if any(row.risk for row in forest.rows):
        columns.insert(0, ("risk of bias", [shorten(row.risk, _RISK, SMALL) for row in forest.rows]))
    return columns


def _plot_row(forest: Forest, k: int, cells: tuple[str, ...]) -> PlotRow:
    row = forest.rows[k]
    if row.kind == "heading":
        return PlotRow(row.label, lambda axis, y: [], note=row.note, heading=True)
    weights = [one.weight for one in forest.rows if known(one.weight) and one.kind == "estimate"]
    share = math.sqrt(row.weight / max(weights)) if known(row.weight) and row.weight > 0 and weights else None
    size = 5.0 if share is None else 2.5 + 5.5 * min(share, 1.0)
    under = "" if row.published is None else f"published {number(row.published.value, forest.digits)}"

    def draw(axis: Axis, y: float) -> list[str]:
        if row.kind == "prediction":
            return _span(axis, y, row)
        shift = 5.0 if row.published else 0.0
        mine = _diamond(axis, y, row) if row.kind == "summary" else _square(axis, y - shift, row, size)
        return mine + (_triangle(axis, y + 8, row.published) if row.published else [])

    return PlotRow(row.label, draw, cells, under, row.note, tall=26.0 if row.published else 18.0)


def _square(axis: Axis, y: float, row: ForestRow, size: float) -> list[str]:
    if not _drawable(row.value, axis):
        return []
    return [*whisker(axis, y, row.low, row.high), marker("square", axis.at(row.value), y, size, CALM)]


def _diamond(axis: Axis, y: float, row: ForestRow) -> list[str]:
    if not _drawable(row.value, axis):
        return []
    x = axis.at(row.value)
    low = axis.at(row.low) if _drawable(row.low, axis) else x - 6
    high = axis.at(row.high) if _drawable(row.high, axis) else x + 6
    return [path([(low, y), (x, y - 8), (high, y), (x, y + 8)], fill=CALM, colour=CALM, closed=True)]


def _span(axis: Axis, y: float, row: ForestRow) -> list[str]:
    """A thin line with a stroke at each end that lies on the axis."""
    ends = [end for end in (row.low, row.high) if known(end) and axis.holds(end)]
    strokes = [line(axis.at(end), y - 5, axis.at(end), y + 5, colour=CALM, width=1.5) for end in ends]
    return [*whisker(axis, y, row.low, row.high, width=1.5), *strokes]


def _triangle(axis: Axis, y: float, other: Published) -> list[str]:
    if not _drawable(other.value, axis):
        return []
    parts = []
    if _drawable(other.low, axis) and _drawable(other.high, axis):
        parts.append(line(axis.at(other.low), y, axis.at(other.high), y, colour=WARM, width=1.5))
    return [*parts, marker("triangle", axis.at(other.value), y, 5, WARM, hollow=not other.comparable)]


def _drawable(value: float | None, axis: Axis) -> TypeGuard[float]:
    return known(value) and (value > 0 or not axis.log)


def _legend(forest: Forest, width: float) -> tuple[list[str], float]:
    others = [row.published for row in forest.rows if row.published]
    if not others:
        return [], 0.0

    def mine(x: float, y: float) -> list[str]:
        return [line(x, y, x + 28, y, colour=CALM, width=2.5), marker("square", x + 14, y, 4.5, CALM)]

    def theirs(hollow: bool) -> Sample:
        return lambda x, y: [marker("triangle", x + 14, y, 5, WARM, hollow=hollow)]

    entries: list[tuple[Sample, str]] = [(mine, forest.ours)]
    if any(other.comparable for other in others):
        entries.append((theirs(False), forest.published))
    if not all(other.comparable for other in others):
        entries.append((theirs(True), f"{forest.published}: hollow, because not known to be comparable"))
    return legend(entries, width)

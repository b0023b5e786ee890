"""Rows over one axis, the shape of a forest, of bars and of a caterpillar: label, marks, numbers.

On a wide page label, marks and numbers stand side by side; on a narrow one the label and its numbers stand above
the marks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from accord.science.figures.axis import Axis
from accord.science.figures.letters import SMALL, shorten, widest, width_of, wrap
from accord.science.figures.marks import (
    CALM,
    EDGE,
    LEADING,
    LEADING_SMALL,
    SOFT,
    line,
    lines_of_text,
    path,
    text,
)
from accord.science.figures.numbers import known

NARROW_BELOW = 480  # a drawing narrower than this stacks what a wider one puts side by side
_GAP = 16.0
_STRIP = 20.0  # height of the marks that stand under their label


@dataclass(frozen=True, slots=True)
class PlotRow:
    """`draw(axis, y)` makes the marks centred on y, at most `tall` high. `cells` are the numbers to the right, one a
    column; `under` goes below the last of them. A heading has a label only."""

    label: str
    draw: Callable[[Axis, float], list[str]]
    cells: tuple[str, ...] = ()
    under: str = ""
    note: str = ""
    heading: bool = False
    tall: float = 16.0


@dataclass(frozen=True, slots=True)
class RowPlot:
    """`headings` name the columns of numbers; one that is a prefix (`n`) is repeated on a narrow page."""

    rows: Sequence[PlotRow]
    headings: tuple[str, ...]
    ends: tuple[float, float]
    measure: str
    log: bool = False
    reference: float | None = None
    left: str = ""
    right: str = ""
    percent: bool = False
    pad: float = 7.0

    def draw(self, width: float) -> tuple[list[str], float]:
        """The parts from (0, 0), and their height."""
        return self._beside(width) if width >= NARROW_BELOW or self.pad < 4 else self._stacked(width)

    def _axis(self, start: float, end: float) -> Axis:
        return Axis(*self.ends, start, end, self.log)

    def _beside(self, width: float) -> tuple[list[str], float]:
        label_width = min(widest([row.label for row in self.rows], bold=True), 0.34 * width)
        label_width = max(label_width, min(0.2 * width, widest([row.note for row in self.rows], SMALL)))
        places, right = self._columns(width)
        parts = [
            text(x, 12, heading, size=SMALL, anchor="end", colour=SOFT)
            for x, heading in zip(places, self.headings, strict=True)
        ]
        top = 22.0 if places else 4.0
        axis = self._axis(label_width + _GAP if label_width else 8.0, right - 8)
        laid = [_Beside(row, label_width, self.pad) for row in self.rows]
        bottom = top + sum(one.height for one in laid)
        parts += grid(axis, top, bottom, self.reference, self.percent)
        y = top
        for one in laid:
            parts += one.draw(axis, y, places)
            y += one.height
        below, height = self._below(axis, bottom, width)
        return parts + below, bottom + height

    def _columns(self, width: float) -> tuple[list[float], float]:
        """The right edges of the columns of numbers, and where the plot may end."""
        places: list[float] = []
        right = width
        for k in reversed(range(len(self.headings))):
            places.insert(0, right)
            texts = [row.cells[k] for row in self.rows if row.cells]
            if k == len(self.headings) - 1:
                texts += [row.under for row in self.rows]
            right -= max(widest(texts, SMALL), width_of(self.headings[k], SMALL)) + _GAP
        return places, right

    def _stacked(self, width: float) -> tuple[list[str], float]:
        axis = self._axis(8.0, width - 8.0)
        parts: list[str] = []
        y = 0.0
        for row in self.rows:
            above, height = self._above(row, y, width)
            parts += above
            y += height
            if not row.heading:
                strip = max(_STRIP, row.tall + 4)
                parts += grid(axis, y, y + strip, self.reference, self.percent)
                parts += row.draw(axis, y + strip / 2)
                y += strip
            y += self.pad
        below, height = self._below(axis, y, width)
        return parts + below, y + height

    def _above(self, row: PlotRow, y: float, width: float) -> tuple[list[str], float]:
        """What stands over the marks on a narrow page: label, note, numbers."""
        label = wrap(row.label, width, bold=row.heading)
        parts = lines_of_text(0, y + 13, label, bold=row.heading)
        y_text = y + 13 + LEADING * len(label) - 1
        numbers = " · ".join(
            cell if heading not in ("n", "weight") else f"{heading} {cell}"
            for heading, cell in zip(self.headings[::-1], row.cells[::-1], strict=True)
            if cell
        ) if row.cells else ""  # fmt: skip
        small = [one for words in (numbers, row.under, row.note) for one in wrap(words, width, SMALL)]
        parts += lines_of_text(0, y_text, small, size=SMALL, colour=SOFT, leading=LEADING_SMALL)
        return parts, LEADING * len(label) + LEADING_SMALL * len(small) + 4

    def _below(self, axis: Axis, y: float, width: float) -> tuple[list[str], float]:
        return below_axis(axis, y, width, left=self.left, right=self.right, measure=self.measure, percent=self.percent)


class _Beside:
    """One row of a wide page: its lines are broken once, so that its height is known before it is drawn."""

    def __init__(self, row: PlotRow, label_width: float, pad: float) -> None:
        self.row, self.pad = row, pad
        bold = row.heading
        self.label = (
            wrap(row.label, label_width, bold=bold) if pad >= 4 else [shorten(row.label, label_width)]
        ) if label_width else []  # fmt: skip
        self.note = wrap(row.note, label_width, SMALL) if label_width else []
        words = LEADING * len(self.label) + LEADING_SMALL * len(self.note)
        numbers = (LEADING if row.cells else 0) + (LEADING_SMALL if row.under else 0)
        self.inner = max(words if pad >= 4 else min(words, 14.0), numbers if pad >= 4 else 0.0, row.tall)
        self.height = self.inner + 2 * pad

    def draw(self, axis: Axis, y: float, places: list[float]) -> list[str]:
        middle = y + self.height / 2
        words = LEADING * len(self.label) + LEADING_SMALL * len(self.note)
        first = middle - words / 2 + 12.5
        parts = lines_of_text(0, first, self.label, bold=self.row.heading)
        parts += lines_of_text(
            0, first + LEADING * len(self.label), self.note, size=SMALL, colour=SOFT, leading=LEADING_SMALL
        )
        if self.row.heading:
            return parts
        base = middle + 4.5 - (LEADING_SMALL / 2 if self.row.under else 0)
        parts += [text(x, base, cell, size=SMALL, anchor="end") for x, cell in zip(places, self.row.cells, strict=True)]
        if self.row.under:
            parts.append(text(places[-1], base + LEADING_SMALL, self.row.under, size=SMALL, anchor="end", colour=SOFT))
        return parts + self.row.draw(axis, middle)


def grid(axis: Axis, top: float, bottom: float, reference: float | None, percent: bool = False) -> list[str]:
    """Thin lines at the ticks, a stronger one at the reference."""
    parts = [line(axis.at(v), top, axis.at(v), bottom) for v, _ in axis.ticks(percent=percent)]
    if reference is not None:
        parts.append(line(axis.at(reference), top, axis.at(reference), bottom, colour=EDGE, width=1.5))
    return parts


def below_axis(
    axis: Axis, y: float, width: float, *, left: str, right: str, measure: str, percent: bool = False
) -> tuple[list[str], float]:
    """The axis under its rows: line, ticks, which side is better, what is measured; and their height."""
    parts = [line(axis.start, y, axis.end, y, colour=EDGE)]
    for value, label in axis.ticks(percent=percent):
        x = axis.at(value)
        parts.append(line(x, y, x, y + 4, colour=EDGE))
        parts.append(text(inside(x, label, width), y + 17, label, size=SMALL, anchor="middle", colour=SOFT))
    sides, height = _sides(axis, y + 24, width, left, right)
    parts += sides
    height += 24
    lines = wrap(measure, width, SMALL)
    middle = (axis.start + axis.end) / 2
    half = widest(lines, SMALL) / 2
    middle = min(max(middle, half), width - half)
    parts += lines_of_text(
        middle, y + height + 13, lines, size=SMALL, anchor="middle", colour=SOFT, leading=LEADING_SMALL
    )
    return parts, height + LEADING_SMALL * len(lines) + 6


def inside(x: float, label: str, width: float) -> float:
    """The middle of a label, moved as far as it needs to stay on the picture."""
    half = width_of(label, SMALL) / 2
    return min(max(x, half), width - half)


def _sides(axis: Axis, y: float, width: float, left: str, right: str) -> tuple[list[str], float]:
    """`← worse` under the left end and `better →` under the right one, on two lines where one has no room."""
    to_left = [f"← {one}" if k == 0 else one for k, one in enumerate(wrap(left, width - 20, SMALL))]
    to_right = wrap(right, width - 20, SMALL)
    to_right = [*to_right[:-1], f"{to_right[-1]} →"] if to_right else []
    start = min(axis.start, max(0.0, width - widest(to_left, SMALL)))
    end = max(axis.end, widest(to_right, SMALL))
    same_line = start + widest(to_left, SMALL) + _GAP <= end - widest(to_right, SMALL)
    second = y if same_line else y + LEADING_SMALL * len(to_left)
    parts = lines_of_text(start, y + 12, to_left, size=SMALL, leading=LEADING_SMALL)
    parts += lines_of_text(end, second + 12, to_right, size=SMALL, anchor="end", leading=LEADING_SMALL)
    lines = max(len(to_left), len(to_right)) if same_line else len(to_left) + len(to_right)
    return parts, LEADING_SMALL * lines + (4 if lines else 0)


def whisker(axis: Axis, y: float, low: float | None, high: float | None, *, width: float = 2.5) -> list[str]:
    """The interval as a line; an end that lies beyond the axis is an arrow head."""
    if low is None or high is None or low != low or high != high:
        return []
    x1, x2 = _edge(axis, low), _edge(axis, high)
    parts = [line(x1, y, x2, y, colour=CALM, width=width)]
    for value, x, way in ((low, x1, -1), (high, x2, 1)):
        if not (known(value) and axis.holds(value)):
            parts.append(path([(x, y - 5), (x + way * 7, y), (x, y + 5)], fill=CALM, closed=True))
    return parts


def _edge(axis: Axis, value: float) -> float:
    if value <= axis.low or (axis.log and value <= 0):
        return axis.start
    return axis.end if value >= axis.high else axis.at(value)

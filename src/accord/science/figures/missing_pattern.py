"""Missing pattern: which time-points were answered together, and by how many people."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from accord.science.figures.drawing import drawing
from accord.science.figures.figure import WIDE, Columns, Rows
from accord.science.figures.letters import SMALL, widest, wrap
from accord.science.figures.marks import (
    CALM,
    CALM_WASH,
    CARD,
    EDGE,
    LEADING_SMALL,
    SOFT,
    Sample,
    box,
    legend,
    line,
    lines_of_text,
    text,
)  # fmt: skip
from accord.science.figures.numbers import count, percent
from accord.science.figures.rows import NARROW_BELOW

MOST_PATTERNS = 20  # the rest is summed up in one line; the table has them all
_CELL = 22.0  # the narrowest column of a time-point that has a number of its own
_SIGN = 44.0  # the narrowest that has room for a sign of per cent
_LEAST_BAR = 40.0  # less room than this has no bars
_ROW = 24.0


@dataclass(frozen=True, slots=True)
class Pattern:
    """`observed` has one entry a time-point, in order; `n` people show this pattern."""

    observed: Sequence[bool]
    n: int


@dataclass(frozen=True, slots=True)
class MissingPattern:
    """`what` names the scale (or `any scale`). Patterns are drawn by falling count."""

    title: str
    description: str
    time_points: Sequence[str]
    patterns: Sequence[Pattern]
    what: str = ""
    invented: bool = False

    def table(self) -> tuple[Columns, Rows]:
        total = sum(pattern.n for pattern in self.patterns)
        rows = [
            (*("answered" if seen else "missing" for seen in pattern.observed), pattern.n, pattern.n / total)
            for pattern in self.ordered()
            if total
        ]
        return (*self.time_points, "people", "share"), tuple(rows)

    def ordered(self) -> list[Pattern]:
        return sorted(self.patterns, key=lambda pattern: (-pattern.n, [not seen for seen in pattern.observed]))

    def svg(self, *, ident: str | None = None, width: int = WIDE) -> str:
        body, height = _matrix(self, float(width))
        return drawing(
            self.title, self.description, body, width=width, height=height, ident=ident, invented=self.invented
        )


def _matrix(figure: MissingPattern, width: float) -> tuple[list[str], float]:
    """One row a pattern, one column a time-point; to the right how many people, below which share answered."""
    shown = figure.ordered()[:MOST_PATTERNS]
    total = sum(pattern.n for pattern in figure.patterns)
    wide = width >= NARROW_BELOW
    numbers = [f"{count(one.n)} · {percent(one.n / total)}" if wide and total else count(one.n) for one in shown]
    left = widest(["answered"], SMALL) + 10 if wide else 0.0
    room = width - left - widest(numbers, SMALL) - 12
    column = min(room / max(len(figure.time_points), 1), 96.0)
    parts, y = legend([(_sample(True), "answered"), (_sample(False), "missing")], width)
    heads, tall = _heads(figure.time_points, column, left, y, width)
    parts += heads
    y += tall
    bars_at = left + column * len(figure.time_points) + 10
    bars = _Bars(bars_at, left + room - bars_at, max((one.n for one in shown), default=0))
    for pattern, words in zip(shown, numbers, strict=True):
        for k, seen in enumerate(pattern.observed):
            parts += _cell(left + k * column + column / 2, y + _ROW / 2, min(column - 2, 34.0), seen)
        parts += bars.draw(pattern.n, y + 4)
        parts.append(text(width, y + 16, words, size=SMALL, anchor="end"))
        y += _ROW
    if total and column >= _CELL:
        parts += _last_row(figure, left, column, y, width)
        y += 28
    last = wrap(_rest(figure, total, column), width, SMALL)
    parts += lines_of_text(0, y + 14, last, size=SMALL, colour=SOFT, leading=LEADING_SMALL)
    return parts, y + 6 + LEADING_SMALL * len(last)


@dataclass(frozen=True, slots=True)
class _Bars:
    """Counts as bars, where there is room between the matrix and the numbers."""

    start: float
    width: float
    most: int

    def draw(self, n: int, y: float) -> list[str]:
        if self.width < _LEAST_BAR or not self.most:
            return []
        return [box(self.start, y, self.width * n / self.most, 16, fill=CALM_WASH, colour=EDGE)]


def _last_row(figure: MissingPattern, left: float, column: float, y: float, width: float) -> list[str]:
    """The share that answered at each time-point."""
    parts = [line(0, y + 4, width, y + 4)]
    if left:
        parts.append(text(0, y + 21, "answered", size=SMALL, colour=SOFT))
    total = sum(pattern.n for pattern in figure.patterns)
    for k, share in enumerate(_answered(figure, total)):
        words = percent(share) if column >= _SIGN else percent(share)[:-2]
        parts.append(text(left + k * column + column / 2, y + 21, words, size=SMALL, anchor="middle"))
    return parts


def _answered(figure: MissingPattern, total: int) -> list[float | None]:
    return [
        sum(pattern.n for pattern in figure.patterns if pattern.observed[k]) / total if total else None
        for k in range(len(figure.time_points))
    ]


def _rest(figure: MissingPattern, total: int, column: float) -> str:
    hidden = figure.ordered()[MOST_PATTERNS:]
    words = [f"{count(total)} people"]
    if figure.what:
        words.append(figure.what)
    if total and column >= _CELL:
        words.append("the last row is the share that answered")
    if hidden:
        words.append(f"{len(hidden)} rarer patterns of {count(sum(one.n for one in hidden))} people are in the table")
    return " · ".join(words)


def _heads(labels: Sequence[str], column: float, left: float, y: float, width: float) -> tuple[list[str], float]:
    """The time-points over their columns; where a word has no room, numbers with their key in words above."""
    broken = [wrap(label, column - 6, SMALL) for label in labels]
    parts: list[str] = []
    key: list[str] = []
    if any(" ".join(lines) != " ".join(label.split()) for lines, label in zip(broken, labels, strict=True)):
        key = wrap(
            " · ".join(f"{k}\N{NO-BREAK SPACE}{label}" for k, label in enumerate(labels, 1)), width, SMALL, most=16
        )
        parts += lines_of_text(0, y + 11, key, size=SMALL, colour=SOFT, leading=LEADING_SMALL)
        each = 1 if column >= _CELL else math.ceil(_CELL / max(column, 1.0))
        broken = [[str(k)] if (k - 1) % each == 0 else [] for k in range(1, len(labels) + 1)]
    above = LEADING_SMALL * len(key) + (6 if key else 0)
    most = max((len(lines) for lines in broken), default=0)
    for k, lines in enumerate(broken):
        first = y + above + 12 + LEADING_SMALL * (most - len(lines))
        middle = left + k * column + column / 2
        parts += lines_of_text(middle, first, lines, size=SMALL, anchor="middle", leading=LEADING_SMALL)
    return parts, above + LEADING_SMALL * most + 8


def _cell(x: float, y: float, wide: float, seen: bool) -> list[str]:
    """Answered is a filled box, missing an empty one with a stroke through it."""
    if seen:
        return [box(x - wide / 2, y - 8, wide, 16, fill=CALM, round_by=3)]
    return [
        box(x - wide / 2, y - 8, wide, 16, fill=CARD, colour=EDGE, round_by=3),
        line(x - 4, y + 4, x + 4, y - 4, colour=EDGE, width=1.5),
    ]


def _sample(seen: bool) -> Sample:
    return lambda x, y: _cell(x + 14, y, 24, seen)

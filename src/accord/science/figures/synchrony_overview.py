"""A whole study at one look: every session of every pair in units of chance, by session, with the mean of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accord.science.figures.axis import Axis, around
from accord.science.figures.drawing import drawing
from accord.science.figures.figure import WIDE, Columns, Rows
from accord.science.figures.letters import SMALL, widest, wrap
from accord.science.figures.marks import (
    CALM,
    EDGE,
    INK,
    LEADING_SMALL,
    LINE,
    SOFT,
    SUNK,
    Sample,
    box,
    legend,
    line,
    lines_of_text,
    marker,
    path,
    shifted,
    text,
)  # fmt: skip
from accord.science.figures.numbers import known
from accord.science.figures.rows import NARROW_BELOW

_TOP, _RIGHT, _LIMIT = 28.0, 14.0, 1.96
_ROOM = 90.0  # a narrower column has the bare numbers under it
_LINES = 60  # more people than this are dots only


@dataclass(frozen=True, slots=True)
class OverviewDot:
    """One pair at one session, in standard deviations of chance; `above`: more than chance at the 5 % level."""

    person: str
    effect: float
    above: bool


@dataclass(frozen=True, slots=True)
class OverviewColumn:
    """One session: its dots, their mean with its interval, and how many pairs could not be used."""

    label: str
    dots: Sequence[OverviewDot]
    mean: float | None = None
    low: float | None = None
    high: float | None = None
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class SynchronyOverview:
    """Columns in the order of the sessions. The grey band holds 95 of 100 pairs that are not coupled."""

    title: str
    description: str
    columns: Sequence[OverviewColumn]
    measure: str = "synchrony, in standard deviations of chance"
    note: str = ""
    share_by_chance: float = 0.025  # of pairs that are not coupled, how many lie above
    invented: bool = False

    def table(self) -> tuple[Columns, Rows]:
        columns = ("Session", "Pairs", "Above chance", "Expected by chance", "Mean", "95 % from", "95 % to", "Left out")
        rows = tuple(
            (c.label, len(c.dots), _above(c), round(self.share_by_chance * len(c.dots), 1), c.mean, c.low, c.high,
             c.left_out)
            for c in self.columns
        )  # fmt: skip
        return columns, rows

    def svg(self, *, ident: str | None = None, width: int = WIDE) -> str:
        key, top = legend(_LEGEND, width)
        tall = 300.0 if width >= NARROW_BELOW else 240.0
        up = Axis(*self._range(), _TOP + tall, _TOP)
        left = widest([label for _, label in up.ticks(room=26)], SMALL) + 10
        places = self._places(left, width - _RIGHT)
        body = [*self._grid(up, left, width), *self._people(up, places)]
        room = (width - _RIGHT - left) / max(len(self.columns), 1)
        deepest = 0
        for x, column in zip(places, self.columns, strict=True):
            body += _mean(column, up, x)
            counted = (
                _count(column, self.share_by_chance) if room >= _ROOM else f"{_above(column)} / {len(column.dots)}"
            )
            words = [*wrap(column.label, room - 4, SMALL, most=2), *wrap(counted, room - 4, SMALL, most=4)]
            deepest = max(deepest, len(words))
            body += lines_of_text(x, _TOP + tall + 17, words, size=SMALL, anchor="middle", colour=SOFT,
                                  leading=LEADING_SMALL)  # fmt: skip
        y = _TOP + tall + 12 + LEADING_SMALL * deepest
        words = wrap(self.note, width, SMALL)
        body += lines_of_text(0, y + 16, words, size=SMALL, colour=SOFT, leading=LEADING_SMALL)
        height = y + LEADING_SMALL * len(words) + 10
        return drawing(
            self.title, self.description, [*key, *shifted(body, top)], width=width, height=top + height, ident=ident,
            invented=self.invented,
        )  # fmt: skip

    def _range(self) -> tuple[float, float]:
        values = [d.effect for c in self.columns for d in c.dots]
        return around([*values, -_LIMIT - 0.5, _LIMIT + 0.5])

    def _places(self, left: float, right: float) -> list[float]:
        step = (right - left) / max(len(self.columns), 1)
        return [left + (k + 0.5) * step for k in range(len(self.columns))]

    def _grid(self, up: Axis, left: float, width: float) -> list[str]:
        right = width - _RIGHT
        heading = wrap(self.measure, width, SMALL, most=1)
        parts = lines_of_text(0, 11, heading, size=SMALL, colour=SOFT)
        high, low = up.at(_LIMIT), up.at(-_LIMIT)
        parts.append(box(left, high, right - left, low - high, fill=SUNK))
        for value, label in up.ticks(room=26):
            y = up.at(value)
            parts += [line(left, y, right, y), text(left - 6, y + 4, label, size=SMALL, anchor="end", colour=SOFT)]
        return [*parts, line(left, up.at(0.0), right, up.at(0.0), colour=EDGE, width=1.5)]

    def _people(self, up: Axis, places: Sequence[float]) -> list[str]:
        """A thin line joins a person's sessions, as long as there are few enough to be told apart."""
        found: dict[str, list[tuple[float, float]]] = {}
        dots: list[str] = []
        for x, column in zip(places, self.columns, strict=True):
            for k, dot in enumerate(column.dots):
                at = (x - 10 + 20 * ((k * 0.618) % 1), up.at(dot.effect))
                found.setdefault(dot.person, []).append(at)
                dots.append(marker("circle", *at, 2.6, CALM if dot.above else EDGE, hollow=not dot.above))
        lines = [path(at, colour=LINE) for at in found.values() if len(at) > 1] if len(found) <= _LINES else []
        return [*lines, *dots]


def _mean(column: OverviewColumn, up: Axis, x: float) -> list[str]:
    if not known(column.mean):
        return []
    at = x + 22
    parts = [marker("diamond", at, up.at(column.mean), 4.5, INK)]
    if known(column.low) and known(column.high):
        parts.insert(0, line(at, up.at(column.low), at, up.at(column.high), colour=INK, width=2.5))
    return parts


def _above(column: OverviewColumn) -> int:
    return sum(d.above for d in column.dots)


def _count(column: OverviewColumn, by_chance: float) -> str:
    n, above = len(column.dots), _above(column)
    words = f"{above} of {n} above, {by_chance * n:.1f} by chance"
    return f"{words}; {column.left_out} left out" if column.left_out else words


_LEGEND: list[tuple[Sample, str]] = [
    (lambda x, y: [marker("circle", x + 14, y, 3.2, CALM)], "a pair above chance"),
    (lambda x, y: [marker("circle", x + 14, y, 3.2, EDGE, hollow=True)], "a pair that is not"),
    (lambda x, y: [line(x + 14, y - 8, x + 14, y + 8, colour=INK, width=2.5), marker("diamond", x + 14, y, 4.5, INK)],
     "mean with its 95 % interval"),
    (lambda x, y: [box(x, y - 6, 28, 12, fill=SUNK)], "95 of 100 pairs that are not coupled"),
]  # fmt: skip

"""One person's scores over her own time, large enough to read: what came first, what came last, what is ordinary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accord.science.figures.axis import Axis
from accord.science.figures.drawing import drawing
from accord.science.figures.figure import NARROW, Columns, Rows
from accord.science.figures.letters import SMALL
from accord.science.figures.marks import CALM, CALM_WASH, LINE, SOFT, box, line, marker, path, text
from accord.science.figures.numbers import number
from accord.science.figures.sparkline import BETTER

_LEFT, _TOP, _TALL, _FOOT = 30.0, 20.0, 130.0, 22.0


@dataclass(frozen=True, slots=True)
class OwnCourse:
    """`points` are (day, value, date in words) in the order of time; `low` and `high` the ends of the scale; `band`
    what is ordinary around her start, where that is known; `better` is `down` or `up`.
    """

    title: str
    description: str
    points: Sequence[tuple[float, float, str]]
    low: float
    high: float
    better: str = "down"
    band: tuple[float, float] | None = None
    band_words: str = "ordinary ups and downs around the start"
    digits: int = 1
    invented: bool = False

    def table(self) -> tuple[Columns, Rows]:
        return ("When", self.title), tuple((when, value) for _, value, when in self.points)

    def svg(self, *, ident: str | None = None, width: int = NARROW) -> str:
        days = [day for day, *_ in self.points] or [0.0]
        across = Axis(days[0], max(days[-1], days[0] + 1), _LEFT + 10, width - 22)
        up = Axis(self.low, self.high, _TOP + _TALL, _TOP)
        body = [*self._ground(up, width), *self._band(up, width), *self._line(across, up), *self._words(across, width)]
        return drawing(self.title, self.description, body, width=width, height=_TOP + _TALL + _FOOT + 16, ident=ident,
                       invented=self.invented)  # fmt: skip

    def _ground(self, up: Axis, width: float) -> list[str]:
        middle = (self.low + self.high) / 2
        ends = [(self.low, number(self.low, 0)), (middle, ""), (self.high, number(self.high, 0))]
        lines = [line(_LEFT, up.at(value), width - 4, up.at(value), colour=LINE) for value, _ in ends]
        return lines + [text(_LEFT - 6, up.at(value) + 4, words, size=SMALL, anchor="end", colour=SOFT)
                        for value, words in ends if words]  # fmt: skip

    def _band(self, up: Axis, width: float) -> list[str]:
        if self.band is None:
            return []
        top, bottom = up.at(min(self.band[1], self.high)), up.at(max(self.band[0], self.low))
        return [box(_LEFT, top, width - 4 - _LEFT, bottom - top, fill=CALM_WASH)]

    def _line(self, across: Axis, up: Axis) -> list[str]:
        there = [(across.at(day), up.at(value)) for day, value, _ in self.points]
        if not there:
            return []
        drawn = [path(there, colour=CALM, width=3)] if len(there) > 1 else []
        drawn += [marker("circle", x, y, 4, CALM, hollow=True) for x, y in there[:-1]]
        (x, y), last = there[-1], number(self.points[-1][1], self.digits)
        above = y - 12 if y - 12 > _TOP - 6 else y + 20
        return [*drawn, marker("circle", x, y, 6, CALM), text(x, above, last, bold=True, anchor="middle", halo=True)]

    def _words(self, across: Axis, width: float) -> list[str]:
        foot = _TOP + _TALL + 16
        first = self.points[0][2] if self.points else ""
        last = self.points[-1][2] if len(self.points) > 1 else ""
        words = [text(_LEFT, foot, first, size=SMALL, colour=SOFT)]
        if last:
            words.append(text(width - 4, foot, last, size=SMALL, anchor="end", colour=SOFT))
        words.append(text(_LEFT, _TOP - 8, BETTER[self.better], size=SMALL, colour=SOFT))
        if self.band is not None:
            words.append(text(_LEFT, foot + 18, f"shaded: {self.band_words}", size=SMALL, colour=SOFT))
        return words

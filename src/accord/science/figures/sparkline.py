"""A sparkline: one person's few values on one small line, for a list; the last value is the one that is printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accord.science.errors import BadInput
from accord.science.figures.axis import Axis
from accord.science.figures.drawing import drawing
from accord.science.figures.figure import Columns, Rows
from accord.science.figures.letters import SMALL, width_of
from accord.science.figures.marks import CALM, CALM_WASH, SOFT, box, marker, path, text
from accord.science.figures.numbers import known, number

BESIDE_TEXT = 150  # its usual width
BETTER = {"down": "lower is better", "up": "higher is better"}
_TALL, _EDGE = 40.0, 5.0
_CELL = (80.0, 26.0)  # pixels of the form without words


@dataclass(frozen=True, slots=True)
class Sparkline:
    """`points` are (day, value) in the order of time, value None where nothing was answered; `low` and `high` are the
    ends of the scale, so that a small change looks small; `band` is the person's own ordinary variation, where known;
    `better` is `down` or `up`.
    """

    title: str
    description: str
    points: Sequence[tuple[float, float | None]]
    low: float
    high: float
    better: str = "down"
    band: tuple[float, float] | None = None
    digits: int = 1
    invented: bool = False

    def table(self) -> tuple[Columns, Rows]:
        return ("Day", self.title or "Value"), tuple((day, value) for day, value in self.points)

    def svg(self, *, ident: str | None = None, width: int = BESIDE_TEXT) -> str:
        """The picture with title, description, the last value and which way is better."""
        there = self._known()
        last = number(there[-1][1], self.digits) if there else "–"
        room = width_of(last, SMALL, bold=True) + 8
        axes = self._axes(width - room, _TALL)
        body = [*self._band(axes), *self._line(axes)]
        if there:
            x, y = _at(axes, there[-1])
            body += [
                marker("circle", x, y, 3.5, CALM),
                text(x + 8, min(max(y + 4, 12), _TALL), last, size=SMALL, bold=True),
            ]
        body.append(text(0, _TALL + 14, BETTER[self._better()], size=SMALL, colour=SOFT))
        return drawing(
            self.title, self.description, body, width=width, height=_TALL + 20, ident=ident, invented=self.invented
        )

    def cell(self) -> str:
        """The same line for one cell of a long table: no words and no title, since the cell says the values.

        About 120 bytes, hidden from screen readers; the page's style sheet gives size (80 by 26) and colours.
        """
        there, axes = self._known(), self._axes(*_CELL, edge=4)
        parts = ['<svg class="spark" aria-hidden="true">']
        if self.band:
            y1, y2 = sorted(axes[1].at(end) for end in self.band)
            parts.append(f'<path class="band" d="M0 {y1:.0f}h{_CELL[0]:.0f}V{y2:.0f}H0z"/>')
        if len(there) > 1:
            parts.append(f'<path d="M{" ".join(f"{x:.0f} {y:.0f}" for x, y in (_at(axes, p) for p in there))}"/>')
        if there:
            x, y = _at(axes, there[-1])
            parts.append(f'<circle cx="{x:.0f}" cy="{y:.0f}" r="3"/>')
        return "".join([*parts, "</svg>"])

    def _better(self) -> str:
        if self.better not in BETTER:
            raise BadInput(f"{self.title}: better is '{self.better}'.", cure="Write down or up.")
        return self.better

    def _known(self) -> list[tuple[float, float]]:
        return [(day, value) for day, value in self.points if known(value) and known(day)]

    def _axes(self, width: float, height: float, *, edge: float = _EDGE) -> tuple[Axis, Axis]:
        days = [day for day, _ in self._known()] or [0.0]
        first = days[0] if days[-1] > days[0] else days[0] - 1  # a single value is the newest: it stands at the end
        across = Axis(first, days[-1], edge, max(width - edge, edge + 1))
        return across, Axis(self.low, max(self.high, self.low + 1e-9), height - edge, edge)

    def _band(self, axes: tuple[Axis, Axis]) -> list[str]:
        if not self.band:
            return []
        y1, y2 = sorted(axes[1].at(end) for end in self.band)
        return [box(0, y1, axes[0].end + _EDGE, y2 - y1, fill=CALM_WASH)]

    def _line(self, axes: tuple[Axis, Axis]) -> list[str]:
        there = [_at(axes, point) for point in self._known()]
        return [path(there, colour=CALM, width=2)] if len(there) > 1 else []


def _at(axes: tuple[Axis, Axis], point: tuple[float, float]) -> tuple[float, float]:
    return axes[0].at(point[0]), axes[1].at(point[1])

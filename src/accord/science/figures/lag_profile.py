"""Lead and lag: how strongly two signals go together at each lag, against the range that chance gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accord.science.figures.axis import around
from accord.science.figures.drawing import drawing
from accord.science.figures.figure import WIDE, Columns, Rows
from accord.science.figures.letters import SMALL, shorten, width_of, wrap
from accord.science.figures.marks import (
    CALM,
    CALM_WASH,
    EDGE,
    LEADING_SMALL,
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
)
from accord.science.figures.numbers import known
from accord.science.figures.plane import Plane, plane
from accord.science.figures.rows import NARROW_BELOW


@dataclass(frozen=True, slots=True)
class LagPoint:
    """Coupling at one lag (seconds; positive: the second person follows), and what chance gives there."""

    lag: float
    value: float | None
    chance_low: float | None = None
    chance_high: float | None = None


@dataclass(frozen=True, slots=True)
class LagProfile:
    """`peak` is the lag of the peak with its interval; `verdict` says who comes first, or that nobody does."""

    title: str
    description: str
    points: Sequence[LagPoint]
    first: str
    second: str
    measure: str
    peak: float | None = None
    peak_low: float | None = None
    peak_high: float | None = None
    verdict: str = ""
    invented: bool = False

    def table(self) -> tuple[Columns, Rows]:
        columns = ("Lag, s", self.measure, "Chance from", "Chance to")
        return columns, tuple((one.lag, one.value, one.chance_low, one.chance_high) for one in self.points)

    def svg(self, *, ident: str | None = None, width: int = WIDE) -> str:
        key, top = legend(self._legend(), width)
        over = self._plane(width)
        frame, height = over.frame("lag, seconds", self.measure)
        body = [*self._peak_range(over), *_band(self.points, over), *frame, *self._sides(over)]
        body += _curve(self.points, over)
        if known(self.peak):
            nearest = min(self.points, key=lambda one: abs(one.lag - (self.peak or 0.0)))
            if known(nearest.value):
                body.append(marker("circle", *over.at(nearest.lag, nearest.value), 4.5, CALM))
        words = wrap(self.verdict, width, SMALL)
        body += lines_of_text(0, height + 12, words, size=SMALL, colour=SOFT, leading=LEADING_SMALL)
        height += LEADING_SMALL * len(words) + (4 if words else 0)
        return drawing(
            self.title, self.description, [*key, *shifted(body, top)], width=width, height=top + height, ident=ident,
            invented=self.invented,
        )  # fmt: skip

    def _plane(self, width: int) -> Plane:
        lags = [one.lag for one in self.points] or [-1.0, 1.0]
        values = [v for one in self.points for v in (one.value, one.chance_low, one.chance_high)]
        tall = 220.0 if width >= NARROW_BELOW else 180.0
        return plane((min(lags), max(lags)), around([*values, 0.0]), width, tall=tall)

    def _sides(self, over: Plane) -> list[str]:
        """The lag of zero, and who comes first on either side of it, inside the plot at its top."""
        zero, y = over.across.at(0.0), over.top + 12
        room = min(zero - over.across.start, over.across.end - zero) - 8
        left, right = _fitting(f"← {self.second}", "", room), _fitting(self.first, " →", room)
        return [
            line(zero, over.top, zero, over.bottom, colour=EDGE, width=1.5),
            text(zero - 5, y, left, size=SMALL, anchor="end", colour=SOFT, halo=True),
            text(zero + 5, y, right, size=SMALL, colour=SOFT, halo=True),
        ]

    def _peak_range(self, over: Plane) -> list[str]:
        if not (known(self.peak_low) and known(self.peak_high)):
            return []
        x1, x2 = over.across.at(self.peak_low), over.across.at(self.peak_high)
        return [box(x1, over.top, max(x2 - x1, 1.5), over.bottom - over.top, fill=CALM_WASH)]

    def _legend(self) -> list[tuple[Sample, str]]:
        entries: list[tuple[Sample, str]] = [
            (lambda x, y: [line(x, y, x + 28, y, colour=CALM, width=2)], "observed"),
        ]
        if any(known(one.chance_low) for one in self.points):
            entries.append((lambda x, y: [box(x, y - 6, 28, 12, fill=SUNK, colour=EDGE)], "95 % of chance"))
        if known(self.peak_low) and known(self.peak_high):
            words = "interval of the lag of the peak"
            entries.append((lambda x, y: [box(x, y - 6, 28, 12, fill=CALM_WASH)], words))
        return entries


def _fitting(who: str, end: str, room: float) -> str:
    """With the word `first` where there is room for it."""
    words = f"{who} first{end}"
    return words if width_of(words, SMALL) <= room else shorten(f"{who}{end}", max(room, 0.0), SMALL)


def _band(points: Sequence[LagPoint], over: Plane) -> list[str]:
    there = [(p.lag, p.chance_low, p.chance_high) for p in points if known(p.chance_low) and known(p.chance_high)]
    if len(there) < 2:
        return []
    edge = [over.at(lag, low) for lag, low, _ in there] + [over.at(lag, high) for lag, _, high in reversed(there)]
    return [path(edge, fill=SUNK, colour=EDGE, closed=True)]


def _curve(points: Sequence[LagPoint], over: Plane) -> list[str]:
    there = [over.at(one.lag, one.value) for one in points if known(one.value)]
    return [path(there, colour=CALM, width=2)] if len(there) > 1 else []

"""One person on one line of time: what happened in lanes, what she answered in small panels under the same axis."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from accord.science.errors import BadInput
from accord.science.figures.axis import Axis
from accord.science.figures.drawing import drawing
from accord.science.figures.figure import WIDE, Columns, Rows
from accord.science.figures.letters import BODY, SMALL, shorten, widest, width_of, wrap
from accord.science.figures.marks import (
    CALM,
    CALM_WASH,
    EDGE,
    INK,
    LEADING_SMALL,
    SOFT,
    SUNK,
    WARM,
    box,
    line,
    lines_of_text,
    marker,
    path,
    text,
)  # fmt: skip
from accord.science.figures.numbers import known, number
from accord.science.figures.rows import NARROW_BELOW, inside
from accord.science.figures.sparkline import BETTER

ALERT = "var(--alert,#9c1c2b)"

_LANE, _PANEL, _HEAD = 22.0, 74.0, 18.0
_RIGHT = 12.0
_ARROW = {"down": "↓", "up": "↑"}


@dataclass(frozen=True, slots=True)
class Lane:
    """A kind of happening: its name, its shape (circle, square, triangle, diamond, bar) and whether it is an alarm."""

    label: str
    shape: str
    colour: str


LANES = {
    "lesson": Lane("Lessons", "square", CALM),
    "session": Lane("Sessions", "diamond", CALM),
    "contact": Lane("Calls, visits", "circle", CALM),
    "message": Lane("Messages", "down", SOFT),
    "flare": Lane("Flares", "bar", WARM),
    "alert": Lane("Alerts, flags", "triangle", ALERT),
}


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing at one day (a flare: until a day). `open`: planned, tried or not closed, drawn hollow."""

    kind: str
    day: float
    label: str
    until: float | None = None
    open: bool = False
    short: str = ""  # at most two letters beside the mark, for the number of a lesson


@dataclass(frozen=True, slots=True)
class Outcome:
    """One scale over time; value None: it was asked and not answered. `band`: her own ordinary variation, if known."""

    label: str
    points: Sequence[tuple[float, float | None]]
    low: float
    high: float
    better: str = "down"
    band: tuple[float, float] | None = None
    digits: int = 1
    note: str = ""


@dataclass(frozen=True, slots=True)
class PersonTimeline:
    """Days are counted from `start`; `now` is where the line ends today, `ticks` are (day, label) of the axis."""

    title: str
    description: str
    start: float
    end: float
    now: float
    outcomes: Sequence[Outcome]
    happenings: Sequence[Happening] = ()
    ticks: Sequence[tuple[float, str]] = ()
    time_unit: str = "days from the start"
    band_means: str = "her own ordinary variation"
    invented: bool = False

    def table(self) -> tuple[Columns, Rows]:
        """Everything that is drawn, in the order of time."""
        rows: list[tuple[float, str, str, float | None]] = [
            (one.day, LANES[one.kind].label, one.label, None) for one in self._happenings()
        ]
        rows += [
            (day, one.label, "" if known(value) else "asked, not answered", value if known(value) else None)
            for one in self.outcomes
            for day, value in one.points
        ]
        return ("Day", "What", "In words", "Value"), tuple(sorted(rows, key=lambda row: (row[0], row[1], row[2])))

    def svg(self, *, ident: str | None = None, width: int = WIDE) -> str:
        frame = _Frame(self, width)
        body, y = frame.lanes(22.0)
        for one in self.outcomes:
            parts, tall = frame.panel(one, y)
            body += parts
            y += tall
        body = [*frame.under(y), *body, *frame.axis(y)]
        words = frame.caption()
        body += lines_of_text(0, y + 36, words, size=SMALL, colour=SOFT, leading=LEADING_SMALL)
        height = y + 28 + LEADING_SMALL * len(words)
        return drawing(
            self.title, self.description, body, width=width, height=height, ident=ident, invented=self.invented
        )

    def _happenings(self) -> list[Happening]:
        if unknown := sorted({one.kind for one in self.happenings} - set(LANES)):
            raise BadInput(f"'{unknown[0]}' is no kind of happening.", cure=f"Allowed: {', '.join(LANES)}.")
        return list(self.happenings)


class _Frame:
    """Where things stand: names to the left when there is room, above when there is not."""

    def __init__(self, figure: PersonTimeline, width: int) -> None:
        self.figure, self.width = figure, width
        self.wide = width >= NARROW_BELOW
        self.names = [LANES[kind].label for kind in LANES if any(h.kind == kind for h in figure._happenings())]
        self.left = self._left()
        self.across = Axis(figure.start, max(figure.end, figure.start + 1), self.left, width - _RIGHT)

    def _left(self) -> float:
        labels = [one.label for one in self.figure.outcomes] if self.wide else []
        return min(max(widest([*self.names, *labels], BODY, bold=True), 96.0) + 12, 0.34 * self.width)

    def under(self, bottom: float) -> list[str]:
        """Flares shade everything; today is a thin line with its name on top."""
        parts = []
        for one in self.figure.happenings:
            if one.kind == "flare":
                x1, x2 = self._span(one)
                parts.append(box(x1, 16, x2 - x1, bottom - 16, fill=SUNK))
        x = self.across.at(self.figure.now)
        parts.append(line(x, 16, x, bottom, colour=EDGE, dash="2 3"))
        parts.append(text(inside(x, "today", self.width), 11, "today", size=SMALL, anchor="middle", colour=SOFT))
        return parts

    def lanes(self, y: float) -> tuple[list[str], float]:
        parts: list[str] = []
        for kind, lane in LANES.items():
            here = [one for one in self.figure.happenings if one.kind == kind]
            if not here:
                continue
            name = shorten(lane.label, self.left - 8, SMALL)
            parts += [text(0, y + 15, name, size=SMALL, colour=SOFT),
                      line(self.left, y + 11, self.width - _RIGHT, y + 11)]  # fmt: skip
            parts += self._marks(lane, sorted(here, key=lambda one: one.day), y + 11)
            y += _LANE
        return parts, y + 6

    def _marks(self, lane: Lane, here: Iterable[Happening], y: float) -> list[str]:
        parts, free = [], -1.0
        for one in here:
            x = self.across.at(one.day)
            if lane.shape == "bar":
                x1, x2 = self._span(one)
                parts.append(box(x1, y - 4, x2 - x1, 8, fill=lane.colour, round_by=3))
                continue
            parts.append(marker(lane.shape, x, y, 5, lane.colour, hollow=one.open))
            wide = width_of(one.short[:2], SMALL)
            if one.short and x + 8 >= free and x + 8 + wide <= self.width:
                parts.append(text(x + 8, y + 4, one.short[:2], size=SMALL, colour=INK, halo=True))
                free = x + 8 + wide + 2
        return parts

    def _span(self, one: Happening) -> tuple[float, float]:
        x1 = self.across.at(one.day)
        return x1, max(self.across.at(one.day if one.until is None else one.until), x1 + 4)

    def panel(self, one: Outcome, y: float) -> tuple[list[str], float]:
        """The scale with its name, its ends, the band and the line; and the height of it all."""
        if one.better not in BETTER:
            raise BadInput(f"{one.label}: better is '{one.better}'.", cure="Write down or up.")
        head = 0.0 if self.wide else _HEAD
        parts = self._names(one, y)
        upright = Axis(one.low, max(one.high, one.low + 1e-9), y + head + _PANEL - 10, y + head + 12)
        right = self.width - _RIGHT
        if one.band:
            y1, y2 = sorted(upright.at(end) for end in one.band)
            parts.append(box(self.left, y1, right - self.left, max(y2 - y1, 1), fill=CALM_WASH))
        for value in (one.low, one.high):
            at = upright.at(value)
            parts += [line(self.left, at, right, at),
                      text(self.left - 4, at + 4, number(value, 0), size=SMALL, anchor="end", colour=SOFT)]  # fmt: skip
        return [*parts, *self._course(one, upright)], head + _PANEL

    def _names(self, one: Outcome, y: float) -> list[str]:
        better = f"{BETTER[one.better]} {_ARROW[one.better]}"
        if not self.wide:
            room = self.width - width_of(better, SMALL) - 10
            return [text(0, y + 13, shorten(one.label, room, SMALL, bold=True), size=SMALL, bold=True),
                    text(self.width, y + 13, better, size=SMALL, anchor="end", colour=SOFT)]  # fmt: skip
        room = self.left - 12 - width_of(number(one.high, 0), SMALL)
        lines = wrap(one.label, room, SMALL, most=2, bold=True)
        under = y + 16 + LEADING_SMALL * len(lines)
        return [*lines_of_text(0, y + 16, lines, size=SMALL, bold=True, leading=LEADING_SMALL),
                text(0, under, shorten(better, room, SMALL), size=SMALL, colour=SOFT)]  # fmt: skip

    def _course(self, one: Outcome, upright: Axis) -> list[str]:
        parts, run = [], list[tuple[float, float]]()
        for day, value in [*one.points, (0.0, None)]:
            if known(value):
                run.append((self.across.at(day), upright.at(value)))
                continue
            if len(run) > 1:
                parts.append(path(run, colour=CALM, width=2.2))
            parts += [marker("circle", x, y, 3.2, CALM) for x, y in run]
            run = []
        parts += [self._gap(day, upright) for day, value in one.points if not known(value)]
        return [*parts, *self._numbers(one, upright)]

    def _gap(self, day: float, upright: Axis) -> str:
        """A hollow mark on the lower line: asked, not answered."""
        return marker("square", self.across.at(day), upright.start, 3, EDGE, hollow=True)

    def _numbers(self, one: Outcome, upright: Axis) -> list[str]:
        """The first and the last value, where they do not stand in each other's way."""
        there = [(self.across.at(day), upright.at(value), value) for day, value in one.points if known(value)]
        if not there:
            return [
                text(self.left + 6, (upright.start + upright.end) / 2 + 4, "no answer yet", size=SMALL, colour=SOFT)
            ]
        parts, taken = [], self.width + 1.0
        for x, y, value in (there[-1], there[0])[: len(there)]:
            words = number(value, one.digits)
            half = width_of(words, SMALL, bold=True) / 2
            middle = min(max(x, self.left + half), self.width - half)
            if middle + half + 4 > taken:
                continue
            high = y - 7 if y - 7 > upright.end + 2 else y + 15
            parts.append(text(middle, high, words, size=SMALL, anchor="middle", bold=True, halo=True))
            taken = middle - half
        return parts

    def axis(self, y: float) -> list[str]:
        parts = [line(self.left, y, self.width - _RIGHT, y, colour=EDGE)]
        free = -1.0
        for day, label in self.figure.ticks or self.across.ticks():
            x, half = self.across.at(day), width_of(label, SMALL) / 2
            middle = inside(x, label, self.width)
            if not self.across.holds(day) or middle - half < free:
                continue
            parts += [line(x, y, x, y + 4, colour=EDGE),
                      text(middle, y + 17, label, size=SMALL, anchor="middle", colour=SOFT)]  # fmt: skip
            free = middle + half + 8
        return parts

    def caption(self) -> list[str]:
        figure = self.figure
        said = [f"Time to the right, {figure.time_unit}."]
        if any(one.band for one in figure.outcomes):
            said.append(f"Shaded in a panel: {figure.band_means}.")
        if any(one.open for one in figure.happenings):
            said.append("Hollow: planned, tried or still open.")
        if any(not known(value) for one in figure.outcomes for _day, value in one.points):
            said.append("Hollow square: asked, not answered.")
        if any(one.kind == "flare" for one in figure.happenings):
            said.append("Grey all the way down: a flare.")
        notes = [f"{one.label}: {one.note}" for one in figure.outcomes if one.note]
        return [row for words in (" ".join(said), *notes) for row in wrap(words, self.width, SMALL, most=8)]

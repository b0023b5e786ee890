"""Trajectories: mean and interval band per arm over time, one small panel a scale; time runs right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accord.science.errors import BadInput
from accord.science.figures.axis import Axis, around
from accord.science.figures.drawing import drawing
from accord.science.figures.figure import WIDE, Columns, Rows
from accord.science.figures.letters import SMALL, shorten, widest, width_of, wrap
from accord.science.figures.marks import (
    EDGE,
    LEADING,
    LEADING_SMALL,
    SOFT,
    Sample,
    legend,
    line,
    lines_of_text,
    marker,
    path,
    series,
    shifted,
    text,
)  # fmt: skip
from accord.science.figures.numbers import known, number
from accord.science.figures.rows import NARROW_BELOW

_GAP = 28.0  # between panels
_ONE = 560.0  # a single panel is not wider
_DODGE = 5.0  # between the marks of two arms at one time-point
_LEVELS = 2  # lines of labels under a panel
_LABEL = 96.0  # the widest name of one of many time-points; with a wider one they are numbered


@dataclass(frozen=True, slots=True)
class TimePoint:
    """`time` is where it stands on the axis, in the unit that the figure's `time_unit` names."""

    label: str
    time: float


@dataclass(frozen=True, slots=True)
class Reading:
    """The mean of one arm at one time-point with its 95 % interval; no value leaves a gap."""

    at: str
    mean: float | None
    low: float | None = None
    high: float | None = None
    n: int | None = None


@dataclass(frozen=True, slots=True)
class Trajectory:
    """One arm (or the whole cohort)."""

    label: str
    readings: Sequence[Reading]


@dataclass(frozen=True, slots=True)
class Threshold:
    """A thin labelled line, for example a clinical cut-off."""

    value: float
    label: str


@dataclass(frozen=True, slots=True)
class Panel:
    """One scale. `better` is `down` or `up` (empty: not said); `minimum` and `maximum` are the ends of the scale, for
    the caption."""

    title: str
    trajectories: Sequence[Trajectory]
    better: str = "down"
    minimum: float | None = None
    maximum: float | None = None
    thresholds: Sequence[Threshold] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Trajectories:
    """Panels share the time axis; an arm keeps its colour, dash and shape through all of them."""

    title: str
    description: str
    time_points: Sequence[TimePoint]
    panels: Sequence[Panel]
    time_unit: str = "days from enrolment"
    digits: int = 1
    invented: bool = False
    words: tuple[str, str, str] = ("Mean", "95 % from", "95 % to")
    band: str = "The band is the 95 % interval of the mean."

    def table(self) -> tuple[Columns, Rows]:
        columns = (
            "Scale",
            "Better",
            "Arm",
            "Time-point",
            *self.words,
            "n",
        )
        rows = tuple(
            (panel.title, panel.better, line.label, reading.at, reading.mean, reading.low, reading.high, reading.n)
            for panel in self.panels
            for line in panel.trajectories
            for reading in line.readings
        )
        return columns, rows

    def svg(self, *, ident: str | None = None, width: int = WIDE) -> str:
        self._check()
        names = list(dict.fromkeys(one.label for panel in self.panels for one in panel.trajectories))
        body, y = legend([(_sample(k), name) for k, name in enumerate(names)], width) if len(names) > 1 else ([], 0.0)
        columns = _columns(len(self.panels), width)
        wide = min((width - _GAP * (columns - 1)) / columns, _ONE)
        tall = 190.0 if columns == 1 and width >= NARROW_BELOW else 140.0
        panels = [_Panel(self, panel, names, wide, tall) for panel in self.panels]
        named = all(panel.words_fit() for panel in panels)
        for first in range(0, len(panels), columns):
            drawn = panels[first : first + columns]
            head = max(one.head for one in drawn)
            for k, one in enumerate(drawn):
                body += shifted(one.parts(head, named), y, k * (wide + _GAP))
            y += max(one.height(head, named) for one in drawn) + 14
        key = " · ".join(f"{k}\N{NO-BREAK SPACE}{point.label}" for k, point in enumerate(self.time_points, 1))
        words = f"Time to the right, in {self.time_unit}. {self.band}"
        caption = [*wrap("" if named else key, width, SMALL, most=8), *wrap(words, width, SMALL)]
        body += lines_of_text(0, y + 12, caption, size=SMALL, colour=SOFT, leading=LEADING_SMALL)
        height = y + LEADING_SMALL * len(caption) + 6
        return drawing(
            self.title, self.description, body, width=width, height=height, ident=ident, invented=self.invented
        )

    def _check(self) -> None:
        labels = [point.label for point in self.time_points]
        for panel in self.panels:
            unknown = {one.at for arm in panel.trajectories for one in arm.readings} - set(labels)
            if unknown:
                raise BadInput(f"{panel.title}: no time-point {sorted(unknown)}.", cure=f"There are {labels}.")
            if panel.better not in ("up", "down", ""):
                raise BadInput(
                    f"{panel.title}: better is {panel.better!r}.",
                    cure="Say up or down, or nothing where it is not known.",
                )


def _columns(panels: int, width: float) -> int:
    if width < NARROW_BELOW or panels < 2:
        return 1
    return 2 if panels in (2, 4) else 3


def _sample(k: int) -> Sample:
    one = series(k)
    return lambda x, y: [
        line(x, y, x + 28, y, colour=one.colour, width=2, dash=one.dash),
        marker(one.shape, x + 14, y, 3.6, one.colour),
    ]


@dataclass(frozen=True, slots=True)
class _Label:
    """A time-point under a panel: on which line (the first is 0), its middle, its words (none where no room is)."""

    level: int
    x: float
    label: str
    point: TimePoint


def _placed(points: Sequence[TimePoint], time: Axis, width: float, *, numbered: bool) -> list[_Label]:
    """Names or numbers under the axis. One that would lie over another goes a line lower, and below the last line it
    is left out (its tick stands); the first and the last are placed first."""
    ordered = sorted(enumerate(points, 1), key=lambda one: one[1].time)
    taken: list[list[tuple[float, float]]] = [[] for _ in range(1 if numbered else _LEVELS)]
    most = max(min(_LABEL, width), (width - 12) / max(len(points), 1))
    placed = []
    for number_, point in [*ordered[:1], *ordered[1:][-1:], *ordered[1:-1]]:
        label = str(number_) if numbered else shorten(point.label, most, SMALL)
        half = width_of(label, SMALL) / 2
        x = min(max(time.at(point.time), half), width - half)
        free = (k for k, spans in enumerate(taken) if all(x - half > b + 6 or x + half < a - 6 for a, b in spans))
        level = next(free, None)
        if level is not None:
            taken[level].append((x - half, x + half))
        placed.append(_Label(level or 0, x, label if level is not None else "", point))
    return placed


class _Panel:
    """One scale, laid out: the words above the plot, the plot, the time-points below."""

    def __init__(self, figure: Trajectories, panel: Panel, names: list[str], width: float, tall: float) -> None:
        self.figure, self.panel, self.names, self.width, self.tall = figure, panel, names, width, tall
        self.title = wrap(panel.title, width, bold=True)
        self.facts = wrap(self._facts(), width, SMALL, most=2)
        self.note = wrap(panel.note, width, SMALL)
        self.head = LEADING * len(self.title) + LEADING_SMALL * len(self.facts) + 12
        low, high = self._range()
        room = widest([label for _, label in Axis(low, high, tall, 0).ticks(room=24)], SMALL)
        self.left = room + 10
        times = [point.time for point in figure.time_points]
        first, last = (
            (min(times), max(times)) if len(set(times)) > 1 else (min(times, default=0) - 1, max(times, default=0) + 1)
        )
        self.time = Axis(first, last, self.left + 12, width - 12)
        self.named = _placed(figure.time_points, self.time, width, numbered=False)
        self.numbered = _placed(figure.time_points, self.time, width, numbered=True)

    def _facts(self) -> str:
        panel = self.panel
        words = [{"down": "lower is better ↓", "up": "higher is better ↑"}.get(panel.better, "")]
        if known(panel.minimum) and known(panel.maximum):
            words.append(f"scale {number(panel.minimum, 0)} to {number(panel.maximum, 0)}")
        return " · ".join(word for word in words if word)

    def _range(self) -> tuple[float, float]:
        readings = [one for arm in self.panel.trajectories for one in arm.readings]
        values = [v for one in readings for v in (one.mean, one.low, one.high)]
        low, high = around([*values, *(threshold.value for threshold in self.panel.thresholds)])
        if known(self.panel.minimum) and low < self.panel.minimum < high:
            low = self.panel.minimum
        if known(self.panel.maximum) and low < self.panel.maximum < high:
            high = self.panel.maximum
        return low, high

    def words_fit(self) -> bool:
        """Whether every time-point can be named in full on two lines under this panel."""
        return all(one.label == one.point.label and one.level < _LEVELS for one in self.named)

    def _below(self, named: bool) -> float:
        return 8 + LEADING_SMALL * (1 + max((one.level for one in self._labels(named)), default=0))

    def _labels(self, named: bool) -> list[_Label]:
        return self.named if named else self.numbered

    def height(self, head: float, named: bool) -> float:
        return head + self.tall + self._below(named) + LEADING_SMALL * len(self.note) + 6

    def parts(self, head: float, named: bool) -> list[str]:
        value = Axis(*self._range(), head + self.tall, head)
        parts = lines_of_text(0, 13, self.title, bold=True)
        parts += lines_of_text(
            0, 13 + LEADING * len(self.title), self.facts, size=SMALL, colour=SOFT, leading=LEADING_SMALL
        )
        for tick, label in value.ticks(room=24):
            y = value.at(tick)
            parts.append(line(self.left, y, self.width, y))
            parts.append(text(self.left - 6, y + 4, label, size=SMALL, anchor="end", colour=SOFT))
        parts += self._time_axis(head, named)
        parts += _thresholds(self.panel.thresholds, value, self.left, self.width)
        shown = [self.names.index(arm.label) for arm in self.panel.trajectories]
        for place_in_panel, (k, arm) in enumerate(zip(shown, self.panel.trajectories, strict=True)):
            dodge = (place_in_panel - (len(shown) - 1) / 2) * _DODGE
            parts += self._arm(arm, k, dodge, value)
        y = head + self.tall + self._below(named) + 12
        return parts + lines_of_text(0, y, self.note, size=SMALL, colour=SOFT, leading=LEADING_SMALL)

    def _time_axis(self, head: float, named: bool) -> list[str]:
        bottom = head + self.tall
        parts = [line(self.left, bottom, self.width, bottom, colour=EDGE)]
        for one in self._labels(named):
            at, y = self.time.at(one.point.time), bottom + 18 + LEADING_SMALL * one.level
            parts.append(line(at, bottom, at, bottom + 4, colour=EDGE))
            words = [one.label] if one.label else []
            parts += lines_of_text(one.x, y, words, size=SMALL, anchor="middle", colour=SOFT)
        return parts

    def _arm(self, arm: Trajectory, k: int, dodge: float, value: Axis) -> list[str]:
        one = series(k)
        times = {point.label: point.time for point in self.figure.time_points}
        readings = sorted((r for r in arm.readings if known(r.mean)), key=lambda r: times[r.at])
        middle = [(self.time.at(times[r.at]) + dodge, value.at(r.mean)) for r in readings if known(r.mean)]
        parts = self._band(readings, middle, value, one.colour)
        if len(middle) > 1:
            parts.append(path(middle, colour=one.colour, width=2, dash=one.dash))
        return parts + [marker(one.shape, x, y, 3.6, one.colour) for x, y in middle]

    def _band(self, readings: list[Reading], middle: list[tuple[float, float]], value: Axis, colour: str) -> list[str]:
        """The band between neighbours that have an interval, and a thin line at each of them."""
        parts, lower, upper = [], [], []
        for reading, (x, _) in zip(readings, middle, strict=True):
            if known(reading.low) and known(reading.high):
                lower.append((x, value.at(reading.low)))
                upper.append((x, value.at(reading.high)))
                parts.append(line(*lower[-1], *upper[-1], colour=colour))
        if len(lower) > 1:
            parts.insert(0, path([*lower, *reversed(upper)], fill=colour, closed=True, opacity=0.14))
        return parts


def _thresholds(thresholds: Sequence[Threshold], value: Axis, left: float, right: float) -> list[str]:
    """Thin dashed lines with their words above them at the right, each kept clear of the one below."""
    parts: list[str] = []
    highest = value.start + 20
    for threshold in sorted(thresholds, key=lambda one: one.value):
        y = value.at(threshold.value)
        words = shorten(threshold.label, right - left - 4, SMALL)
        base = max(min(y - 4, highest - 14), value.end + 10)
        highest = base
        parts.append(line(left, y, right, y, colour=SOFT, dash="2 3"))
        parts.append(text(right - 2, base, words, size=SMALL, anchor="end", colour=SOFT, halo=True))
    return parts

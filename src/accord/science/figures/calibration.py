"""Calibration: predicted against observed risk by bins with intervals, and how the predictions are spread."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from accord.science.figures.axis import Axis
from accord.science.figures.drawing import drawing
from accord.science.figures.figure import WIDE, Columns, Rows
from accord.science.figures.letters import SMALL, widest, wrap
from accord.science.figures.marks import (
    CALM,
    CALM_WASH,
    EDGE,
    LEADING_SMALL,
    SOFT,
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
from accord.science.figures.numbers import count, known
from accord.science.figures.rows import NARROW_BELOW, inside

_SIDE = 340.0  # of the square on a wide page
_HISTOGRAM = 46.0


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """Mean predicted and observed share (0 to 1) of `n` people, with the 95 % interval of the observed share."""

    predicted: float
    observed: float
    low: float | None = None
    high: float | None = None
    n: int | None = None


@dataclass(frozen=True, slots=True)
class Calibration:
    """`outcome` names what is predicted; `distribution` counts people in equal steps of the prediction from 0 to 1."""

    title: str
    description: str
    outcome: str
    bins: Sequence[CalibrationBin]
    distribution: Sequence[int] = ()
    note: str = ""
    invented: bool = False

    def table(self) -> tuple[Columns, Rows]:
        columns = ("Predicted", "Observed", "95 % from", "95 % to", "n")
        return columns, tuple((one.predicted, one.observed, one.low, one.high, one.n) for one in self.bins)

    def svg(self, *, ident: str | None = None, width: int = WIDE) -> str:
        beside = width >= NARROW_BELOW
        body, y = _square(self, _SIDE + 60 if beside else float(width))
        room = width - _SIDE - 100 if beside else float(width)
        words, tall = _words(self, room)
        body += shifted(words, 20, _SIDE + 100) if beside else shifted(words, y + 10)
        height = max(y, tall + 20) if beside else y + 10 + tall
        return drawing(
            self.title, self.description, body, width=width, height=height, ident=ident, invented=self.invented
        )


def _ends(figure: Calibration) -> tuple[float, float]:
    """The ends of both axes: the tenths around everything that is drawn, at least two of them."""
    steps = len(figure.distribution)
    filled = [end / steps for k, n in enumerate(figure.distribution) if n for end in (k, k + 1)]
    drawn = [v for one in figure.bins for v in (one.predicted, one.observed, one.low, one.high) if known(v)]
    values = [min(max(value, 0.0), 1.0) for value in (*filled, *drawn)] or [0.0, 1.0]
    low, high = math.floor(10 * min(values) + 1e-9) / 10, math.ceil(10 * max(values) - 1e-9) / 10
    low = min(low, 0.8)
    return low, max(high, round(low + 0.2, 1))


def _square(figure: Calibration, width: float) -> tuple[list[str], float]:
    ends = _ends(figure)
    left = widest(["100 %"], SMALL) + 8
    side = width - left - 12
    across, up = Axis(*ends, left, left + side), Axis(*ends, 26 + side, 26)
    parts = [text(0, 10, "observed", size=SMALL, colour=SOFT)]
    for value, label in up.ticks(room=30, percent=True):
        parts.append(line(left, up.at(value), left + side, up.at(value)))
        parts.append(text(left - 6, up.at(value) + 4, label, size=SMALL, anchor="end", colour=SOFT))
    parts.append(path([(left, up.start), (left + side, up.end)], colour=EDGE, width=1.5, dash="5 4"))
    for one in figure.bins:
        parts += _bin(figure, one, across, up)
    y = up.start
    parts.append(line(left, y, left + side, y, colour=EDGE))
    bars, y = _histogram(figure, across, y)
    parts += bars
    for value, label in across.ticks(percent=True):
        parts.append(
            text(inside(across.at(value), label, width), y + 20, label, size=SMALL, anchor="middle", colour=SOFT)
        )
    parts.append(text(left + side / 2, y + 38, "predicted", size=SMALL, anchor="middle", colour=SOFT))
    return parts, y + 44


def _bin(figure: Calibration, one: CalibrationBin, across: Axis, up: Axis) -> list[str]:
    if not (known(one.predicted) and known(one.observed)):
        return []
    most = max((other.n or 0 for other in figure.bins), default=0)
    radius = 2.5 + 4.0 * math.sqrt(one.n / most) if one.n and most else 4.5
    x, parts = across.at(one.predicted), []
    if known(one.low) and known(one.high):
        parts.append(line(x, up.at(one.low), x, up.at(one.high), colour=CALM, width=2))
    return [*parts, marker("circle", x, up.at(one.observed), radius, CALM)]


def _histogram(figure: Calibration, across: Axis, y: float) -> tuple[list[str], float]:
    """How many were given which prediction, on the same axis under the square."""
    if not any(figure.distribution):
        return [], y
    most, steps = max(figure.distribution), len(figure.distribution)
    bottom = y + 8 + _HISTOGRAM
    parts = []
    for k, n in enumerate(figure.distribution):
        if n:
            x1, x2 = across.at(k / steps), across.at((k + 1) / steps)
            tall = _HISTOGRAM * n / most
            parts.append(box(x1 + 0.5, bottom - tall, x2 - x1 - 1, tall, fill=CALM_WASH, colour=CALM))
    return [*parts, line(across.start, bottom, across.end, bottom, colour=EDGE)], bottom


def _words(figure: Calibration, width: float) -> tuple[list[str], float]:
    """What the marks are, how to read them, and what the analysis adds."""
    entries: list[tuple[Sample, str]] = [
        (lambda x, y: [line(x + 14, y - 8, x + 14, y + 8, colour=CALM), marker("circle", x + 14, y, 4.5, CALM)],
         "observed share of a group with its 95 % interval; a larger dot is more people"),
        (lambda x, y: [line(x, y, x + 28, y, colour=EDGE, width=1.5, dash="5 4")],
         "perfect: observed as predicted; above it more happened than was predicted"),
    ]  # fmt: skip
    if any(figure.distribution):
        entries.append(
            (lambda x, y: [box(x + 4, y - 6, 20, 13, fill=CALM_WASH, colour=CALM)],
             f"how the predictions of {count(sum(figure.distribution))} people are spread")
        )  # fmt: skip
    head = wrap(f"Predicted: {figure.outcome}", width, bold=True)
    parts = lines_of_text(0, 13, head, bold=True)
    y = 16.0 * len(head) + 8
    key, tall = legend(entries, width)
    parts += shifted(key, y)
    y += tall + 4
    note = wrap(figure.note, width, SMALL, most=8)
    parts += lines_of_text(0, y + 12, note, size=SMALL, colour=SOFT, leading=LEADING_SMALL)
    return parts, y + LEADING_SMALL * len(note) + 6

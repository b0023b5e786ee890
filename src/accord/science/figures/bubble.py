"""Bubble plot: effects against a moderator, each as large as its weight, with the fitted line and its band."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from accord.science.figures.axis import around, domain
from accord.science.figures.drawing import drawing
from accord.science.figures.figure import WIDE, Columns, Rows
from accord.science.figures.marks import CALM, CALM_WASH, EDGE, Sample, box, legend, line, marker, path, shifted
from accord.science.figures.numbers import known
from accord.science.figures.plane import Plane, plane
from accord.science.figures.rows import NARROW_BELOW

_LARGEST = 13.0


@dataclass(frozen=True, slots=True)
class Bubble:
    """`weight` is a share of all, 0 to 1."""

    label: str
    x: float
    effect: float
    weight: float


@dataclass(frozen=True, slots=True)
class LinePoint:
    """The fitted effect at a value of the moderator, with its interval."""

    x: float
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Bubbles:
    """`moderator` names the axis across, `measure` the one upwards; `line` in the order of x."""

    title: str
    description: str
    bubbles: Sequence[Bubble]
    line: Sequence[LinePoint]
    moderator: str
    measure: str
    reference: float = 0.0
    invented: bool = False

    def table(self) -> tuple[Columns, Rows]:
        columns = ("Study", self.moderator, self.measure, "Weight")
        return columns, tuple((one.label, one.x, one.effect, one.weight) for one in self.bubbles)

    def svg(self, *, ident: str | None = None, width: int = WIDE) -> str:
        key, top = legend(_legend(), width)
        over = _plane(self, width)
        frame, height = over.frame(self.moderator, self.measure)
        body = [*_band(self, over), *frame, *_line(self, over), *_bubbles(self, over)]
        return drawing(
            self.title, self.description, [*key, *shifted(body, top)], width=width, height=top + height, ident=ident,
            invented=self.invented,
        )  # fmt: skip


def _plane(figure: Bubbles, width: float) -> Plane:
    across = around([one.x for one in figure.bubbles])
    limits = [(point.low, point.high) for point in figure.line]
    effects = [one.effect for one in figure.bubbles] + [point.value for point in figure.line]
    tall = 320.0 if width >= NARROW_BELOW else 240.0
    return plane(across, domain(effects, limits, figure.reference), width, tall=tall)


def _fitted(figure: Bubbles) -> list[LinePoint]:
    return [point for point in figure.line if all(known(v) for v in (point.x, point.value, point.low, point.high))]


def _band(figure: Bubbles, over: Plane) -> list[str]:
    points = _fitted(figure)
    if len(points) < 2:
        return []
    edge = [over.at(p.x, p.low) for p in points] + [over.at(p.x, p.high) for p in reversed(points)]
    return [path(edge, fill=CALM_WASH, closed=True)]


def _line(figure: Bubbles, over: Plane) -> list[str]:
    zero = over.up.at(figure.reference)
    parts = [line(over.across.start, zero, over.across.end, zero, colour=EDGE, width=1.5)]
    points = _fitted(figure)
    return [*parts, path([over.at(p.x, p.value) for p in points], colour=CALM, width=2)] if len(points) > 1 else parts


def _bubbles(figure: Bubbles, over: Plane) -> list[str]:
    """The heaviest first, so that a small one is not hidden by a large one."""
    there = [one for one in figure.bubbles if known(one.x) and known(one.effect) and known(one.weight)]
    most = max((one.weight for one in there), default=0.0) or 1.0
    return [
        marker("circle", *over.at(one.x, one.effect), max(2.5, _LARGEST * math.sqrt(max(one.weight, 0) / most)), CALM,
               hollow=True)
        for one in sorted(there, key=lambda one: -one.weight)
    ]  # fmt: skip


def _legend() -> list[tuple[Sample, str]]:
    return [
        (lambda x, y: [marker("circle", x + 14, y, 6.0, CALM, hollow=True)], "a study, as large as its weight"),
        (lambda x, y: [box(x, y - 6, 28, 12, fill=CALM_WASH), line(x, y, x + 28, y, colour=CALM, width=2)],
         "fitted effect with its interval"),
    ]  # fmt: skip

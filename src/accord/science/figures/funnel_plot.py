"""Contour-enhanced funnel plot: effect against standard error, with the regions in which an effect is significant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accord.science.figures.axis import domain
from accord.science.figures.drawing import drawing
from accord.science.figures.figure import WIDE, Columns, Rows
from accord.science.figures.marks import (
    CALM,
    CALM_WASH,
    EDGE,
    SUNK,
    WARM,
    Sample,
    box,
    legend,
    line,
    marker,
    path,
    shifted,
)
from accord.science.figures.numbers import known
from accord.science.figures.plane import Plane, plane
from accord.science.figures.rows import NARROW_BELOW

Z05, Z01 = 1.959963984540054, 2.5758293035489004  # two-sided .05 and .01


@dataclass(frozen=True, slots=True)
class FunnelPoint:
    """`filled`: a study that trim and fill added."""

    label: str
    effect: float
    se: float
    filled: bool = False


@dataclass(frozen=True, slots=True)
class ContourFunnel:
    """`centre` is the pooled effect (a broken line); the regions are centred at `reference`, no effect: white where
    p > .05, shaded where p is .01 to .05, darker below .01 (Peters et al. 2008)."""

    title: str
    description: str
    points: Sequence[FunnelPoint]
    measure: str
    centre: float | None = None
    reference: float = 0.0
    invented: bool = False

    def table(self) -> tuple[Columns, Rows]:
        columns = ("Study", self.measure, "Standard error", "Note")
        return columns, tuple((p.label, p.effect, p.se, "filled" if p.filled else "") for p in self.points)

    def svg(self, *, ident: str | None = None, width: int = WIDE) -> str:
        key, top = legend(_legend(self), width)
        over = _plane(self, width)
        frame, height = over.frame(self.measure, "standard error (precise studies at the top)")
        body = [*_regions(self, over), *frame, *_centre(self, over), *_points(self, over)]
        return drawing(
            self.title, self.description, [*key, *shifted(body, top)], width=width, height=top + height, ident=ident,
            invented=self.invented,
        )  # fmt: skip


def _drawn(figure: ContourFunnel) -> list[FunnelPoint]:
    return [point for point in figure.points if known(point.effect) and known(point.se) and point.se >= 0]


def _plane(figure: ContourFunnel, width: float) -> Plane:
    points = _drawn(figure)
    ends = domain([p.effect for p in points] + [figure.centre], [], figure.reference)
    deepest = max((p.se for p in points), default=0.0) * 1.06 or 1.0
    return plane(ends, (0.0, deepest), width, tall=320.0 if width >= NARROW_BELOW else 240.0, down=True)


def _regions(figure: ContourFunnel, over: Plane) -> list[str]:
    """Below .01 the whole ground, over it the wedge down to .05, over that the white one."""
    across = over.across
    ground = box(across.start, over.top, across.end - across.start, over.bottom - over.top, fill=CALM_WASH)
    return [ground, _wedge(figure, over, Z01, SUNK), _wedge(figure, over, Z05, "var(--card,#ffffff)")]


def _wedge(figure: ContourFunnel, over: Plane, z: float, fill: str) -> str:
    """Where |effect − reference| < z·se, cut at the sides of the plane."""
    low, high, deepest = over.across.low, over.across.high, over.up.high
    sides = []
    for way, end in ((-1, low), (1, high)):
        reach = figure.reference + way * z * deepest
        inside = low <= reach <= high
        edge = [over.at(reach, deepest)] if inside else [
            over.at(end, abs(end - figure.reference) / z), over.at(end, deepest)
        ]  # fmt: skip
        sides.append(edge)
    tip = over.at(figure.reference, 0.0)
    return path([tip, *sides[0], *reversed(sides[1])], fill=fill, closed=True)


def _centre(figure: ContourFunnel, over: Plane) -> list[str]:
    x = over.across.at(figure.reference)
    parts = [line(x, over.top, x, over.bottom, colour=EDGE, width=1.5)]
    if known(figure.centre):
        x = over.across.at(figure.centre)
        parts.append(line(x, over.top, x, over.bottom, colour=CALM, width=1.5, dash="6 4"))
    return parts


def _points(figure: ContourFunnel, over: Plane) -> list[str]:
    return [
        marker("square" if point.filled else "circle", *over.at(point.effect, point.se), 4.0,
               WARM if point.filled else CALM, hollow=point.filled)
        for point in _drawn(figure)
    ]  # fmt: skip


def _legend(figure: ContourFunnel) -> list[tuple[Sample, str]]:
    def patch(fill: str) -> Sample:
        return lambda x, y: [box(x + 4, y - 6, 20, 13, fill=fill, colour=EDGE)]

    entries: list[tuple[Sample, str]] = [
        (lambda x, y: [marker("circle", x + 14, y, 4.0, CALM)], "a study"),
        (patch("var(--card,#ffffff)"), "p above .05"),
        (patch(SUNK), "p .01 to .05"),
        (patch(CALM_WASH), "p below .01"),
    ]
    if any(point.filled for point in figure.points):
        entries.insert(
            1, (lambda x, y: [marker("square", x + 14, y, 4.0, WARM, hollow=True)], "filled in, no real study")
        )
    if known(figure.centre):
        entries.append((lambda x, y: [line(x, y, x + 28, y, colour=CALM, width=1.5, dash="6 4")], "pooled effect"))
    return entries

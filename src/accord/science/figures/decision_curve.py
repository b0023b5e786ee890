"""The decision curve: is acting on a prediction better than acting for everybody or for nobody (Vickers 2006)?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accord.science.figures.axis import around
from accord.science.figures.drawing import drawing
from accord.science.figures.figure import WIDE, Columns, Rows
from accord.science.figures.marks import Sample, legend, line, path, series, shifted
from accord.science.figures.numbers import known
from accord.science.figures.plane import Plane, plane
from accord.science.figures.rows import NARROW_BELOW


@dataclass(frozen=True, slots=True)
class DecisionPoint:
    """Net benefit per person at a threshold (both 0 to 1): by the prediction, and for everybody; for nobody it is 0."""

    threshold: float
    model: float
    everybody: float


@dataclass(frozen=True, slots=True)
class DecisionCurve:
    """`points` in the order of the threshold; `action` says what would be done above it."""

    title: str
    description: str
    points: Sequence[DecisionPoint]
    action: str = "acting"
    invented: bool = False

    def table(self) -> tuple[Columns, Rows]:
        columns = ("Threshold", "Net benefit by the prediction", f"{self.action} for everybody", "For nobody")
        return columns, tuple((one.threshold, one.model, one.everybody, 0.0) for one in self.points)

    def svg(self, *, ident: str | None = None, width: int = WIDE) -> str:
        names = ("by the prediction", f"{self.action} for everybody", f"{self.action} for nobody")
        key, top = legend([(_sample(k), name) for k, name in enumerate(names)], width)
        over = _plane(self.points, width)
        frame, height = over.frame("threshold: the chance from which one would act, %", "net benefit, in 100 people")
        body = [*frame, *_lines(self.points, over)]
        return drawing(
            self.title, self.description, [*key, *shifted(body, top)], width=width, height=top + height, ident=ident,
            invented=self.invented,
        )  # fmt: skip


def _plane(points: Sequence[DecisionPoint], width: float) -> Plane:
    """Harm runs far below zero at high thresholds: it is cut, as deep as the benefit is high."""
    best = max((100 * v for one in points for v in (one.model, one.everybody) if known(v)), default=1.0)
    best = max(best, 1.0)
    ends = [100 * one.threshold for one in points if known(one.threshold)]
    across = (min(ends), max(ends)) if len(ends) > 1 else (0.0, 100.0)
    return plane(across, around([-0.5 * best, best]), width, tall=280.0 if width >= NARROW_BELOW else 220.0)


def _lines(points: Sequence[DecisionPoint], over: Plane) -> list[str]:
    there = [p for p in points if all(known(v) for v in (p.threshold, p.model, p.everybody))]
    if len(there) < 2:
        return []
    parts = []
    for k, values in reversed(list(enumerate(([p.model for p in there], [p.everybody for p in there], None)))):
        mark = series(k)
        ups = values if values is not None else [0.0] * len(there)
        held = [(100 * p.threshold, 100 * up) for p, up in zip(there, ups, strict=True) if over.up.holds(100 * up)]
        if len(held) < 2:
            continue
        course = [over.at(*point) for point in held]
        parts.append(path(course, colour=mark.colour, width=2, dash=mark.dash))
    return parts


def _sample(k: int) -> Sample:
    one = series(k)
    return lambda x, y: [line(x, y, x + 28, y, colour=one.colour, width=2, dash=one.dash)]

"""Power over the number of people: each simulated size with its Monte Carlo interval, the closed form beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accord.science.figures.axis import around
from accord.science.figures.drawing import drawing
from accord.science.figures.figure import WIDE, Columns, Rows
from accord.science.figures.letters import SMALL
from accord.science.figures.marks import CALM, EDGE, SOFT, WARM, Sample, legend, line, marker, path, shifted, text
from accord.science.figures.numbers import known
from accord.science.figures.plane import Plane, plane
from accord.science.figures.rows import NARROW_BELOW


@dataclass(frozen=True, slots=True)
class PowerDot:
    """A size, the share of studies that found it, and how sure the simulation is."""

    n: int
    power: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class PowerCurvePicture:
    """`formula` is the closed form at each dot (empty or None where none holds); `enough` the power usually asked for;
    `planned` the size that the protocol plans."""

    title: str
    description: str
    dots: Sequence[PowerDot]
    formula: Sequence[float | None] = ()
    enough: float = 0.8
    planned: int | None = None
    invented: bool = True

    def table(self) -> tuple[Columns, Rows]:
        columns = ("People", "Power", "Low", "High", "Closed form")
        formula = list(self.formula) or [None] * len(self.dots)
        return columns, tuple(
            (dot.n, dot.power, dot.low, dot.high, value) for dot, value in zip(self.dots, formula, strict=True)
        )

    def svg(self, *, ident: str | None = None, width: int = WIDE) -> str:
        key, top = legend(_legend(self), width)
        sizes = [float(dot.n) for dot in self.dots] + ([float(self.planned)] if self.planned else [])
        tall = 280.0 if width >= NARROW_BELOW else 220.0
        over = plane(around(sizes), (0.0, 1.0), width, tall=tall)
        frame, height = over.frame("People enrolled", "Share of simulated studies that found it")
        body = [*frame, *_lines(self, over), *_dots(self, over)]
        return drawing(
            self.title, self.description, [*key, *shifted(body, top)], width=width, height=top + height, ident=ident,
            invented=self.invented,
        )  # fmt: skip


def _lines(figure: PowerCurvePicture, over: Plane) -> list[str]:
    y = over.up.at(figure.enough)
    parts = [
        line(over.across.start, y, over.across.end, y, colour=EDGE, width=1.5),
        text(over.across.start + 4, y - 5, f"{figure.enough:.0%}", size=SMALL, colour=SOFT, halo=True),
    ]
    if figure.planned:
        x = over.across.at(figure.planned)
        parts.append(line(x, over.top, x, over.bottom, colour=WARM, dash="3 3"))
        left = x > (over.across.start + over.across.end) / 2
        words = f"planned: {figure.planned:,}"
        parts.append(text(x - 5 if left else x + 5, over.bottom - 6, words, size=SMALL, colour=WARM,
                          anchor="end" if left else "start", halo=True))  # fmt: skip
    points = [(d.n, v) for d, v in zip(figure.dots, figure.formula, strict=False) if known(v)]
    if len(points) > 1:
        parts.append(path([over.at(x, y) for x, y in points], colour=SOFT, width=1.5, dash="5 4"))
    dots = [over.at(dot.n, dot.power) for dot in figure.dots]
    return [*parts, path(dots, colour=CALM, width=2)] if len(dots) > 1 else parts


def _dots(figure: PowerCurvePicture, over: Plane) -> list[str]:
    parts = []
    for dot in figure.dots:
        x, y = over.at(dot.n, dot.power)
        parts += [line(x, over.up.at(dot.low), x, over.up.at(dot.high), colour=CALM, width=2)]
        parts.append(marker("circle", x, y, 4.5, CALM))
    return parts


def _legend(figure: PowerCurvePicture) -> list[tuple[Sample, str]]:
    samples: list[tuple[Sample, str]] = [
        (lambda x, y: [line(x, y, x + 28, y, colour=CALM, width=2), marker("circle", x + 14, y, 4.5, CALM)],
         "simulated, with the error of the simulation"),
    ]  # fmt: skip
    if any(known(value) for value in figure.formula):
        samples.append((lambda x, y: [line(x, y, x + 28, y, colour=SOFT, width=1.5, dash="5 4")], "closed form"))
    return samples

"""The courses of a signal in two people: one line each over time, the phases above, what was left out shaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accord.science.figures.axis import around
from accord.science.figures.drawing import drawing
from accord.science.figures.figure import WIDE, Columns, Rows
from accord.science.figures.letters import SMALL, shorten
from accord.science.figures.marks import (
    EDGE,
    LINE,
    SOFT,
    SUNK,
    Sample,
    box,
    legend,
    line,
    path,
    series,
    shifted,
    text,
)  # fmt: skip
from accord.science.figures.numbers import known
from accord.science.figures.plane import Plane, plane
from accord.science.figures.rows import NARROW_BELOW

POINTS = 480  # the most points of a line; a longer course is drawn as the means of that many stretches
_PHASE = 20.0  # height of the strip of phases


@dataclass(frozen=True, slots=True)
class Course:
    """One person's signal at the times of the figure; None where there was none."""

    label: str
    values: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Phase:
    """A named stretch, in seconds."""

    label: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Courses:
    """`times` in seconds, the same for all courses; `left_out` are stretches (start, end) that were not used."""

    title: str
    description: str
    times: Sequence[float]
    courses: Sequence[Course]
    unit: str
    phases: Sequence[Phase] = ()
    left_out: Sequence[tuple[float, float]] = ()
    note: str = ""
    invented: bool = False

    def table(self) -> tuple[Columns, Rows]:
        """The points that are drawn: seconds and the values."""
        times, columns = self._thinned()
        rows = tuple((round(t, 1), *values) for t, values in zip(times, zip(*columns, strict=True), strict=True))
        return ("Seconds", *(f"{one.label}, {self.unit}" for one in self.courses)), rows

    def svg(self, *, ident: str | None = None, width: int = WIDE) -> str:
        entries = [(_sample(k), one.label) for k, one in enumerate(self.courses)]
        if self.left_out:
            entries.append((lambda x, y: [box(x, y - 6, 28, 12, fill=SUNK)], "left out"))
        key, top = legend(entries, width)
        times, columns = self._thinned()
        over = _plane(times, columns, width)
        strip = _phases(self.phases, over)
        frame, height = over.frame("minutes", self.unit)
        body = [*_shaded(self.left_out, over), *frame, *strip]
        for k, values in enumerate(columns):
            body += _curve(times, values, over, k)
        return drawing(
            self.title, self.description, [*key, *shifted(body, top)], width=width, height=top + height, ident=ident,
            invented=self.invented,
        )  # fmt: skip

    def _thinned(self) -> tuple[list[float], list[list[float | None]]]:
        return thinned(self.times, [one.values for one in self.courses])


def thinned(
    times: Sequence[float], columns: Sequence[Sequence[float | None]], most: int = POINTS
) -> tuple[list[float], list[list[float | None]]]:
    """Means over stretches of as many points as it takes to keep at most `most`; a stretch without values is None."""
    step = max(1, -(-len(times) // most))
    starts = range(0, len(times), step)
    return [_mean(times[k : k + step]) or 0.0 for k in starts], [
        [_mean(values[k : k + step]) for k in starts] for values in columns
    ]


def _mean(values: Sequence[float | None]) -> float | None:
    there = [v for v in values if known(v)]
    return sum(there) / len(there) if there else None


def _plane(times: Sequence[float], columns: Sequence[Sequence[float | None]], width: int) -> Plane:
    minutes = [t / 60 for t in times] or [0.0, 1.0]
    ends = (minutes[0], minutes[-1] if minutes[-1] > minutes[0] else minutes[0] + 1)
    tall = 220.0 if width >= NARROW_BELOW else 180.0
    return plane(ends, around([v for values in columns for v in values]), width, tall=tall + _PHASE)


def _phases(phases: Sequence[Phase], over: Plane) -> list[str]:
    """Names along the top of the plot, a thin line where each begins."""
    parts: list[str] = []
    for one in phases:
        start, end = over.across.at(one.start / 60), over.across.at(one.end / 60)
        if end - start < 1:
            continue
        parts.append(line(start, over.top, start, over.bottom, colour=EDGE, dash="2 3"))
        words = shorten(one.label, end - start - 6, SMALL)
        if len(words) > 1:
            parts.append(text(start + 4, over.top + 12, words, size=SMALL, colour=SOFT, halo=True))
    return parts


def _shaded(stretches: Sequence[tuple[float, float]], over: Plane) -> list[str]:
    parts = []
    for start, end in stretches:
        x1, x2 = over.across.at(start / 60), over.across.at(end / 60)
        parts.append(box(x1, over.top, max(x2 - x1, 1.0), over.bottom - over.top, fill=SUNK, colour=LINE))
    return parts


def _curve(times: Sequence[float], values: Sequence[float | None], over: Plane, k: int) -> list[str]:
    one = series(k)
    parts, run = [], list[tuple[float, float]]()
    for t, value in [*zip(times, values, strict=True), (0.0, None)]:
        if known(value):
            run.append(over.at(t / 60, value))
            continue
        if len(run) > 1:
            parts.append(path(run, colour=one.colour, width=1.5, dash=one.dash))
        run = []
    return parts


def _sample(k: int) -> Sample:
    one = series(k)
    return lambda x, y: [line(x, y, x + 28, y, colour=one.colour, width=2, dash=one.dash)]

"""Time by lag: when two signals went together, and which of them came first, window by window."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from accord.science.figures.drawing import drawing
from accord.science.figures.figure import WIDE, Columns, Rows
from accord.science.figures.letters import SMALL, wrap
from accord.science.figures.marks import (
    CALM,
    EDGE,
    LEADING_SMALL,
    SOFT,
    WARM,
    Sample,
    box,
    legend,
    line,
    lines_of_text,
    place,
    shifted,
)
from accord.science.figures.numbers import known
from accord.science.figures.plane import Plane, plane
from accord.science.figures.rows import NARROW_BELOW

CELLS_ACROSS = 72  # the most stretches of time that are drawn apart
CELLS_UP = 25  # the same for lags
_STEPS = 5  # shades


@dataclass(frozen=True, slots=True)
class LagMap:
    """`values[window][lag]`, with the middle of each window in seconds and each lag in seconds. A positive lag: the
    second person follows. More cells than can be seen are drawn as means of neighbours."""

    title: str
    description: str
    times: Sequence[float]
    lags: Sequence[float]
    values: Sequence[Sequence[float | None]]
    first: str
    second: str
    measure: str
    invented: bool = False

    def table(self) -> tuple[Columns, Rows]:
        """For each stretch of time: the mean over all lags, the largest value, and its lag."""
        times, lags, cells = self._cells()
        rows = []
        for t, row in zip(times, cells, strict=True):
            there = [(value, lag) for value, lag in zip(row, lags, strict=True) if known(value)]
            best = max(there, default=(None, None), key=lambda one: one[0])
            mean = sum(value for value, _ in there) / len(there) if there else None
            rows.append((round(t, 1), mean, best[0], None if best[1] is None else round(best[1], 2)))
        return ("Seconds", "Mean over lags", "Largest", "At lag, s"), tuple(rows)

    def svg(self, *, ident: str | None = None, width: int = WIDE) -> str:
        times, lags, cells = self._cells()
        largest = max((abs(v) for row in cells for v in row if known(v)), default=1.0) or 1.0
        key, top = legend(_legend(largest), width)
        over = _plane(times, lags, width)
        frame, height = over.frame("minutes", "lag, seconds")
        words = wrap(f"Above 0 the {self.second} follows the {self.first}, below 0 the other way round.", width, SMALL)
        zero = over.up.at(0.0)
        body = [*frame, *_filled(times, lags, cells, over, largest)]
        body.append(line(over.across.start, zero, over.across.end, zero, colour=EDGE, width=1.5))
        body += lines_of_text(0, height + 12, words, size=SMALL, colour=SOFT, leading=LEADING_SMALL)
        height += LEADING_SMALL * len(words) + 4
        return drawing(
            self.title, self.description, [*key, *shifted(body, top)], width=width, height=top + height, ident=ident,
            invented=self.invented,
        )  # fmt: skip

    def _cells(self) -> tuple[list[float], list[float], list[list[float | None]]]:
        """Means of as many neighbours as it takes."""
        across, up = _groups(len(self.times), CELLS_ACROSS), _groups(len(self.lags), CELLS_UP)
        times = [_mean([self.times[k] for k in group]) or 0.0 for group in across]
        lags = [_mean([self.lags[k] for k in group]) or 0.0 for group in up]
        cells = [[_mean([self.values[i][j] for i in windows for j in places]) for places in up] for windows in across]
        return times, lags, cells


def _groups(n: int, most: int) -> list[range]:
    step = max(1, -(-n // most))
    return [range(k, min(k + step, n)) for k in range(0, n, step)]


def _mean(values: Sequence[float | None]) -> float | None:
    there = [v for v in values if known(v)]
    return sum(there) / len(there) if there else None


def _half(places: Sequence[float]) -> float:
    return (places[1] - places[0]) / 2 if len(places) > 1 else 0.5


def _plane(times: Sequence[float], lags: Sequence[float], width: int) -> Plane:
    minutes = [t / 60 for t in times] or [0.0]
    across, up = _half(minutes), _half(lags)
    tall = 240.0 if width >= NARROW_BELOW else 200.0
    return plane((minutes[0] - across, minutes[-1] + across), (min(lags) - up, max(lags) + up), width, tall=tall)


def _filled(
    times: Sequence[float], lags: Sequence[float], cells: Sequence[Sequence[float | None]], over: Plane, largest: float
) -> list[str]:
    """One path for each shade; together-cells are full, opposite ones narrow bars, so that colour is not alone."""
    paths: dict[tuple[bool, int], list[str]] = {}
    wide = abs(over.across.at(_half([t / 60 for t in times]) * 2 + over.across.low) - over.across.start)
    tall = abs(over.up.at(over.up.low + 2 * _half(lags)) - over.up.start)
    for t, row in zip(times, cells, strict=True):
        for lag, value in zip(lags, row, strict=True):
            if not known(value):
                continue
            shade = min(_STEPS, math.ceil(_STEPS * abs(value) / largest))
            if shade == 0:
                continue
            x, y = over.at(t / 60, lag)
            w = wide if value > 0 else wide * 0.45
            left, right, head = place(x - w / 2), place(x + w / 2), place(y - tall / 2)
            d = f"M{left} {head}H{right}V{place(y + tall / 2)}H{left}z"
            paths.setdefault((value > 0, shade), []).append(d)
    return [
        f'<path d="{"".join(found)}" fill="{CALM if together else WARM}" fill-opacity="{_opacity(shade)}"/>'
        for (together, shade), found in sorted(paths.items())
    ]


def _opacity(shade: int) -> str:
    return f"{(shade / _STEPS) ** 1.4:.2f}"


def _legend(largest: float) -> list[tuple[Sample, str]]:
    def shades(colour: str, wide: float) -> Sample:
        def drawn(x: float, y: float) -> list[str]:
            cells = []
            for k in (1, 3, 5):
                cell = box(x + 9.5 * (k // 2), y - 6, wide, 12, fill=colour)
                cells.append(cell.replace("/>", f' fill-opacity="{_opacity(k)}"/>'))
            return cells

        return drawn

    return [
        (shades(CALM, 9.0), f"rise and fall together (darkest: {largest:.2f})"),
        (shades(WARM, 4.0), "one rises as the other falls"),
    ]

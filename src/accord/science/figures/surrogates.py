"""What chance gives: the distribution of an index over surrogate pairs, and where the real pair lies in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accord.science.figures.axis import around
from accord.science.figures.drawing import drawing
from accord.science.figures.figure import WIDE, Columns, Rows
from accord.science.figures.letters import SMALL, width_of, wrap
from accord.science.figures.marks import (
    CALM,
    EDGE,
    INK,
    LEADING_SMALL,
    SOFT,
    SUNK,
    box,
    legend,
    line,
    lines_of_text,
    shifted,
    text,
)
from accord.science.figures.numbers import known, number
from accord.science.figures.plane import Plane, plane
from accord.science.figures.rows import NARROW_BELOW

_BINS = 30


@dataclass(frozen=True, slots=True)
class SurrogateBars:
    """`observed` among the values of the `surrogates`; `kind` says how these were made, `note` what they leave in."""

    title: str
    description: str
    observed: float
    surrogates: Sequence[float]
    measure: str
    kind: str
    note: str = ""
    invented: bool = False

    def table(self) -> tuple[Columns, Rows]:
        bins = self._bins()
        rows = tuple((low, high, n) for low, high, n in bins)
        return (f"{self.measure}, from", "to", "Surrogates"), (*rows, (self.observed, self.observed, None))

    def svg(self, *, ident: str | None = None, width: int = WIDE) -> str:
        key, top = legend(
            [
                (lambda x, y: [box(x, y - 6, 28, 12, fill=SUNK, colour=EDGE)], f"{len(self.surrogates):,} {self.kind}"),
                (lambda x, y: [line(x + 14, y - 7, x + 14, y + 7, colour=CALM, width=3)], "the real pair"),
            ],
            width,
        )
        bins = self._bins()
        over = self._plane(bins, width)
        frame, height = over.frame(self.measure, "surrogate pairs")
        body = [*frame, *[_bar(low, high, n, over) for low, high, n in bins if n], *self._mark(over)]
        words = wrap(self.note, width, SMALL)
        body += lines_of_text(0, height + 12, words, size=SMALL, colour=SOFT, leading=LEADING_SMALL)
        height += LEADING_SMALL * len(words) + (4 if words else 0)
        return drawing(
            self.title, self.description, [*key, *shifted(body, top)], width=width, height=top + height, ident=ident,
            invented=self.invented,
        )  # fmt: skip

    def _bins(self) -> list[tuple[float, float, int]]:
        there = sorted(v for v in self.surrogates if known(v))
        if not there:
            return []
        low, high = there[0], there[-1]
        count = min(_BINS, max(5, round(len(there) ** 0.5)))
        size = (high - low) / count or 1e-9
        found = [0] * count
        for v in there:
            found[min(int((v - low) / size), count - 1)] += 1
        return [(low + k * size, low + (k + 1) * size, n) for k, n in enumerate(found)]

    def _plane(self, bins: Sequence[tuple[float, float, int]], width: int) -> Plane:
        ends = around([self.observed, *(v for low, high, _ in bins for v in (low, high))])
        most = max((n for *_, n in bins), default=1)
        tall = 180.0 if width >= NARROW_BELOW else 150.0
        return plane(ends, (0.0, most * 1.08), width, tall=tall)

    def _mark(self, over: Plane) -> list[str]:
        x = over.across.at(self.observed)
        words = number(self.observed, 3)
        right = x + 6 + width_of(words, SMALL) <= over.width
        return [
            line(x, over.top, x, over.bottom, colour=CALM, width=3),
            text(x + (6 if right else -6), over.top + 12, words, size=SMALL, anchor="start" if right else "end",
                 colour=INK, halo=True, bold=True),
        ]  # fmt: skip


def _bar(low: float, high: float, n: int, over: Plane) -> str:
    x1, y = over.at(low, n)
    x2 = over.across.at(high)
    return box(x1, y, max(x2 - x1, 1.0), over.bottom - y, fill=SUNK, colour=EDGE)

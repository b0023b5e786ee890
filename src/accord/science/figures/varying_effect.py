"""How a difference between arms varies with a moderator: its line, a band, and where it is apart from zero."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accord.science.figures.axis import around, domain
from accord.science.figures.bubble import LinePoint
from accord.science.figures.drawing import drawing
from accord.science.figures.figure import WIDE, Columns, Rows
from accord.science.figures.letters import SMALL, wrap
from accord.science.figures.marks import (
    CALM,
    CALM_WASH,
    EDGE,
    LEADING_SMALL,
    SOFT,
    WARM,
    Sample,
    box,
    legend,
    line,
    lines_of_text,
    path,
    shifted,
)
from accord.science.figures.numbers import known
from accord.science.figures.plane import plane
from accord.science.figures.rows import NARROW_BELOW


@dataclass(frozen=True, slots=True)
class VaryingEffect:
    """`line` runs over the values seen; `apart` are stretches of the moderator where the interval leaves zero out."""

    title: str
    description: str
    line: Sequence[LinePoint]
    moderator: str
    effect: str
    apart: Sequence[tuple[float, float]] = ()
    note: str = ""
    invented: bool = False

    def table(self) -> tuple[Columns, Rows]:
        columns = (self.moderator, self.effect, "95 % from", "95 % to")
        return columns, tuple((one.x, one.value, one.low, one.high) for one in self.line)

    def svg(self, *, ident: str | None = None, width: int = WIDE) -> str:
        key, top = legend(_LEGEND, width)
        points = [p for p in self.line if all(known(v) for v in (p.x, p.value, p.low, p.high))]
        tall = 280.0 if width >= NARROW_BELOW else 220.0
        ends = domain([p.value for p in points], [(p.low, p.high) for p in points], 0.0)
        over = plane(around([p.x for p in points]), ends, width, tall=tall)
        frame, height = over.frame(self.moderator, self.effect)
        zero = over.up.at(0.0)
        body = [*frame]
        if len(points) > 1:
            edge = [over.at(p.x, p.low) for p in points] + [over.at(p.x, p.high) for p in reversed(points)]
            body.insert(0, path(edge, fill=CALM_WASH, closed=True))
            body.append(path([over.at(p.x, p.value) for p in points], colour=CALM, width=2))
        body.append(line(over.across.start, zero, over.across.end, zero, colour=EDGE, width=1.5))
        body += [line(over.across.at(a), zero, over.across.at(b), zero, colour=WARM, width=4)
                 for a, b in self.apart if known(a) and known(b)]  # fmt: skip
        words = wrap(self.note, width, SMALL, most=6)
        body += lines_of_text(0, height + 12, words, size=SMALL, colour=SOFT, leading=LEADING_SMALL)
        whole = top + height + LEADING_SMALL * len(words) + 6
        return drawing(
            self.title, self.description, [*key, *shifted(body, top)], width=width, height=whole, ident=ident,
            invented=self.invented,
        )  # fmt: skip


_LEGEND: list[tuple[Sample, str]] = [
    (lambda x, y: [box(x, y - 6, 28, 12, fill=CALM_WASH), line(x, y, x + 28, y, colour=CALM, width=2)],
     "difference between the arms with its 95 % interval at each value"),
    (lambda x, y: [line(x, y, x + 28, y, colour=WARM, width=4)], "values at which the interval leaves zero out"),
]  # fmt: skip

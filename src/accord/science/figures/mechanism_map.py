"""Mechanism map: what stands between treatment and outcome, each arrow with its slope and limits, reverse paths beside.

An arrow whose interval leaves zero out is whole and thick, one whose interval holds it is thin and broken ("not
shown"); a reverse path (from the outcome back) is dotted and runs below its own row, so that neither is seen alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from accord.science.figures.drawing import drawing
from accord.science.figures.figure import WIDE, Columns, Rows
from accord.science.figures.letters import BODY, SMALL, wrap
from accord.science.figures.marks import (
    CALM,
    CALM_WASH,
    EDGE,
    INK,
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
    text,
)  # fmt: skip
from accord.science.figures.numbers import known, with_interval
from accord.science.figures.rows import NARROW_BELOW

_ROW, _ROW_BOTH = 100.0, 132.0  # a row's height without and with a reverse path
_TALL = 58.0


@dataclass(frozen=True, slots=True)
class Leg:
    """An arrow: the slope of `after` on `before`, with its interval; `back` marks a reverse path."""

    before: str
    after: str
    value: float | None
    low: float | None = None
    high: float | None = None
    back: bool = False

    @property
    def shown(self) -> bool:
        """Its interval leaves zero out."""
        return known(self.low) and known(self.high) and float(self.low or 0) * float(self.high or 0) > 0

    def words(self) -> str:
        return with_interval(self.value, self.low, self.high)


@dataclass(frozen=True, slots=True)
class MechanismMap:
    """`legs` from `start` over what stands between to `end`; `labels` say how a name reads."""

    title: str
    description: str
    legs: Sequence[Leg]
    start: str = "treatment"
    end: str = "outcome"
    labels: Mapping[str, str] = field(default_factory=dict)
    unit: str = ""
    invented: bool = False

    def between(self) -> list[str]:
        names = [name for leg in self.legs for name in (leg.before, leg.after)]
        return [name for name in dict.fromkeys(names) if name not in (self.start, self.end)]

    def label(self, name: str) -> str:
        return self.labels.get(name, name)

    def table(self) -> tuple[Columns, Rows]:
        columns = ("From", "To", f"Slope{f' ({self.unit})' if self.unit else ''}", "Low", "High", "Shown")
        rows = tuple(
            (self.label(leg.before), self.label(leg.after), leg.value, leg.low, leg.high,
             ("yes" if leg.shown else "no") + (", reverse" if leg.back else ""))
            for leg in self.legs
        )  # fmt: skip
        return columns, rows

    def svg(self, *, ident: str | None = None, width: int = WIDE) -> str:
        key, top = legend(_legend(any(leg.back for leg in self.legs)), width)
        body, height = _wide(self, width) if width >= NARROW_BELOW else _narrow(self, width)
        return drawing(
            self.title, self.description, [*key, *shifted(body, top)], width=width, height=top + height, ident=ident,
            invented=self.invented,
        )  # fmt: skip


def _leg(figure: MechanismMap, before: str, after: str, *, back: bool = False) -> Leg | None:
    return next((one for one in figure.legs if (one.before, one.after, one.back) == (before, after, back)), None)


def _wide(figure: MechanismMap, width: float) -> tuple[list[str], float]:
    wide = width / 5.2
    begins = any(figure.start in (leg.before, leg.after) for leg in figure.legs)
    left, middle, right = 1.0, (width - wide) / 2 if begins else width * 0.16, width - wide - 1
    names = figure.between()
    row = _ROW_BOTH if any(leg.back for leg in figure.legs) else _ROW
    direct = _leg(figure, figure.start, figure.end)
    height = row * max(len(names), 1) + (56.0 if direct else 8.0)
    ends = row * len(names) / 2 - _TALL / 2
    parts = [
        *(_node(figure, figure.start, left, ends, wide) if begins else []),
        *_node(figure, figure.end, right, ends, wide),
    ]
    for k, name in enumerate(names):
        y = k * row + (row - _TALL) / 2
        parts += _node(figure, name, middle, y, wide)
        at = y + _TALL / 2
        from_y = ends + _TALL / 2 + (k - (len(names) - 1) / 2) * 8
        lower = at > from_y + 1  # the lines of a lower row run down to it: their words stand below them
        there, onward = _leg(figure, figure.start, name), _leg(figure, name, figure.end)
        words = (middle - 6, _beside(at, lower), "end")
        parts += _arrow(there, (left + wide, from_y), (middle, at), words=words)
        back = _leg(figure, figure.end, name, back=True)
        words = (middle + wide + 6, _beside(at, lower) + (18 if lower and back else 0), "start")
        parts += _arrow(onward, (middle + wide, at), (right, from_y), words=words)
        words = (middle + wide + 6, at + (52 if lower else 34), "start")
        parts += _arrow(back, (right, from_y + 14), (middle + wide, at + 18), words=words)
        for other in range(k + 1, len(names)):
            found = _leg(figure, name, names[other])
            side, end = middle + wide / 2 + (other - k - 1) * 18, other * row + (row - _TALL) / 2
            parts += _arrow(found, (side, y + _TALL), (side, end), words=(side + 6, (y + _TALL + end) / 2 + 4, "start"))
    if direct:
        low = height - 14
        parts += [
            path([(left + wide / 2, ends + _TALL), (left + wide / 2, low), (right + wide / 2, low)],
                 colour=_colour(direct), width=_width(direct), dash=_dash(direct)),
            *_head(right + wide / 2, low, right + wide / 2, ends + _TALL, direct),
            text(width / 2, low - 6, f"direct: {direct.words()}", size=SMALL, anchor="middle", halo=True),
        ]  # fmt: skip
    return parts, height


def _node(figure: MechanismMap, name: str, x: float, y: float, wide: float) -> list[str]:
    lines = wrap(figure.label(name), wide - 12, BODY, most=3)
    start = y + _TALL / 2 + 5 - (len(lines) - 1) * 8
    return [
        box(x, y, wide, _TALL, fill=CALM_WASH, colour=CALM, round_by=6),
        *lines_of_text(x + wide / 2, start, lines, anchor="middle", colour=INK),
    ]


def _colour(leg: Leg) -> str:
    return WARM if leg.back else CALM if leg.shown else EDGE


def _width(leg: Leg) -> float:
    return 2.5 if leg.shown and not leg.back else 1.5


def _dash(leg: Leg) -> str:
    return "2 3" if leg.back else "" if leg.shown else "6 4"


def _beside(y: float, low: bool) -> float:
    return y + 18 if low else y - 12


def _arrow(
    leg: Leg | None, start: tuple[float, float], end: tuple[float, float], *, words: tuple[float, float, str]
) -> list[str]:
    """A straight arrow; `words` is where its slope stands, and how the words are set there."""
    if leg is None:
        return []
    x, y, anchor = words
    return [
        line(*start, *end, colour=_colour(leg), width=_width(leg), dash=_dash(leg)),
        *_head(*start, *end, leg, stem=False),
        text(x, y, leg.words(), size=SMALL, anchor=anchor, colour=WARM if leg.back else INK, halo=True),
    ]


def _head(x1: float, y1: float, x2: float, y2: float, leg: Leg, *, stem: bool = True) -> list[str]:
    """The point of an arrow that comes from (x1, y1), with its stem if that is not drawn yet."""
    length = math.hypot(x2 - x1, y2 - y1) or 1.0
    ux, uy = (x2 - x1) / length, (y2 - y1) / length
    base = (x2 - 8 * ux, y2 - 8 * uy)
    points = [(base[0] - 4 * uy, base[1] + 4 * ux), (base[0] + 4 * uy, base[1] - 4 * ux), (x2, y2)]
    head = path(points, fill=_colour(leg), closed=True)
    if not stem:
        return [head]
    return [line(x1, y1, *base, colour=_colour(leg), width=_width(leg), dash=_dash(leg)), head]


def _narrow(figure: MechanismMap, width: float) -> tuple[list[str], float]:
    """One path below the other, in words: a telephone has no room for three columns."""
    parts: list[str] = []
    y, between = 14.0, figure.between()
    for name in between:
        parts += [text(0, y, figure.label(name), bold=True)]
        y += LEADING_SMALL + 2
        for leg in [
            one for one in figure.legs if one.before == name or (one.after == name and one.before not in between)
        ]:
            words = f"{figure.label(leg.before)} → {figure.label(leg.after)}: {leg.words()}"
            lines = wrap(words, width - 24, SMALL)
            parts += [line(0, y - 4, 16, y - 4, colour=_colour(leg), width=_width(leg), dash=_dash(leg))]
            parts += lines_of_text(24, y, lines, size=SMALL, leading=LEADING_SMALL, colour=SOFT)
            y += LEADING_SMALL * len(lines) + 3
        y += 10
    direct = _leg(figure, figure.start, figure.end)
    if direct:
        parts += [line(0, y - 4, 16, y - 4, colour=_colour(direct), width=_width(direct), dash=_dash(direct))]
        parts += [text(24, y, f"direct: {direct.words()}", size=SMALL, colour=SOFT)]
        y += LEADING_SMALL
    return parts, y


def _legend(back: bool) -> list[tuple[Sample, str]]:
    samples: list[tuple[Sample, str]] = [
        (lambda x, y: [line(x, y, x + 28, y, colour=CALM, width=2.5)], "interval leaves zero out"),
        (lambda x, y: [line(x, y, x + 28, y, colour=EDGE, width=1.5, dash="6 4")], "not shown"),
    ]
    if back:
        samples.append((lambda x, y: [line(x, y, x + 28, y, colour=WARM, width=1.5, dash="2 3")], "reverse path"))
    return samples

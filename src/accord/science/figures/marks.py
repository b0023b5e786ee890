"""The marks of a picture: text, lines, boxes, and for each arm a colour, a dash and a shape (never colour alone).

Colours are custom properties of the page with the light colour as a fallback, as presentation attributes: no style
element or attribute, so a strict content security policy lets the picture through.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape

from accord.science.figures.letters import BODY, SMALL, width_of, wrap

INK = "var(--ink,#1f2a2e)"
SOFT = "var(--soft,#445156)"
LINE = "var(--line,#ddd5c8)"
EDGE = "var(--edge,#8f8676)"
CARD = "var(--card,#ffffff)"
SUNK = "var(--sunk,#f1ece3)"
CALM = "var(--calm,#0f5e5a)"
CALM_WASH = "var(--calm-wash,#e3f0ee)"
WARM = "var(--warm,#8f3f20)"

_UNPRINTABLE = re.compile("[^\t\n\x20-\x7e\x80-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

LEADING = 16.0  # from one line of text to the next
LEADING_SMALL = 15.0


@dataclass(frozen=True, slots=True)
class Series:
    colour: str
    dash: str
    shape: str


_SERIES = (
    Series(CALM, "", "circle"),
    Series(WARM, "7 3", "square"),
    Series("var(--violet,#5a4a8f)", "2 3", "triangle"),
    Series("var(--gold,#765900)", "9 3 2 3", "diamond"),
    Series(SOFT, "4 4", "down"),
)


def series(number: int) -> Series:
    return _SERIES[number % len(_SERIES)]


def place(value: float) -> str:
    """A coordinate, as short as one decimal allows."""
    short = f"{value:.1f}".removesuffix(".0")
    return "0" if short == "-0" else short


def text(
    x: float, y: float, words: str, *, size: float = BODY, anchor: str = "start", colour: str = INK,
    bold: bool = False, halo: bool = False,
) -> str:  # fmt: skip
    """One line of words; a halo keeps it readable over lines."""
    extra = ("" if anchor == "start" else f' text-anchor="{anchor}"') + (' font-weight="600"' if bold else "")
    extra += f' stroke="{CARD}" stroke-width="3" paint-order="stroke"' if halo else ""
    return f'<text x="{place(x)}" y="{place(y)}" font-size="{place(size)}" fill="{colour}"{extra}>{clean(words)}</text>'


def lines_of_text(
    x: float, y: float, lines: Iterable[str], *, size: float = BODY, anchor: str = "start", colour: str = INK,
    bold: bool = False, leading: float = LEADING,
) -> list[str]:  # fmt: skip
    return [
        text(x, y + k * leading, words, size=size, anchor=anchor, colour=colour, bold=bold)
        for k, words in enumerate(lines)
    ]


def clean(words: str) -> str:
    """Escaped, and without what XML forbids."""
    return escape(printable(words))


def printable(words: str) -> str:
    """Without the control characters and halves of pairs that neither XML nor UTF-8 can hold."""
    return _UNPRINTABLE.sub("", words)


def line(x1: float, y1: float, x2: float, y2: float, *, colour: str = LINE, width: float = 1.0, dash: str = "") -> str:
    extra = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<line x1="{place(x1)}" y1="{place(y1)}" x2="{place(x2)}" y2="{place(y2)}" stroke="{colour}" '
        f'stroke-width="{place(width)}"{extra}/>'
    )


def box(
    x: float, y: float, width: float, height: float, *, fill: str = "none", colour: str = "none", round_by: float = 0,
    dash: str = "",
) -> str:  # fmt: skip
    extra = (f' rx="{place(round_by)}"' if round_by else "") + (f' stroke-dasharray="{dash}"' if dash else "")
    return (
        f'<rect x="{place(x)}" y="{place(y)}" width="{place(max(width, 0))}" height="{place(max(height, 0))}" '
        f'fill="{fill}" stroke="{colour}"{extra}/>'
    )


def path(
    points: Sequence[tuple[float, float]], *, colour: str = "none", fill: str = "none", width: float = 1.0,
    dash: str = "", closed: bool = False, opacity: float | None = None,
) -> str:  # fmt: skip
    d = "M" + " L".join(f"{place(x)} {place(y)}" for x, y in points) + (" Z" if closed else "")
    extra = (f' stroke-dasharray="{dash}"' if dash else "") + (f' fill-opacity="{opacity}"' if opacity else "")
    return (
        f'<path d="{d}" fill="{fill}" stroke="{colour}" stroke-width="{place(width)}" stroke-linejoin="round"{extra}/>'
    )


def arrow(x1: float, y1: float, x2: float, y2: float, *, colour: str = EDGE) -> list[str]:
    """A line with a head, straight down or to the right."""
    down = abs(y2 - y1) > abs(x2 - x1)
    head = [(x2 - 4, y2 - 7), (x2 + 4, y2 - 7), (x2, y2)] if down else [(x2 - 7, y2 - 4), (x2 - 7, y2 + 4), (x2, y2)]
    return [
        line(x1, y1, x2 - (0 if down else 6), y2 - (6 if down else 0), colour=colour, width=1.5),
        path(head, fill=colour, closed=True),
    ]


_SHAPES: dict[str, Callable[[float, float, float], list[tuple[float, float]]]] = {
    "square": lambda x, y, r: [(x - r, y - r), (x + r, y - r), (x + r, y + r), (x - r, y + r)],
    "triangle": lambda x, y, r: [(x, y - 1.2 * r), (x + 1.15 * r, y + 0.9 * r), (x - 1.15 * r, y + 0.9 * r)],
    "down": lambda x, y, r: [(x, y + 1.2 * r), (x + 1.15 * r, y - 0.9 * r), (x - 1.15 * r, y - 0.9 * r)],
    "diamond": lambda x, y, r: [(x, y - 1.3 * r), (x + 1.3 * r, y), (x, y + 1.3 * r), (x - 1.3 * r, y)],
}


def marker(shape: str, x: float, y: float, r: float, colour: str, *, hollow: bool = False) -> str:
    """A filled mark, or one with the colour as its outline only."""
    fill = CARD if hollow else colour
    if shape == "circle":
        return (
            f'<circle cx="{place(x)}" cy="{place(y)}" r="{place(r)}" fill="{fill}" stroke="{colour}" '
            'stroke-width="1.7"/>'
        )
    return path(_SHAPES[shape](x, y, r), colour=colour, fill=fill, width=1.7, closed=True)


def shifted(parts: Iterable[str], down: float, right: float = 0.0) -> list[str]:
    """The same parts in a group that is moved."""
    if not down and not right:
        return list(parts)
    return [f'<g transform="translate({place(right)} {place(down)})">', *parts, "</g>"]


Sample = Callable[[float, float], list[str]]  # draws what the legend explains, from x, centred on y

SAMPLE = 30.0  # its width


def legend(entries: Sequence[tuple[Sample, str]], width: float) -> tuple[list[str], float]:
    """Samples with their words in rows from the top, and the height they take."""
    parts: list[str] = []
    x, y = 0.0, 0.0
    for sample, words in entries:
        lines = wrap(words, width - SAMPLE - 6, SMALL, most=5)
        needed = SAMPLE + 6 + max((width_of(one, SMALL) for one in lines), default=0)
        if x and x + needed > width:
            x, y = 0.0, y + LEADING_SMALL + 4
        parts += sample(x, y + 8)
        parts += lines_of_text(x + SAMPLE + 6, y + 12, lines, size=SMALL, colour=SOFT, leading=LEADING_SMALL)
        if len(lines) > 1:
            x, y = 0.0, y + len(lines) * LEADING_SMALL + 4
        else:
            x += needed + 20
    return parts, (y + LEADING_SMALL + 10 if x else y + 6) if entries else 0.0

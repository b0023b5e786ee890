"""The frame of every picture: size, title, description, the stamp in its corner; and the copy that stands alone."""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import blake2s

from accord.science.figures.letters import SMALL, width_of
from accord.science.figures.marks import CARD, WARM, box, clean, place, text

STAMP = "invented data"
STAMP_HEIGHT = 26.0
FONT = "ui-sans-serif, 'Segoe UI', 'Helvetica Neue', 'Noto Sans', Arial, sans-serif"

MARGIN = 16  # around a picture that stands alone

_SIZE = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)" width="[\d.]+" height="[\d.]+"')
_VARIABLE = re.compile(r"var\(--[a-z-]+,(#[0-9a-f]{6})\)")


def drawing(
    title: str, description: str, body: Iterable[str], *, width: float, height: float, ident: str | None, invented: bool
) -> str:
    """One SVG element: `body` is drawn from (0, 0); a stamp takes its own line above, so that it covers nothing."""
    named = title if not invented or STAMP in title.lower() else f"{title} ({STAMP})"
    base = _identifier(ident, f"{title}|{description}|{width}")
    top = STAMP_HEIGHT if invented else 0.0
    w, h = place(width), place(height + top)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="figure" role="img" viewBox="0 0 {w} {h}" width="{w}" '
        f'height="{h}" aria-labelledby="{base}-title {base}-desc" font-family="{FONT}">',
        f'<title id="{base}-title">{clean(named)}</title>',
        f'<desc id="{base}-desc">{clean(description)}</desc>',
        *(_stamp(width) if invented else []),
        f'<g transform="translate(0 {place(top)})">' if top else "<g>",
        *body,
        "</g></svg>",
    ]
    return "\n".join(parts)


def _stamp(width: float) -> list[str]:
    wide = width_of(STAMP, SMALL, bold=True) + 16
    return [
        box(width - wide - 1, 1, wide, 19, fill="none", colour=WARM, round_by=4, dash="4 2"),
        text(width - 1 - wide / 2, 14.5, STAMP, size=SMALL, anchor="middle", colour=WARM, bold=True),
    ]


def _identifier(given: str | None, content: str) -> str:
    """A name that is allowed as an id: the one given, or one that follows from the content."""
    if not given:
        return "figure-" + blake2s(content.encode(), digest_size=5).hexdigest()
    safe = re.sub(r"[^A-Za-z0-9_-]+", "-", given)
    return safe if safe[0].isalpha() else f"figure-{safe}"


def standalone(svg: str) -> str:
    """The same picture as a file: light colours written out, a ground and a margin around, since a file has no page
    around it and few programs besides browsers know custom properties."""
    size = _SIZE.search(svg)
    width, height = (float(size[1]) + 2 * MARGIN, float(size[2]) + 2 * MARGIN) if size else (0.0, 0.0)
    w, h = place(width), place(height)
    framed = _SIZE.sub(f'viewBox="-{MARGIN} -{MARGIN} {w} {h}" width="{w}" height="{h}"', svg, count=1)
    ground = f'<rect x="-{MARGIN}" y="-{MARGIN}" width="{w}" height="{h}" fill="{CARD}"/>'
    plain = _VARIABLE.sub(r"\1", framed.replace("</desc>", f"</desc>\n{ground}", 1))
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + plain + "\n"

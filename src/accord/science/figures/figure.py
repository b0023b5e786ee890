"""What every picture is: plain values that draw themselves as one SVG element and can be read as a table."""

from __future__ import annotations

from typing import Protocol

Cell = str | int | float | None
Columns = tuple[str, ...]
Rows = tuple[tuple[Cell, ...], ...]

WIDE = 720  # units of the drawing for a page from about 600 px
NARROW = 264  # the same for a telephone: 320 px less the margins of the page


class Figure(Protocol):
    """`svg` may be drawn twice on a page, wide and narrow: `ident` keeps the ids of the two apart."""

    @property
    def title(self) -> str: ...

    @property
    def description(self) -> str: ...

    def svg(self, *, ident: str | None = None, width: int = WIDE) -> str: ...

    def table(self) -> tuple[Columns, Rows]: ...

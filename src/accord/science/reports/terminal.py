"""A report as text for a terminal: what to read first, the cautions, and the tables as far as they fit."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any, Literal

from accord.science.analyses.result import AnalysisResult, Block, Caution, Estimates, Picture, Table, Text
from accord.science.figures.marks import printable
from accord.science.reports.cells import estimate_words, numeric, people, shown, unit_words

MOST_ROWS = 14  # of a table; the page has the rest


def summary_text(result: AnalysisResult, *, width: int = 100) -> str:
    """Plain text without colours or control characters, lines at most `width` long."""
    from rich.console import Console

    out = io.StringIO()
    console = Console(file=out, width=width, no_color=True, force_terminal=False, highlight=False, emoji=False)
    for piece in _pieces(result, width):
        console.print(piece)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def _pieces(result: AnalysisResult, width: int) -> Iterator[Any]:
    yield _words(("INVENTED DATA · " if result.invented else "") + result.eyebrow)
    yield _words(result.title)
    yield _words("=" * min(len(result.title), width))
    yield from map(_words, result.lead)
    for section in result.sections:
        yield _words("")
        yield _words(section.heading)
        yield _words("-" * min(len(section.heading), width))
        for block in section.blocks:
            yield from _block(block, result.invented, width)
    if result.estimates:
        yield _words("")
        yield _words(f"{len(result.estimates)} numbers in all, each with n, missing and method, stand in the report.")


def _words(words: str) -> Any:
    from rich.text import Text as Words

    return Words(printable(words))


def _block(block: Block, invented: bool, width: int) -> Iterator[Any]:
    """Pictures are left to the page: their tables stand there too."""
    if isinstance(block, Text):
        yield _words(block.text)
    elif isinstance(block, Caution):
        yield _words(f"! {block.text}")
    elif isinstance(block, Table):
        rows = [[shown(cell, block.digits) for cell in row] for row in block.rows]
        yield from _table(block.title, block.columns, rows, invented, width)
    elif isinstance(block, Estimates):
        columns = ("What", "Estimate [95 %]", "", "n", "Missing")
        rows = [
            [one.label, estimate_words(one, block.digits), unit_words(one), people(one.n), people(one.missing)]
            for one in block.estimates
        ]
        yield from _table(block.title, columns, rows, invented, width)
    elif isinstance(block, Picture):
        yield _words(f"Picture: {block.title}. {block.description}")


def _table(title: str, columns: Sequence[str], rows: list[list[str]], invented: bool, width: int) -> Iterator[Any]:
    from rich import box
    from rich.table import Table as Grid

    yield _words("")
    yield _words(f"{title} (invented data)" if invented else title)
    grid = Grid(box=box.SIMPLE_HEAD, pad_edge=False)
    kept = _fitting(columns, rows, width)
    for k in range(kept):
        cells = [row[k] for row in rows]
        side: Literal["left", "right"] = "right" if numeric(cells) else "left"
        grid.add_column(_words(columns[k]), justify=side, min_width=_least(k, columns[k], cells))
    for row in rows[:MOST_ROWS]:
        grid.add_row(*(_words(cell) for cell in row[:kept]))
    yield grid
    hidden = [
        f"{count} more {what}"
        for count, what in ((len(rows) - MOST_ROWS, "rows"), (len(columns) - kept, "columns"))
        if count > 0
    ]
    if hidden:
        yield _words(f"… and {' and '.join(hidden)} in the report")


def _fitting(columns: Sequence[str], rows: list[list[str]], width: int) -> int:
    """How many columns have room, the first always."""
    taken = 0
    for k, column in enumerate(columns):
        taken += _least(k, column, [row[k] for row in rows]) + 3
        if taken > width and k:
            return k
    return len(columns)


def _least(k: int, column: str, cells: list[str]) -> int:
    """The narrowest a column may be: numbers stay whole, words break at spaces, the first names its row."""
    whole = [*column.split(), *(cells if numeric(cells) else (word for cell in cells for word in cell.split()))]
    return max([*map(len, whole), min(len(column), 12), 0 if k else 16])

"""Tables as HTML: caption, heads with their scope, and a region of their own that scrolls where they are wide."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from string import ascii_lowercase

from accord.science.analyses.result import Estimates, Table
from accord.science.estimates.estimate import Estimate
from accord.science.figures.figure import Columns, Rows
from accord.science.reports.cells import (
    LONG,
    MISSING,
    SOME,
    estimate_words,
    fitting_digits,
    numeric,
    p_value,
    people,
    plain,
    shown,
    unit_words,
)  # fmt: skip
from accord.science.reports.idents import Idents

MOST_ROWS = 24  # a table with more of them is folded
_SENTENCE = 40  # characters from which a cell is a sentence
_OFTEN = 3  # rows for each different cell, from which a column of sentences is printed under the table
_STAMP = ' <span class="stamp">invented data</span>'


def table_html(block: Table, idents: Idents, *, invented: bool) -> str:
    ident = idents.take(f"table-{block.id}")
    return framed(
        ident, block.title, block.columns, block.rows, note=block.note, digits=block.digits, invented=invented
    )


def framed(
    ident: str, title: str, columns: Columns, rows: Rows, *, note: str = "", digits: int = 2, invented: bool = False,
    level: int = 3,
) -> str:  # fmt: skip
    """Any columns and rows; the first column heads its row."""
    words = [[shown(cell, digits) for cell in row] for row in rows]
    keys = _lift(columns, words)
    classes = [_class([row[k] for row in words]) for k in range(len(columns))]
    body = "".join(f"<tr>{_row(row, classes, span)}</tr>" for row, span in zip(words, _spans(words), strict=True))
    under = _keys(keys) + _note(note)
    return _frame(ident, title, _head(columns, classes), body or _empty(len(columns)), under, invented, level)


def _lift(columns: Columns, words: list[list[str]]) -> list[tuple[str, str]]:
    """A column of few long sentences that return row after row gives them up: they go under the table and leave a
    letter in their cells (in place). The letters with their sentences."""
    keys: list[tuple[str, str]] = []
    for k in range(1, len(columns)):
        cells = {row[k]: None for row in words}
        found = [cell for cell in cells if len(cell) > _SENTENCE]
        if not found or len(words) < _OFTEN * len(cells) or len(keys) + len(found) > len(ascii_lowercase):
            continue
        letters = dict(zip(found, ascii_lowercase[len(keys) :], strict=False))
        keys += [(letter, sentence) for sentence, letter in letters.items()]
        for row in words:
            row[k] = letters.get(row[k], row[k])
    return keys


def _note(note: str) -> str:
    return f'<p class="note">{plain(note)}</p>' if note else ""


def _keys(keys: list[tuple[str, str]]) -> str:
    items = "".join(f"<li><b>{letter}</b> {plain(sentence)}</li>" for letter, sentence in keys)
    return f'<ul class="keys">{items}</ul>' if items else ""


def _class(cells: Sequence[str]) -> str:
    if numeric(cells):
        return ' class="n"'
    longest = max(map(len, cells), default=0)
    return ' class="long"' if longest > LONG else ' class="some"' if longest > SOME else ""


def _head(columns: Sequence[str], classes: Sequence[str]) -> str:
    """A column without a name (row labels of a table of people) has an empty cell, which is no heading."""
    return "".join(
        f'<th scope="col"{kind}>{plain(column)}</th>' if column else f"<td{kind}></td>"
        for column, kind in zip(columns, classes, strict=True)
    )


def _spans(rows: Sequence[Sequence[str]]) -> list[int]:
    """How many rows the first cell of each heads: rows that begin alike share one; 0 for those that it covers."""
    spans: list[int] = []
    for _, same in groupby(rows, key=lambda row: row[:1]):
        length = len(list(same))
        spans += [length, *[0] * (length - 1)]
    return spans


def _row(cells: Sequence[str], classes: Sequence[str], span: int) -> str:
    first = ""
    if span and cells:
        scope = f'scope="rowgroup" rowspan="{span}"' if span > 1 else 'scope="row"'
        first = f"<th {scope}{classes[0]}>{plain(cells[0])}</th>"
    return first + "".join(f"<td{kind}>{plain(cell)}</td>" for cell, kind in zip(cells[1:], classes[1:], strict=True))


def _empty(columns: int) -> str:
    return f'<tr><td colspan="{max(columns, 1)}">Nothing to show.</td></tr>'


def _frame(ident: str, title: str, head: str, body: str, under: str, invented: bool, level: int = 3) -> str:
    """The title stands over the region that scrolls, so that it stays where the columns move; the region is a
    group with a name, no landmark, since a report has dozens of them. A long table is folded,
    the tables behind pictures (level 4) are folded with their picture."""
    stamp = _STAMP if invented else ""
    rows = body.count("<tr")
    heading = f'<h{level} id="{ident}--title">{plain(title)}{stamp}</h{level}>'
    table = (
        f'<div class="scroll" role="group" tabindex="0" aria-labelledby="{ident}--title">'
        f'<table aria-labelledby="{ident}--title"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    )
    if rows > MOST_ROWS and level == 3:
        table = f"<details><summary>Show all {rows:,} rows</summary>{table}</details>"
    return f'<div class="table" id="{ident}">{heading}{table}{under}</div>'


def estimates_html(block: Estimates, idents: Idents, *, invented: bool) -> str:
    """Numbers of a section; each names its id, which leads to its definition at the end of the report."""
    rows = [_row_of(one, estimate_words(one, block.digits), idents, anchor=False) for one in block.estimates]
    return _frame(
        idents.take("estimates"), block.title, *_estimates(block.estimates, rows), _note(block.note), invented
    )


def every_number_html(estimates: Sequence[Estimate], idents: Idents, *, invented: bool) -> str:
    """All estimates once, each with the anchor that the sections lead to, as precise as its interval allows."""
    rows = [_row_of(one, estimate_words(one, fitting_digits(one)), idents, anchor=True) for one in estimates]
    ident = idents.take("every-number-table")
    return _frame(ident, "Every number of this report", *_estimates(estimates, rows), "", invented)


_WHAT, _P, _HOW = "What", "p", "Instrument and method"


def _estimates(estimates: Sequence[Estimate], rows: list[tuple[str, dict[str, str]]]) -> tuple[str, str]:
    """Head and body; a column of p only where a number has one."""
    columns = {_WHAT: "long", "Estimate [95 %]": "n", _P: "n", "n": "n", "Missing": "n", _HOW: "long"}
    if all(estimate.p is None for estimate in estimates):
        del columns[_P]
    head = _head(tuple(columns), [f' class="{kind}"' for kind in columns.values()])
    body = "".join(
        f"<tr{anchor}>" + "".join(_cell(name, kind, cells[name]) for name, kind in columns.items()) + "</tr>"
        for anchor, cells in rows
    )
    return head, body or _empty(len(columns))


def _cell(column: str, kind: str, html: str) -> str:
    return f'<th scope="row" class="{kind}">{html}</th>' if column == _WHAT else f'<td class="{kind}">{html}</td>'


def _row_of(one: Estimate, words: str, idents: Idents, *, anchor: bool) -> tuple[str, dict[str, str]]:
    """The anchor of a row, and its cells as HTML by column."""
    name = f"<code>{plain(one.id)}</code>"
    if not anchor and idents.listed(one.id):
        name = f'<a href="#{idents.number(one.id)}">{name}</a>'
    cells = {
        _WHAT: f"{plain(one.label)} {_small(name)}",
        "Estimate [95 %]": plain(words) + (f" {_small(plain(unit_words(one)))}" if unit_words(one) else ""),
        _P: plain(p_value(one.p)),
        "n": people(one.n),
        "Missing": people(one.missing),
        _HOW: _how(one),
    }
    return (f' id="{idents.number(one.id)}"' if anchor else ""), cells


def _small(html: str) -> str:
    return f'<span class="id">{html}</span>'


def _how(one: Estimate) -> str:
    """The instrument, then how the number was had and what is to be said of it."""
    df = f"df {shown(round(one.df, 1), 1)}" if one.df is not None else ""
    method = "; ".join(part.rstrip(".") for part in (one.method, df, one.note) if part)
    scale = f"<code>{plain(one.scale)}</code>" if one.scale else ""
    return f"{scale} {_small(plain(method)) if method else ''}".strip() or MISSING

"""Tables as HTML: caption, heads with their scope, and a region of their own that scrolls where they are wide."""

from __future__ import annotations

from collections.abc import Sequence

from accord.science.analyses.result import Estimates, Table
from accord.science.estimates.estimate import Estimate
from accord.science.figures.figure import Columns, Rows
from accord.science.reports.cells import (
    LONG,
    MISSING,
    estimate_words,
    numeric,
    p_value,
    people,
    plain,
    shown,
    unit_words,
)  # fmt: skip
from accord.science.reports.idents import Idents

_STAMP = ' <span class="stamp">invented data</span>'


def table_html(block: Table, idents: Idents, *, invented: bool) -> str:
    ident = idents.take(f"table-{block.id}")
    return framed(
        ident, block.title, block.columns, block.rows, note=block.note, digits=block.digits, invented=invented
    )


def framed(
    ident: str, title: str, columns: Columns, rows: Rows, *, note: str = "", digits: int = 2, invented: bool = False
) -> str:
    """Any columns and rows; the first column heads its row."""
    words = [[shown(cell, digits) for cell in row] for row in rows]
    classes = [_class([row[k] for row in words]) for k in range(len(columns))]
    body = "".join(f"<tr>{_row(row, classes)}</tr>" for row in words)
    return _frame(ident, title, _head(columns, classes), body or _empty(len(columns)), note, invented)


def _class(cells: Sequence[str]) -> str:
    if numeric(cells):
        return ' class="n"'
    return ' class="long"' if max(map(len, cells), default=0) > LONG else ""


def _head(columns: Sequence[str], classes: Sequence[str]) -> str:
    return "".join(f'<th scope="col"{kind}>{plain(column)}</th>' for column, kind in zip(columns, classes, strict=True))


def _row(cells: Sequence[str], classes: Sequence[str]) -> str:
    first = f'<th scope="row"{classes[0]}>{plain(cells[0])}</th>' if cells else ""
    return first + "".join(f"<td{kind}>{plain(cell)}</td>" for cell, kind in zip(cells[1:], classes[1:], strict=True))


def _empty(columns: int) -> str:
    return f'<tr><td colspan="{max(columns, 1)}">Nothing to show.</td></tr>'


def _frame(ident: str, title: str, head: str, body: str, note: str, invented: bool) -> str:
    stamp = _STAMP if invented else ""
    under = f'<p class="note">{plain(note)}</p>' if note else ""
    return (
        f'<div class="table" id="{ident}"><div class="scroll" role="region" tabindex="0" '
        f'aria-labelledby="{ident}--caption"><table><caption id="{ident}--caption">{plain(title)}{stamp}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{under}</div>"
    )


def estimates_html(block: Estimates, idents: Idents, *, invented: bool) -> str:
    """Numbers of a section; each names its id, which leads to its definition at the end of the report."""
    ident = idents.take("estimates")
    return _estimates_table(ident, block.title, block.estimates, block.digits, block.note, idents, invented, False)


def every_number_html(estimates: Sequence[Estimate], idents: Idents, *, invented: bool) -> str:
    """All estimates once, each with the anchor that the sections lead to."""
    return _estimates_table(
        "every-number-table", "Every number of this report", estimates, 3, "", idents, invented, True
    )


def _estimates_table(
    ident: str, title: str, estimates: Sequence[Estimate], digits: int, note: str, idents: Idents, invented: bool,
    anchors: bool,
) -> str:  # fmt: skip
    with_p = any(estimate.p is not None for estimate in estimates)
    columns = ["What", "Estimate [95 %]", *(["p"] if with_p else []), "n", "Missing", "Instrument", "How"]
    classes = ["", ' class="n"', *([' class="n"'] if with_p else []), ' class="n"', ' class="n"', "", ' class="long"']
    rows = "".join(_estimate_row(one, digits, with_p, idents, anchors) for one in estimates)
    return _frame(ident, title, _head(columns, classes), rows or _empty(len(columns)), note, invented)


def _estimate_row(one: Estimate, digits: int, with_p: bool, idents: Idents, anchors: bool) -> str:
    target = idents.number(one.id)
    name = f"<code>{plain(one.id)}</code>"
    link = name if anchors or not idents.listed(one.id) else f'<a href="#{target}">{name}</a>'
    unit = f' <span class="id">{plain(unit_words(one))}</span>' if unit_words(one) else ""
    cells = [
        f'<th scope="row" class="long">{plain(one.label)} <span class="id">{link}</span></th>',
        f'<td class="n">{plain(estimate_words(one, digits))}{unit}</td>',
        *([f'<td class="n">{p_value(one.p).replace("<", "&lt;")}</td>'] if with_p else []),
        f'<td class="n">{people(one.n)}</td><td class="n">{people(one.missing)}</td>',
        f"<td>{plain(one.scale or MISSING)}</td>",
        f'<td class="long">{plain(_how(one))}</td>',
    ]
    anchor = f' id="{target}"' if anchors else ""
    return f"<tr{anchor}>{''.join(cells)}</tr>"


def _how(one: Estimate) -> str:
    df = f"df {shown(round(one.df, 1), 1)}" if one.df is not None else ""
    return "; ".join(part.rstrip(".") for part in (one.method, df, one.note) if part) or MISSING

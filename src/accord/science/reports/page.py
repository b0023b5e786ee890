"""A report as one HTML page that stands alone: no script, no request to anywhere, one style block (E20)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accord.science.analyses.result import AnalysisResult, Caution, Estimates, Picture, Section, Table, Text
from accord.science.figures import NARROW, WIDE
from accord.science.reports.cells import plain, shown
from accord.science.reports.idents import Idents
from accord.science.reports.stamp import stamped
from accord.science.reports.tables import estimates_html, every_number_html, framed, table_html

CSP = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
INVENTED = "Invented data."
_RETURNS = "These figures return what was put in; no person stands behind them."
# Chromium prints the words into the margin of every page; elsewhere every figure and table carries them.
_PRINTED = '@media print{@page{@top-right{content:"invented data";font:600 9pt sans-serif;color:#8f3f20}}}'


def render_report(result: AnalysisResult) -> str:
    """The page. The same result gives the same bytes.

    Everything that comes from data or definitions is escaped. A simulated cohort is stamped in the title, above the
    heading, on each picture and table and in print (C12).
    """
    idents = Idents(estimate.id for estimate in result.estimates)
    anchors = [idents.take(section.id) for section in result.sections]
    ends = [(idents.take("notes"), "What was done to the data")] if result.notes else []
    ends += [(idents.take("every-number"), "Every number")] if result.estimates else []
    placed = list(zip(result.sections, anchors, strict=True))
    contents = [(anchor, section.heading) for section, anchor in placed] + ends
    sections = [_section(section, anchor, idents, result.invented) for section, anchor in placed]
    parts = [
        "<!doctype html>",
        '<html lang="en">',
        _head(result),
        "<body>",
        '<a class="skip" href="#report">Skip to the report</a>',
        '<main id="report">',
        _top(result),
        _contents(contents),
        *sections,
        *_ends(result, {heading: ident for ident, heading in ends}, idents),
        "</main>",
        _foot(result),
        "</body>",
        "</html>",
    ]
    return "\n".join(part for part in parts if part) + "\n"


def _head(result: AnalysisResult) -> str:
    title = f"{'Invented data: ' if result.invented else ''}{result.title}"
    css = Path(__file__).with_name("report.css").read_text(encoding="utf-8")
    return (
        '<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{CSP}"><meta name="referrer" content="no-referrer">'
        f"<title>{plain(title)}</title><style>{css}{_PRINTED if result.invented else ''}</style></head>"
    )


def _top(result: AnalysisResult) -> str:
    stamp = '<span class="stamp">invented data</span> ' if result.invented else ""
    said = any("put in" in sentence for sentence in result.lead)
    aside = f'<p class="invented"><b>{INVENTED}</b> {_RETURNS}</p>' if result.invented and not said else ""
    lead = "".join(f"<p>{plain(sentence)}</p>" for sentence in result.lead)
    return (
        f'<div class="head"><p class="eyebrow">{stamp}{plain(result.eyebrow)}</p><h1>{plain(result.title)}</h1>'
        f'{f"""<div class="lead">{lead}</div>""" if lead else ""}{aside}</div>'
    )


def _contents(entries: list[tuple[str, str]]) -> str:
    if not entries:
        return ""
    items = "".join(f'<li><a href="#{ident}">{plain(heading)}</a></li>' for ident, heading in entries)
    return f'<nav aria-label="Contents"><ol>{items}</ol></nav>'


@dataclass(frozen=True, slots=True)
class _Around:
    """What a block needs to know of the page around it."""

    idents: Idents
    invented: bool
    heading: str


def _section(section: Section, ident: str, idents: Idents, invented: bool) -> str:
    around = _Around(idents, invented, section.heading)
    blocks = "\n".join(_BLOCKS[type(block)](block, around) for block in section.blocks)
    return _card(ident, section.heading, blocks)


def _card(ident: str, heading: str, blocks: str) -> str:
    return (
        f'<section class="card" id="{ident}" aria-labelledby="{ident}--heading">'
        f'<h2 id="{ident}--heading">{plain(heading)}</h2>\n{blocks}</section>'
    )


def _text(block: Text, around: _Around) -> str:
    return f"<p>{plain(block.text)}</p>"


def _caution(block: Caution, around: _Around) -> str:
    return f'<p class="caution">{plain(block.text)}</p>'


def _table(block: Table, around: _Around) -> str:
    return table_html(block, around.idents, invented=around.invented)


def _estimates(block: Estimates, around: _Around) -> str:
    return estimates_html(block, around.idents, invented=around.invented)


def _picture(block: Picture, around: _Around) -> str:
    """The picture twice, of which the style shows one: as wide as a page, and for a telephone."""
    ident = around.idents.take(f"figure-{block.id}")
    picture = stamped(block.picture, around.invented)
    columns, rows = picture.table()
    behind = framed(
        f"{ident}--table", f"Behind the picture: {block.title}", columns, rows, invented=around.invented, level=4
    )
    again = ' class="hidden"' if block.title == around.heading else ""  # the heading above says it already
    note = f'<figcaption class="note">{plain(block.note)}</figcaption>' if block.note else ""
    return (
        f'<figure id="{ident}" aria-labelledby="{ident}--heading">'
        f'<h3 id="{ident}--heading"{again}>{plain(block.title)}</h3>'
        f'<div class="wide">{picture.svg(ident=f"{ident}--wide", width=WIDE)}</div>'
        f'<div class="narrow">{picture.svg(ident=f"{ident}--narrow", width=NARROW)}</div>'
        f"{note}<details><summary>The numbers as a table</summary>{behind}</details></figure>"
    )


_BLOCKS: dict[type, Callable[[Any, _Around], str]] = {
    Text: _text, Caution: _caution, Table: _table, Estimates: _estimates, Picture: _picture,
}  # fmt: skip


def _ends(result: AnalysisResult, ends: dict[str, str], idents: Idents) -> list[str]:
    parts = []
    if result.notes:
        notes = "".join(f"<li>{plain(note)}</li>" for note in result.notes)
        heading = "What was done to the data"
        parts.append(_card(ends[heading], heading, f'<ul class="notes">{notes}</ul>'))
    if result.estimates:
        intro = (
            "<p>One row a number, under the id by which exports and other reports name it. n is how many people carry "
            "it, missing how many of those who should have been there are not.</p>"
        )
        table = every_number_html(result.estimates, idents, invented=result.invented)
        heading = "Every number"
        parts.append(_card(ends[heading], heading, intro + table))
    return parts


def _foot(result: AnalysisResult) -> str:
    facts = {
        "Protocol": f"{result.protocol}, version {result.protocol_version}" if result.protocol else "",
        "Hash of the protocol": result.protocol_hash,
        "Origin of the data": f"{result.origin}{' (invented)' if result.invented else ''}",
        **({} if result.seed is None else {"Seed": str(result.seed)}),
        **{key: shown(value, 2) for key, value in result.facts.items()},
    }
    rows = "".join(f"<dt>{plain(key)}</dt><dd>{plain(value)}</dd>" for key, value in facts.items() if value)
    return f'<footer><h2 class="hidden">About this report</h2><dl>{rows}</dl></footer>'

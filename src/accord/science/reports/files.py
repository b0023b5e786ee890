"""A report as files: the page, its numbers and tables for machines, its pictures. All of it, or nothing."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass, fields
from pathlib import Path

from accord.science.analyses.result import AnalysisResult, Picture, Table
from accord.science.estimates.estimate import Estimate
from accord.science.figures.drawing import standalone
from accord.science.figures.figure import Columns, Rows
from accord.science.figures.marks import printable
from accord.science.reports.cells import Cell
from accord.science.reports.page import render_report
from accord.science.reports.publication import publication_files
from accord.science.reports.stamp import stamped

_FORMULA = ("=", "+", "-", "@", "\t")


@dataclass(frozen=True, slots=True)
class WrittenReport:
    """Where the page is, and every file that was written, in order of their names."""

    page: Path
    files: tuple[Path, ...]


def write_report(result: AnalysisResult, folder: Path, *, publication: bool = False) -> WrittenReport:
    """Write the page, `analysis.json`, `estimates.json`, `estimates.csv`, `tables/*.csv` and `figures/*.svg` with the
    numbers behind each.

    Files of a simulated cohort end in `-invented` (C12). With `publication` each picture comes as PDF and PNG too, and
    as an editable Vega-Lite chart where it is one. Everything is made before the first file is written; each file is
    written beside its place and renamed, so that no half file ever stands under its name.
    """
    contents = report_files(result)
    if publication:
        contents |= publication_files(result, _Names(result.invented).figure)
    _write_all({folder / name: content for name, content in contents.items()})
    written = tuple(sorted(folder / name for name in contents))
    return WrittenReport(folder / _Names(result.invented)("report", "html"), written)


def _write_all(contents: dict[Path, bytes]) -> None:
    """Every file beside its place first, then all renamed; after a failure neither files nor new folders stay."""
    folders = sorted({parent for place in contents for parent in place.parents if not parent.exists()})
    parts = {place: place.with_name(f".{place.name}.part") for place in contents}
    try:
        for folder in folders:
            folder.mkdir(exist_ok=True)
        for place, content in contents.items():
            parts[place].write_bytes(content)
        for place, part in parts.items():
            part.replace(place)
    except OSError:
        for part in parts.values():
            if part.parent.is_dir():
                part.unlink(missing_ok=True)
        for folder in reversed(folders):
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
        raise


def report_files(result: AnalysisResult) -> dict[str, bytes]:
    """Name in the folder and content of every file; the same result gives the same bytes."""
    names = _Names(result.invented)
    files = {
        names("report", "html"): render_report(result),
        names("analysis", "json"): _json(result.to_dict()),
        names("estimates", "json"): _json([estimate.to_dict() for estimate in result.estimates]),
        names("estimates", "csv"): _estimates_csv(result.estimates),
    }
    for block in result.blocks():
        if isinstance(block, Table):
            files[names.free(f"tables/{safe_name(block.id)}", "csv", files)] = as_csv(block.columns, block.rows)
        elif isinstance(block, Picture):
            stem = names.free(f"figures/{safe_name(block.id)}", "svg", files)
            files[stem] = standalone(stamped(block.picture, result.invented).svg(ident=f"figure-{block.id}"))
            files[stem.removesuffix("svg") + "csv"] = as_csv(*block.picture.table())
    return {name: content.encode("utf-8", errors="replace") for name, content in files.items()}


class _Names:
    """File names: simulated cohorts carry `-invented` in each."""

    def __init__(self, invented: bool) -> None:
        self._mark = "-invented" if invented else ""

    def __call__(self, stem: str, kind: str) -> str:
        return f"{stem}{self._mark}.{kind}"

    def free(self, stem: str, kind: str, taken: dict[str, str]) -> str:
        """`stem`, or `stem-2` and so on when another table or picture has that name."""
        candidate, again = stem, 2
        while self(candidate, kind) in taken:
            candidate, again = f"{stem}-{again}", again + 1
        return self(candidate, kind)

    def figure(self, stem: str, kind: str) -> str:
        return self(f"figures/{safe_name(stem)}", kind)


def safe_name(name: str) -> str:
    """An id as a file name: nothing that leaves the folder or that some system refuses."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-")[:80] or "table"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def as_csv(columns: Columns, rows: Rows) -> str:
    """UTF-8 with commas and a header. Missing is empty; a text that a spreadsheet would take for a formula is preceded
    by an apostrophe (E23)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([_safe(column) for column in columns])
    writer.writerows([[_safe(cell) for cell in row] for row in rows])
    return out.getvalue()


def _safe(cell: Cell) -> Cell:
    if isinstance(cell, float) and cell - cell != 0:  # NaN and infinities have no spelling that all programs share
        return ""
    if isinstance(cell, str):
        words = printable(cell.replace("\r\n", "\n").replace("\r", "\n"))
        return f"'{words}" if words.lstrip(" \n").startswith(_FORMULA) else words
    return "" if cell is None else cell


def _estimates_csv(estimates: tuple[Estimate, ...]) -> str:
    columns = tuple(field.name for field in fields(Estimate))
    return as_csv(columns, tuple(tuple(one.to_dict()[name] for name in columns) for one in estimates))

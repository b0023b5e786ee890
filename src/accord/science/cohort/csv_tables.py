"""A cohort table from a CSV file: every cell is checked, and the first wrong one is named with row and column."""

from __future__ import annotations

import csv
from pathlib import Path

import polars as pl

from accord.science.cohort.conform import WORDS
from accord.science.cohort.tables import Column, Table
from accord.science.errors import BadInput, Finding, Place

MAX_HEADER = 1_000_000
MAX_COLUMNS = 2_000
TRUE, FALSE = ("true", "1"), ("false", "0")


def read_csv_table(path: Path, table: Table, *, file: str) -> tuple[pl.DataFrame, list[Finding]]:
    """The table with typed columns, and a finding for the first wrong cell of each column (that cell is empty).

    The format: UTF-8, comma, decimal point, `true`/`false`, empty for missing, one header row. Raises BadInput when
    the file as a whole cannot be read (another encoding, no header, another delimiter, ragged rows).
    """
    frame = read_text_csv(path, file=file)
    findings: list[Finding] = []
    typed: list[pl.Series] = []
    for series in frame.iter_columns():
        column = table.column(series.name)
        values, wrong = _typed(series, column) if column else (_loosely(series), None)
        typed.append(values)
        if wrong is not None and column is not None:
            findings.append(_wrong_cell(series, wrong, column, file))
    return pl.DataFrame(typed), findings


def read_text_csv(path: Path, *, file: str) -> pl.DataFrame:
    """A UTF-8 comma-separated file with every column as text; BadInput with the place otherwise."""
    names = _header(path, file=file)
    try:
        frame = pl.read_csv(path, infer_schema=False, truncate_ragged_lines=False, encoding="utf8")
    except pl.exceptions.NoDataError:
        raise BadInput("the file is empty.", cure="Write at least the header row.", where=Place(file=file)) from None
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise _unreadable(path, error, file) from None
    if frame.columns != names:
        what = f"the header cannot be read: found {', '.join(frame.columns[:10])}."
        raise BadInput(what, cure="Check its quotes and line ends.", where=Place(file=file, row=1))
    return frame


def _header(path: Path, *, file: str) -> list[str]:
    """The column names, read alone first: a file with a million columns is refused before it is parsed."""
    where = Place(file=file, row=1)
    with path.open("rb") as stream:
        raw = stream.readline(MAX_HEADER + 1)
    if not raw.strip():
        raise BadInput("the file is empty.", cure="Write at least the header row.", where=Place(file=file))
    if len(raw) > MAX_HEADER or raw.count(b",") >= MAX_COLUMNS:
        what = f"the header has more than {MAX_COLUMNS:,} columns or {MAX_HEADER:,} bytes."
        raise BadInput(what, cure="A cohort table is long: one row per fact, few columns.", where=where)
    try:
        names = next(csv.reader([raw.decode("utf-8-sig")], strict=True))
    except (UnicodeDecodeError, csv.Error):
        raise BadInput("the header is not UTF-8 text.", cure="Save the file as UTF-8.", where=where) from None
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        where = Place(file=file, row=1, column=twice)
        raise BadInput("the column stands there twice.", cure="Keep one of the two.", where=where)
    if len(names) == 1 and any(mark in names[0] for mark in ";\t|"):
        cure = "Cohort tables use commas and decimal points; `accord cohort map` reads other files."
        raise BadInput("the header holds no comma, but another delimiter.", cure=cure, where=where)
    return names


def _unreadable(path: Path, error: BaseException, file: str) -> BadInput:
    """Why polars refused the file, in our words: not UTF-8, or a row with another number of cells."""
    raw = path.read_bytes()
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as wrong:
        where = Place(file=file, row=raw[: wrong.start].count(b"\n") + 1)
        found = f"the byte 0x{raw[wrong.start]:02x} is no UTF-8 text."
        return BadInput(found, cure="Save the file as UTF-8 (not Windows-1252 or UTF-16).", where=where)
    if (row := ragged_row(raw.decode("utf-8-sig"))) is not None:
        what = f"the row has {row[1]} cells, the header {row[2]}."
        return BadInput(what, cure="Quote cells that hold a comma.", where=Place(file=file, row=row[0]))
    what = f"the file cannot be read: {(str(error).splitlines() or [''])[0]:.200}"
    return BadInput(what, cure="Check quotes and line ends.", where=Place(file=file))


def ragged_row(text: str, delimiter: str = ",") -> tuple[int, int, int] | None:
    """The first row whose number of cells differs from the header's: (row, cells, cells of the header)."""
    rows = csv.reader(text.splitlines(keepends=True), delimiter=delimiter)
    try:
        width = len(next(rows, []))
        for row in rows:
            if row and len(row) != width:
                return rows.line_num, len(row), width
    except csv.Error:
        return None
    return None


def _typed(series: pl.Series, column: Column) -> tuple[pl.Series, int | None]:
    """The column as its type, and the index of the first cell that could not be read."""
    text = series.str.strip_chars()
    text = text.set(text == "", None) if len(text) else text
    if column.dtype == pl.Boolean():
        lower = text.str.to_lowercase()
        known = lower.is_in([*TRUE, *FALSE])
        values = pl.select(pl.when(known).then(lower.is_in(list(TRUE)))).to_series().alias(series.name)
    else:
        values = text.cast(column.dtype, strict=False)
    if column.dtype == pl.Float64():
        values = values.set(~values.is_finite().fill_null(True), None) if len(values) else values
    wrong = (values.is_null() & text.is_not_null()).arg_max() if len(text) else None
    broken = wrong is not None and values[wrong] is None and text[wrong] is not None
    return values, wrong if broken else None


def _loosely(series: pl.Series) -> pl.Series:
    """An extra column: numbers when every cell is one, text otherwise."""
    text = series.set(series == "", None) if len(series) else series
    numbers = text.cast(pl.Float64, strict=False)
    return numbers if numbers.null_count() == text.null_count() and numbers.is_finite().all() else text


def _wrong_cell(series: pl.Series, index: int, column: Column, file: str) -> Finding:
    found = str(series[index])
    words = WORDS[type(column.dtype)]
    decimal = "," in found and found.replace(",", "", 1).lstrip("-").isdigit()
    cure = "Write a decimal point, not a comma." if decimal else "Leave the cell empty when the value is missing."
    where = Place(file=file, row=index + 2, column=column.name)
    return Finding(f"found '{found:.40}'; {words} are allowed.", cure, where)

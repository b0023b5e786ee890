"""The text of a table made by a device or by hand: its lines of notes, its delimiter, its decimal sign, its columns."""

from __future__ import annotations

import codecs
import csv
import re
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from accord.science.errors import BadInput, Place

MAX_LINE = 100_000
MAX_COLUMNS = 1_000
DELIMITERS = (";", "\t", ",", "|")
MISSING = ("", "na", "nan", "null", "none", "n/a", "-nan")


@dataclass(frozen=True, slots=True)
class TextTable:
    """Columns as text, how many lines stood before the first row of data, and the notes above the header."""

    frame: pl.DataFrame
    skipped: int
    notes: dict[str, str] = field(default_factory=dict)
    has_header: bool = True
    decimal_comma: bool = False


def read_text(path: Path) -> TextTable:
    """A delimited text file of any usual dialect, every cell as text.

    Understood: comma, semicolon, tab or bar; decimal comma (with another delimiter); UTF-8, UTF-16 with a mark, and
    Windows-1252 in the header; lines of notes that begin with `#` above the header (`# Sampling Rate (Hz):= 1000`
    becomes a note); no header at all when the first line is all numbers. Raises BadInput with the row otherwise.
    """
    return table_of(path.read_bytes(), str(path))


def table_of(raw: bytes, file: str) -> TextTable:
    """The same from bytes that are already there."""
    text = _utf8(raw, file)
    head, notes, skipped = _first_line(text, file)
    delimiter = _delimiter(head)
    names = _names(head, delimiter, file)
    has_header = names is not None
    body = _body(text, skipped + (1 if has_header else 0))
    columns = names or [f"column {i + 1}" for i in range(head.count(delimiter) + 1)]
    if names is None and len(columns) == 1 and notes.get("labels"):
        columns = [notes["labels"]]
    frame = _parsed(body, columns, delimiter, file, skipped + (1 if has_header else 0))
    comma = delimiter != "," and _has_decimal_comma(frame)
    return TextTable(frame, skipped + (1 if has_header else 0), notes, has_header, comma)


def numbers(table: TextTable, column: str, *, file: str) -> pl.Series:
    """A column as numbers; empty, NA and NaN are missing. BadInput names the first cell that is neither."""
    plain = table.frame[column]
    values = plain.cast(pl.Float64, strict=False)
    if values.null_count() == plain.null_count():
        return values
    text = plain.str.strip_chars()
    if table.decimal_comma:
        text = text.str.replace(",", ".", literal=True)
    values = text.cast(pl.Float64, strict=False)
    wrong = values.is_null() & text.is_not_null() & ~text.str.to_lowercase().is_in(list(MISSING))
    if wrong.any():
        row = int(wrong.arg_max() or 0)
        where = Place(file=file, row=row + table.skipped + 1, column=column)
        cure = "Numbers have a decimal point; leave the cell empty when the sample is missing."
        raise BadInput(f"found '{text[row]:.40}'; a number is allowed.", cure=cure, where=where)
    return values


def _utf8(raw: bytes, file: str) -> bytes:
    """The same text as UTF-8 without a mark; large files that are UTF-8 already are not copied."""
    wide = b"\x00" in raw[:4] or raw[:2] in (b"\xff\xfe", b"\xfe\xff")
    encodings = ("utf-16",) if wide else ("utf-8", "cp1252")
    for encoding in encodings:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text[:MAX_LINE]:
            return raw.removeprefix(codecs.BOM_UTF8) if encoding == "utf-8" else text.encode("utf-8", "replace")
    cure = "Export the recording as CSV, or keep the ending of its own format (.edf, .acq, .xdf, .parquet)."
    raise BadInput("this is no text.", cure=cure, where=Place(file=file))


def _first_line(text: bytes, file: str) -> tuple[str, dict[str, str], int]:
    """The first line that is no note, the notes above it, and how many lines stood above."""
    notes: dict[str, str] = {}
    position = skipped = 0
    while position < len(text):
        end = text.find(b"\n", position)
        end = len(text) if end < 0 else end
        if end - position > MAX_LINE:
            raise BadInput("the line is too long.", cure="One row per sample.", where=Place(file=file, row=skipped + 1))
        line = text[position:end].decode("utf-8", "replace").strip("\r\n\ufeff ")
        if line and not line.startswith(("#", "//")):
            return line, notes, skipped
        if found := re.match(r"[#/]+\s*([^:=]+?)\s*:?=\s*(.+)$", line):
            notes[re.sub(r"\s*\(.*", "", found[1]).strip().lower()] = found[2].strip()
        position, skipped = end + 1, skipped + 1
        if skipped > 1_000:
            break
    raise BadInput("the file holds no row of data.", cure="Export the recording again.", where=Place(file=file))


def _delimiter(head: str) -> str:
    """The first of ; tab , | that the first line holds (a comma between digits alone is a decimal sign)."""
    for mark in DELIMITERS:
        if mark in head and not (mark == "," and re.fullmatch(r"\s*-?\d+,\d+\s*", head)):
            return mark
    return ";" if re.fullmatch(r"\s*-?\d+,\d+\s*", head) else ","


def _names(head: str, delimiter: str, file: str) -> list[str] | None:
    """The names of the columns, or None when the first line is already data."""
    try:
        cells = next(csv.reader([head], delimiter=delimiter, strict=True))
    except (csv.Error, StopIteration):
        raise BadInput("the header cannot be read.", cure="Check its quotes.", where=Place(file=file, row=1)) from None
    if len(cells) > MAX_COLUMNS:
        what = f"the header has {len(cells):,} columns; {MAX_COLUMNS:,} are allowed."
        raise BadInput(what, cure="One column per signal, one row per sample.", where=Place(file=file, row=1))
    if all(_is_number(cell) for cell in cells):
        return None
    names = [cell.strip() or f"column {i + 1}" for i, cell in enumerate(cells)]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise BadInput("the column stands there twice.", cure="Rename one.", where=Place(file, None, 1, twice))
    return names


def _is_number(cell: str) -> bool:
    try:
        float(cell.strip().replace(",", "."))
    except ValueError:
        return cell.strip() == ""
    return True


def _body(text: bytes, lines: int) -> bytes:
    position = 0
    for _ in range(lines):
        end = text.find(b"\n", position)
        if end < 0:
            return b""
        position = end + 1
    return text[position:]


def _parsed(body: bytes, columns: list[str], delimiter: str, file: str, skipped: int) -> pl.DataFrame:
    if not body.strip():
        raise BadInput("there is a header but no row.", cure="Export the recording again.", where=Place(file=file))
    try:
        frame = pl.read_csv(
            body, has_header=False, new_columns=columns, separator=delimiter, infer_schema=False,
            truncate_ragged_lines=False, comment_prefix="#",
        )  # fmt: skip
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
        raise _ragged(body, len(columns), delimiter, file, skipped) from None
    if frame.width != len(columns):
        raise _ragged(body, len(columns), delimiter, file, skipped)
    return frame


def _ragged(body: bytes, width: int, delimiter: str, file: str, skipped: int) -> BadInput:
    """The first row with another number of cells than the header, as an error."""
    cure = "Every row has one cell per column; quote cells that hold the delimiter."
    reader = csv.reader(body.decode("utf-8", "replace").splitlines(), delimiter=delimiter)
    try:
        for row in reader:
            if row and len(row) != width:
                what = f"the row has {len(row)} cells, the first line {width}."
                return BadInput(what, cure=cure, where=Place(file=file, row=reader.line_num + skipped))
    except csv.Error:
        pass
    return BadInput("the rows cannot be read.", cure="Check quotes and line ends.", where=Place(file=file))


def _has_decimal_comma(frame: pl.DataFrame) -> bool:
    head = frame.head(50)
    return any(bool(column.str.contains(r"^\s*-?\d+,\d+\s*$").any()) for column in head.iter_columns())

"""A file of answers: recognised, checked column by column, read in pieces so that a long one fits.

CSV with comma, semicolon, tab or bar; decimal point or decimal comma; or Parquet. Rows are counted from 1, the
first row under the heading. Nothing is guessed about values: what is neither a number in range nor empty is refused.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import polars as pl

from accord.science.errors import BadInput, Place
from accord.science.instruments.answers import check_answers, scored_items
from accord.science.instruments.model import Instrument

MAX_COLUMNS = 10_000
MAX_HEADING = 1_000_000  # characters
SEPARATORS = ",;\t|"
EMPTY = ("", "na", "n/a", "nan", "null")
ROWS_AT_ONCE = 100_000

# What polars raises for a damaged Parquet file; a panic of its Rust side is no ordinary Exception.
UNREADABLE = (pl.exceptions.PolarsError, pl.exceptions.PanicException)

# Columns that say whose row it is; together they must be unique.
KEYS = (
    "id", "participant", "participant_id", "person", "patient", "patient_id", "subject", "subject_id", "case",
    "record_id", "episode", "informant", "rater", "therapist", "session", "time_point", "timepoint", "visit", "wave",
    "day", "week", "date",
)  # fmt: skip


@dataclass(frozen=True)
class AnswerFile:
    """What was recognised: `columns` maps the file's name of a column to the item it holds; `keys` identify a row."""

    path: Path
    kind: Literal["csv", "parquet"]
    separator: str
    columns: dict[str, str]
    keys: list[str]
    heading: list[str] = field(repr=False)
    size: int

    @property
    def name(self) -> str:
        return self.path.name


def open_answers(path: Path, instrument: Instrument) -> AnswerFile:
    """Recognise a file and find the instrument's items in it.

    Item columns may be spelled `item_1`, `Item 1`, `phq_9_item_1` or `phq9_1`. Raises BadInput for a file that is
    empty, no text, of another encoding, too wide, or without a column for each item.
    """
    try:
        with path.open("rb") as stream:
            start = stream.read(8)
        size = path.stat().st_size
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.", cure="Check the path.") from None
    if not size:
        raise BadInput("the file is empty.", cure="Export it again.", where=Place(path.name))
    if start.startswith(b"PAR1"):
        heading = _parquet_heading(path)
        separator, kind = "", "parquet"
    else:
        _refuse_foreign_formats(start, path.name)
        heading, separator = _csv_heading(path, instrument)
        kind = "csv"
    if len(heading) > MAX_COLUMNS:
        _refuse_wide(len(heading), path.name)
    columns = _find_items(heading, instrument, path.name)
    known = {_plain(key) for key in KEYS}
    keys = [name for name in dict.fromkeys(heading) if _plain(name) in known and name not in columns]
    return AnswerFile(path, kind, separator, columns, keys, heading, size)  # type: ignore[arg-type]


def read_answers(
    file: AnswerFile, instrument: Instrument, *, rows: int = ROWS_AT_ONCE
) -> Iterator[tuple[pl.DataFrame, pl.DataFrame, float]]:
    """The file piece by piece: (keys as text, checked answers, share of the file that is read).

    Raises BadInput naming row, column, value and what is allowed at the first wrong value.
    """
    first_row = 1
    pieces = _parquet_pieces(file, rows) if file.kind == "parquet" else _csv_pieces(file, rows)
    for keys, answers, share in pieces:
        answers = _understood(answers, file.name, first_row)
        yield keys, check_answers(instrument, answers, file=file.name, first_row=first_row), share
        first_row += answers.height
    if first_row == 1:
        raise BadInput("the file has a heading and no rows.", cure="Export it again.", where=Place(file.name))


def refuse_duplicates(keys: pl.DataFrame, *, file: str) -> None:
    """Two rows with the same id (and time-point, session, informant, where the file has them) are refused."""
    if not keys.width or not keys.height:
        return
    twice = keys.with_row_index("row").filter(pl.struct(keys.columns).is_duplicated())
    if twice.height:
        first = twice.row(0, named=True)
        same = pl.all_horizontal(pl.col(name).eq_missing(pl.lit(first[name])) for name in keys.columns)
        rows = (twice.filter(same).get_column("row") + 1).to_list()
        who = ", ".join(f"{name} '{first[name]}'" for name in keys.columns)
        cure = "Keep one row of them, or add a column that tells them apart (time_point, session, informant)."
        raise BadInput(f"{who} stands in rows {rows[0]} and {rows[1]}.", cure=cure, where=Place(file, None, rows[1]))


def _plain(name: str) -> str:
    return "".join(character for character in name.lower() if character.isalnum())


def _find_items(heading: list[str], instrument: Instrument, file: str) -> dict[str, str]:
    spelled: dict[str, str] = {}
    for item in scored_items(instrument):
        number = item.id.removeprefix("item_")
        for name in (
            item.id,
            f"{instrument.id}_{item.id}",
            *([f"{instrument.id}_{number}"] if number != item.id else []),
        ):
            spelled[_plain(name)] = item.id
    found: dict[str, str] = {}
    for name in heading:
        item_id = spelled.get(_plain(name))
        if item_id and item_id in found.values():
            other = next(other for other, known in found.items() if known == item_id)
            what = f"the columns '{other}' and '{name}' both hold {item_id}."
            raise BadInput(what, cure="Keep one of them.", where=Place(file))
        if item_id:
            found[name] = item_id
    check_answers(instrument, pl.DataFrame(schema=dict.fromkeys(found.values(), pl.Float64)), file=file)
    return found


def _refuse_wide(columns: int, file: str) -> None:
    cure = "Keep the columns that identify a row and those of the items."
    raise BadInput(f"it has {columns:,} columns; at most {MAX_COLUMNS:,} are read.", cure=cure, where=Place(file))


def _refuse_foreign_formats(start: bytes, file: str) -> None:
    known = {
        b"PK\x03\x04": "this is an Excel or zip file", b"$FL2": "this is an SPSS file", b"$FL3": "this is an SPSS file",
        b"\xff\xfe": "this is UTF-16 text", b"\xfe\xff": "this is UTF-16 text",
        b"\xd0\xcf\x11\xe0": "this is an old Excel file",
    }  # fmt: skip
    for mark, what in known.items():
        if start.startswith(mark):
            raise BadInput(f"{what}.", cure="Save it as CSV in UTF-8, or as Parquet.", where=Place(file))
    if b"\0" in start:
        raise BadInput("this is no text.", cure="Save it as CSV in UTF-8, or as Parquet.", where=Place(file))


def _csv_heading(path: Path, instrument: Instrument) -> tuple[list[str], str]:
    """The names in the first line, and the separator under which most items are recognised in it."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            line = stream.readline(MAX_HEADING + 1)
            while line and not line.strip():
                line = stream.readline(MAX_HEADING + 1)
    except UnicodeDecodeError as error:
        raise _not_utf8(path, error) from None
    if not line:
        raise BadInput("the file has no line with text.", cure="Export it again.", where=Place(path.name))
    if len(line) > MAX_HEADING:
        _refuse_wide(_count_columns(path), path.name)
    items = {_plain(item.id) for item in scored_items(instrument)}

    def fit(separator: str) -> tuple[int, int]:
        names = _split(line, separator, path.name)
        return sum(any(_plain(name).endswith(item) for item in items) for name in names), len(names)

    separator = max(SEPARATORS, key=fit)
    return [name.strip() for name in _split(line, separator, path.name)], separator


def _split(line: str, separator: str, file: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error as error:
        raise BadInput(f"the heading cannot be read: {error}.", where=Place(file, 1)) from None


def _count_columns(path: Path) -> int:
    """How many columns an overlong first line has, read in pieces."""
    count = 1
    with path.open("rb") as stream:
        while piece := stream.read(1 << 20):
            line, newline, _ = piece.partition(b"\n")
            count += max(line.count(separator.encode()) for separator in SEPARATORS)
            if newline:
                break
    return count


def _not_utf8(path: Path, error: UnicodeDecodeError) -> BadInput:
    with path.open("rb") as stream:
        line = 1
        for line, raw in enumerate(stream, start=1):  # noqa: B007
            try:
                raw.decode("utf-8")
            except UnicodeDecodeError:
                break
    what = f"this is not UTF-8 text ({error.reason})."
    return BadInput(what, cure="Save the file as CSV in UTF-8.", where=Place(path.name, line))


def _csv_pieces(file: AnswerFile, rows: int) -> Iterator[tuple[pl.DataFrame, pl.DataFrame, float]]:
    """Python's own reader: it counts fields, so that a row cut short is refused and not read as left out."""
    try:
        with file.path.open("rb") as raw, io.TextIOWrapper(raw, encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream, delimiter=file.separator, strict=True)
            next(row for row in reader if any(cell.strip() for cell in row))
            piece: list[list[str]] = []
            number = 0
            for row in reader:
                if not row or (len(row) == 1 and not row[0].strip() and len(file.heading) > 1):
                    continue
                number += 1
                if len(row) != len(file.heading):
                    _refuse_ragged(len(row), file, number)
                piece.append(row)
                if len(piece) == rows:
                    yield *_framed(file, piece), raw.tell() / file.size
                    piece = []
            if piece:
                yield *_framed(file, piece), 1.0
    except UnicodeDecodeError as error:
        raise _not_utf8(file.path, error) from None
    except csv.Error as error:
        where = Place(file.name, reader.line_num)
        raise BadInput(f"this line cannot be read: {error}.", cure="Check its quotes.", where=where) from None


def _refuse_ragged(fields: int, file: AnswerFile, row: int) -> None:
    what = f"{fields} fields, the heading has {len(file.heading)}."
    cure = "Complete the row, or quote a value that holds the separator."
    raise BadInput(what, cure=cure, where=Place(file.name, None, row))


def _framed(file: AnswerFile, piece: list[list[str]]) -> tuple[pl.DataFrame, pl.DataFrame]:
    columns = dict(zip(file.heading, zip(*piece, strict=True), strict=True))
    keys = pl.DataFrame({name: columns[name] for name in file.keys}, schema=dict.fromkeys(file.keys, pl.String))
    items = {item: columns[name] for name, item in file.columns.items()}
    return keys, pl.DataFrame(items, schema=dict.fromkeys(items, pl.String))


def _understood(answers: pl.DataFrame, file: str, first_row: int) -> pl.DataFrame:
    """Text columns as numbers where that is plain; else cleaned first, which takes several times as long."""
    text = [pl.col(name) for name in answers.columns if answers.schema[name] == pl.String]
    if not text:
        return answers
    trimmed = [column.str.strip_chars().replace("", None) for column in text]
    numbers = answers.select(column.cast(pl.Float64, strict=False) for column in trimmed)
    if numbers.null_count().row(0) == answers.select(trimmed).null_count().row(0):
        return answers.with_columns(numbers)
    _refuse_mixed_decimals(answers, text, file, first_row)
    return answers.with_columns(_cleaned(column) for column in text)


def _cleaned(column: pl.Expr) -> pl.Expr:
    """Trimmed; the ways of writing nothing are empty; a decimal comma is a point."""
    trimmed = column.str.strip_chars()
    value = pl.when(~trimmed.str.to_lowercase().is_in(EMPTY)).then(trimmed)
    return value.str.replace(r"^([+-]?\d*),(\d+)$", "$1.$2").alias(column.meta.output_name())


def _refuse_mixed_decimals(answers: pl.DataFrame, text: list[pl.Expr], file: str, first_row: int) -> None:
    commas = pl.any_horizontal(column.str.contains(r"^\s*[+-]?\d*,\d+\s*$") for column in text)
    points = pl.any_horizontal(column.str.contains(r"^\s*[+-]?\d*\.\d+\s*$") for column in text)
    found = answers.select(commas.arg_true().first().alias("comma"), points.arg_true().first().alias("point")).row(0)
    if found[0] is not None and found[1] is not None:
        what = f"decimal comma in row {found[0] + first_row}, decimal point in row {found[1] + first_row}."
        raise BadInput(what, cure="Use one of the two in the whole file.", where=Place(file))


def _parquet_heading(path: Path) -> list[str]:
    try:
        return list(pl.read_parquet_schema(path))
    except (*UNREADABLE, OSError) as error:
        where = Place(path.name)
        raise BadInput(
            f"this Parquet file cannot be read: {error!s:.120}.", cure="Export it again.", where=where
        ) from None


def _parquet_pieces(file: AnswerFile, rows: int) -> Iterator[tuple[pl.DataFrame, pl.DataFrame, float]]:
    lazy = pl.scan_parquet(file.path)
    try:
        total = int(lazy.select(pl.len()).collect().item())
        for start in range(0, total, rows):
            piece = lazy.select([*file.keys, *file.columns]).slice(start, rows).collect()
            keys = piece.select(pl.col(name).cast(pl.String) for name in file.keys)
            answers = piece.select(pl.col(name).alias(item) for name, item in file.columns.items())
            yield keys, answers, min(1.0, (start + rows) / total)
    except UNREADABLE as error:
        where = Place(file.name)
        raise BadInput(
            f"this Parquet file cannot be read: {error!s:.120}.", cure="Export it again.", where=where
        ) from None

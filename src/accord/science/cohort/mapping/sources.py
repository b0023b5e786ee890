"""Anybody's file as columns of text with row numbers: CSV and its kin, Parquet, SPSS."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from accord.science.cohort.mapping.text_files import (
    MAX_COLUMNS,
    TextFormat,
    decoded,
    recognised,
    rows_of,
    without_comments,
)
from accord.science.cohort.read import parquet_schema
from accord.science.errors import BadInput, MissingExtra, Place

NOT_TABLES = {
    ".xlsx": "Save the sheet as CSV.", ".xls": "Save the sheet as CSV.", ".ods": "Save the sheet as CSV.",
    ".zip": "Unpack it first.", ".gz": "Unpack it first.", ".json": "Save the data as CSV.",
    ".dta": "Save the data as CSV or .sav.", ".rds": "Save the data as CSV.", ".sas7bdat": "Save the data as CSV.",
}  # fmt: skip


@dataclass(frozen=True)
class Source:
    """One file: every cell as trimmed text, empty cells as null. `rows` are row numbers as a person counts them.

    `format` is how a text file is written (None for Parquet and SPSS); `meanings` are the labels of columns that an
    SPSS file carries.
    """

    name: str
    shown: str
    frame: pl.DataFrame
    rows: pl.Series
    format: TextFormat | None = None
    meanings: dict[str, str] = field(default_factory=dict)

    @property
    def decimal(self) -> str:
        return self.format.decimal if self.format else "."

    def place(self, index: int, column: str | None = None) -> Place:
        """File, row and column of the cell at a position of `frame`."""
        return Place(file=self.shown, row=int(self.rows[index]), column=column)

    def kept(self, keep: pl.Series) -> Source:
        """Only the rows where `keep` is true; row numbers stay those of the file."""
        return Source(
            self.name, self.shown, self.frame.filter(keep), self.rows.filter(keep), self.format, self.meanings
        )


def read_source(
    path: Path, *, name: str, encoding: str | None = None, delimiter: str | None = None, decimal: str | None = None,
    comment: str = "",
) -> Source:  # fmt: skip
    """Read a file by the ending of its name; what is not told about a text file is recognised. Lines at its top that
    begin with `comment` are passed over.

    Raises BadInput with file, row and cure for anything that is no table, MissingExtra for .sav without pyreadstat.
    """
    path = Path(path)
    ending = path.suffix.lower()
    if not path.is_file():
        raise BadInput(f"There is no file {path}.", cure="Check the path.")
    if ending in NOT_TABLES:
        raise BadInput(f"files of the kind {ending} are not read.", cure=NOT_TABLES[ending], where=Place(path.name))
    if ending in (".parquet", ".pq"):
        return _parquet(path, name)
    if ending in (".sav", ".zsav"):
        return _spss(path, name)
    text, found = decoded(path, shown=path.name, encoding=encoding)
    text = without_comments(text, comment) if comment else text
    form = recognised(text, found, delimiter=delimiter, decimal=decimal)
    header, rows, numbers = rows_of(text, form.delimiter, shown=path.name)
    columns = list(zip(*rows, strict=True)) or [()] * len(header)
    frame = pl.DataFrame(
        [pl.Series(key, list(cells), dtype=pl.String) for key, cells in zip(header, columns, strict=True)]
    )
    return Source(name, path.name, _trimmed(frame), pl.Series("row", numbers, dtype=pl.Int64), form)


def _trimmed(frame: pl.DataFrame) -> pl.DataFrame:
    stripped = frame.with_columns(pl.all().str.strip_chars())
    return stripped.with_columns(pl.when(pl.all() != "").then(pl.all()))


def _as_text(series: pl.Series, shown: str) -> pl.Series:
    """A typed column as text: whole floats without a decimal point, dates as ISO days, NaN as empty."""
    if series.dtype.is_float():
        series = series.fill_nan(None)
        whole = series.is_null() | (series.is_finite() & (series == series.round()) & (series.abs() < 1e15))
        return series.cast(pl.Int64).cast(pl.String) if whole.all() else series.cast(pl.String).str.replace(r"\.0$", "")
    if isinstance(series.dtype, pl.Datetime):
        return series.dt.date().cast(pl.String)
    try:
        return series.cast(pl.String)
    except pl.exceptions.PolarsError:
        what = f"the column holds {series.dtype}; numbers, text and dates are read."
        raise BadInput(what, cure="Remove the column.", where=Place(file=shown, column=series.name)) from None


def _parquet(path: Path, name: str) -> Source:
    parquet_schema(path, path.name)
    try:
        frame = pl.read_parquet(path)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        what = f"this is no readable Parquet file: {(str(error).splitlines() or [''])[0]:.120}"
        raise BadInput(what, cure="Copy or make the file again.", where=Place(file=path.name)) from None
    return _typed(name, path.name, frame)


def _typed(name: str, shown: str, frame: pl.DataFrame, meanings: dict[str, str] | None = None) -> Source:
    if frame.width > MAX_COLUMNS or not frame.width:
        what = f"the file has {frame.width:,} columns; 1 to {MAX_COLUMNS:,} are read."
        raise BadInput(what, cure="Keep the columns that matter.", where=Place(file=shown))
    text = pl.DataFrame([_as_text(series, shown) for series in frame.iter_columns()])
    rows = pl.Series("row", range(1, frame.height + 1), dtype=pl.Int64)
    return Source(name, shown, _trimmed(text), rows, None, meanings or {})


def _spss(path: Path, name: str) -> Source:
    """An SPSS file: codes, not their labels; what the file declares as missing is empty."""
    try:
        import pyreadstat
    except ImportError:
        raise MissingExtra("spss", needed_for=f"Reading {path.name}") from None
    try:
        values, meta = pyreadstat.read_sav(str(path), output_format="dict")
    except Exception as error:  # pyreadstat raises its own, unnamed kinds
        what = f"this is no readable SPSS file: {error!s:.120}"
        raise BadInput(what, cure="Save it again from SPSS as .sav.", where=Place(file=path.name)) from None
    columns = [_spss_column(key, list(cells)) for key, cells in values.items()]
    meanings = {key: label for key, label in meta.column_names_to_labels.items() if label}
    return _typed(name, path.name, pl.DataFrame(columns), meanings)


def _spss_column(name: str, cells: list[Any]) -> pl.Series:
    """Cells of SPSS are floats, text or dates, never mixed; a missing one is None, NaN or an empty text."""
    return pl.Series(name, [None if cell != cell else cell for cell in cells], strict=False)

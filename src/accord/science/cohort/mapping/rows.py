"""Participants, allocation, events and every other table of a mapping."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from accord.science.cohort.mapping.cells import (
    dates_of,
    flags_of,
    numbers_of,
    once_per_person,
    rows_where,
    values_of,
    whole_of,
)
from accord.science.cohort.mapping.desk import Desk
from accord.science.cohort.mapping.model import Cell, Rows
from accord.science.cohort.mapping.occasions import calendar, since
from accord.science.cohort.mapping.sources import Source
from accord.science.cohort.tables import TABLES, Column
from accord.science.errors import BadInput

NAMES = {"therapist": "t", "second_therapist": "t", "group": "g"}
TRUE_NUMBER = r"^[-+]?\d+([.,]\d+)?([eE][-+]?\d+)?$"


def typed_values(desk: Desk, source: Source, cell: Cell, column: Column | None, points: Sequence[str]) -> pl.Series:
    """A cell as the type of its column; calendar dates become days, therapists and groups become codes."""
    text = values_of(source, cell, desk.missing(source))
    if cell.date:
        return _days(desk, source, cell, text, points)
    if column is None:
        return _background(source, text, cell)
    if column.name in NAMES:
        return desk.pseudonyms(NAMES[column.name], text)
    if column.dtype == pl.Float64():
        return numbers_of(source, text, multiply=cell.multiply, add=cell.add)
    if column.dtype == pl.Int32():
        return whole_of(source, text, multiply=cell.multiply, add=cell.add)
    if column.dtype == pl.Boolean():
        return flags_of(source, text)
    if column.allowed:
        _refuse_unknown(source, text, column)
    return text


def _refuse_unknown(source: Source, text: pl.Series, column: Column) -> None:
    wrong = ~text.is_in(list(column.allowed)).fill_null(True)
    if wrong.any():
        index = int(wrong.arg_max() or 0)
        what = f"found '{text[index]!s:.40}' for {column.name}; {', '.join(column.allowed)} are allowed."
        raise BadInput(what, cure="Recode it in the mapping.", where=source.place(index, text.name))


def _days(desk: Desk, source: Source, cell: Cell, text: pl.Series, points: Sequence[str]) -> pl.Series:
    known = calendar(desk, source, next(iter(points), None))
    if known is None or known.start is None:
        cure = "Say under time: days from which date a person's days count (from_column, or a date at baseline)."
        raise BadInput(f"{source.shown}, column {cell.date}: nothing says what day 0 is.", cure=cure)
    dates, note = dates_of(source, text, cell.format)
    if note and note not in desk.notes:
        desk.notes.append(note)
    return since(desk.who[source.name], dates, known.start)


def _background(source: Source, text: pl.Series, cell: Cell) -> pl.Series:
    """A further column: numbers when every cell reads as one, text otherwise."""
    numeric = text.str.contains(TRUE_NUMBER).fill_null(True).all() and text.null_count() < len(text)
    if numeric or cell.multiply != 1.0 or cell.add:
        return numbers_of(source, text, multiply=cell.multiply, add=cell.add)
    return text


# --- people -------------------------------------------------------------------------------------------------------


def participants_table(desk: Desk, points: Sequence[str]) -> pl.DataFrame:
    """One row per person of any file, in the order of appearance."""
    table = TABLES["participants"]
    frame = pl.DataFrame({"participant": desk.people}, schema={"participant": pl.String})
    given = desk.mapping.participants
    cells = {name: getattr(given, name) for name in type(given).model_fields if name != "background"}
    for name, cell in {**cells, **given.background}.items():
        if isinstance(cell, Cell):
            frame = frame.join(
                _once(desk, name, cell, table.column(name), points), on="participant", how="left", maintain_order="left"
            )
    if given.role is None:
        frame = frame.with_columns(pl.lit("patient").alias("role"))
    return frame


def _once(desk: Desk, name: str, cell: Cell, column: Column | None, points: Sequence[str]) -> pl.DataFrame:
    if cell.constant is not None:
        return pl.DataFrame(
            {"participant": desk.people, name: [text if (text := str(cell.constant)) else None] * len(desk.people)}
        )
    source = desk.holding(cell.column or cell.date or "")
    values = typed_values(desk, source, cell, column, points).alias(cell.column or name)
    return once_per_person(source, desk.who[source.name], values, cell).rename({"value": name})


def allocation_table(desk: Desk, points: Sequence[str]) -> pl.DataFrame | None:
    """The arm of everyone who has one, numbered in the order of appearance."""
    given = desk.mapping.allocation
    if given is None:
        return None
    table = TABLES["allocation"]
    frame = _once(desk, "arm", given.arm, table.column("arm"), points).drop_nulls("arm")
    for name, cell in (("day", given.day), ("stratum", given.stratum)):
        if cell is not None:
            frame = frame.join(
                _once(desk, name, cell, table.column(name), points), on="participant", how="left", maintain_order="left"
            )
    place = {person: at for at, person in enumerate(desk.people)}
    frame = frame.sort(pl.col("participant").replace_strict(place), maintain_order=True)
    sequence = pl.int_range(1, frame.height + 1, dtype=pl.Int32).alias("sequence")
    return frame.with_columns(sequence, pl.lit(given.method).alias("method"))


# --- other tables -------------------------------------------------------------------------------------------------


def other_table(desk: Desk, name: str, entries: Sequence[Rows], points: Sequence[str]) -> pl.DataFrame:
    """The rows of all entries of a table, one below the other."""
    frames = [_entry(desk, name, entry, points) for entry in entries]
    return pl.concat(frames, how="diagonal_relaxed")


def _entry(desk: Desk, name: str, entry: Rows, points: Sequence[str]) -> pl.DataFrame:
    table = TABLES[name]
    columns = [cell.column or cell.date for cell in entry.columns.values()]
    source = desk.holding(
        *[column for column in (*columns, *(when.column for when in entry.when)) if column], file=entry.file
    )
    series = [
        typed_values(desk, source, cell, table.column(column), points).alias(column)
        for column, cell in entry.columns.items()
    ]
    keep = rows_where(source, entry.when, desk.missing(source))
    frame = pl.DataFrame(series)
    if table.column("participant") and "participant" not in frame.columns:
        frame = pl.concat([desk.who[source.name].to_frame(), frame], how="horizontal")
    frame = frame.filter(keep)
    if "participant" not in (column.name for column in table.columns):
        return frame.unique(list(table.key), keep="first", maintain_order=True).drop_nulls(list(table.key))
    return frame.unique("participant", keep="first", maintain_order=True) if entry.per == "person" else frame

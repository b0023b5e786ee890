"""Time-points and days: what the rows of a long file, and the columns of a wide one, are the time of."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from accord.science.cohort.mapping.cells import (
    dates_of,
    numbers_of,
    once_per_person,
    raw_values,
    recoded,
    values_of,
    whole_of,
)
from accord.science.cohort.mapping.desk import Desk
from accord.science.cohort.mapping.model import Cell, Days, Scores, Time
from accord.science.cohort.mapping.sources import Source
from accord.science.errors import BadInput


def time_points(desk: Desk) -> list[str]:
    """The time-points of a mapping in order: as it lists them, else as it first names them."""
    mapping = desk.mapping
    named = list(mapping.time_points)
    for time in [mapping.time, *(file.time for file in mapping.files.values())]:
        if time and time.days:
            named += [name for name, day in time.days.by_time_point.items() if isinstance(day, int) and day <= 0]
    for entry in mapping.scores:
        named += [*entry.columns, *([entry.at] if entry.at else [])]
    for time in [mapping.time, *(file.time for file in mapping.files.values())]:
        if time:
            named += [*(name for name in time.values.values() if name), *time.names]
    return list(dict.fromkeys(named))


def row_time_points(desk: Desk, source: Source, entry: Scores) -> pl.Series:
    """The time-point of every row of a long file; null for rows whose time is mapped to nothing."""
    if entry.at:
        return pl.Series("time_point", [entry.at] * source.frame.height, dtype=pl.String)
    time = desk.time(source)
    if time is None or (time.column is None and time.order_by is None):
        cure = "Add time: column and values, or give the score by time-point under columns, or set at."
        raise BadInput(f"{source.shown}: nothing says at which time-point a row was answered.", cure=cure)
    if time.order_by is not None:
        return _by_order(desk, source, time)
    series = raw_values(source, time.column or "", [])
    if series.null_count():
        index = int(series.is_null().arg_max() or 0)
        cure = "Fill it, or leave the row out with keep."
        raise BadInput("the time-point is empty.", cure=cure, where=source.place(index, time.column))
    return recoded(source, series, dict(time.values)).alias("time_point")


def _by_order(desk: Desk, source: Source, time: Time) -> pl.Series:
    """The first row of each person in the order of a column is the first time-point, and so on."""
    cell = time.order_by or Cell(constant="")
    text = values_of(source, cell, desk.missing(source))
    key = dates_of(source, text, cell.format)[0] if cell.date else _sortable(source, text)
    frame = pl.DataFrame({"who": desk.who[source.name], "key": key}).with_row_index("at")
    rank = frame.select(pl.col("key").rank("ordinal").over("who").alias("rank"), "at").sort("at")["rank"]
    beyond = (rank > len(time.names)).fill_null(False)
    if beyond.any():
        index = int(beyond.arg_max() or 0)
        what = f"this person has more than {len(time.names)} rows, the time-points of the mapping."
        raise BadInput(what, cure="Add names under time.", where=source.place(index))
    return pl.Series(
        "time_point", [time.names[int(one) - 1] if one else None for one in rank.to_list()], dtype=pl.String
    )


def _sortable(source: Source, text: pl.Series) -> pl.Series:
    try:
        return numbers_of(source, text)
    except BadInput:
        return dates_of(source, text, None)[0]


# --- days ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Calendar:
    """The days of a file. `start` holds the date each person counts from, when calendar dates are used."""

    days: Days
    start: pl.DataFrame | None


def calendar(desk: Desk, source: Source, first: str | None) -> Calendar | None:
    """How the days of a file are known; None when the mapping says nothing."""
    time = desk.time(source)
    days = time.days if time else None
    if days is None:
        return None
    return Calendar(days, _start(desk, source, days, first))


def _start(desk: Desk, source: Source, days: Days, first: str | None) -> pl.DataFrame | None:
    if days.from_column:
        home = desk.holding(days.from_column)
        return _dates_once(desk, home, Cell(date=days.from_column, take="first"))
    at_first = days.by_time_point.get(first or "")
    if isinstance(at_first, Cell) and at_first.date:
        return _dates_once(desk, desk.holding(at_first.date), at_first)
    if days.date is not None and first is not None:
        dates, _ = dates_of(source, values_of(source, days.date, desk.missing(source)), days.date.format)
        here = row_time_points(desk, source, _ANY) == first
        return once_per_person(source, desk.who[source.name], dates.set(~here.fill_null(False), None), _FIRST)
    return None


_ANY = Scores(scale="any.total", column="any")
_FIRST = Cell(constant=0, take="first")


def _dates_once(desk: Desk, source: Source, cell: Cell) -> pl.DataFrame:
    days, note = dates_of(source, values_of(source, cell, desk.missing(source)), cell.format)
    _say(desk, note)
    return once_per_person(source, desk.who[source.name], days, cell)


def _say(desk: Desk, note: str | None) -> None:
    if note and note not in desk.notes:
        desk.notes.append(note)


def row_days(desk: Desk, source: Source, known: Calendar | None, points: pl.Series) -> pl.Series:
    """The day of every row of a long file; null where nothing says it."""
    empty = pl.Series("day", [None] * source.frame.height, dtype=pl.Int32)
    if known is None:
        return empty
    days = known.days
    if days.column is not None:
        cell = days.column
        text = values_of(source, cell, desk.missing(source))
        return whole_of(source, text, multiply=cell.multiply, add=cell.add).alias("day")
    if days.date is not None:
        dates, note = dates_of(source, values_of(source, days.date, desk.missing(source)), days.date.format)
        _say(desk, note)
        return since(desk.who[source.name], dates, known.start)
    fixed = {name: day for name, day in days.by_time_point.items() if isinstance(day, int)}
    return points.replace_strict(fixed, default=None, return_dtype=pl.Int32).alias("day") if fixed else empty


def since(who: pl.Series, dates: pl.Series, start: pl.DataFrame | None) -> pl.Series:
    """Days from each person's start; null where either date is not known."""
    frame = pl.DataFrame({"participant": who, "date": dates})
    begins = start if start is not None else frame.head(0).rename({"date": "value"})
    joined = frame.join(begins, on="participant", how="left", maintain_order="left")
    return joined.select((pl.col("date") - pl.col("value")).dt.total_days().cast(pl.Int32).alias("day"))["day"]


def person_days(desk: Desk, source: Source, known: Calendar | None, point: str) -> pl.DataFrame | int | None:
    """The day of one time-point of a wide file: one number for all, a value per person, or None."""
    day = known.days.by_time_point.get(point) if known else None
    if known is None or day is None:
        return None
    if not isinstance(day, Cell):
        return day
    home = desk.holding(day.date or day.column or "", file=source.name if _has(source, day) else None)
    if day.date:
        dates = _dates_once(desk, home, day)
        values = since(dates["participant"], dates["value"], known.start)
        return pl.DataFrame({"participant": dates["participant"], "day": values})
    numbers = whole_of(home, values_of(home, day, desk.missing(home)), multiply=day.multiply, add=day.add)
    return once_per_person(home, desk.who[home.name], numbers, day).rename({"value": "day"})


def _has(source: Source, cell: Cell) -> bool:
    return (cell.date or cell.column) in source.frame.columns

"""Answers as a table: one row per person, one column per item; checked before anything is scored."""

from __future__ import annotations

import polars as pl

from accord.science.errors import BadInput, Place
from accord.science.instruments.model import Instrument, Item


def scored_items(instrument: Instrument) -> list[Item]:
    """The items that take part in a score, in order; free text never does."""
    return [item for item in instrument.items if item.kind != "text"]


def check_answers(
    instrument: Instrument, frame: pl.DataFrame, *, file: str | None = None, first_row: int = 1
) -> pl.DataFrame:
    """The item columns of `frame` as numbers (missing is null), each value inside what the item allows.

    Other columns are left out; a column of an optional item may be absent. Raises BadInput naming row, column,
    value and the allowed range. `first_row` is the row number of the first row, for messages about a part of a file.
    """
    items = scored_items(instrument)
    missing = [item.id for item in items if item.id not in frame.columns and not item.optional]
    if missing:
        shown = ", ".join(missing[:8]) + (" …" if len(missing) > 8 else "")
        cure = f"{instrument.id} needs the columns {_span(items)}."
        raise BadInput(f"{_plural(len(missing), 'column')} missing: {shown}.", cure=cure, where=Place(file=file))
    numbers = frame.select(_as_number(frame, item, file, first_row) for item in items)
    _refuse_out_of_range(numbers, items, file, first_row)
    return numbers.with_columns(
        pl.when(pl.col(item.id).is_in(list(item.not_assessed))).then(None).otherwise(pl.col(item.id)).alias(item.id)
        for item in items
        if item.not_assessed
    )


def _plural(count: int, word: str) -> str:
    return f"{count} {word} is" if count == 1 else f"{count} {word}s are"


def _span(items: list[Item]) -> str:
    needed = [item.id for item in items if not item.optional]
    return ", ".join(needed) if len(needed) <= 6 else f"{needed[0]}, {needed[1]} … {needed[-1]}"


def allowed(item: Item) -> str:
    """What an item takes, in words."""
    low, high = item.minimum, item.maximum
    kind = "a whole number" if item.whole else "a number"
    if low is not None and high is not None:
        between = f"{kind} from {low:g} to {high:g}"
    else:
        between = f"{kind} of {low:g} or more" if low is not None else kind
    also = "".join(f", {value:g} for not assessed" for value in item.not_assessed if not _inside(value, low, high))
    return f"{between}{also}, or empty"


def _inside(value: float, low: float | None, high: float | None) -> bool:
    return (low is None or value >= low) and (high is None or value <= high)


def _as_number(frame: pl.DataFrame, item: Item, file: str | None, first_row: int) -> pl.Expr:
    if item.id not in frame.columns:
        return pl.lit(None, dtype=pl.Float64).alias(item.id)
    dtype = frame.schema[item.id]
    if dtype == pl.String:
        _refuse_text(frame.get_column(item.id), item, file, first_row)
        return pl.col(item.id).str.strip_chars().replace("", None).cast(pl.Float64).fill_nan(None)
    if not (dtype.is_numeric() or dtype in (pl.Boolean, pl.Null)):
        cure = f"It takes {allowed(item)}."
        raise BadInput(f"the column holds {dtype}, not numbers.", cure=cure, where=Place(file, None, None, item.id))
    return pl.col(item.id).cast(pl.Float64).fill_nan(None)


def _refuse_text(column: pl.Series, item: Item, file: str | None, first_row: int) -> None:
    stripped = column.str.strip_chars().replace("", None)
    wrong = (stripped.is_not_null() & stripped.cast(pl.Float64, strict=False).is_null()).arg_true()
    if len(wrong):
        row = int(wrong[0])
        where = Place(file, None, first_row + row, item.id)
        raise BadInput(f"found '{column[row][:40]}'.", cure=f"Allowed is {allowed(item)}.", where=where)


def _wrong(item: Item) -> pl.Expr:
    """True where a value is neither in the item's range nor a code for not assessed."""
    column = pl.col(item.id)
    wrong = column.is_infinite()
    if item.minimum is not None:
        wrong = wrong | (column < item.minimum)
    if item.maximum is not None:
        wrong = wrong | (column > item.maximum)
    if item.whole:
        wrong = wrong | (column != column.round())
    return (wrong & ~column.is_in(list(item.not_assessed))) if item.not_assessed else wrong


def _refuse_out_of_range(numbers: pl.DataFrame, items: list[Item], file: str | None, first_row: int) -> None:
    if numbers.is_empty():
        return
    flags = numbers.select(_wrong(item).any().alias(item.id) for item in items).row(0, named=True)
    wrong = [item for item in items if flags[item.id]]
    if not wrong:
        return
    firsts = [(int(numbers.select(_wrong(item)).to_series().fill_null(False).arg_true()[0]), item) for item in wrong]
    row, item = min(firsts, key=lambda pair: pair[0])
    where = Place(file, None, first_row + row, item.id)
    found = numbers.get_column(item.id)[row]
    raise BadInput(f"found {found:g}.", cure=f"Allowed is {allowed(item)}.", where=where)

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

    Whole answers come out as small integers, others as Float64. Other columns are left out; a column of an optional
    item may be absent. Raises BadInput naming row, column, value and the allowed range. `first_row` is the row number
    of the first row, for messages about a part of a file.
    """
    items = scored_items(instrument)
    missing = [item.id for item in items if item.id not in frame.columns and not item.optional]
    if missing:
        shown = ", ".join(missing[:8]) + (" …" if len(missing) > 8 else "")
        cure = f"{instrument.id} needs the columns {_span(items)}."
        raise BadInput(f"{_plural(len(missing), 'column')} missing: {shown}.", cure=cure, where=Place(file=file))
    numbers = frame.select(_as_number(frame, item, file, first_row) for item in items)
    _refuse_out_of_range(numbers, items, file, first_row)
    return numbers.select(pl.col(item.id).cast(item_dtype(item)) for item in items)


def item_dtype(item: Item) -> type[pl.DataType]:
    """The smallest type that holds an item's answers: a million sheets are scored ten times faster in bytes."""
    if not item.whole or item.minimum is None or item.maximum is None:
        return pl.Float64
    ends = max(abs(item.minimum), abs(item.maximum))
    return pl.Int8 if ends <= 127 else pl.Int32


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
    number = pl.col(item.id)
    if dtype == pl.String:
        _refuse_text(frame.get_column(item.id), item, file, first_row)
        number = number.str.strip_chars().replace("", None).cast(pl.Float64).fill_nan(None)
    elif dtype.is_float() or dtype in (pl.Boolean, pl.Null) or isinstance(dtype, pl.Decimal):
        number = number.cast(pl.Float64).fill_nan(None)
    elif not dtype.is_integer():
        cure = f"It takes {allowed(item)}."
        raise BadInput(f"the column holds {dtype}, not numbers.", cure=cure, where=Place(file, None, None, item.id))
    if item.not_assessed:
        codes = pl.any_horizontal(number == code for code in item.not_assessed)
        return pl.when(~codes).then(number).alias(item.id)
    return number


def _refuse_text(column: pl.Series, item: Item, file: str | None, first_row: int) -> None:
    stripped = column.str.strip_chars().replace("", None)
    wrong = (stripped.is_not_null() & stripped.cast(pl.Float64, strict=False).is_null()).arg_true()
    if len(wrong):
        row = int(wrong[0])
        where = Place(file, None, first_row + row, item.id)
        raise BadInput(f"found '{column[row][:40]}'.", cure=f"Allowed is {allowed(item)}.", where=where)


def _wrong(item: Item, dtype: pl.DataType) -> pl.Expr:
    """True where a value is not in the item's range."""
    column = pl.col(item.id)
    wrong = pl.lit(False) if dtype.is_integer() else column.is_infinite()
    if item.minimum is not None:
        wrong = wrong | (column < item.minimum)
    if item.maximum is not None:
        wrong = wrong | (column > item.maximum)
    return wrong | (column != column.round()) if item.whole and not dtype.is_integer() else wrong


def _refuse_out_of_range(numbers: pl.DataFrame, items: list[Item], file: str | None, first_row: int) -> None:
    wrong = [item for item in items if _outside(numbers, item)]
    if not wrong:
        return
    masks = {item.id: numbers.select(_wrong(item, numbers.schema[item.id])).to_series() for item in wrong}
    row, item = min(((int(masks[item.id].arg_true()[0]), item) for item in wrong), key=lambda pair: pair[0])
    where = Place(file, None, first_row + row, item.id)
    found = numbers.get_column(item.id)[row]
    raise BadInput(f"found {found:g}.", cure=f"Allowed is {allowed(item)}.", where=where)


def _outside(numbers: pl.DataFrame, item: Item) -> bool:
    """Whether a column holds a wrong value: its ends say so at once, fractions only where the type has them."""
    column = numbers.get_column(item.id)
    low, high = column.min(), column.max()
    if low is None or high is None:
        return False
    inside = _inside(low, item.minimum, item.maximum) and _inside(high, item.minimum, item.maximum)  # type: ignore[arg-type]
    if column.dtype.is_integer():
        return not inside
    return not inside or bool(numbers.select(_wrong(item, column.dtype).any()).item())

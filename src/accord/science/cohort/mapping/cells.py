"""A cell of a mapping turned into a column of values; the first value that does not fit is named with its row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from accord.science.cohort.mapping.model import Cell, Code, When, text_of
from accord.science.cohort.mapping.sources import Source
from accord.science.errors import BadInput

YES = {"true", "1", "yes", "y"}
NO = {"false", "0", "no", "n"}
DATE_FORMATS = (
    "%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%d-%m-%Y", "%Y%m%d", "%d %b %Y", "%d %B %Y",
    "%d.%m.%y", "%d/%m/%y", "%m/%d/%y", "%d-%b-%Y", "%d%b%Y",
)  # fmt: skip


def number_code(text: str, decimal: str) -> str | None:
    """A text as the code of its number (`1,0` and `1` are one code), None when it is no number."""
    try:
        return text_of(float(text.replace(decimal, ".")))
    except (ValueError, OverflowError):
        return None


def _matches(text: str, codes: Iterable[str], decimal: str) -> str | None:
    """The code that a cell holds: spelled the same, or the same number."""
    if text in codes:
        return text
    number = number_code(text, decimal)
    return number if number is not None and number in codes else None


def raw_values(source: Source, column: str, missing: Sequence[str]) -> pl.Series:
    """The text of a column with missing codes empty."""
    series = source.frame[column]
    if not missing:
        return series
    found = series.unique().drop_nulls().to_list()
    gone = [text for text in found if _matches(text, missing, source.decimal) is not None]
    return series.set(series.is_in(gone).fill_null(False), None) if gone else series


def recoded(source: Source, series: pl.Series, recode: dict[str, Code]) -> pl.Series:
    """Codes replaced; BadInput for the first code that the recode does not list."""
    if not recode:
        return series
    table: dict[str, str | None] = {}
    for text in series.unique().drop_nulls().to_list():
        code = _matches(text, recode, source.decimal)
        if code is None:
            index = int((series == text).arg_max() or 0)
            allowed = f"{', '.join(list(recode)[:12])} are recoded"
            cure = "Add it to the recode, or to missing."
            raise BadInput(f"found '{text:.40}'; {allowed}.", cure=cure, where=source.place(index, series.name))
        value = recode[code]
        table[text] = None if value is None else text_of(value)
    return series.replace_strict(table, default=None, return_dtype=pl.String) if table else series


def values_of(source: Source, cell: Cell, missing: Sequence[str]) -> pl.Series:
    """A cell as text, one value per row of the file."""
    if cell.constant is not None:
        return pl.Series("constant", [text_of(cell.constant)] * source.frame.height, dtype=pl.String)
    column = cell.column or cell.date or ""
    return recoded(source, raw_values(source, column, [*missing, *cell.missing]), cell.recode)


def numbers_of(source: Source, series: pl.Series, *, multiply: float = 1.0, add: float = 0.0) -> pl.Series:
    """Text as numbers with the file's decimal mark; BadInput for the first cell that is none."""
    # a constant or a recoded value is written with a point whatever the file's mark is
    text = series.str.replace(",", ".", literal=True) if source.decimal == "," else series
    values = text.cast(pl.Float64, strict=False)
    usable = values.is_finite().fill_null(False) | series.is_null()
    if source.decimal == ",":  # 1.234 may be one point something or more than a thousand: not guessed
        usable &= ~series.str.contains(r"^[-+]?\d{1,3}(\.\d{3})+$").fill_null(False)
    if not usable.all():
        index = int((~usable).arg_max() or 0)
        found = str(series[index])
        cure = "List it under missing, or recode it."
        if source.decimal == "." and number_code(found, ",") is not None:
            cure = "Set decimal: ',' for this file in the mapping."
        raise BadInput(f"found '{found:.40}'; a number is allowed.", cure=cure, where=source.place(index, series.name))
    return values * multiply + add


def whole_of(source: Source, series: pl.Series, *, multiply: float = 1.0, add: float = 0.0) -> pl.Series:
    """The same rounded to whole numbers that fit a cohort's columns."""
    values = numbers_of(source, series, multiply=multiply, add=add).round()
    too_large = values.abs() > 2_000_000_000
    if too_large.any():
        index = int(too_large.fill_null(False).arg_max() or 0)
        what = f"found {series[index]!s:.40}; a whole number below 2,000,000,000 is allowed."
        raise BadInput(what, cure="Correct it.", where=source.place(index, series.name))
    return values.cast(pl.Int32)


def flags_of(source: Source, series: pl.Series) -> pl.Series:
    """Text as true or false."""
    lower = series.str.to_lowercase()
    wrong = series.is_not_null() & ~lower.is_in([*YES, *NO])
    if wrong.any():
        index = int(wrong.arg_max() or 0)
        what = f"found '{series[index]!s:.40}'; true, false, yes, no, 1 and 0 are allowed."
        raise BadInput(what, cure="Recode it.", where=source.place(index, series.name))
    return lower.is_in(list(YES)).alias(series.name)


def date_format(texts: Iterable[str]) -> tuple[str | None, bool]:
    """The format that reads every text as a day, and whether another one would read them too with other days.

    Day before month when both fit, as in most of the world; the caller says so.
    """
    series = _days_only(pl.Series(list(texts), dtype=pl.String))
    fitting = [
        form for form in DATE_FORMATS if len(series) and series.str.to_date(form, strict=False).null_count() == 0
    ]
    plausible = [form for form in fitting if _plausible(series.str.to_date(form, strict=False))]
    if not plausible:
        return None, False
    days = [series.str.to_date(form, strict=False).to_list() for form in plausible]
    return plausible[0], any(other != days[0] for other in days[1:])


def _plausible(days: pl.Series) -> bool:
    years = days.dt.year()
    return bool(((years >= 1900) & (years <= 2100)).all())


def _days_only(series: pl.Series) -> pl.Series:
    """Without a time of day: 2020-01-31T10:00 and 2020-01-31 10:00 are days."""
    return series.str.replace(r"[ T]\d{1,2}:\d{2}.*$", "")


def dates_of(source: Source, series: pl.Series, form: str | None) -> tuple[pl.Series, str | None]:
    """Text as calendar days, and a note when day and month could be the other way round.

    Raises BadInput for the first cell that does not fit the format given, or the one that fits most.
    """
    note = None
    if form is None:
        form, either = date_format(series.unique().drop_nulls().to_list())
        if either:
            note = f"{source.shown}, column {series.name}: read as {form}; set format if month comes before day."
    text = _days_only(series)
    form = form or max(DATE_FORMATS, key=lambda one: len(text) - text.str.to_date(one, strict=False).null_count())
    try:
        days = text.str.to_date(form, strict=False)
    except pl.exceptions.PolarsError:
        raise BadInput(f"'{form}' is no format of dates.", cure="Write it like %d.%m.%Y.") from None
    wrong = days.is_null() & series.is_not_null()
    if wrong.any():
        index = int(wrong.arg_max() or 0)
        what = f"found '{series[index]!s:.40}'; a day written as {form} is allowed."
        raise BadInput(what, cure="Set format, or list it under missing.", where=source.place(index, series.name))
    return days, note


def rows_where(source: Source, conditions: Sequence[When], missing: Sequence[str]) -> pl.Series:
    """A mask of the rows that meet every condition."""
    keep = pl.Series([True] * source.frame.height, dtype=pl.Boolean)
    for condition in conditions:
        series = raw_values(source, condition.column, missing)
        found = series.unique().drop_nulls().to_list()
        if condition.one_of is not None:
            there = [text for text in found if _matches(text, condition.one_of, source.decimal) is not None]
            keep &= series.is_in(there).fill_null(False)
        elif condition.none_of is not None:
            there = [text for text in found if _matches(text, condition.none_of, source.decimal) is not None]
            keep &= ~series.is_in(there).fill_null(False)
        else:
            keep &= series.is_not_null()
    return keep


def once_per_person(source: Source, who: pl.Series, series: pl.Series, cell: Cell) -> pl.DataFrame:
    """One value per person, as columns participant and value; empty cells do not count.

    Raises BadInput with both rows when the rows of one person differ and the mapping does not say which to take.
    """
    frame = pl.DataFrame({"participant": who, "value": series}).with_row_index("at").drop_nulls("value")
    grouped = frame.group_by("participant", maintain_order=True)
    pick = pl.col("value").last() if cell.take == "last" else pl.col("value").first()
    found = grouped.agg(pick, pl.col("value").n_unique().alias("different"))
    differing = found.filter(pl.col("different") > 1)
    if cell.take is None and differing.height:
        theirs = frame.filter(pl.col("participant") == differing["participant"][0])
        first, other = (
            theirs.row(0, named=True),
            theirs.filter(pl.col("value") != theirs["value"][0]).row(0, named=True),
        )
        what = f"found '{other['value']!s:.40}', but row {source.rows[first['at']]} of the same person holds "
        what += f"'{first['value']!s:.40}'."
        cure = "Correct the file, or set take: first or take: last in the mapping."
        raise BadInput(what, cure=cure, where=source.place(other["at"], series.name))
    return found.select("participant", "value")

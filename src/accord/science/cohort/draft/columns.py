"""What each column of an unknown file looks like: numbers, days, a few words, codes for missing, one value a person."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

import polars as pl

from accord.science.cohort.mapping.cells import date_format, number_code
from accord.science.cohort.mapping.sources import Source

MISSING_WORDS = {
    "na", "n/a", "nan", "null", "missing", "<undefined>", "undefined", ".", "-", "--", "?", "#n/a", "#null!", "nd",
    "not available", "no data",
}  # fmt: skip
MISSING_NUMBERS = (
    99999,
    9999,
    999,
    998,
    997,
    888,
    777,
    99,
    98,
    97,
    88,
    77,
    9,
    -1,
    -7,
    -8,
    -9,
    -77,
    -88,
    -99,
    -999,
    -9999,
)
FEW = 12


@dataclass(frozen=True)
class Column:
    """One column of a file. `numbers` are its numeric values without `missing` codes, None for words and dates.

    `meaning` is the label that an SPSS file gives it; `levels` are its values when they are few; `constant` is true
    when no person has two different values.
    """

    name: str
    filled: int
    distinct: int
    levels: tuple[str, ...] = ()
    numbers: pl.Series | None = None
    missing: tuple[str, ...] = ()
    date: str | None = None
    date_unsure: bool = False
    constant: bool = True
    text_long: bool = False
    meaning: str = ""
    values: pl.Series = field(default_factory=lambda: pl.Series([], dtype=pl.String), repr=False)

    @property
    def numeric(self) -> bool:
        return self.numbers is not None

    @property
    def low(self) -> float:
        return float(self.numbers.min() or 0.0) if self.numbers is not None else 0.0  # type: ignore[arg-type]

    @property
    def high(self) -> float:
        return float(self.numbers.max() or 0.0) if self.numbers is not None else 0.0  # type: ignore[arg-type]

    @property
    def whole(self) -> bool:
        return self.numbers is not None and bool((self.numbers == self.numbers.round()).all())


def profiled(source: Source, words: tuple[str, ...]) -> list[Column]:
    """Every column of a file; `words` are its codes for missing (`missing_words`)."""
    columns = [_profile(source, name, words) for name in source.frame.columns]
    return [replace(column, meaning=source.meanings.get(column.name, "")) for column in columns]


def missing_words(source: Source) -> tuple[str, ...]:
    """The words that stand for missing in columns of numbers or days, as they are spelled in the file."""
    found: dict[str, None] = {}
    for series in source.frame.iter_columns():
        texts = series.drop_nulls().unique().to_list()
        words = [text for text in texts if text.lower() in MISSING_WORDS]
        rest = [text for text in texts if text.lower() not in MISSING_WORDS]
        other = [text for text in rest if number_code(text, source.decimal) is None]
        if words and (not other or date_format(rest)[0] is not None):
            found.update(dict.fromkeys(sorted(words)))
    return tuple(found)


def _profile(source: Source, name: str, words: tuple[str, ...]) -> Column:
    values = source.frame[name]
    values = values.set(values.is_in(list(words)).fill_null(False), None) if words else values
    texts = values.drop_nulls().unique(maintain_order=True).to_list()
    levels = tuple(sorted(texts, key=_natural)) if 0 < len(texts) <= FEW else ()
    filled = len(values) - values.null_count()
    numbers = _numbers(values, source.decimal) if not _coded(texts) else None
    if numbers is not None:
        gone = _sentinels(numbers)
        kept = numbers.set(numbers.is_in(gone).fill_null(False), None) if gone else numbers
        codes = tuple(f"{code:g}" for code in gone)
        return Column(name, filled, len(texts), levels, kept, codes, values=values)
    form, unsure = date_format(texts) if texts and _dateish(texts) else (None, False)
    long = bool(texts) and sum(map(len, texts)) / len(texts) > 40
    return Column(name, filled, len(texts), levels, None, (), form, unsure, text_long=long, values=values)


def _natural(text: str) -> tuple[float, str]:
    try:
        return (float(text.replace(",", ".")), "")
    except ValueError:
        return (float("inf"), text.lower())


def _coded(texts: list[str]) -> bool:
    """Codes such as 006: digits with a leading nought are names, not numbers."""
    return any(re.fullmatch(r"0\d+", text) for text in texts)


def _numbers(values: pl.Series, decimal: str) -> pl.Series | None:
    text = values.str.replace(",", ".", literal=True) if decimal == "," else values
    numbers = text.cast(pl.Float64, strict=False)
    readable = numbers.is_finite().fill_null(False) | values.is_null()
    return numbers if readable.all() and numbers.null_count() < len(numbers) else None


def _dateish(texts: list[str]) -> bool:
    return all(re.search(r"\d", text) and 6 <= len(text) <= 25 for text in texts)


def _sentinels(numbers: pl.Series) -> list[float]:
    """Codes such as 999 or -9 that lie further from all other values than those lie from each other."""
    gone: list[float] = []
    there = set(numbers.drop_nulls().unique().to_list())
    for code in MISSING_NUMBERS:
        rest = there - {code} - set(gone)
        if code not in there or len(rest) < 2:
            continue
        low, high = min(rest), max(rest)
        beyond = code - high > high - low if code > 0 else (low >= 0 and code < low)
        if beyond and (abs(code) > 9 or len(rest) >= 3 or code < 0):
            gone.append(float(code))
    return gone


def within_people(columns: list[Column], who: pl.Series) -> list[Column]:
    """The columns with `constant` set: whether the rows of one person ever differ."""
    return [replace(column, constant=_constant(column.values, who)) for column in columns]


def _constant(values: pl.Series, who: pl.Series) -> bool:
    frame = pl.DataFrame({"who": who, "value": values}).drop_nulls("value")
    return frame.is_empty() or max(frame.group_by("who").agg(pl.col("value").n_unique())["value"].to_list()) <= 1

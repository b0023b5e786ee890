"""Numbers out of the cells of other people's tables: decimal commas, typographic minus signs, words for missing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl

from accord.science.estimates.effect_sizes.values import Array

MISSING = {"", "na", "n/a", "n.a.", "nan", "null", "none", ".", "-", "–", "nr", "not reported"}
_MINUS = str.maketrans({"−": "-", "–": "-", "‐": "-"})
_THOUSANDS_COMMA = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_AMBIGUOUS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")


@dataclass(frozen=True, slots=True)
class Parsed:
    """The numbers (NaN where missing or unreadable), the rows (from 0) that could not be read with what stood there,
    and whether commas were read as decimal marks."""

    values: Array
    unreadable: dict[int, str]
    decimal_commas: bool = False


def comma_meaning(texts: Iterable[str]) -> str:
    """What a comma means in these cells: `decimal`, `thousands`, or `unclear` when all read both ways (1,234)."""
    with_comma = [text for text in texts if "," in text]
    if any("." in text and text.rindex(".") > text.rindex(",") for text in with_comma):
        return "thousands"
    if all(_AMBIGUOUS.fullmatch(text) for text in with_comma):
        return "unclear" if with_comma else "decimal"
    if all(_THOUSANDS_COMMA.fullmatch(text) for text in with_comma):
        return "thousands"
    return "decimal"


def cleaned(series: pl.Series) -> list[str]:
    """The cells as text without outer blanks, quotes and typographic minus signs; missing ones empty."""
    texts = ["" if value is None else str(value).strip().strip("\"'").translate(_MINUS) for value in series.to_list()]
    return ["" if text.lower() in MISSING else text for text in texts]


def parsed(series: pl.Series, commas: str = "decimal") -> Parsed:
    """The numbers of one column; `commas` is what a comma means in the whole table (`comma_meaning`)."""
    if series.dtype.is_numeric() or series.dtype == pl.Boolean or series.dtype == pl.Null:
        return Parsed(np.array(series.cast(pl.Float64).fill_null(float("nan")).to_list(), float), {})
    unreadable: dict[int, str] = {}
    values = np.full(len(series), np.nan)
    texts = cleaned(series)
    for row, text in enumerate(texts):
        if not text:
            continue
        try:
            values[row] = float(_plain(text, commas))
        except ValueError:
            unreadable[row] = text
    return Parsed(values, unreadable, commas != "thousands" and any("," in text for text in texts))


def _plain(text: str, commas: str) -> str:
    """One number as Python writes it."""
    text = re.sub(r"[\s']", "", text)
    if commas == "thousands":
        return text.replace(",", "")
    if "," in text and "." in text:
        return text.replace(".", "").replace(",", ".")
    return text.replace(",", ".")

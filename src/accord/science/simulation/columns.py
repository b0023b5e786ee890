"""Columns of words, pseudonyms and numbers made from arrays, without a loop over people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from accord.science.simulation.streams import stream

Array = NDArray[Any]
_LETTERS = np.frombuffer(b"0123456789abcdefghjkmnpqrstvwxyz", dtype=np.uint8)
_LENGTH = 7
_SPACE = 32**_LENGTH
_ODD = 0x5851F42D4C957F2D
_CHUNK_SPACE = 1 << 22
REFUSED_FROM = 1 << 21


def words(names: Sequence[str | None], codes: Array) -> pl.Series:
    """The names of codes, as an enumeration."""
    known = [name for name in dict.fromkeys(names) if name is not None]
    return pl.Series("", list(names), dtype=pl.Enum(known)).gather(codes)


def word(name: str, n: int) -> pl.Series:
    """One word n times."""
    return pl.Series("", [name], dtype=pl.Enum([name])).new_from_index(0, n)


def numbers(values: Array) -> pl.Series:
    """Numbers; NaN is empty."""
    return pl.Series("", values.astype(float), nan_to_null=True)


def days(values: Array, known: Array | None = None) -> pl.Series:
    """Whole days; empty where not known."""
    whole = pl.Series("", values.astype(np.int32))
    return whole if known is None else whole.set(pl.Series(~known), None)


def pseudonyms(seed: int, chunk: int, first: int, n: int) -> pl.Series:
    """n different pseudonyms: a number that no other person has, mixed by steps that never bring two together."""
    start = int(stream(seed, "cast").integers(_SPACE))
    mask = np.uint64(_SPACE - 1)
    x = np.arange(n, dtype=np.uint64) + np.uint64(chunk * _CHUNK_SPACE + first)
    x = (x + np.uint64(start)) & mask
    for _ in range(3):
        x = (x * np.uint64(_ODD)) & mask
        x ^= x >> np.uint64(17)
    places = (x[:, None] >> (np.uint64(5) * np.arange(_LENGTH, dtype=np.uint64))) & np.uint64(31)
    letters = np.empty((n, _LENGTH + 1), np.uint8)
    letters[:, 0] = ord("p")
    letters[:, 1:] = _LETTERS[places]
    return pl.Series("participant", letters.view(f"S{_LENGTH + 1}").ravel().astype(f"U{_LENGTH + 1}"))

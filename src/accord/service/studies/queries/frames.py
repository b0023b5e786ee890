"""Rows as the tables of cohort format 1: only columns that may leave, typed, in the order of the format."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from accord.science.cohort.tables import TABLES as FORMAT
from accord.service.studies.rules.columns import SOURCES, allowed

Rows = Iterable[Mapping[str, Any]]
EXTRA_TYPES = {
    "way": pl.Int32(), "protocol_version": pl.String(), "protocol_hash": pl.String(), "answers": pl.String(),
    "language": pl.String(),
}  # fmt: skip


@dataclass(frozen=True)
class Background:
    """A background question as a column: its type, what it means, its unit or codes."""

    name: str
    numeric: bool
    options: tuple[str, ...]
    meaning: str
    unit: str

    @property
    def dtype(self) -> pl.DataType:
        return pl.Float64() if self.numeric else pl.String()


def schema(table: str, background: Iterable[Background] = ()) -> dict[str, pl.DataType]:
    """The columns that this table has in a cohort of a service."""
    columns = {name: dtype for name, dtype in FORMAT[table].schema.items() if name in SOURCES[table]}
    if table == "participants":
        columns |= {one.name: one.dtype for one in background} | EXTRA_TYPES
    return columns


def frame(table: str, rows: Rows, background: Iterable[Background] = ()) -> pl.DataFrame:
    """The rows as a table. A column that may not leave is a mistake of the program and stops it."""
    columns = schema(table, background)
    names = frozenset(one.name for one in background)
    found = list(rows)
    strangers = {name for row in found for name in row if not allowed(table, name, names)}
    assert not strangers, f"these columns of {table} may not leave: {sorted(strangers)}"
    return pl.DataFrame(found, schema=columns, orient="row") if found else pl.DataFrame(schema=columns)


def empty(names: Iterable[str], background: Iterable[Background] = ()) -> dict[str, pl.DataFrame]:
    """These tables with no row: nothing happened, which is not the same as not recorded."""
    asked = tuple(background)
    return {name: frame(name, (), asked) for name in names}

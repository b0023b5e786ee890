"""A table brought to the columns and types of the format, or refused with the column that does not fit."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import polars as pl

from accord.science.cohort.tables import Column, Table
from accord.science.errors import BadInput, Finding, Place

TEXT = (pl.String, pl.Categorical, pl.Enum)
WORDS = {pl.String: "text", pl.Int32: "whole numbers", pl.Float64: "numbers", pl.Boolean: "true or false"}


def _fits(found: pl.DataType, wanted: pl.DataType) -> bool:
    if found == pl.Null or found == wanted:
        return True
    if wanted == pl.String:
        return isinstance(found, TEXT)
    if wanted == pl.Int32:
        return found.is_integer()
    return wanted == pl.Float64 and found.is_numeric()


def column_findings(
    found: Mapping[str, pl.DataType], table: Table, *, file: str, extra: Collection[str] = ()
) -> list[Finding]:
    """Columns that are missing, of another type or not of the format. `extra` are declared in the manifest."""
    findings: list[Finding] = []
    for column in table.columns:
        where = Place(file=file, column=column.name)
        if column.name not in found:
            if column.required:
                cure = f"Add the column ({column.meaning}). Found: {', '.join(list(found)[:20]) or 'no columns'}."
                findings.append(Finding("the column is missing.", cure, where))
        elif not _fits(found[column.name], column.dtype):
            words = WORDS[type(column.dtype)]
            what = f"the column holds {found[column.name]}; {words} are allowed."
            findings.append(Finding(what, f"Store it as {column.dtype}.", where))
    if not table.extra:
        for name in found:
            if table.column(name) is None and name not in extra:
                cure = f"Declare {table.name}.{name} under columns in cohort.json, or remove it."
                findings.append(Finding("the format has no such column.", cure, Place(file=file, column=name)))
    return findings[:50]


def conformed(frame: pl.LazyFrame, table: Table) -> pl.LazyFrame:
    """The table with all columns of the format, in order and typed, extra columns after them; absent ones empty."""
    found = frame.collect_schema()
    extra = [name for name in found if table.column(name) is None]
    if findings := column_findings(found, table, file=table.name, extra=extra):
        raise BadInput(findings[0].what, cure=findings[0].cure, where=findings[0].where)
    return frame.select(*(_typed(column, found) for column in table.columns), *extra)


def _typed(column: Column, found: Mapping[str, pl.DataType]) -> pl.Expr:
    if column.name not in found:
        return pl.lit(None, dtype=column.dtype).alias(column.name)
    expression = pl.col(column.name)
    if found[column.name] != column.dtype:
        expression = expression.cast(column.dtype)
    if column.dtype == pl.Float64:  # missing is empty, never a special number
        expression = expression.fill_nan(None)
    return expression

"""Decides a condition for every row of a table at once."""

from __future__ import annotations

from typing import Any

import polars as pl

from accord.science.conditions.deciding import compiled
from accord.science.conditions.reading import MAX_NUMBER, Node
from accord.science.errors import BadInput


def decide_column(condition: str, frame: pl.DataFrame) -> pl.Series:
    """The same for every row of a polars frame: true, false or null (unknown). Column names are field names.

    An absent column, null and NaN are missing. Raises BadInput for a column of the wrong kind. The rows agree with
    `decide` one by one (tested by property).
    """
    rule = compiled(condition)
    wanted = dict.fromkeys(rule.asked, "") | rule.kinds
    groups: dict[str, str] = {}
    columns = [_column(frame, name, kind, groups) for name, kind in wanted.items()]
    rows = pl.Series("(row)", range(frame.height))  # so that a condition without names has as many rows
    ready = pl.DataFrame([rows, *columns]).with_columns(_expression(rule.tree).cast(pl.Boolean).alias("(decision)"))
    return ready["(decision)"].alias("decision")


_TYPES: dict[str, Any] = {"number": pl.Float64, "text": pl.String, "bool": pl.Boolean, "choices": pl.List(pl.String)}


def _column(frame: pl.DataFrame, name: str, wanted: str, groups: dict[str, str]) -> pl.Series:
    """The column as its kind; `groups` remembers the kind of names that must be of one kind, whichever it is."""
    column = frame[name] if name in frame.columns else pl.Series(name, [None] * frame.height, dtype=pl.Null)
    found = "number" if column.dtype.is_numeric() else next((k for k, t in _TYPES.items() if column.dtype == t), "")
    if column.dtype in (pl.Categorical, pl.Enum):
        found, column = "text", column.cast(pl.String)
    if column.dtype == pl.Null:
        return column.cast(_TYPES[wanted]) if wanted in _TYPES else column
    if wanted.startswith("?"):
        wanted = groups.setdefault(wanted, found)
    if wanted and found != wanted:
        raise BadInput(f"The column {name} is {column.dtype}; the condition needs a {wanted}.", cure="Mend the table.")
    if found != "number":
        return column
    column = column.cast(pl.Float64).fill_nan(None)
    if not column.is_between(-MAX_NUMBER, MAX_NUMBER).all():
        raise BadInput(f"The column {name} holds a number too large for a condition.", cure="Mend the table.")
    return column


def _expression(node: Node) -> pl.Expr:
    """The tree as a polars expression: comparisons with null are null, and & and | are Kleene's."""
    if node.op in ("number", "text", "bool"):
        return pl.lit(node.value)
    if node.op == "name":
        return pl.col(node.value)
    if node.op == "has":
        return pl.col(node.value).is_not_null()
    left = _expression(node.args[0])
    if node.op == "in":
        right = node.args[1]
        if right.op == "list":
            return left.is_in([item.value for item in right.args])
        return pl.when(left.is_null()).then(None).otherwise(pl.col(right.value).list.contains(left))
    if node.op in ("!", "neg"):
        return ~left if node.op == "!" else -left
    rest = [_expression(child) for child in node.args[1:]]
    if node.op == "?:":
        return pl.when(left.is_null()).then(None).when(left).then(rest[0]).otherwise(rest[1])
    return _OPERATIONS[node.op](left, rest[0])


_OPERATIONS: dict[str, Any] = {
    "&&": lambda a, b: a & b, "||": lambda a, b: a | b, "==": lambda a, b: a == b, "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
    "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": lambda a, b: a / b,
}  # fmt: skip

"""Forest plot: one row an estimate with its interval; improvement to the right in every row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accord.science.figures.figure import Columns, Rows


@dataclass(frozen=True, slots=True)
class Published:
    """A published figure beside ours (C19): `comparable` is True only when time-point, SD, method, population and
    programme are all known to match; False and None (not known) both draw hollow."""

    value: float
    low: float | None = None
    high: float | None = None
    comparable: bool | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class ForestRow:
    """`kind`: `estimate` (square sized by `weight`), `heading` (label only), `summary` (diamond)."""

    label: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    weight: float | None = None
    published: Published | None = None
    kind: str = "estimate"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Forest:
    """`measure` names the axis (`Hedges g, baseline to post`); `left` and `right` say what lies there."""

    title: str
    description: str
    rows: Sequence[ForestRow]
    measure: str
    left: str = "worse"
    right: str = "better"
    reference: float = 0.0
    log: bool = False
    digits: int = 2
    ours: str = "this cohort"
    published: str = "published"
    invented: bool = False

    def table(self) -> tuple[Columns, Rows]:
        columns = (
            "Row", self.measure, "95 % from", "95 % to", "n", "Published", "Published from", "Published to",
            "Published source", "Comparable", "Note",
        )  # fmt: skip
        return columns, tuple(_cells(row) for row in self.rows)


def _cells(row: ForestRow) -> tuple[str | int | float | None, ...]:
    mine = (row.label, row.value, row.low, row.high, row.n)
    if row.published is None:
        return (*mine, None, None, None, "", "", row.note)
    other = row.published
    comparable = {True: "yes", False: "no", None: "not known"}[other.comparable]
    return (*mine, other.value, other.low, other.high, other.source, comparable, row.note)

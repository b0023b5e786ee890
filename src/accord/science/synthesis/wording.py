"""How results of a synthesis read: p values, intervals, and the view in a notebook."""

from __future__ import annotations

from html import escape
from typing import Protocol

import polars as pl

from accord.science.figures.numbers import known, number


class Result(Protocol):
    def table(self) -> pl.DataFrame: ...

    def summary(self) -> str: ...


def p_text(p: float) -> str:
    """`p < .001`, `p = .012`."""
    if not known(p):
        return "p not estimable"
    return "p < .001" if p < 0.001 else f"p = {p:.3f}".replace("0.", ".")


def interval_text(low: float, high: float, level: float) -> str:
    return f"{100 * level:g} % interval {number(low)} to {number(high)}"


def plural(n: int, one: str, many: str) -> str:
    return f"{n} {one if n == 1 else many}"


def notebook_html(result: Result) -> str:
    """The summary and the table, for a notebook."""
    frame = result.table()
    head = "".join(f"<th>{escape(name)}</th>" for name in frame.columns)
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(_cell(value))}</td>" for value in row) + "</tr>" for row in frame.iter_rows()
    )
    return f"<p>{escape(result.summary())}</p><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _cell(value: object) -> str:
    if isinstance(value, float):
        return number(value, 3) if abs(value) >= 0.001 or value == 0 else f"{value:.1e}".replace("-", "−")
    return "–" if value is None else str(value)

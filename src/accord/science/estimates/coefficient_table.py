"""The coefficients of any model of this folder as one table, and in words."""

from __future__ import annotations

import math
from typing import Any, Protocol

import polars as pl

from accord.science.estimates.contrast import Contrast


class Model(Protocol):
    @property
    def names(self) -> tuple[str, ...]: ...

    def coefficient(self, name: str, *, level: float = 0.95) -> Contrast: ...


def coefficient_table(model: Model, *, level: float = 0.95, ratios: bool = False) -> pl.DataFrame:
    """Effect, value, se, df (empty: normal), limits, p. `ratios`: exp() of value and limits (odds, rates, hazards);
    the standard error then stays that of the logarithm."""
    turn = math.exp if ratios else float
    rows: list[dict[str, Any]] = []
    for name in model.names:
        c = model.coefficient(name, level=level)
        rows.append({
            "effect": name, "value": turn(c.value), "se": c.se, "df": c.df, "low": turn(c.ci_low),
            "high": turn(c.ci_high), "p": c.p,
        })  # fmt: skip
    numbers = dict.fromkeys(("value", "se", "df", "low", "high", "p"), pl.Float64)
    return pl.DataFrame(rows, schema={"effect": pl.String, **numbers})


def coefficient_summary(model: Model, name: str, *, level: float = 0.95) -> str:
    """One coefficient in a sentence."""
    c = model.coefficient(name, level=level)
    df = "" if c.df is None or math.isinf(c.df) else f", {c.df:.1f} df"
    p = "p < .001" if c.p < 0.001 else f"p = {c.p:.3f}".replace("0.", ".", 1)
    return f"{name}: {c.value:.3g} ({100 * level:g} % interval {c.ci_low:.3g} to {c.ci_high:.3g}{df}, {p})."

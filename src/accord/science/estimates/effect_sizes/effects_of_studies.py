"""The effects of many studies, with what was guessed, assumed and found odd on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from accord.science.errors import Finding
from accord.science.estimates.effect_sizes.columns import Guess
from accord.science.estimates.effect_sizes.effect_size import EffectSize
from accord.science.estimates.effect_sizes.measure import Measure
from accord.science.estimates.effect_sizes.values import Array
from accord.science.estimates.interval import critical_value
from accord.science.figures import Forest, ForestRow


@dataclass(frozen=True)
class EffectTable:
    """Effects of many studies, in the order of the table's rows (NaN where one cannot be computed).

    `columns` says which column played which role, `guessed` which of these were guessed, `findings` the warnings (each
    with its row, counted from 1), `notes` what was assumed for all rows.
    """

    measure: Measure
    yi: Array
    vi: Array
    n: Array
    labels: tuple[str, ...]
    columns: dict[str, str]
    guessed: tuple[Guess, ...]
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    flags: tuple[str, ...] = field(default=())

    @property
    def k(self) -> int:
        """How many rows have an effect."""
        return int(np.isfinite(self.yi).sum())

    def table(self) -> pl.DataFrame:
        """yi, vi, n, flags: one row for each row that went in; what is missing is empty."""
        return pl.DataFrame(
            {"yi": self.yi, "vi": self.vi, "n": self.n, "flags": [text or None for text in self.flags]},
            schema={"yi": pl.Float64, "vi": pl.Float64, "n": pl.Float64, "flags": pl.String},
        ).with_columns(pl.col("yi", "vi", "n").fill_nan(None))

    def effects(self) -> list[EffectSize]:
        """Each row that has an effect, as an object of its own."""
        return [
            EffectSize(
                yi=float(self.yi[row]), vi=float(self.vi[row]), measure=self.measure.name,
                n=None if np.isnan(self.n[row]) else int(self.n[row]), label=self.labels[row], note=self.flags[row],
            )
            for row in np.flatnonzero(np.isfinite(self.yi)).tolist()
        ]  # fmt: skip

    def to_dict(self) -> dict[str, Any]:
        return {
            "measure": self.measure.name, "label": self.measure.label, "unit": self.measure.unit, "k": self.k,
            "columns": dict(self.columns), "guessed": [str(one) for one in self.guessed],
            "notes": list(self.notes), "findings": [one.to_dict() for one in self.findings],
            "effects": [{"row": row + 1, "study": label, **values} for row, (label, values) in enumerate(
                zip(self.labels, self.table().to_dicts(), strict=True))],
        }  # fmt: skip

    def summary(self) -> str:
        """In plain words: what was computed from what, and how much of it is flagged."""
        lacking = len(self.yi) - self.k
        flagged = len({one.where.row for one in self.findings if one.where.row is not None})
        return " ".join([
            f"{self.k} effects ({self.measure.label}, in {self.measure.unit}).",
            *([f"{_rows(lacking)} without one, because a value is missing."] if lacking else []),
            *([f"{_rows(flagged)} flagged, to be looked up."] if flagged else []),
            *self.notes,
        ])  # fmt: skip

    def plot(self) -> Forest:
        """A forest of the effects with their 95 % intervals; nothing is pooled here."""
        z = critical_value()
        rows = [
            ForestRow(one.label, one.yi, one.yi - z * one.se, one.yi + z * one.se, n=one.n, weight=1 / one.vi)
            for one in self.effects()
        ]
        return Forest(
            "Effects of the studies", f"{self.k} effects with 95 % intervals, not pooled.", rows,
            f"{self.measure.label} ({self.measure.unit})", left="favours second", right="favours first",
        )  # fmt: skip

    def _repr_html_(self) -> str:
        return f"<p>{self.summary()}</p>{self.plot().svg()}"


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"

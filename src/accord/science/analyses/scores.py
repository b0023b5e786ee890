"""The scores of a cohort by what was asked: (scale, informant, time-point) -> one value per person.

Kept as (row of the person, value) pairs, so that memory follows the data and not people times occasions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from accord.science.cohort import Cohort

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, order=True)
class Asking:
    """One scale asked of one informant at one time-point."""

    scale: str
    informant: str
    at: str


@dataclass(frozen=True)
class Scores:
    """`people` is the number of rows of the cohort's people; the order of persons is that of `People.frame`."""

    people: int
    pairs: Mapping[Asking, tuple[NDArray[np.uint32], Array]]

    def at(self, scale: str, informant: str, time_point: str) -> Array:
        """One value per person, NaN where there is none."""
        full = np.full(self.people, np.nan)
        found = self.pairs.get(Asking(scale, informant, time_point))
        if found is not None:
            full[found[0]] = found[1]
        return full

    def matrix(self, scale: str, informant: str, time_points: Iterable[str]) -> Array:
        """People by time-points."""
        columns = [self.at(scale, informant, time_point) for time_point in time_points]
        return np.column_stack(columns) if columns else np.zeros((self.people, 0))

    def count(self, scale: str, informant: str, time_point: str) -> int:
        found = self.pairs.get(Asking(scale, informant, time_point))
        return 0 if found is None else len(found[0])

    def informants(self, scale: str, time_point: str) -> list[str]:
        """Who answered this scale then, the most frequent first."""
        there = [(len(rows), asking.informant) for asking, (rows, _) in self.pairs.items()
                 if asking.scale == scale and asking.at == time_point]  # fmt: skip
        return [informant for _, informant in sorted(there, reverse=True)]

    @property
    def scales(self) -> list[str]:
        return sorted({asking.scale for asking in self.pairs})


def read_scores(cohort: Cohort, participants: pl.Series, *, only: set[str] | None = None) -> Scores:
    """All scores of the cohort, or those of the scales in `only`. An empty value is no value.

    Two rows of one person for one asking (a scale asked in two sessions that share a time-point): the last counts.
    """
    index = pl.LazyFrame({"participant": participants, "person": np.arange(len(participants), dtype=np.uint32)})
    rows = cohort.scan("scores").filter(pl.col("value").is_not_null() & pl.col("value").is_not_nan())
    ref = pl.concat_str("instrument", pl.lit("."), "scale").alias("ref")
    if only is not None:
        instruments = sorted({scale.split(".")[0] for scale in only})
        rows = rows.filter(pl.col("instrument").is_in(instruments))
    grouped = (
        rows.select("participant", "informant", ref, "time_point", "value")
        .join(index, on="participant", how="inner", maintain_order="left")
        .group_by("ref", "informant", "time_point")
        .agg("person", "value")
        .collect()
    )
    pairs = {
        Asking(name, informant, time_point): (person.to_numpy(), value.to_numpy())
        for name, informant, time_point, person, value in zip(*grouped.get_columns(), strict=True)
    }
    return Scores(len(participants), dict(sorted(pairs.items())))

"""The scores of a cohort by what was asked: (scale, informant, time-point) -> one value per person.

Kept as (row of the person, value) pairs, so that memory follows the data and not people times occasions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from accord.science.cohort import Cohort
from accord.science.protocols import Protocol

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, order=True)
class Asking:
    """One scale asked of one informant at one time-point."""

    scale: str
    informant: str
    at: str


@dataclass(frozen=True)
class Scores:
    """`people` is the number of rows of the cohort's people; the order of persons is that of `People.frame`. `counted`
    says how many values there are of what was not read."""

    people: int
    pairs: Mapping[Asking, tuple[NDArray[np.uint32], Array]]
    counted: Mapping[Asking, int] = field(default_factory=dict)

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

    @property
    def counts(self) -> dict[Asking, int]:
        """How many values there are of everything that was asked."""
        return {asking: len(rows) for asking, (rows, _) in self.pairs.items()} | dict(self.counted)

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
        return sorted({asking.scale for asking in (*self.pairs, *self.counted)})


def read_scores(
    cohort: Cohort, participants: pl.Series, *, instruments: set[str] | None = None, count_others: bool = True
) -> Scores:  # fmt: skip
    """The scores of `instruments` (None: of all), and how many values there are of the others. An empty value is none.

    Two rows of one person for one asking (a scale asked in two sessions that share a time-point): the last counts.
    """
    index = pl.LazyFrame({"participant": participants, "person": np.arange(len(participants), dtype=np.uint32)})
    rows = cohort.scan("scores").filter(pl.col("value").is_not_null() & pl.col("value").is_not_nan())
    wanted = pl.lit(True) if instruments is None else pl.col("instrument").is_in(sorted(instruments))
    keys = ("instrument", "scale", "informant", "time_point")
    grouped = (
        rows.filter(wanted).select(*keys, "participant", "value")
        .join(index, on="participant", how="inner", maintain_order="left")
        .group_by(keys).agg("person", "value").collect()
    )  # fmt: skip
    pairs = {
        Asking(f"{instrument}.{scale}", informant, time_point): (person.to_numpy(), value.to_numpy())
        for instrument, scale, informant, time_point, person, value in zip(*grouped.get_columns(), strict=True)
    }
    counted: dict[Asking, int] = {}
    if instruments is not None and count_others:
        rest = rows.filter(~wanted).group_by(keys).len().collect()
        counted = {Asking(f"{i}.{scale}", who, at): int(n) for i, scale, who, at, n in rest.sort(keys).iter_rows()}
    return Scores(len(participants), dict(sorted(pairs.items())), counted)


def named_instruments(protocol: Protocol) -> set[str]:
    """Every instrument that the protocol's endpoints, analysis and safety name: what an analysis has to read."""
    ends, analysis = protocol.endpoints, protocol.analysis
    names = [ends.primary.scale, *(e.scale for e in (*ends.key, *ends.secondary)), *(v.scale for v in ends.variance)]
    names += [*ends.covariates, *ends.moderators, *analysis.covariates, *ends.harms, ends.satisfaction or ""]
    names += [name for names_ in analysis.predictors.values() for name in names_]
    names += [ends.responder.scale] if ends.responder else []
    names += [*ends.mechanism.mediators, ends.mechanism.outcome] if ends.mechanism else []
    names += [name for a in ends.associations.values() for name in (a.predictor, a.outcome)]
    names += [one.scale for one in ends.courses] + (["arm_guess.guess"] if "blinding" in analysis.also else [])
    names += list(protocol.safety.deterioration.scales) if protocol.safety.deterioration else []
    return {name.split(".")[0] for name in names if name and not name.startswith("synchrony:")}

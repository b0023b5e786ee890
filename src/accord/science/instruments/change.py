"""What stands beside a later score: improvement, percent from the true zero, reliable and minimal important change.

Improvement is turned so that a positive number is better, whatever the scale's direction.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from accord.science.errors import NotEstimable
from accord.science.instruments.model import Scale, Threshold

Scores = pl.Series | Sequence[float | None]


@dataclass(frozen=True, slots=True)
class ReliableChange:
    """How large a change must be to exceed measurement error, in points, and where the number comes from.

    `basis`: `retest` (computed from r and SD), `mdc` (a published minimal detectable change) or `convention`
    (what services agreed on). By convention a change of exactly `points` counts; otherwise it must be larger.
    """

    points: float
    basis: Literal["retest", "mdc", "convention"]
    population: str
    source: str

    @property
    def inclusive(self) -> bool:
        return self.basis == "convention"


def reliable_points(r: float, sd: float, *, z: float = 1.96) -> float:
    """The smallest change beyond measurement error: z x SD x sqrt(2) x sqrt(1 - r).

    Units of the scale. Jacobson NS, Truax P. J Consult Clin Psychol 1991;59:12-19; checked there by hand
    (r 0.80, SD 7.5: 9.30).
    """
    return z * sd * math.sqrt(2) * math.sqrt(1 - r)


def reliable_change(scale: Scale) -> ReliableChange:
    """The threshold of a scale: from retest r and SD, else a published MDC, else a service convention (C16).

    Raises NotEstimable where the definition has none of the three; a coefficient without its SD is not enough.
    """
    retest, change = scale.change.retest, scale.change
    if retest is not None and retest.sd is not None and retest.type != "alpha":
        return ReliableChange(reliable_points(retest.r, retest.sd), "retest", retest.population, retest.source)
    for basis, thresholds in (("mdc", change.mdc), ("convention", change.conventions)):
        for known in thresholds:
            if known.unit == "points":
                return ReliableChange(known.value, basis, known.population, known.source)  # type: ignore[arg-type]
    raise NotEstimable(
        f"Reliable change of {scale.ref} is not known: no retest coefficient with its standard deviation.",
        cure="Name another scale, or add change.retest (r, type, ci, sd, population, source) to its definition.",
    )


def minimal_important_change(scale: Scale) -> Threshold | None:
    """The first published minimal important change: in points where there is one, else in percent, else None."""
    return next((mic for mic in sorted(scale.change.mic, key=lambda mic: mic.unit != "points")), None)


def percent_change(scale: Scale, baseline: Scores, later: Scores) -> pl.Series:
    """Improvement in percent of the baseline, counted from the scale's true zero (C20).

    100 x sign x (later - baseline) / (baseline - zero); empty where the baseline is at the zero or a score is
    missing. Raises NotEstimable for a scale without a true zero or without a direction.
    """
    if scale.zero is None:
        cure = "Give the change in points, or the share that changed reliably."
        raise NotEstimable(f"{scale.ref} has no true zero, so percentages of it mean nothing.", cure=cure)
    frame = _pair(scale, baseline, later)
    return frame.select(_percent(scale).alias("percent")).to_series()


def change_scores(scale: Scale, baseline: Scores, later: Scores) -> pl.DataFrame:
    """All that stands beside a later score, one row per person.

    Columns: `improvement` (points, positive is better), `percent` (see percent_change; empty without a true zero),
    `reliable` ("improved", "unchanged", "worse"; empty where no threshold is known) and `important` (True where
    the improvement reaches the minimal important change; empty where none is known). A missing score leaves all
    empty. Raises NotEstimable for a scale without a direction.
    """
    frame = _pair(scale, baseline, later).with_columns(_improvement(scale).alias("improvement"))
    percent = pl.lit(None, dtype=pl.Float64) if scale.zero is None else _percent(scale)
    frame = frame.with_columns(percent.alias("percent"))
    return frame.select(
        "improvement", "percent", _reliable(scale).alias("reliable"), _important(scale).alias("important")
    )


def _pair(scale: Scale, baseline: Scores, later: Scores) -> pl.DataFrame:
    if scale.sign == 0:
        raise NotEstimable(f"{scale.ref} has no better or worse direction.", cure="Name a scale that has one.")
    columns = {"baseline": baseline, "later": later}
    series = [pl.Series(name, values, dtype=pl.Float64).fill_nan(None) for name, values in columns.items()]
    return pl.DataFrame(series)


def _improvement(scale: Scale) -> pl.Expr:
    return scale.sign * (pl.col("later") - pl.col("baseline"))


def _percent(scale: Scale) -> pl.Expr:
    room = pl.col("baseline") - scale.zero
    return pl.when(room != 0).then(100 * _improvement(scale) / room)


def _reliable(scale: Scale) -> pl.Expr:
    try:
        known = reliable_change(scale)
    except NotEstimable:
        return pl.lit(None, dtype=pl.String)
    size = pl.col("improvement").abs()
    beyond = size >= known.points if known.inclusive else size > known.points
    named = pl.when(pl.col("improvement") > 0).then(pl.lit("improved")).otherwise(pl.lit("worse"))
    return pl.when(beyond).then(named).when(size.is_not_null()).then(pl.lit("unchanged"))


def _important(scale: Scale) -> pl.Expr:
    mic = minimal_important_change(scale)
    if mic is None or (mic.unit == "percent" and scale.zero is None):
        return pl.lit(None, dtype=pl.Boolean)
    return pl.col("percent" if mic.unit == "percent" else "improvement") >= mic.value

"""On which day a stage of the funnel was reached, as far as its rule can be dated.

A rule that joins dated facts by `&&` is reached on the last of their days: a fact that comes about on one day
(`enrolled`, `started`, `answered_post`) or a count that reaches a number (`lessons_completed >= 4`). Other rules have
no day, and no wait is shown for them.
"""

from __future__ import annotations

import re

import numpy as np
import polars as pl
from numpy.typing import NDArray

from accord.science.analyses.study import Study
from accord.science.protocols.facts import ANSWERED

Array = NDArray[np.float64]
_COUNT = re.compile(r"(lessons_opened|lessons_completed|sessions_attended)\s*>=\s*(\d+|lessons_total|sessions_planned)")
_COUNTED = {  # fact -> table, column of days, rows that count
    "lessons_opened": ("lessons", pl.min_horizontal("opened_day", "completed_day"), pl.lit(True)),
    "lessons_completed": ("lessons", pl.col("completed_day"), pl.lit(True)),
    "sessions_attended": ("sessions", pl.col("day"), pl.col("state") == "attended"),
}  # fmt: skip
_EVENTS = {
    "referred": ("referral",), "eligible": ("eligible", "screening"), "enrolled": ("enrolment",),
    "discharged": ("discharge",), "withdrawn": ("withdrawal",), "lost": ("lost",), "referred_on": ("onward",),
}  # fmt: skip


def day_reached(study: Study, rule: str) -> Array | None:
    """Each person's day (from enrolment) on which she met the rule, NaN where it is not known; None for a rule that
    cannot be dated."""
    days = [_day_of(study, atom.strip()) for atom in rule.split("&&")]
    known = [day for day in days if day is not None]
    return np.maximum.reduce(known) if known and len(known) == len(days) else None


def _day_of(study: Study, atom: str) -> Array | None:
    if found := _COUNT.fullmatch(atom):
        return _nth(study, found[1], found[2])
    if atom == "started":
        return study.people.numbers("days_to_start")
    if atom in _EVENTS:
        return _event(study, _EVENTS[atom])
    if atom == "allocated" and "allocation" in study.cohort.names:
        return _joined(study, study.cohort.scan("allocation").group_by("participant").agg(pl.col("day").min()))
    if atom.startswith(ANSWERED) and "scores" in study.cohort.names:
        rows = study.cohort.scan("scores").filter(
            (pl.col("time_point") == atom.removeprefix(ANSWERED)) & (pl.col("informant") == "patient")
            & pl.col("value").is_not_null()
        )  # fmt: skip
        return _joined(study, rows.group_by("participant").agg(pl.col("day").min()))
    return None


def _joined(study: Study, days: pl.LazyFrame) -> Array:
    people = study.people.frame.select("participant")
    found = people.join(days.collect(), on="participant", how="left", maintain_order="left")
    return found["day"].cast(pl.Float64).to_numpy().astype(float)


def _event(study: Study, kinds: tuple[str, ...]) -> Array | None:
    """The first day of the first kind that somebody has: a decision where it is recorded, else what led to it."""
    if "events" not in study.cohort.names:
        return None
    day, kind = pl.col("day"), pl.col("kind")
    firsts = pl.coalesce(*(day.filter(kind == name).min() for name in kinds)).alias("day")
    return _joined(study, study.cohort.scan("events").group_by("participant").agg(firsts))


def _nth(study: Study, fact: str, wanted: str) -> Array | None:
    """The day on which a count reached a number, or what the person's arm promises."""
    table, day, counts = _COUNTED[fact]
    if table not in study.cohort.names:
        return None
    days = study.cohort.scan(table).filter(counts).group_by("participant").agg(days=day.drop_nulls().sort()).collect()
    number = pl.lit(float(wanted)) if wanted.isdigit() else pl.col(wanted)
    found = study.people.frame.select("participant", place=number.cast(pl.Int64) - 1).join(
        days, on="participant", how="left", maintain_order="left"
    )
    nth = pl.col("days").list.get(pl.col("place"), null_on_oob=True)
    chosen = found.select(pl.when(pl.col("place") >= 0).then(nth)).to_series()
    return chosen.cast(pl.Float64).to_numpy().astype(float)

"""What is counted per person: adverse events and contacts, by negative binomial regression (C27)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from accord.science.analyses.leaving import reference_arm, watched_of
from accord.science.analyses.parts import Part, part
from accord.science.analyses.result import Block, Caution, Cell, Table, Text
from accord.science.analyses.study import Study
from accord.science.analyses.wording import interval, p_value
from accord.science.errors import NotEstimable
from accord.science.estimates import ids
from accord.science.estimates.counts import count_regression
from accord.science.estimates.estimate import Estimate

Array = NDArray[np.float64]
_YEAR = 365.25


@dataclass(frozen=True)
class Counted:
    """`count` of each person analysed (NaN: it cannot be told), `years` observed, and the words for it."""

    id: str
    words: str
    count: Array
    years: Array


def counted_part(study: Study) -> Part:
    """The section; for protocols that ask for it."""
    if "counts" not in study.protocol.analysis.also:
        return Part()
    found = list(_counts(study))
    estimates = [e for one in found for e in _estimates(study, one)]
    if not estimates:
        return Part()
    blocks: list[Block | None] = [
        Text(
            "Counts of people vary more than chance alone would make them, so the model allows for that (negative "
            "binomial; Poisson, and said so, where they do not). Rates are per person and year of what is recorded of "
            "her. People are taken as independent."
        ),
        _table(estimates), Caution("A count is of what was written down; that nothing was written is counted as none."),
    ]  # fmt: skip
    return part("counts", "What was counted", blocks, estimates)


def _counts(study: Study) -> Iterator[Counted]:
    members = study.primary.members
    names = study.people.frame["participant"].filter(pl.Series(members))
    years = (
        np.maximum(watched_of(study).day, 1.0) / _YEAR
        if "events" in study.cohort.names
        else np.full(len(names), np.nan)
    )
    if "events" in study.cohort.names:
        rows = study.cohort.table("events").filter(pl.col("kind") == "adverse_event")
        yield Counted("adverse_events", "adverse events", _per_person(names, rows), years)
    if "contacts" in study.cohort.names:
        began = study.people.may_have_started[members]
        count = np.where(began, _per_person(names, study.cohort.table("contacts")), np.nan)
        yield Counted("contacts", "contacts of who began", count, years)


def _per_person(names: pl.Series, rows: pl.DataFrame) -> Array:
    counts = rows.group_by("participant").len()
    joined = names.to_frame().join(counts, on="participant", how="left", maintain_order="left")
    return joined["len"].fill_null(0).cast(pl.Float64).to_numpy().astype(float)


def _estimates(study: Study, one: Counted) -> Iterator[Estimate]:
    """Mean per person and rate per year, of everybody and each arm; rate ratios in comparisons."""
    arm = study.arm[study.primary.members]
    for name in dict.fromkeys((None, *(study.arms if len(study.arms) > 1 else ()))):
        rows = np.isfinite(one.count) & (arm == name if name else True)
        where = f", {study.arm_label(name)}" if name else ""
        yield _level(ids.mean_count(one.id, name), f"{one.words.capitalize()} per person{where}", one.count[rows], None)
        timed = rows & np.isfinite(one.years)
        if timed.any():
            label = f"{one.words.capitalize()} per person and year{where}"
            yield _level(f"rate.{one.id}" + (f".{name}" if name else ""), label, one.count[timed], one.years[timed])
    against = reference_arm(study)
    if study.plan.comparison and against is not None and len(study.arms) > 1:
        yield from _ratios(study, one, arm, against)


def _level(id: str, label: str, count: Array, years: Array | None) -> Estimate:
    unit = "per person" if years is None else "per person and year"
    empty = Estimate(id=id, label=label, value=None, n=len(count), missing=0, unit=unit)
    try:
        model = count_regression(count, time=years)
    except NotEstimable as error:
        return empty.renamed(note=error.finding.what)
    c = model.coefficient("intercept")
    return empty.renamed(
        value=math.exp(c.value), ci_low=math.exp(c.ci_low), ci_high=math.exp(c.ci_high), se=c.se,
        method=f"{model.method}; se of the logarithm",
    )  # fmt: skip


def _ratios(study: Study, one: Counted, arm: NDArray[np.object_], against: str) -> Iterator[Estimate]:
    some = {name for name in study.arms if np.nansum(one.count[arm == name]) > 0}
    if against not in some:
        return
    others = [name for name in study.arms if name != against and name in some]
    rows = np.isfinite(one.count) & np.isin(arm.astype(str), [against, *others]) & np.isfinite(one.years)
    fixed = {name: (arm[rows] == name).astype(float) for name in others}
    for name in others:
        label = f"{one.words.capitalize()}: {study.arm_label(name)} against {study.arm_label(against)}"
        empty = Estimate(
            id=f"rate_ratio.{one.id}.{name}", label=label, value=None, n=int(rows.sum()), unit="rate ratio"
        )
        try:
            model = count_regression(one.count[rows], fixed, time=one.years[rows])
        except NotEstimable as error:
            yield empty.renamed(note=error.finding.what)
            continue
        c = model.coefficient(name)
        yield empty.renamed(
            value=math.exp(c.value), ci_low=math.exp(c.ci_low), ci_high=math.exp(c.ci_high), se=c.se, p=c.p,
            missing=int(len(arm) - rows.sum()), method=f"{model.method}; se of the logarithm",
        )  # fmt: skip


def _table(estimates: list[Estimate]) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (e.label, interval(e, 3) if e.value is not None else e.note, e.unit, p_value(e.p), e.n) for e in estimates
    ]
    return Table("counts", "Counts per person", ("What", "Value [95 %]", "Unit", "p", "n"), tuple(rows), digits=3)

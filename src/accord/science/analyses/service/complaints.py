"""Complaints: how many, about what, answered in time or not, and what is open (C42)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from accord.science.analyses.parts import Part, part
from accord.science.analyses.plan import spoken
from accord.science.analyses.result import Block, Estimates, Table, Text
from accord.science.analyses.service.codes import code
from accord.science.analyses.study import Study
from accord.science.analyses.wording import counted, percent
from accord.science.estimates import ids
from accord.science.estimates.estimate import Estimate, count_estimate
from accord.science.estimates.proportions import share_estimate
from accord.science.estimates.waiting import waiting_time


def complaints_part(study: Study) -> Part:
    """The section, for cohorts that record complaints. Nobody is named, and no therapist."""
    if "complaints" not in study.cohort.names:
        return Part()
    rows = study.cohort.table("complaints")
    estimates = tuple(complaint_estimates(rows))
    about = tuple(_about(rows))
    blocks: list[Block | None] = [
        Text(_words(estimates)), Estimates("Complaints", estimates), _table(rows),
    ]  # fmt: skip
    return part("complaints", "Complaints", blocks, (*estimates, *about))


def complaint_estimates(rows: pl.DataFrame) -> Iterator[Estimate]:
    """An answer is in time when it came within the days promised; open ones count once that time is over."""
    acknowledged, answered, closed, promised, age = (
        rows[name].cast(pl.Float64).to_numpy().astype(float)
        for name in ("acknowledged_days", "answered_days", "closed_days", "promised_days", "open_days")
    )
    n, still = len(rows), ~np.isfinite(closed)
    until = np.where(still, age, closed)
    done = np.fmin(answered, closed)  # a complaint that was closed without a step called answer was answered then
    met = done <= promised
    late = np.isfinite(promised) & ~met & (np.isfinite(done) | (until > promised))
    overdue = still & ~np.isfinite(answered) & (age > promised)
    yield count_estimate(float(n), ids.complaints("made"), "Complaints made", unit="complaints")
    yield share_estimate(int(np.isfinite(np.fmin(acknowledged, done)).sum()), n, ids.complaints("acknowledged"),
                         "Complaints that were acknowledged or answered")  # fmt: skip
    yield share_estimate(int(met.sum()), int((met | late).sum()), ids.complaints("answered_in_time"),
                         "Complaints answered within the promised time", missing=int((~met & ~late).sum()))  # fmt: skip
    time = np.where(np.isfinite(done), done, age)
    yield waiting_time(time, np.isfinite(done), 0.5, ids.complaints("median_days"),
                       "Days until a complaint is answered: median")  # fmt: skip
    yield count_estimate(float(still.sum()), ids.complaints("open"), "Complaints open now", n=n, unit="complaints")
    yield count_estimate(float(overdue.sum()), ids.complaints("overdue"), n=n, unit="complaints",
                         label="Complaints not answered although the promised time is over")  # fmt: skip


def _about(rows: pl.DataFrame) -> Iterator[Estimate]:
    for about, n in rows.group_by("about").len().sort(["len", "about"], descending=[True, False]).iter_rows():
        yield count_estimate(float(n), ids.complaints("about", code(about)), f"Complaints about {spoken(about)}",
                             n=rows.height, unit="complaints")  # fmt: skip


def _words(estimates: tuple[Estimate, ...]) -> str:
    by_id = {e.id: e for e in estimates}
    made, open_ = (int(by_id[ids.complaints(what)].value or 0) for what in ("made", "open"))
    if not made:
        return "Nobody complained. Whether people know how to is not said by that."
    in_time = by_id[ids.complaints("answered_in_time")]
    told = f"{percent(in_time.value)} were answered in time. " if in_time.value is not None else ""
    return f"{counted(made, 'complaint')}. {told}{counted(open_, 'is', 'are')} open now."


def _table(rows: pl.DataFrame) -> Table | None:
    if rows.is_empty():
        return None
    still = pl.col("closed_days").is_null()
    counts = (
        rows.group_by("about").agg(made=pl.len(), open=still.sum())
        .sort("made", "about", descending=[True, False])
    )  # fmt: skip
    cells = tuple((spoken(about), int(made), int(open_)) for about, made, open_ in counts.iter_rows())
    return Table("complaints", "Complaints by what they are about", ("About", "Made", "Open now"), cells)

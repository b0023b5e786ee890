"""What a person had to act on: by tier, whether it was taken and the person tried in time, what is open and how old."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

from accord.science.analyses.parts import Part, drawn, part
from accord.science.analyses.plan import spoken
from accord.science.analyses.result import Block, Caution, Cell, Estimates, Table, Text
from accord.science.analyses.service.codes import code
from accord.science.analyses.study import Study
from accord.science.analyses.wording import counted, percent
from accord.science.estimates import ids
from accord.science.estimates.estimate import Estimate, count_estimate
from accord.science.estimates.proportions import share_estimate
from accord.science.figures import BarRow, Bars

Mask = NDArray[np.bool_]
AGES = {  # hours from, hours to (not included)
    "under_a_day": ("under a day", 0.0, 24.0), "one_to_seven_days": ("1 to 7 days", 24.0, 168.0),
    "one_to_four_weeks": ("1 to 4 weeks", 168.0, 672.0), "over_four_weeks": ("over 4 weeks", 672.0, np.inf),
}  # fmt: skip
_UNTOLD = "not_recorded"
_FEWEST_DRAWN = 5  # open alerts; of fewer the table says it all


def alerts_part(study: Study) -> Part:
    """The section, for cohorts that record alerts."""
    if "alerts" not in study.cohort.names:
        return Part()
    rows = study.cohort.table("alerts").sort("track", "tier", "alert")
    tiers = rows["tier"].unique().drop_nulls().sort().to_list()
    estimates = [e for tier in (None, *tiers) for e in alert_estimates(rows, tier)]
    ages = list(_ages(rows))
    closed = list(_closed(rows))
    blocks: list[Block | None] = [
        Text(_words(rows, estimates)), _table(rows, tiers, estimates), _picture(study, ages),
        Estimates("Open alerts by age", tuple(ages), digits=0), _open_table(rows, tiers),
        Estimates("How alerts were closed", tuple(closed), digits=0) if closed else None,
        Caution("An alert that was never raised is not here: what nobody asked about or wrote down is not counted."),
    ]  # fmt: skip
    return part("alerts", "Alerts, how fast and how old", blocks, (*estimates, *ages, *closed))


def _hours(rows: pl.DataFrame, name: str) -> NDArray[np.float64]:
    return rows[name].cast(pl.Float64).to_numpy().astype(float)


def _decided(done: NDArray[np.float64], promised: NDArray[np.float64], age: NDArray[np.float64]) -> tuple[Mask, Mask]:
    """(in time, decided): done within the promise; decided is also what was not done although the promise is over."""
    met = done <= promised
    late = np.isfinite(promised) & ~met & (np.isfinite(done) | (age > promised))
    return met, met | late


def alert_estimates(rows: pl.DataFrame, tier: str | None) -> Iterator[Estimate]:
    """Raised, taken in time, tried in time, open, overdue; of all alerts or of one tier."""
    mine = rows if tier is None else rows.filter(pl.col("tier") == tier)
    of = "all tiers" if tier is None else f"tier {tier.upper()}"
    taken, tried, closed = (_hours(mine, name) for name in ("acknowledged_hours", "contacted_hours", "closed_hours"))
    age = np.where(np.isfinite(closed), closed, _hours(mine, "open_hours"))
    promised, to_try = _hours(mine, "promised_hours"), _hours(mine, "promised_contact_hours")
    yield count_estimate(float(len(mine)), ids.alerts("raised", tier), f"Alerts raised, {of}", unit="alerts")
    for what, done, limit, words in (
        ("acknowledged_in_time", taken, promised, "taken by somebody within the promised time"),
        ("contacted_in_time", tried, to_try, "in which the person was tried to reach within the promised time"),
    ):
        met, decided = _decided(done, limit, age)
        yield share_estimate(
            int(met.sum()), int(decided.sum()), ids.alerts(what, tier), f"Alerts {words}, {of}",
            missing=int((np.isfinite(limit) & ~decided).sum()),
        )  # fmt: skip
    still = ~np.isfinite(closed)
    waits = still & ~np.isfinite(taken) & (age > promised)
    yield count_estimate(float(still.sum()), ids.alerts("open", tier), f"Alerts open now, {of}", n=len(mine),
                         unit="alerts")  # fmt: skip
    yield count_estimate(float(waits.sum()), ids.alerts("overdue", tier), n=len(mine), unit="alerts",
                         label=f"Alerts that nobody has taken although the promised time is over, {of}")  # fmt: skip


def _band(rows: pl.DataFrame, age: str) -> pl.DataFrame:
    _, low, high = AGES[age]
    return rows.filter(pl.col("closed_hours").is_null() & (pl.col("open_hours") >= low) & (pl.col("open_hours") < high))


def _ages(rows: pl.DataFrame) -> Iterator[Estimate]:
    still = rows.filter(pl.col("closed_hours").is_null())
    untold = int(still["open_hours"].null_count())
    for age, (words, *_) in AGES.items():
        yield count_estimate(float(_band(rows, age).height), ids.alerts_open(age), f"Open now, {words} old",
                             n=still.height, missing=untold, unit="alerts")  # fmt: skip


def _closed(rows: pl.DataFrame) -> Iterator[Estimate]:
    closed = rows.filter(pl.col("closed_hours").is_not_null())
    reasons = closed.with_columns(pl.col("reason").fill_null(_UNTOLD)).group_by("reason").len()
    for reason, n in reasons.sort(["len", "reason"], descending=[True, False]).iter_rows():
        yield count_estimate(float(n), ids.alerts_closed(code(reason)), f"Closed: {spoken(reason)}",
                             n=closed.height, unit="alerts")  # fmt: skip


def _words(rows: pl.DataFrame, estimates: list[Estimate]) -> str:
    if rows.is_empty():
        return "No alert was raised."
    by_id = {e.id: e for e in estimates}
    people = rows["participant"].n_unique()
    said = [f"{counted(rows.height, 'alert')} about {counted(people, 'person', 'people')}."]
    for what, words in (("acknowledged_in_time", "were taken"), ("contacted_in_time", "were followed by an attempt to "
                                                                 "reach the person")):  # fmt: skip
        share = by_id[ids.alerts(what)]
        if share.value is not None:
            said.append(f"{percent(share.value)} {words} within the promised time.")
    open_, overdue = (by_id[ids.alerts(what)].value or 0 for what in ("open", "overdue"))
    said.append(f"{open_:,.0f} are open now, {overdue:,.0f} of them not taken although their time is over.")
    return " ".join(said)


def _table(rows: pl.DataFrame, tiers: list[str], estimates: list[Estimate]) -> Table | None:
    if rows.is_empty():
        return None
    by_id = {e.id: e for e in estimates}
    tracks = dict(rows.select("tier", "track").unique("tier", keep="first", maintain_order=True).iter_rows())
    cells: list[tuple[Cell, ...]] = []
    for tier in (*tiers, None):
        found = [by_id[ids.alerts(what, tier)] for what in
                 ("raised", "acknowledged_in_time", "contacted_in_time", "open", "overdue")]  # fmt: skip
        cells.append((
            tier.upper() if tier else "All", spoken(tracks[tier]) if tier else "", int(found[0].value or 0),
            *(None if e.value is None else 100 * e.value for e in found[1:3]),
            *(int(e.value or 0) for e in found[3:]),
        ))  # fmt: skip
    columns = ("Tier", "Track", "Raised", "Taken in time, %", "Tried in time, %", "Open now", "Overdue now")
    note = "Of those decided: done, or not done although the promised time is over. Empty: nothing was promised."
    return Table("alerts", "Alerts by tier", columns, tuple(cells), note, 0)


def _open_table(rows: pl.DataFrame, tiers: list[str]) -> Table | None:
    bands = {age: _band(rows, age).group_by("tier").len() for age in AGES}
    if all(band.is_empty() for band in bands.values()):
        return None
    counts = {age: dict(band.iter_rows()) for age, band in bands.items()}
    cells = tuple((tier.upper(), *(counts[age].get(tier, 0) for age in AGES)) for tier in tiers)
    return Table("alerts_open", "Open alerts by tier and age", ("Tier", *(words for words, *_ in AGES.values())), cells)


def _picture(study: Study, ages: list[Estimate]) -> Block | None:
    if sum(e.value or 0 for e in ages) < _FEWEST_DRAWN:
        return None
    said = "; ".join(f"{words}: {e.value:,.0f}" for e, (words, *_) in zip(ages, AGES.values(), strict=True))
    bars = [BarRow(words, e.value) for e, (words, *_) in zip(ages, AGES.values(), strict=True)]
    figure = Bars("Open alerts by age", f"Open alerts: {said}.", bars, "open alerts",
                  invented=study.cohort.manifest.invented)  # fmt: skip
    return drawn("alerts", figure, "Counts on the day on which the cohort was counted.")

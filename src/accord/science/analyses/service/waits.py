"""How long people wait: from referral to the acknowledgement, to enrolment, to a therapist, to the start (C42).

Who has not arrived counts as long as she has waited, so that a median is not that of the quick ones alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from accord.science.analyses.parts import Part, drawn, part
from accord.science.analyses.result import Block, Caution, Cell, Picture, Table, Text
from accord.science.analyses.study import Study
from accord.science.analyses.wording import counted, interval, number, percent
from accord.science.errors import NotEstimable
from accord.science.estimates import ids
from accord.science.estimates.estimate import Estimate, count_estimate
from accord.science.estimates.proportions import share_estimate
from accord.science.estimates.time_to_event import survival
from accord.science.estimates.waiting import waiting_time
from accord.science.figures import Step, SurvivalCurve, SurvivalCurves

Array = NDArray[np.float64]
STEPS = {
    "acknowledged": "acknowledgement", "enrolment": "enrolment", "assigned": "a therapist of her own",
    "start": "the start of treatment",
}  # fmt: skip
_LEAVES = ("withdrawal", "lost", "discharge", "died")
_HOURS = 24.0


@dataclass(frozen=True)
class Wait:
    """One step: `days` from referral until it, or as long as she was seen to wait (NaN: not known); `arrived`;
    `waiting` now, of those in sight until the day of counting; `left` before it."""

    step: str
    days: Array
    arrived: NDArray[np.bool_]
    waiting: NDArray[np.bool_]
    left: NDArray[np.bool_]


@dataclass(frozen=True)
class Referred:
    """Days of every person: `referral`, each step of STEPS, `gone`, `until` she was in sight; `hours` to the
    acknowledgement; `dated`: the cohort says on which of her days it was counted."""

    referral: Array
    at: dict[str, Array]
    hours: Array
    gone: Array
    until: Array
    dated: NDArray[np.bool_]


def waits_part(study: Study) -> Part:
    """The section, for cohorts that record when people were referred."""
    if "events" not in study.cohort.names:
        return Part()
    people = referred(study)
    if len(study.people) and not np.isfinite(people.referral).any():
        return Part()
    waits = [wait_for(people, step) for step in STEPS if _recorded(study, people, step)]
    estimates = [*acknowledged(study, people), *(e for wait in waits for e in _estimates(wait, people))]
    blocks: list[Block | None] = [
        Text(_words(study, waits, estimates, people)), _picture(study, waits), _table(waits, estimates),
        None if people.dated.any() or not len(study.people) else Caution(
            "This cohort does not say on which day it was counted, so nobody can be said to wait now; who has not "
            "arrived counts until the last day known of her."
        ),
    ]  # fmt: skip
    return part("waits", "How long people wait", blocks, estimates)


def _recorded(study: Study, people: Referred, step: str) -> bool:
    """A step nobody reached is one that this cohort does not record, unless a service made it."""
    return study.cohort.of_service or bool(np.isfinite(people.at[step]).any())


def referred(study: Study) -> Referred:
    """The days of every person, in the order of the study's people."""
    frame = study.people.frame
    day, kind = pl.col("day"), pl.col("kind")
    wanted = {name: (kind == name) for name in ("referral", "acknowledged", "enrolment", "assigned", "ineligible")}
    found = (
        study.cohort.scan("events").group_by("participant")
        .agg(
            *(day.filter(rule).min().alias(f"at_{name}") for name, rule in wanted.items()),
            at_gone=day.filter(kind.is_in(_LEAVES)).min(), at_last=day.max(),
            at_hours=pl.col("hours").filter(kind == "acknowledged").min(),
        )
        .collect()
    )  # fmt: skip
    joined = frame.select("participant", "counted_day", "eligible", "days_to_start").join(
        found, on="participant", how="left", maintain_order="left"
    )
    values = {name: joined[name].cast(pl.Float64).to_numpy().astype(float) for name in joined.columns[3:]}
    turned_away = np.where((joined["eligible"] == False).fill_null(False).to_numpy(), values["at_ineligible"], np.nan)  # noqa: E712
    counted_day = joined["counted_day"].cast(pl.Float64).to_numpy().astype(float)
    hours = values["at_hours"]
    at = {name: values[f"at_{name}"] for name in ("acknowledged", "enrolment", "assigned")}
    at["acknowledged"] = np.where(np.isfinite(hours), values["at_referral"] + hours / _HOURS, at["acknowledged"])
    return Referred(
        values["at_referral"], at | {"start": values["days_to_start"]}, hours,
        np.fmin(values["at_gone"], turned_away), np.where(np.isfinite(counted_day), counted_day, values["at_last"]),
        np.isfinite(counted_day),
    )  # fmt: skip


def wait_for(people: Referred, step: str) -> Wait:
    """The wait for one step: until it, else until she left, else until she was last in sight."""
    at = people.at[step]
    arrived = np.isfinite(at) & ~(people.gone < at)
    left = ~arrived & np.isfinite(people.gone)
    end = np.where(arrived, at, np.fmin(people.gone, people.until))
    days = end - people.referral
    days = np.where(days >= 0, days, np.nan)
    return Wait(step, days, arrived, ~arrived & ~left & people.dated & np.isfinite(days), left)


def acknowledged(study: Study, people: Referred) -> Iterator[Estimate]:
    """Share of referrals acknowledged within the hours that the protocol promises."""
    promise = study.protocol.referral.acknowledgement_hours if study.protocol.referral else None
    label = "Referrals acknowledged in the promised time"
    if promise is None:
        return
    wait = wait_for(people, "acknowledged")
    if not wait.arrived.any() and not study.cohort.of_service:
        return
    waited = _HOURS * wait.days
    late = waited > promise + 1e-9
    decided = np.isfinite(waited) & (wait.arrived | late)
    undecided = int((~decided).sum())
    by_days = wait.arrived & ~np.isfinite(people.hours)
    note = f" For {counted(int(by_days.sum()), 'person', 'people')} only whole days are known." if by_days.any() else ""
    met = int((decided & wait.arrived & ~late).sum())
    found = share_estimate(
        met, int(decided.sum()), ids.acknowledged_in_time(), f"{label} ({promise:g} hours)", missing=undecided
    )
    yield found.renamed(note=f"{found.note}.{note}" if found.value is not None and note else found.note)


def _estimates(wait: Wait, people: Referred) -> Iterator[Estimate]:
    words = f"Days from referral to {STEPS[wait.step]}"
    known = np.where(np.isfinite(people.referral), wait.days, np.nan)
    yield waiting_time(known, wait.arrived, 0.5, ids.wait(wait.step, "median"), f"{words}: median")
    yield waiting_time(known, wait.arrived, 0.9, ids.wait(wait.step, "p90"), f"{words}: nine of ten within")
    waiting = wait.days[wait.waiting]
    undated = (
        ""
        if people.dated.any() or not len(people.dated)
        else "Not estimable: the cohort does not say when it was counted."
    )
    yield count_estimate(
        None if undated else float(len(waiting)), ids.wait(wait.step, "now"),
        f"People who wait now for {STEPS[wait.step]}", n=len(wait.days), unit="people", note=undated,
    )  # fmt: skip
    none = undated or ("" if len(waiting) else "Nobody waits.")
    yield count_estimate(
        float(waiting.max()) if len(waiting) else None, ids.wait(wait.step, "longest"),
        f"Longest wait now for {STEPS[wait.step]}", n=len(waiting), unit="days", note=none,
    )  # fmt: skip


def _words(study: Study, waits: list[Wait], estimates: list[Estimate], people: Referred) -> str:
    by_id = {e.id: e for e in estimates}
    said = [f"{counted(len(study.people), 'person was', 'people were')} referred."]
    told = by_id.get(ids.acknowledged_in_time())
    if told is not None and told.value is not None:
        said.append(f"{percent(told.value)} heard within the promised time that it had arrived.")
    start, now = by_id.get(ids.wait("start", "median")), by_id.get(ids.wait("start", "now"))
    if start is not None:
        half = f"half began within {number(start.value, 0)} days of the referral" if start.value is not None else (
            "it cannot be said within which time half began")  # fmt: skip
        said.append(f"Of all of them, {half}" + (f", and {now.value:,.0f} wait now." if now and now.value else "."))
    said.append(
        "Who has not arrived counts as long as she has waited, and who left before as long as she was there; so the "
        "curve says how long a wait lasts for somebody who stays."
    )
    return " ".join(said)


def _picture(study: Study, waits: list[Wait]) -> Picture | None:
    known = [wait for wait in waits if wait.arrived.any()]
    if not known:
        return None
    end = float(max(np.nanpercentile(wait.days, 95) for wait in known)) or 1.0
    curves = [curve for wait in known if (curve := _curve(wait, end)) is not None]
    said = "; ".join(f"{one.label}: {percent(one.steps[-1].stay if one.steps else 1.0)}" for one in curves)
    figure = SurvivalCurves(
        "How long people wait", f"Still waiting {end:.0f} days after the referral, for {said}.", curves,
        time="days from referral", what="still waiting, %", each="Waiting for", share="Share still waiting",
        invented=study.cohort.manifest.invented,
    )  # fmt: skip
    n = int(np.isfinite(known[0].days).sum())
    return drawn(
        "waits", figure, f"n = {n:,}. Kaplan–Meier, log–log limits; the picture ends where 95 of 100 waits do."
    )


def _curve(wait: Wait, end: float) -> SurvivalCurve | None:
    rows = np.isfinite(wait.days)
    try:
        found = survival(wait.days[rows], wait.arrived[rows])
    except NotEstimable:
        return None
    columns = zip(found.time, found.stay, found.low, found.high, found.at_risk, strict=True)
    steps = [
        Step(float(t), float(stay), _finite(low), _finite(high), int(n))
        for t, stay, low, high, n in columns
        if t <= end
    ]
    return SurvivalCurve(STEPS[wait.step], steps, int(rows.sum()), end)


def _table(waits: list[Wait], estimates: list[Estimate]) -> Table | None:
    if not waits:
        return None
    by_id = {e.id: e for e in estimates}
    rows: list[tuple[Cell, ...]] = []
    for wait in waits:
        found = [by_id[ids.wait(wait.step, what)] for what in ("median", "p90", "now", "longest")]
        rows.append((
            STEPS[wait.step], int(wait.arrived.sum()), int(wait.left.sum()),
            *map(_days, found[:2]),
            *(_whole(e.value) for e in found[2:]),
        ))  # fmt: skip
    columns = ("From referral to", "Arrived", "Left before", "Median, days [95 %]", "Nine of ten within, days [95 %]",
               "Wait now", "Longest wait now, days")  # fmt: skip
    return Table("waits", "Waits", columns, tuple(rows), "Kaplan–Meier; who still waits counts as long as she has.", 1)


def _days(e: Estimate) -> str:
    """Whole days as whole days; without a number the reason."""
    if e.value is None:
        return e.note.partition(".")[0]
    return interval(e, 0 if e.value.is_integer() else 1)


def _whole(value: float | None) -> Cell:
    return int(value) if value is not None and value.is_integer() else value


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None

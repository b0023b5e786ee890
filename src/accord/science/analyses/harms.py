"""Unwanted things: adverse events, effects that people put down to the treatment, and what else was recorded.

Reliable worsening on the outcomes stands with the outcomes; here it is named, not counted twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl

from accord.science.analyses.parts import Part, part
from accord.science.analyses.plan import spoken
from accord.science.analyses.result import Block, Caution, Estimates, Table, Text
from accord.science.analyses.study import Study
from accord.science.analyses.wording import counted
from accord.science.cohort.tables import CAUSALITIES, SEVERITIES
from accord.science.errors import NotEstimable
from accord.science.estimates import ids
from accord.science.estimates.estimate import Estimate, count_estimate
from accord.science.estimates.proportions import proportion

_SERIOUS = "serious"


def harms_part(study: Study) -> Part:
    """The section. Says so when nothing was recorded: no row is not no harm."""
    events = _events(study)
    estimates = (*_people_with(study, events), *_answered(study))
    counts = tuple(_event_counts(events)) if "events" in study.cohort.names else ()
    blocks: list[Block | None] = [
        Text(_in_words(study, events)),
        Estimates("People concerned", estimates) if estimates else None,
        Estimates("Adverse events, counted", counts, digits=0) if events.height else None,
        _table(study, events),
        _deviations(study),
        Caution("What nobody asked about or wrote down is not here."),
    ]
    return part("harms", "Unwanted effects", blocks, (*estimates, *counts))


def _events(study: Study) -> pl.DataFrame:
    """Adverse events of the people analysed, with their arm."""
    people = study.people.frame.filter(pl.Series(study.primary.members)).select("participant", "arm")
    events = study.cohort.table("events").filter(pl.col("kind") == "adverse_event")
    return events.join(people, on="participant", how="inner", maintain_order="left")


def _arms(study: Study) -> Iterator[tuple[str | None, str, np.ndarray]]:
    """Everybody, and each arm where there are several."""
    yield None, "everybody", study.primary.members
    if len(study.arms) > 1:
        for arm in study.arms:
            yield arm, study.arm_label(arm), study.primary.members & (study.arm == arm)


def _people_with(study: Study, events: pl.DataFrame) -> Iterator[Estimate]:
    if "events" not in study.cohort.names:
        return
    kinds = {"any": ("at least one adverse event", events), "serious": (
        "at least one serious adverse event", events.filter(pl.col("severity") == _SERIOUS)
    )}  # fmt: skip
    for key, (words, rows) in kinds.items():
        concerned = study.people.frame["participant"].is_in(rows["participant"].unique().implode()).to_numpy()
        for arm, label, members in _arms(study):
            id = ".".join(filter(None, ("harms", key, arm)))
            try:
                share = proportion(int((concerned & members).sum()), int(members.sum()))
            except NotEstimable as error:
                yield Estimate(id=id, label=f"{label}: {words}", value=None, note=error.finding.what)
                continue
            yield share.estimate(id, f"{label}: {words}", unit="share")


def _event_counts(events: pl.DataFrame) -> Iterator[Estimate]:
    """How many events: in all, by severity, by relation to the treatment, and the serious ones by what happened."""
    context: dict[str, Any] = {"n": events["participant"].n_unique(), "unit": "events"}
    yield count_estimate(float(events.height), ids.harm_events("all"), "Adverse events", **context)
    for by, codes in (("severity", SEVERITIES), ("causality", CAUSALITIES)):
        untold = int(events[by].null_count())
        for code in codes:
            n = events.filter(pl.col(by) == code).height
            words = f"Adverse events, {code}" if by == "severity" else f"Adverse events, relation to treatment {code}"
            yield count_estimate(float(n), ids.harm_events(by, code), words, missing=untold, **context)
    serious = events.filter(pl.col("severity") == _SERIOUS).with_columns(pl.col("reason").fill_null("not_recorded"))
    for what, n in serious.group_by("reason").len().sort(["len", "reason"], descending=[True, False]).iter_rows():
        yield count_estimate(float(n), ids.harm_events(_SERIOUS, what), f"Serious adverse events: {spoken(what)}",
                             **context)  # fmt: skip


def _answered(study: Study) -> Iterator[Estimate]:
    """Instruments of unwanted effects that the protocol names among its harms: who reports any."""
    for name in study.protocol.endpoints.harms:
        ref = f"{name}.effects_treatment"
        for asking in study.scores.pairs:
            if asking.scale != ref:
                continue
            values = study.scores.at(ref, asking.informant, asking.at)
            for arm, label, members in _arms(study):
                there = values[members & np.isfinite(values)]
                if not len(there):
                    continue
                id = ".".join(filter(None, ("harms", ref, asking.at, arm)))
                words = f"{label}: puts at least one unwanted effect down to the treatment, {study.when(asking.at)}"
                missing = int((members & study.due(asking.at)).sum()) - len(there)
                yield proportion(int((there > 0).sum()), len(there)).estimate(
                    id, words, scale=ref, unit="share", missing=max(missing, 0)
                )


def _in_words(study: Study, events: pl.DataFrame) -> str:
    if "events" not in study.cohort.names:
        return "This cohort has no record of events, so nothing can be said about adverse events."
    serious = events.filter(pl.col("severity") == _SERIOUS).height
    people = events["participant"].n_unique()
    return (
        f"{counted(events.height, 'adverse event')} in {counted(people, 'person', 'people')}, {serious} of them "
        "serious. Reliable worsening stands beside each outcome."
    )


def _table(study: Study, events: pl.DataFrame) -> Table | None:
    if events.is_empty():
        return None
    several = len(study.arms) > 1
    words = {"arm": pl.col("arm").replace(dict.fromkeys(study.arms, "")) if not several else pl.col("arm")}
    rows = (
        events.with_columns(**words)
        .with_columns(pl.col("severity", "causality", "reason").fill_null("not recorded"))
        .group_by("arm", "reason", "severity", "causality")
        .agg(events=pl.len(), people=pl.col("participant").n_unique())
        .sort("arm", "events", "reason", "severity", "causality", descending=[False, True, False, False, False])
    )
    cells = tuple(
        (study.arm_label(arm) if arm else "all", spoken(reason), severity, causality, n, people)
        for arm, reason, severity, causality, n, people in rows.iter_rows()
    )
    columns = ("Arm", "Event", "Severity", "Relation to treatment", "Events", "People")
    return Table("adverse_events", "Adverse events", columns, cells)


def _deviations(study: Study) -> Table | None:
    rows = study.cohort.table("deviations")
    if rows.is_empty():
        return None
    counts = (
        rows.with_columns(pl.col("severity").fill_null("not recorded"))
        .group_by("kind", "severity")
        .agg(n=pl.len(), people=pl.col("participant").n_unique())
        .sort("n", "kind", "severity", descending=[True, False, False])
    )
    cells = tuple((spoken(kind), severity, n, people) for kind, severity, n, people in counts.iter_rows())
    return Table("deviations", "Departures from the protocol", ("Departure", "Severity", "Times", "People"), cells)

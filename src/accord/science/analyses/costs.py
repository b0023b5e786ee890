"""What was used: resources by time-point and arm. A description, and it says so (C29).

A cost per benefit needs a comparison, prices and a named value set; until a protocol and cohort bring all three, only
amounts are reported.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from accord.science.analyses.parts import Part, part
from accord.science.analyses.plan import spoken
from accord.science.analyses.result import Block, Caution, Estimates, Text
from accord.science.analyses.study import Study
from accord.science.estimates.estimate import Estimate
from accord.science.estimates.mean import mean_estimate


def costs_part(study: Study) -> Part:
    """The section, for protocols with a cost clause whose cohort holds costs."""
    clause = study.protocol.endpoints.costs
    if clause is None or "costs" not in study.cohort.names:
        return Part()
    estimates = tuple(_means(study))
    if not estimates:
        return Part()
    blocks: list[Block | None] = [
        Text(f"Perspective: {clause.perspective}. Horizon: {clause.horizon_days} days. {_priced(study)}"),
        Estimates("Used per person who answered", estimates),
        Caution("A description of what was used. It is not a cost per benefit, and nothing here says what paid off."),
    ]
    return part("costs", "What was used", blocks, estimates)


def _priced(study: Study) -> str:
    clause = study.protocol.endpoints.costs
    tariff = f"Prices: {clause.tariff}." if clause and clause.tariff else "No prices are named, so amounts are given."
    value_set = f" Value set: {clause.value_set}." if clause and clause.value_set else ""
    return tariff + value_set


def _means(study: Study) -> Iterator[Estimate]:
    people = study.people.frame.select("participant", "arm")
    rows = study.cohort.table("costs").join(people, on="participant", how="inner", maintain_order="left")
    several = len(study.arms) > 1
    keys = ["category", "time_point", "unit", *(["arm"] if several else [])]
    for key, group in rows.group_by(keys, maintain_order=True):
        category, at, unit, *arm = key
        of_arm = f" ({study.arm_label(str(arm[0]))})" if arm and arm[0] is not None else ""
        label = f"{spoken(str(category)).capitalize()} at {study.label(str(at))}{of_arm}"
        id = ".".join(str(k) for k in ("used", category, at, *arm) if k is not None)
        per_person = group.group_by("participant", maintain_order=True).agg(pl.col("quantity").sum())
        yield mean_estimate(per_person["quantity"], id, label, unit=str(unit or ""))

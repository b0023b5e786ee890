"""Endpoints that a single-arm study states as median differences: median change, Wilcoxon and Hodges-Lehmann (C17)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from accord.science.analyses.change import Changes
from accord.science.analyses.result import Cell, Table
from accord.science.analyses.study import Study
from accord.science.analyses.wording import interval, p_value
from accord.science.errors import NotEstimable
from accord.science.estimates.estimate import Estimate
from accord.science.estimates.medians import median_change
from accord.science.estimates.nonparametric import signed_rank

_MOST = 5000  # Hodges-Lehmann looks at all pairs of changes


def median_estimates(one: Changes) -> Iterator[Estimate]:
    """Median of the changes with order-statistic limits, and the Hodges-Lehmann estimate with Wilcoxon's test."""
    study, outcome = one.study, one.outcome
    for at in outcome.at:
        rows = one.rows & study.due(at)
        before, after = study.values(outcome, outcome.baseline)[rows], study.values(outcome, at)[rows]
        label = one.label(at, None)
        if len(before) > _MOST:
            continue
        yield _one(median_change, "median_change", f"{label}, median", one, at, before, after)
        yield _one(signed_rank, "hodges_lehmann", f"{label}, Hodges–Lehmann", one, at, before, after)


def _one(make: Any, kind: str, label: str, one: Changes, at: str, before: Any, after: Any) -> Estimate:
    outcome = one.outcome
    name = f"{kind}.{outcome.ref}.{at}"
    try:
        found = make(before, after, sign=outcome.facts.sign)
    except NotEstimable as error:
        return Estimate(id=name, label=label, value=None, scale=outcome.ref, note=error.finding.what)
    estimate: Estimate = found.estimate(name, label, scale=outcome.ref, unit=outcome.facts.unit)
    return estimate


def median_table(study: Study, estimates: list[Estimate]) -> Table | None:
    by_id = {e.id: e for e in estimates}
    rows: list[tuple[Cell, ...]] = []
    for e in estimates:
        shift = by_id.get(e.id.replace("median_change.", "hodges_lehmann.", 1))
        outcome = study.plan.outcome(e.scale or "")
        if shift is None or shift is e or outcome is None:
            continue
        at = study.label(e.id.rpartition(".")[2])
        rows.append((
            outcome.facts.label, at, e.n, e.missing, interval(e), p_value(e.p), interval(shift), p_value(shift.p),
            shift.note.removeprefix("rank-biserial correlation "),
        ))  # fmt: skip
    columns = ("Outcome", "At", "n", "Missing", "Median change [95 %]", "p, sign test", "Hodges–Lehmann [95 %]",
               "p, Wilcoxon", "Rank-biserial r")  # fmt: skip
    methods = "; ".join(dict.fromkeys(e.method for e in estimates if e.method))
    note = f"People with both values. Positive is better. {methods[:1].upper() + methods[1:]}."
    return Table("medians", "Median differences", columns, tuple(rows), note) if rows else None

"""What the simulator put into the tables of a service comes out of them again, over many invented cohorts."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache

import polars as pl
import pytest

from accord.science.analyses.service.alerts import alert_estimates
from accord.science.analyses.service.complaints import complaint_estimates
from accord.science.analyses.service.replies import reply_estimates
from accord.science.analyses.service.rescues import rescues_part
from accord.science.analyses.service.waits import waits_part
from accord.science.analyses.study import make_study
from accord.science.estimates.estimate import Estimate
from accord.science.protocols import load_protocol
from accord.science.simulation import simulate
from accord.science.simulation.design import design_of
from accord.science.simulation.true_service import service_truths

PROTOCOL = load_protocol("routine-care")
COHORTS, PEOPLE = 60, 150
LEAST = 50  # of 60 intervals at 95 %: fewer have a chance of 1 in 10,000
TRUTH = dict(service_truths(design_of(PROTOCOL)))


@lru_cache(maxsize=1)
def found() -> dict[str, list[Estimate]]:
    """Every estimate that has a truth, of every cohort."""
    estimates: dict[str, list[Estimate]] = defaultdict(list)
    for seed in range(COHORTS):
        cohort = simulate(PROTOCOL, n=PEOPLE, seed=seed, truth=False)
        study = make_study(PROTOCOL, cohort, scales={PROTOCOL.endpoints.primary.scale})
        alerts = cohort.table("alerts")
        for estimate in (
            *reply_estimates(cohort.table("replies")), *complaint_estimates(cohort.table("complaints")),
            *(e for tier in ("r2", "r3", "i1") for e in alert_estimates(alerts, tier)),
            *waits_part(study).estimates, *rescues_part(study).estimates,
        ):  # fmt: skip
            if estimate.id in TRUTH and estimate.value is not None:
                estimates[estimate.id].append(estimate)
    return estimates


@pytest.mark.parametrize("id", sorted(set(TRUTH) - {"complaints.answered_in_time"}))
def test_intervals_hold_what_was_put_in(id: str) -> None:
    there = [e for e in found()[id] if e.ci_low is not None and e.ci_high is not None]
    assert len(there) == COHORTS
    held = sum(e.ci_low <= TRUTH[id] <= e.ci_high for e in there)  # type: ignore[operator]
    assert held >= LEAST, f"{id}: {held} of {COHORTS}"


def test_the_test_can_fail() -> None:
    """A truth that is wrong by a few hundredths is found out."""
    for id, wrong in (("replies.in_time", 0.05), ("acknowledged.in_time", 0.06), ("replies.median_hours", 2.0)):
        moved = TRUTH[id] - wrong
        held = sum(e.ci_low <= moved <= e.ci_high for e in found()[id])  # type: ignore[operator]
        assert held < LEAST, id


def test_complaints_on_average() -> None:
    """Too few in one cohort for an interval to mean much: all of them together."""
    every = found()["complaints.answered_in_time"]
    n = sum(e.n or 0 for e in every)
    met = sum((e.value or 0) * (e.n or 0) for e in every)
    share = TRUTH["complaints.answered_in_time"]
    assert abs(met / n - share) < 4 * (share * (1 - share) / n) ** 0.5


def test_a_cohort_of_a_trial_has_no_such_tables() -> None:
    cohort = simulate(load_protocol("mair"), n=30, seed=1, truth=False)
    assert not {"alerts", "replies", "rescues", "complaints"} & set(cohort.names)
    assert not set(cohort.table("events")["kind"]) & {"acknowledged", "assigned"}


def test_the_tables_of_a_service_leave_the_others_as_they_were() -> None:
    """They draw from streams of their own: without them the rest is the same, row by row."""
    whole = simulate(PROTOCOL, n=80, seed=4, truth=False)
    alone = simulate(PROTOCOL, n=80, seed=4, truth=False, tables={"participants", "lessons", "contacts", "deviations"})
    for name in alone.names:
        assert whole.table(name).equals(alone.table(name)), name
    started = whole.table("events").filter(pl.col("kind") == "start").height
    assert whole.table("replies")["participant"].n_unique() <= started

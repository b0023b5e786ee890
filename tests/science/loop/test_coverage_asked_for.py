"""Intervals of what a protocol asks for besides its endpoints, against the truth of the simulator: seeded cohorts.

Weekly slopes, who is still there and adverse events per person in routine care; guesses of the arm in a trial of two.
"""

from __future__ import annotations

from collections.abc import Callable

import holding
import pytest

from accord.science.analyses.counted import counted_part
from accord.science.analyses.course_lines import courses_part
from accord.science.analyses.guesses import guesses_part
from accord.science.analyses.leaving import leaving_part
from accord.science.analyses.parts import Part
from accord.science.analyses.study import Study, make_study
from accord.science.protocols import load_protocol
from accord.science.simulation import simulate

COHORTS = 100
WANTED: dict[str, tuple[int, dict[str, Callable[[Study], Part]]]] = {
    "routine-care": (400, {
        "slope.diary.pain.weekly": courses_part, "stay.post": leaving_part, "mean_count.adverse_events": counted_part,
    }),
    "mair": (200, {"blinding.patient.post.mair": guesses_part, "blinding.patient.post.relaxation": guesses_part,
                   "stay.post": leaving_part}),
}  # fmt: skip

pytestmark = pytest.mark.coverage


@pytest.mark.parametrize("slug", WANTED)
def test_intervals_hold_the_truth(slug: str, record_property: Callable[[str, object], None]) -> None:
    n, wanted = WANTED[slug]
    protocol = load_protocol(slug)
    records: dict[str, holding.Record] = {}
    for seed in range(COHORTS):
        cohort = simulate(protocol, n=n, seed=seed)
        study = make_study(protocol, cohort)
        parts = {part: part(study) for part in set(wanted.values())}
        for name, part in wanted.items():
            found = next(e for e in parts[part].estimates if e.id == name)
            record = records.setdefault(name, holding.Record(cohort.truth[name], 0.0))
            assert found.value is not None
            assert found.ci_low is not None
            assert found.ci_high is not None
            record.values.append(found.value)
            record.lows.append(found.ci_low)
            record.highs.append(found.ci_high)
    low, _ = holding.limits(COHORTS, holding.LEVEL)
    fewest, most = holding.limits(COHORTS, 0.5)
    for name, record in records.items():
        record_property("measured", f"{slug}, {name}: {record.held()} of {COHORTS}, {record.above()} above")
        assert record.held() >= low, f"{slug}: {name} does not hold the truth"
        if not name.startswith("mean_count"):  # few events: a skew estimate lies below its mean more often
            assert fewest <= record.above() <= most, f"{slug}: {name} is shifted"

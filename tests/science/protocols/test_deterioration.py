"""C16: one definition of getting worse, for the simulated false alarms and for one person's scores."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.science.instruments import find_scale
from accord.science.protocols import load_protocol
from accord.science.protocols.deterioration import Limit, flagged, limit_of, no_better_now, worse_now

ROUTINE = load_protocol("routine-care")
INTERFERENCE, MOOD = find_scale("bpi_interference.total"), find_scale("phq_9.total")
LIMIT = Limit("phq_9.total", 6, "convention", True, 2, None)


def test_the_limits_of_routine_care():
    """Interference: 1.96 × 1.72 × √(2 × .24) = 2.34 and must be exceeded; PHQ-9: a convention, from 6 on.

    One very large step, two SDs at the start (2 × 2.1), counts by itself: the occasion after half way is weeks away.
    """
    interference = limit_of(ROUTINE, "bpi_interference.total", INTERFERENCE)
    mood = limit_of(ROUTINE, "phq_9.total", MOOD)
    assert interference.points == pytest.approx(1.96 * 1.72 * math.sqrt(0.48))
    assert (interference.inclusive, interference.occasions) == (False, 2)
    assert interference.large == pytest.approx(4.2)
    assert (mood.points, mood.inclusive) == (6, True)


def test_c6_a_demonstration_scale_has_no_limit():
    assert limit_of(ROUTINE, "demo:phq_9.total", MOOD.as_demonstration()) is None


@pytest.mark.parametrize(
    ("values", "worse"),
    [
        ([10], False),
        ([10, 20], False),  # once is not enough
        ([10, 16, 16], True),
        ([10, 16, 15], False),
        ([10, 20, 12, 20], False),  # never twice running
        ([10, 20, 20, 12], False),  # it was so, and is not any more
        ([10, 12, 16, 17], True),
        ([20, 10, 10], False),
    ],
)
def test_two_occasions_in_a_row(values, worse):
    found = worse_now(values, -1, LIMIT)
    assert (found is not None) is worse
    if found:
        assert (found.first, found.latest) == (values[0], tuple(values[-2:]))


def test_one_very_large_step_counts_at_once():
    limit = Limit("phq_9.total", 6, "", True, 2, 12.0)
    assert worse_now([5, 17], -1, limit) is None
    found = worse_now([5, 18], -1, limit)
    assert (found.large_step, found.latest) == (True, (18,))


def test_a_scale_on_which_higher_is_better_is_turned():
    limit = Limit("pseq.total", 10, "", False, 2, None)
    assert worse_now([40, 29, 28], +1, limit) is not None
    assert worse_now([28, 40, 41], +1, limit) is None
    assert worse_now([40, 20, 20], 0, limit) is None


scores = st.lists(st.integers(0, 27), min_size=1, max_size=9)


@given(scores, st.sampled_from([None, 9.0]), st.integers(1, 3))
def test_watching_somebody_finds_what_the_simulated_rule_finds(values, large, occasions):
    """Judged occasion by occasion, as a service does, somebody is flagged if and only if the whole row is."""
    limit = Limit("phq_9.total", 6, "", True, occasions, large)
    watched = any(worse_now(values[:upto], -1, limit) for upto in range(1, len(values) + 1))
    worse = (np.asarray(values[1:], dtype=float) - values[0])[None, :]
    whole = flagged(worse, 6, occasions=occasions, large=large, inclusive=True)[0]
    assert watched == bool(whole)


@pytest.mark.parametrize(
    ("values", "same"), [([10], None), ([10, 10], True), ([10, 12], True), ([10, 9], False), ([10, 16], False)]
)
def test_about_the_same_so_far(values, same):
    assert no_better_now(values, -1, LIMIT) is same


def test_half_way_no_better_is_said_of_one_in_eight_and_no_reliable_gain_would_be_of_two_in_three():
    """Why a list says "no better on any scale" half way, and not "no reliable improvement" (docs/adr/0013).

    People who improve as the protocol simulates: 0.30 SD half way, scores correlated .6 over time, scales .45.
    """
    people, simulate = 20_000, ROUTINE.simulate
    limits = [limit_of(ROUTINE, ref, scale) for ref, scale in
              (("bpi_interference.total", INTERFERENCE), ("phq_9.total", MOOD))]  # fmt: skip
    assert simulate.correlation == {"occasions": 0.6, "scales": 0.45}
    spread = math.sqrt(2 * (1 - 0.6))
    rng = np.random.default_rng(16)
    error = rng.standard_normal((people, 2))
    error[:, 1] = 0.45 * error[:, 0] + math.sqrt(1 - 0.45**2) * error[:, 1]
    sds = np.array([simulate.scales[limit.ref].sd for limit in limits])
    gained = (0.30 + spread * error) * sds
    same = [
        all(no_better_now([0.0, -gain], -1, limit) for gain, limit in zip(row, limits, strict=True)) for row in gained
    ]
    within = (gained <= [limit.points for limit in limits]).all(axis=1)
    assert np.mean(same) == pytest.approx(0.125, abs=0.01)
    assert np.mean(within) == pytest.approx(0.68, abs=0.015)

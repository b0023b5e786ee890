"""Reliable change, responders, and what a stable person would be flagged for (C16, C20)."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.false_alarm import false_alarm_rate, false_alarm_rate_of_one_scale
from accord.science.estimates.reliable_change import Reliability, reliable_change, reliable_change_threshold
from accord.science.estimates.responders import has_room, important_change, percent_improved, responders

KNOWN = Reliability(r=0.84, kind="test-retest", sd=5.0, source="a paper", interval="two weeks")
# threshold: 1.96 · 5 · √(2 · 0.16) = 5.54


def test_classes_turn_with_the_direction():
    before, after = [10, 10, 10, 10, np.nan], [4, 5, 15, 16, 3]
    worse_is_higher = reliable_change(before, after, KNOWN, sign=-1)
    better_is_higher = reliable_change(before, after, KNOWN, sign=1)
    assert worse_is_higher.groups.tolist() == ["improved", "unchanged", "unchanged", "deteriorated", ""]
    assert better_is_higher.groups.tolist() == ["deteriorated", "unchanged", "unchanged", "improved", ""]
    assert (worse_is_higher.n, worse_is_higher.missing) == (4, 1)


def test_recovered_has_crossed_the_cutoff_and_changed_reliably():
    found = reliable_change([12, 12, 11, 25], [5, 9, 11, 15], KNOWN, sign=-1, cutoff=10)
    assert found.groups.tolist() == ["recovered", "unchanged", "unchanged", "improved"]
    assert (found.improved_or_better.events, found.deteriorated.events, found.n) == (2, 0, 4)
    e = found.estimate("r", "r", "recovered", "improved", scale="phq_9.total")
    assert e.value == 0.5
    assert "two weeks" in e.method
    assert "a paper" in e.method


@pytest.mark.parametrize(
    ("lacking", "words"),
    [
        ({"r": None}, "a reliability is not known"),
        ({"kind": None}, "the kind of reliability"),
        ({"sd": None}, "a standard deviation"),
        ({"source": ""}, "a source"),
        ({"r": None, "sd": None}, "a reliability and a standard deviation"),
    ],
)
def test_without_what_it_rests_on_it_refuses(lacking, words):
    given_ = {"r": 0.84, "kind": "test-retest", "sd": 5.0, "source": "a paper"} | lacking
    with pytest.raises(NotEstimable, match=words):
        reliable_change_threshold(Reliability(**given_), scale="fiqr.total")


def test_impossible_reliability_is_bad_input():
    with pytest.raises(BadInput):
        reliable_change_threshold(Reliability(1.2, "test-retest", 5.0, "a paper"))


def test_false_alarms_of_c16():
    """6 outcomes at 8 weekly points flag 39 % at least once; 2 outcomes 21 %; 2 outcomes twice running 4 %."""
    six, two = (false_alarm_rate(0.8, 8, k, "once", replicates=40_000).rate for k in (6, 2))
    assert six == pytest.approx(0.39, abs=0.02)
    assert two == pytest.approx(0.21, abs=0.01)
    assert false_alarm_rate(0.8, 8, 2, replicates=40_000).rate == pytest.approx(0.04, abs=0.005)


@pytest.mark.parametrize("rule", ["once", "twice running"])
@pytest.mark.parametrize("large_step", [None, 1.6])
def test_simulation_and_quadrature_agree_on_one_scale(rule, large_step):
    drawn = false_alarm_rate(0.8, 6, 1, rule, large_step=large_step, replicates=60_000)
    exact = false_alarm_rate_of_one_scale(0.8, 6, rule, large_step=large_step)
    assert drawn.rate == pytest.approx(exact, abs=4 * drawn.monte_carlo_se)


def test_one_occasion_is_the_normal_tail():
    assert false_alarm_rate_of_one_scale(0.7, 1, "once") == pytest.approx(0.025, abs=1e-6)
    assert false_alarm_rate_of_one_scale(0.7, 1, "twice running") == pytest.approx(0.0, abs=1e-12)


def test_false_alarms_grow_with_occasions_scales_and_carry_over():
    base = false_alarm_rate(0.8, 4, 1, replicates=20_000).rate
    assert false_alarm_rate(0.8, 12, 1, replicates=20_000).rate > base
    assert false_alarm_rate(0.8, 4, 4, replicates=20_000).rate > base
    assert false_alarm_rate(0.8, 4, 1, replicates=20_000) == false_alarm_rate(0.8, 4, 1, replicates=20_000)
    with pytest.raises(BadInput):
        false_alarm_rate(1.0, 4, 1)


def test_percentages_need_a_true_zero_and_a_baseline_above_it():
    assert percent_improved([20, 10], [15, 10], zero=10, sign=-1).tolist()[0] == pytest.approx(50)
    assert np.isnan(percent_improved([10], [10], zero=10, sign=-1)).all()
    with pytest.raises(NotEstimable, match="true zero"):
        percent_improved([20], [10], zero=None, sign=-1)


def test_responders_among_those_with_room_and_among_all():
    before, after = [20, 20, 2, 0, 10, np.nan], [10, 19, 1, 0, np.nan, 3]
    found = responders(before, after, sign=-1, zero=0, limits=(0, 27))
    assert (found.among_all.events, found.among_all.n) == (2, 3)
    assert (found.among_room.events, found.among_room.n) == (1, 2)
    assert (found.zero_at_baseline, found.without_outcome, found.without_baseline) == (1, 1, 1)
    kept = responders(before, after, sign=-1, zero=0, limits=(0, 27), missing="counted as no response")
    assert (kept.among_all.events, kept.among_all.n) == (2, 4)
    note = kept.estimate("a", "a", among="room").note
    assert "1 with a baseline of zero are not counted" in note
    assert "1 without the outcome: counted as no response" in note


def test_room_by_cutoff_and_by_range_in_both_directions():
    assert has_room([9, 10, 11], sign=-1, limits=(0, 27), cutoff=10).tolist() == [False, True, True]
    assert has_room([4, 6], sign=-1, limits=(0, 27)).tolist() == [False, True]
    assert has_room([60, 47], sign=1, limits=(0, 60)).tolist() == [False, True]


def test_important_change_counts_points():
    found = important_change([10, 10, 10], [5, 6, 12], sign=-1, amount=5, limits=(0, 27))
    assert (found.among_all.events, found.among_all.n) == (1, 3)


@given(st.lists(st.tuples(st.integers(1, 27), st.integers(0, 27)), min_size=1, max_size=40))
@settings(max_examples=40, deadline=None)
def test_thirty_per_cent_is_counted_as_by_hand(pairs):
    before, after = np.array(pairs).T
    found = responders(before, after, sign=-1, zero=0, limits=(0, 27))
    by_hand = sum(10 * (b - a) >= 3 * b for b, a in pairs)
    assert (found.among_all.events, found.among_all.n) == (by_hand, len(pairs))


def test_nobody_to_count_is_said():
    with pytest.raises(NotEstimable):
        responders([0, 0], [1, 1], sign=-1, zero=0, limits=(0, 10))
    found = responders([1, 1], [1, 0], sign=-1, zero=0, limits=(0, 10))
    assert found.among_room is None
    assert found.estimate("a", "a", among="room").value is None

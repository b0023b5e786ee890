"""One person's change: indices by hand, single cases, margins."""

import math

import numpy as np
import pytest

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.contrast import contrast
from accord.science.estimates.equivalence import equivalence, non_inferiority
from accord.science.estimates.individual_change import METHODS, cut_off, individual_change
from accord.science.estimates.single_case import piecewise, tau_u

BEFORE = np.array([30.0, 20, 10, 8, 6, 4, 2])
AFTER = np.array([3.0, 2, 2, 2, 2, 2, 1])


def index(method, **more):
    options = {"reliability": 0.8, "sign": -1, "method": method, "mean": 10, "sd": 5} | more
    return individual_change(BEFORE, AFTER, **options).index


def test_jacobson_and_truax_by_hand():
    np.testing.assert_allclose(index("jacobson-truax"), (BEFORE - AFTER) / (5 * math.sqrt(0.4)))


def test_expected_scores_by_hand():
    left = AFTER - (10 + 0.8 * (BEFORE - 10))
    np.testing.assert_allclose(index("gulliksen-lord-novick"), -left / (5 * 0.6))
    np.testing.assert_allclose(index("edwards-nunnally"), -left / (5 * math.sqrt(0.2)))


def test_hageman_and_arrindell_by_hand():
    s2, error = np.std(AFTER, ddof=1), 25 * 0.2
    both = np.corrcoef(BEFORE, AFTER)[0, 1] * 5 * s2
    rd = (25 * (1 - error / 25) + s2**2 * (1 - error / s2**2) - 2 * both) / (25 + s2**2 - 2 * both)
    change = AFTER - BEFORE
    expected = (change * rd + change.mean() * (1 - rd)) / (math.sqrt(rd) * math.sqrt(2 * error))
    np.testing.assert_allclose(index("hageman-arrindell"), -expected)


@pytest.mark.parametrize("method", METHODS)
def test_missing_values_have_no_class_and_the_order_does_not_matter(method):
    before, after = np.append(BEFORE, [np.nan, 5]), np.append(AFTER, [3, np.nan])
    found = individual_change(before, after, reliability=0.8, sign=-1, method=method)
    assert found.kinds[-2:].tolist() == ["", ""]
    assert sum(found.counts.values()) == 7
    order = np.random.default_rng(1).permutation(9)
    again = individual_change(before[order], after[order], reliability=0.8, sign=-1, method=method)
    np.testing.assert_allclose(again.index, found.index[order])


def test_a_stable_population_is_called_changed_at_the_level_that_was_asked_for():
    random = np.random.default_rng(4)
    true = random.normal(20, 5 * math.sqrt(0.8), 40000)
    before, after = (true + random.normal(0, 5 * math.sqrt(0.2), 40000) for _ in range(2))
    for method in ("jacobson-truax", "gulliksen-lord-novick"):
        found = individual_change(before, after, reliability=0.8, sign=-1, method=method, mean=20, sd=5)
        assert 1 - found.counts["unchanged"] / 40000 == pytest.approx(0.05, abs=0.005)


def test_criteria():
    assert cut_off("a", patients=(20, 5), sign=-1) == 10
    assert cut_off("b", patients=(20, 5), general=(8, 4), sign=-1) == 16
    assert cut_off("c", patients=(20, 5), general=(8, 4), sign=-1) == pytest.approx((4 * 20 + 5 * 8) / 9)
    with pytest.raises(BadInput, match="general population"):
        cut_off("c", patients=(20, 5), sign=-1)


@pytest.mark.parametrize(
    ("change", "error"),
    [({"reliability": 1.2}, BadInput), ({"method": "guess"}, BadInput), ({"sd": 0.0}, NotEstimable)],
)
def test_what_cannot_be_is_refused(change, error):
    with pytest.raises(error):
        index(change.pop("method", "jacobson-truax"), **change)


def test_differences_without_reliability_are_refused():
    random = np.random.default_rng(2)
    true = random.normal(0, 1, 50)
    with pytest.raises(NotEstimable, match="measurement error"):
        individual_change(true, true + random.normal(0, 0.1, 50), reliability=0.5, sign=1, method="hageman-arrindell")


def test_tau_u_by_counting():
    found = tau_u([5, 6, 7], [4, 3, 7], sign=-1, correct_baseline=False)
    assert (found.s, found.pairs) == (4, 9)  # six pairs better, two worse, one the same
    better = sum(b < a for a in (5, 6, 7) for b in (4, 3, 7))
    worse = sum(b > a for a in (5, 6, 7) for b in (4, 3, 7))
    assert found.s == better - worse
    assert found.tau.se == pytest.approx(math.sqrt(9 * 7 / 3) / 9)


def test_a_baseline_that_improves_by_itself_is_taken_off():
    plain = tau_u([7, 6, 5, 4], [3, 2, 1], sign=-1, correct_baseline=False)
    corrected = tau_u([7, 6, 5, 4], [3, 2, 1], sign=-1)
    assert corrected.baseline_trend == 6
    assert corrected.s == plain.s - 6


def test_a_jump_and_a_slope_come_back():
    day = np.arange(-14.0, 21)
    y = 6 + 0.02 * day + (day >= 0) * (-1.5 - 0.1 * day)
    found = piecewise(day, y, start=0)
    assert found.level.value == pytest.approx(-1.5)
    assert found.slope_change.value == pytest.approx(-0.1)


def test_few_days_are_refused():
    with pytest.raises(NotEstimable, match="before treatment"):
        piecewise([-1, 0, 1, 2, 3], [1, 2, 3, 4, 5], start=0)
    with pytest.raises(NotEstimable, match="values before"):
        tau_u([1], [1, 2, 3], sign=1)


def test_equivalence_is_the_ninety_percent_interval_within_the_margin():
    difference = contrast(0.3, 0.4, 60)
    inside, outside = equivalence(difference, 1.0), equivalence(difference, 0.9)
    assert inside.shown
    assert not outside.shown
    assert inside.ci_high < 1.0
    assert outside.ci_high > 0.9
    assert inside.p == pytest.approx(0.0427, abs=2e-3)


def test_non_inferiority_looks_at_one_side():
    assert non_inferiority(contrast(0.3, 0.4, 60), 0.6).shown
    assert not non_inferiority(contrast(-0.3, 0.4, 60), 0.6).shown
    with pytest.raises(BadInput, match="margin"):
        non_inferiority(contrast(0, 1), 0)

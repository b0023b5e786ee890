"""Proportions, their differences, and the number needed to treat (C21)."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.nnt import from_standardised_difference, notation, number_needed_to_treat
from accord.science.estimates.proportions import proportion, risk_difference

COUNTS = st.tuples(st.integers(0, 60), st.integers(1, 60)).map(lambda p: (min(p), max(p)))


@given(COUNTS)
@settings(max_examples=60, deadline=None)
def test_wilson_lies_inside_zero_and_one_and_mirrors(counts):
    events, n = counts
    found, other = proportion(events, n), proportion(n - events, n)
    assert 0 <= found.ci_low <= found.value <= found.ci_high <= 1
    assert (found.ci_low, found.ci_high) == pytest.approx((1 - other.ci_high, 1 - other.ci_low))


@given(COUNTS, COUNTS)
@settings(max_examples=60, deadline=None)
def test_a_difference_turns_with_its_arms(first, second):
    a, b = risk_difference(first, second), risk_difference(second, first)
    assert (a.value, a.ci_low, a.ci_high) == pytest.approx((-b.value, -b.ci_high, -b.ci_low))
    assert -1 <= a.ci_low <= a.value <= a.ci_high <= 1


@given(COUNTS, COUNTS)
@settings(max_examples=60, deadline=None)
def test_nnt_is_never_negative_nor_reversed(treated, control):
    found = number_needed_to_treat(treated, control, responder="30 % better", time_point="post", missing="left out")
    words = found.text.split(";")[0]
    assert "-" not in words
    straddles = found.difference.ci_low <= 0 <= found.difference.ci_high
    assert ("to infinity to" in words) == straddles
    e = found.estimate("nnt", "NNT")
    assert (e.ci_low is None) == straddles
    if not straddles:
        assert e.ci_low <= e.value <= e.ci_high


@pytest.mark.parametrize(
    ("difference", "low", "high", "words"),
    [
        (0.26, 0.1, 0.4, "NNTB 3.9 (NNTB 2.5 to NNTB 10)"),
        (-0.26, -0.4, -0.1, "NNTH 3.8 (NNTH 2.5 to NNTH 10)"),
        (0.0, -0.2, 0.2, "infinity (NNTB 5.0 to infinity to NNTH 5.0)"),
        (0.03, 0.001, 0.06, "NNTB 34 (NNTB 16 to NNTB 1000)"),
    ],
)
def test_words(difference, low, high, words):
    assert notation(difference, low, high) == words


def test_a_bad_event_turns_benefit_into_harm():
    good = number_needed_to_treat((5, 50), (15, 50), responder="got worse", time_point="post", missing="left out",
                                  event_is_good=False)  # fmt: skip
    assert good.text.startswith("NNTB 5.0 ")
    assert "5 of 50 against 15 of 50" in good.text


def test_nnt_from_d_shows_the_assumed_rate():
    # Φ(0.5 - 0.8416) - 0.2 = 0.1663, 1 / 0.1663 = 6.01, benefit rounds up
    assert from_standardised_difference(0.5, 0.2) == "NNTB 6.1 if 20% respond without treatment (assumed)"
    with pytest.raises(BadInput):
        from_standardised_difference(0.5, 1.0)


def test_impossible_counts():
    with pytest.raises(NotEstimable):
        proportion(0, 0)
    with pytest.raises(BadInput):
        proportion(5, 4)


def test_estimates_carry_both_counts():
    e = risk_difference((8, 20), (3, 21)).estimate("rd", "risk difference", missing=2)
    assert e.note == "8 of 20 against 3 of 21"
    assert e.n == 41
    assert e.missing == 2
    assert proportion(8, 20).estimate("p", "share").note == "8 of 20"
    assert math.isfinite(e.ci_low)


def test_newcombe_limits_hold(holds):
    rng, p1, p2 = np.random.default_rng(1), 0.4, 0.15
    draws = zip(rng.binomial(25, p1, 1000), rng.binomial(30, p2, 1000), strict=True)
    found = [risk_difference((int(a), 25), (int(b), 30)) for a, b in draws]
    assert holds(sum(f.ci_low <= p1 - p2 <= f.ci_high for f in found), 1000)

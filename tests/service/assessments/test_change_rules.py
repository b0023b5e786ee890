"""A change is claimed only outside a person's own ordinary variation (C38, U20)."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from accord.science.instruments import load_instrument
from accord.service.assessments.rules.change import changed, own_variation

PAIN = load_instrument("diary").scales["pain"]
GETS_IN_THE_WAY = load_instrument("bpi_interference").scales["total"]
CONFIDENCE = load_instrument("pseq").scales["total"]
WORRY = load_instrument("gad_7").scales["total"]


def test_one_score_claims_nothing():
    assert changed([6], PAIN).kind == "first"
    assert changed([], PAIN).kind == "first"


def test_without_anything_that_says_what_is_ordinary_nothing_is_claimed():
    verdict = changed([20, 40], CONFIDENCE)
    assert (verdict.kind, verdict.limit) == ("unknown", None)


def test_the_published_error_of_measurement_counts_between_two_occasions():
    """BPI interference: SD 1.72, r 0.76, so 1.96 x sqrt 2 x 1.72 x sqrt 0.24 = 2.34, the MDC its source prints."""
    assert changed([6.0, 3.7], GETS_IN_THE_WAY).limit == pytest.approx(2.34, abs=0.01)
    assert changed([6.0, 3.7], GETS_IN_THE_WAY).kind == "same"
    assert changed([6.0, 3.6], GETS_IN_THE_WAY).kind == "better"
    assert changed([3.6, 6.0], GETS_IN_THE_WAY).kind == "worse"


def test_an_agreed_size_counts_where_no_error_is_known():
    verdict = changed([12, 8], WORRY)
    assert (verdict.kind, verdict.limit, verdict.basis) == ("better", 4.0, "agreed")


def test_demonstration_wording_is_never_judged_by_what_was_published():
    assert changed([6.0, 1.0], GETS_IN_THE_WAY, demo=True).kind == "unknown"
    assert changed([12, 1], WORRY, demo=True).kind == "unknown"


def test_her_own_variation_counts_from_six_ratings_on():
    assert own_variation([5] * 5) is None
    assert own_variation([5, 6, 5, 6, 5, 6]) == pytest.approx((5 / 10) ** 0.5)
    assert changed([9, 9, 8, 5, 3, 2], PAIN).kind == "better"
    assert changed([2, 9, 1, 8, 2, 9, 1, 4], PAIN).kind == "same"


def test_a_slow_change_hardly_widens_what_is_ordinary():
    slow = [8 - 0.5 * week for week in range(10)]
    assert own_variation(slow) < 0.4


def test_improvement_of_a_scale_where_higher_is_better_is_upwards():
    higher = replace(PAIN, direction="higher_better")
    assert changed([2, 2, 3, 6, 8, 9], higher).kind == "better"


def test_ratings_that_never_moved_do_not_make_a_point_out_of_little():
    assert changed([5, 5, 5, 5, 5, 5.5], PAIN).kind == "same"


@pytest.mark.parametrize("n", [6, 8, 10, 15])
def test_stable_people_are_rarely_told_of_a_change(n):
    """3,000 invented people whose ratings only scatter: fewer than 5 in 100 are told that something changed."""
    chance = random.Random(n)
    told = sum(
        changed([min(max(chance.gauss(5, 1.2), 0), 10) for _ in range(n)], PAIN).kind != "same" for _ in range(3000)
    )
    assert told / 3000 < 0.05


def test_people_who_changed_are_told():
    """The same scatter with a fall of five points over eight weeks: most are told, in the right direction."""
    chance = random.Random(1)
    kinds = [changed([7 - 5 * week / 7 + chance.gauss(0, 0.8) for week in range(8)], PAIN).kind for _ in range(1000)]
    assert kinds.count("better") > 800
    assert kinds.count("worse") == 0

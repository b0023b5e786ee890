"""Expected courses: bands hold what they say, refuse small cohorts; design effects by hand."""

import numpy as np
import pytest

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.design_effect import design_effect
from accord.science.estimates.expected_course import expected_course


def cohort(seed, n=1500):
    """Scores that fall by a third, with floor effects: the spread grows with the baseline."""
    random = np.random.default_rng(seed)
    b = np.clip(np.round(random.normal(15, 5, n)), 0, 27)
    later = {4.0: 0.8 * b, 8.0: 0.6 * b}
    return b, {w: np.clip(np.round(m + random.normal(0, 1, n) * (1 + 0.2 * b)), 0, 27) for w, m in later.items()}


@pytest.mark.parametrize("start", [8, 15, 24])
def test_a_band_holds_the_share_of_new_people_that_it_names(start):
    b, later = cohort(1, 6000)
    course = expected_course(b, later, limits=(0, 27), percentiles=(10, 50, 90))
    random = np.random.default_rng(2)
    for week, share in ((4.0, 0.8), (8.0, 0.6)):
        truth = np.clip(share * start + random.normal(0, 1, 100_000) * (1 + 0.2 * start), 0, 27)
        band = course.band(start)[week]
        for percentile, score in band.items():
            assert (truth < score).mean() == pytest.approx(percentile / 100, abs=0.045)


def test_the_place_of_a_score_is_the_percentile_of_its_band():
    b, later = cohort(3)
    course = expected_course(b, later, limits=(0, 27))
    median = course.band(15)[8.0][50.0]
    assert course.place(15, 8.0, median) == pytest.approx(50, abs=3)  # scores are whole: several equal the median
    assert course.place(15, 8.0, 27) > 99
    assert course.place(15, 8.0, 0) < 2


def test_all_with_one_baseline_have_the_plain_percentiles():
    random = np.random.default_rng(4)
    y = random.normal(10, 2, 300)
    course = expected_course(np.full(300, 12.0), {6: y}, limits=(0, 27))
    assert course.band(12)[6.0][25.0] == pytest.approx(np.percentile(y, 25))


def test_a_week_with_fewer_than_two_hundred_people_is_left_out_and_named():
    b, later = cohort(5)
    few = later[8.0].copy()
    few[199:] = np.nan
    course = expected_course(b, {4: later[4.0], 8: few}, limits=(0, 27))
    assert course.weeks == (4.0,)
    assert course.left_out == {8.0: 199}
    with pytest.raises(BadInput, match="Week 8"):
        course.place(15, 8, 10)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda b, y: expected_course(b[:199], {4: y[4.0][:199]}, limits=(0, 27)), NotEstimable, "At most 199"),
        (lambda b, y: expected_course(b, {4: y[4.0][:10]}, limits=(0, 27)), BadInput, "10 values for 1500"),
        (lambda b, y: expected_course(b, y, limits=(0, 27), percentiles=(0, 50)), BadInput, "between 0 and 100"),
        (lambda b, y: expected_course(b, y, limits=(0, 27)).band(40), NotEstimable, "started at 40"),
    ],
)
def test_what_cannot_be_shown_is_said(call, error, message):
    with pytest.raises(error, match=message) as caught:
        call(*cohort(6))
    assert caught.value.finding.cure


def test_design_effects_by_hand():
    equal = design_effect([10] * 6, 0.05)
    assert equal.factor == pytest.approx(1 + 9 * 0.05)
    assert equal.effective == pytest.approx(60 / 1.45)
    unequal = design_effect([5, 15], 0.1)  # Σm²/Σm = 12.5
    assert unequal.factor == pytest.approx(1 + 11.5 * 0.1)
    assert design_effect([1] * 30, 0.4).factor == 1


def test_a_design_effect_is_what_a_simulation_shows():
    random = np.random.default_rng(7)
    sizes = np.array([2, 4, 8, 16, 30])
    codes = np.repeat(np.arange(5), sizes)
    draws = random.normal(0, np.sqrt(0.2), (40_000, 5))[:, codes] + random.normal(0, np.sqrt(0.8), (40_000, 60))
    assert draws.mean(axis=1).var() * 60 == pytest.approx(design_effect(sizes, 0.2).factor, rel=0.03)


@pytest.mark.parametrize(("sizes", "share"), [([0, 3], 0.1), ([], 0.1), ([3], 1.2), ([3], -0.1)])
def test_impossible_clusters_are_refused(sizes, share):
    with pytest.raises(BadInput):
        design_effect(sizes, share)

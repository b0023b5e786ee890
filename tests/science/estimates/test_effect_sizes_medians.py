"""Means and SDs from medians, quartiles and ranges: known cases, and normal samples of known truth."""

import numpy as np
import pytest

from accord.science.errors import BadInput
from accord.science.estimates.effect_sizes.five_numbers import (
    mean_from_five,
    sd_from_five,
    sd_from_interval,
    sd_from_se,
    skewed,
)

SAMPLES = np.random.default_rng(7).normal(50, 10, (20_000, 40))
LOW, Q1, MEDIAN, Q3, HIGH = np.quantile(SAMPLES, [0, 0.25, 0.5, 0.75, 1], axis=1)
CASES = {"range": (LOW, None, MEDIAN, None, HIGH), "quartiles": (None, Q1, MEDIAN, Q3, None),
         "all five": (LOW, Q1, MEDIAN, Q3, HIGH)}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_the_mean_is_unbiased_and_luo_is_no_worse_than_wan(case):
    luo, wan = (mean_from_five(*CASES[case], 40, method=method) for method in ("luo", "wan"))
    assert luo.mean() == pytest.approx(50, abs=0.1)
    assert wan.mean() == pytest.approx(50, abs=0.1)
    assert luo.var() <= wan.var() * 1.01


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("method", ["wan", "shi"])
def test_the_sd_is_right_within_three_per_cent(case, method):
    low, q1, _, q3, high = CASES[case]
    assert sd_from_five(low, q1, q3, high, 40, method=method).mean() == pytest.approx(10, rel=0.03)


def test_shi_is_less_noisy_than_wan_with_all_five():
    assert sd_from_five(LOW, Q1, Q3, HIGH, 40, method="shi").std() < sd_from_five(LOW, Q1, Q3, HIGH, 40).std()


def test_symmetric_numbers_have_the_median_as_mean():
    for method in ("luo", "wan"):
        assert mean_from_five(0, 4, 6, 8, 12, 30, method=method) == pytest.approx(6)


def test_each_row_uses_what_it_has():
    mean = mean_from_five([0, np.nan, 0], [np.nan, 4, 4], [6, 6, 6], [np.nan, 8, 8], [12, np.nan, 12], 30)
    assert mean.tolist() == pytest.approx([6, 6, 6])
    sd = sd_from_five([0, np.nan, np.nan], [np.nan, 4, np.nan], [np.nan, 8, np.nan], [12, np.nan, np.nan], 30)
    assert np.isfinite(sd).tolist() == [True, True, False]


def test_normal_quartiles_seldom_look_skewed_and_lognormal_ones_often():
    assert skewed(Q1, MEDIAN, Q3, 40).mean() < 0.08
    q1, median, q3 = np.quantile(np.exp(SAMPLES / 10), [0.25, 0.5, 0.75], axis=1)
    assert skewed(q1, median, q3, 40).mean() > 0.3


def test_numbers_out_of_order_are_refused():
    with pytest.raises(BadInput, match="9 should not be above 7"):
        mean_from_five(None, 5, 9, 7, None, 30)
    with pytest.raises(BadInput, match="should not be above"):
        sd_from_five(8, None, None, 2, 30)
    with pytest.raises(BadInput, match="not offered"):
        mean_from_five(0, 4, 6, 8, 12, 30, method="mean")


def test_sd_from_se_and_from_the_interval_of_a_mean():
    assert sd_from_se(0.5, 36) == pytest.approx(3)
    t = 2.0301079282503425  # t(35) at .975, R: qt(.975, 35)
    assert sd_from_interval(10 - t * 0.5, 10 + t * 0.5, 36) == pytest.approx(3, rel=1e-12)

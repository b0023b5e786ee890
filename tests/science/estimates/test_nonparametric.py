"""Ranks and medians: exact tables, large samples without lists of pairs, invariance, intervals that hold."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.science.errors import NotEstimable
from accord.science.estimates import walsh
from accord.science.estimates.medians import median, median_change, quantile_difference
from accord.science.estimates.nonparametric import (
    average_ranks,
    mann_whitney,
    rank_sum_distribution,
    signed_rank,
    signed_rank_distribution,
)

VALUES = st.lists(st.integers(-20, 20), min_size=3, max_size=25)


def test_distributions_count_all_cases():
    signs = [sum(r for r, s in zip(range(1, 7), pattern, strict=True) if s)
             for pattern in itertools.product([0, 1], repeat=6)]  # fmt: skip
    np.testing.assert_allclose(signed_rank_distribution(6), np.bincount(signs) / 64)
    u = [sum(c) - 6 for c in itertools.combinations(range(1, 8), 3)]
    np.testing.assert_allclose(rank_sum_distribution(3, 4), np.bincount(u, minlength=13) / 35)
    assert rank_sum_distribution(30, 40).sum() == pytest.approx(1)


@given(VALUES)
@settings(max_examples=50, deadline=None)
def test_walsh_averages_by_counting_are_those_listed(values):
    x = np.array(values, float)
    i, j = np.triu_indices(len(x))
    listed = np.sort((x[i] + x[j]) / 2)
    s = np.sort(x)
    place = np.arange(len(x))

    def at_most(limit):
        return int(np.maximum(np.searchsorted(s, 2 * limit - s, side="right") - place, 0).sum())

    for k in (1, len(listed) // 2, len(listed)):
        if k:
            assert walsh.kth_walsh_average(x, k) == listed[k - 1]
            assert walsh._bisect(at_most, s[0], s[-1], k) == pytest.approx(listed[k - 1], abs=1e-9)


def test_large_samples_need_no_list_of_pairs():
    rng = np.random.default_rng(1)
    before = rng.normal(20, 5, 20_000)
    found = signed_rank(before, before - 3 + rng.normal(0, 4, 20_000), sign=-1)
    assert found.value == pytest.approx(3, abs=0.1)
    assert found.ci_low < found.value < found.ci_high
    other = mann_whitney(rng.normal(1, 1, 20_000), rng.normal(0, 1, 15_000))
    assert other.value == pytest.approx(1, abs=0.05)


@given(VALUES, st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_sign_turns_and_order_does_not_matter(values, seed):
    x = np.array(values, float)
    if not x.any():
        return
    order = np.random.default_rng(seed).permutation(len(x))
    up, down = signed_rank(np.zeros(len(x)), x), signed_rank(np.zeros(len(x)), x[order], sign=-1)
    assert (down.value, down.ci_low, down.ci_high, down.p) == pytest.approx((-up.value, -up.ci_high, -up.ci_low, up.p))
    assert down.rank_biserial == pytest.approx(-up.rank_biserial)


def test_average_ranks_share_ties():
    ranks, ties = average_ranks(np.array([3.0, 1, 3, 2]))
    assert ranks.tolist() == [3.5, 1, 3.5, 2]
    assert ties == 6


def test_rank_biserial_runs_from_minus_one_to_one():
    assert mann_whitney([5, 6, 7], [1, 2, 3]).rank_biserial == 1
    assert mann_whitney([5, 6, 7], [1, 2, 3], sign=-1).rank_biserial == -1
    assert signed_rank([5, 6, 7], [1, 2.5, 4.5]).rank_biserial == -1


def test_what_has_no_ranks_is_refused():
    for call in (
        lambda: signed_rank([1, 2], [1, 2]),
        lambda: mann_whitney([], [1.0]),
        lambda: mann_whitney(np.ones(60), np.ones(70)),
        lambda: median([np.nan]),
        lambda: quantile_difference([1, 2], [3, 4, 5, 6, 7]),
    ):
        with pytest.raises(NotEstimable) as caught:
            call()
        assert caught.value.finding.cure


def test_median_change_and_sign_test():
    found = median_change([10] * 9, [9, 8, 7, 6, 5, 4, 3, 2, 12], sign=-1)
    assert found.value == 4
    assert (found.ci_low, found.ci_high) == (1, 7)
    assert found.p == pytest.approx(2 * 10 / 512)
    assert median([1, 2, np.nan]).missing == 1


def test_signed_rank_interval_holds_exactly_and_in_large_samples(holds):
    rng = np.random.default_rng(2)
    small = [signed_rank(np.zeros(12), rng.normal(0.4, 1, 12)) for _ in range(600)]
    large = [signed_rank(np.zeros(70), rng.normal(0.4, 1, 70)) for _ in range(300)]
    assert all(f.exact and f.confidence >= 0.95 for f in small)
    assert holds(sum(f.ci_low <= 0.4 <= f.ci_high for f in small), 600)
    assert holds(sum(f.ci_low <= 0.4 <= f.ci_high for f in large), 300)


def test_mann_whitney_and_median_intervals_hold(holds):
    rng = np.random.default_rng(3)
    shift = [mann_whitney(rng.exponential(1, 20) + 0.5, rng.exponential(1, 25)) for _ in range(500)]
    assert holds(sum(f.ci_low <= 0.5 <= f.ci_high for f in shift), 500)
    middle = [median(rng.exponential(1, 40)) for _ in range(500)]
    hits = sum(f.ci_low <= np.log(2) <= f.ci_high for f in middle)
    assert holds(hits, 500) or hits > 475  # discrete: at least 95 %


def test_bootstrap_difference_of_medians_holds(holds):
    rng, hits = np.random.default_rng(4), 0
    for k in range(200):
        f = quantile_difference(rng.normal(1, 1, 40), rng.normal(0, 1, 40), replicates=400, seed=k)
        hits += f.ci_low <= 1 <= f.ci_high
    assert holds(hits, 200)

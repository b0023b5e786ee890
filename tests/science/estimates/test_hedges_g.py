"""Standardised differences: direction, scale, order, their variance, and what they refuse."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.science.errors import NotEstimable
from accord.science.estimates.hedges_g import (
    hedges_correction,
    hedges_g,
    hedges_g_within,
    hedges_g_within_from_summary,
    standardised_effect,
    within_sensitivity,
)

ROUND = st.integers(-50, 50)


def two_groups(seed=1, n=(30, 40), shift=0.5):
    rng = np.random.default_rng(seed)
    return rng.normal(shift, 1, n[0]), rng.normal(0, 1, n[1])


def test_correction_is_the_exact_gamma_form():
    assert hedges_correction(2) == pytest.approx(math.gamma(1) / (math.sqrt(1) * math.gamma(0.5)))
    assert hedges_correction(100) == pytest.approx(1 - 3 / 399, rel=1e-4)


@given(st.integers(0, 1000), st.floats(0.1, 50), st.floats(-100, 100))
@settings(max_examples=30, deadline=None)
def test_between_is_free_of_unit_and_origin(seed, unit, origin):
    a, b = two_groups(seed)
    plain, moved = hedges_g(a, b), hedges_g(a * unit + origin, b * unit + origin)
    assert moved.g == pytest.approx(plain.g, rel=1e-7, abs=1e-9)
    assert moved.sd == pytest.approx(plain.sd * unit, rel=1e-7)


def test_sign_turns_value_and_limits():
    a, b = two_groups()
    up, down = hedges_g(a, b), hedges_g(a, b, sign=-1)
    assert (down.g, down.ci_low, down.ci_high) == pytest.approx((-up.g, -up.ci_high, -up.ci_low))


def test_order_of_people_does_not_matter():
    rng = np.random.default_rng(3)
    before, after = rng.normal(size=(2, 25))
    order = rng.permutation(25)
    one, other = hedges_g_within(before, after), hedges_g_within(before[order], after[order])
    assert one.g == pytest.approx(other.g)
    assert one.se == pytest.approx(other.se)


def test_the_three_standardisers_have_their_own_names_and_denominators():
    rng = np.random.default_rng(4)
    before = rng.normal(10, 2, 40)
    after = before - 1 + rng.normal(0, 1, 40)
    found = {s: hedges_g_within(before, after, sign=-1, standardiser=s) for s in ("baseline", "average", "change")}
    assert [found[s].standardiser for s in found] == ["d_baseline", "d_av", "d_z"]
    mean = (before - after).mean()
    assert found["baseline"].d == pytest.approx(mean / before.std(ddof=1))
    assert found["average"].d == pytest.approx(mean / math.sqrt((before.var(ddof=1) + after.var(ddof=1)) / 2))
    assert found["change"].d == pytest.approx(mean / (before - after).std(ddof=1))
    assert all(f.g > 0 for f in found.values())


def test_missing_pairs_are_left_out_and_counted():
    found = hedges_g_within([1, 2, 3, 4, np.nan, 6], [2, 4, 3, np.nan, 5, 8])
    assert (found.n, found.missing) == ((4,), 2)
    assert hedges_g([1, 2, np.nan, 4], [3, 5, 9]).missing == 1


def test_sensitivity_keeps_the_value_and_moves_the_interval():
    rng = np.random.default_rng(5)
    before = rng.normal(size=50)
    low, middle, high = within_sensitivity(before, before * 0.5 + rng.normal(size=50))
    assert low.g == middle.g == high.g
    assert low.se > middle.se > high.se


def test_noncentral_limits_are_wider_away_from_zero_and_hold_the_estimate():
    a, b = two_groups(shift=1.0)
    found = hedges_g(a, b, interval="noncentral-t")
    assert found.ci_low < found.d < found.ci_high


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: hedges_g([1.0, 1.0, 1.0], [1.0, 1.0]), "no variance"),
        (lambda: hedges_g([np.nan, np.nan], [1.0, 2.0]), "two values"),
        (lambda: hedges_g_within([1, 2], [2, 3]), "three people"),
        (lambda: hedges_g_within([2, 2, 2], [1, 2, 3]), "no variance"),
        (lambda: standardised_effect(1.0, 0.2, sd=0.0, sd_n=30), "zero"),
        (lambda: standardised_effect(1.0, 0.2, sd=1.0, sd_n=1), "two people"),
    ],
)
def test_what_cannot_be_standardised_is_refused_with_a_cure(call, words):
    with pytest.raises(NotEstimable, match=words) as caught:
        call()
    assert caught.value.finding.cure


def test_becomes_an_estimate():
    e = hedges_g(*two_groups()).estimate("g.primary", "Hedges g", scale="phq_9.total")
    assert (e.id, e.unit, e.n, e.scale) == ("g.primary", "SD", 70, "phq_9.total")
    assert e.ci_low < e.value < e.ci_high


def test_g_between_is_unbiased_and_its_intervals_hold(holds):
    rng, delta, reps = np.random.default_rng(6), 0.6, 1500
    found = [hedges_g(rng.normal(delta, 1, 18), rng.normal(0, 1, 22)) for _ in range(reps)]
    exact = [hedges_g(rng.normal(delta, 1, 12), rng.normal(0, 1, 12), interval="noncentral-t") for _ in range(300)]
    values = np.array([f.g for f in found])
    assert values.mean() == pytest.approx(delta, abs=4 * values.std() / math.sqrt(reps))
    assert np.mean([f.se**2 for f in found]) == pytest.approx(values.var(), rel=0.12)
    assert holds(sum(f.ci_low <= delta <= f.ci_high for f in found), reps)
    assert holds(sum(f.ci_low <= delta <= f.ci_high for f in exact), 300)


@pytest.mark.parametrize("standardiser", ["baseline", "average", "change"])
def test_within_intervals_hold(holds, standardiser):
    rng, r, shift, reps = np.random.default_rng(7), 0.6, 0.7, 800
    truth = shift / (math.sqrt(2 * (1 - r)) if standardiser == "change" else 1)
    pair = np.linalg.cholesky([[1, r], [r, 1]])
    hits = 0
    for _ in range(reps):
        x = rng.standard_normal((50, 2)) @ pair.T
        f = hedges_g_within(x[:, 0], x[:, 1] + shift, standardiser=standardiser)
        hits += f.ci_low <= truth <= f.ci_high
    assert holds(hits, reps)


def test_standardised_model_effect_holds_with_the_sds_own_error(holds):
    rng, truth, reps = np.random.default_rng(8), 0.9, 600
    hits = 0
    for _ in range(reps):
        baseline = rng.normal(0, 5, 30)
        effect = rng.normal(truth * 5, 0.8)
        f = standardised_effect(effect, 0.8, sd=baseline.std(ddof=1), sd_n=30)
        hits += f.ci_low <= truth <= f.ci_high
    assert holds(hits, reps)


def test_summary_form_is_the_form_from_values():
    rng = np.random.default_rng(9)
    x, y = rng.normal(size=(2, 33))
    r = np.corrcoef(x, y)[0, 1]
    a = hedges_g_within(x, y)
    b = hedges_g_within_from_summary((x.mean(), y.mean()), (x.std(ddof=1), y.std(ddof=1)), 33, r)
    assert (a.g, a.se) == pytest.approx((b.g, b.se))

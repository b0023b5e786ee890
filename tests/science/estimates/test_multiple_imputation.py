"""Imputation and pooling: limits, strategies in their order, delta, tipping point, refusals, intervals that hold."""

import math

import numpy as np
import pytest

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.ancova import ancova
from accord.science.estimates.imputation import impute
from accord.science.estimates.imputed_difference import difference_estimate, imputed_difference, tipping_point
from accord.science.estimates.multiple_imputation import pool
from accord.science.estimates.multiplicity import adjusted_p

VISITS = ["week_4", "post"]


def trial(seed=1, n=100, effect=-4.0, gone=0.4):
    rng = np.random.default_rng(seed)
    arm = np.where(np.arange(n) % 2 == 0, "usual", "course")
    base = rng.normal(20, 4, n)
    y = base[:, None] * 0.6 + 8 + rng.normal(0, 2, (n, 1)) + rng.normal(0, 2, (n, 2))
    y += (arm == "course")[:, None] * effect * np.array([0.6, 1.0])
    left = rng.random(n) < gone * (0.4 + 1.2 * (y[:, 0] > np.median(y[:, 0])))
    y[left, 1] = np.nan
    return y, arm, base


def completed(strategy="missing-at-random", seed=1, imputations=30, **options):
    y, arm, base = trial(**options)
    return impute(
        y, arm, VISITS, covariates={"base": base}, strategy=strategy, reference="usual", imputations=imputations,
        seed=seed, warm_up=100, thin=5,
    )  # fmt: skip


def difference(imputed, delta=0.0):
    return imputed_difference(imputed, of="course", against="usual", visit="post", delta=delta)


def test_identical_imputations_lose_nothing():
    found = pool([2.0, 2.0, 2.0], [0.25, 0.25, 0.25], df_complete=40)
    assert found.contrast.value == 2
    assert found.contrast.se == 0.5
    assert found.contrast.df == pytest.approx(41 / 43 * 40)
    assert found.between == 0
    assert found.relative_increase == 0


def test_pooling_needs_two():
    with pytest.raises(BadInput):
        pool([1.0], [1.0])
    assert math.isinf(pool([1.0, 1.0], [1.0, 1.0]).contrast.df)


def test_without_missing_values_it_is_analysis_of_covariance():
    y, arm, base = trial(gone=0.0)
    imputed = impute(y, arm, VISITS, covariates={"base": base}, imputations=3, warm_up=10, thin=1)
    direct = ancova(y[:, 1], arm, of="course", against="usual", covariates={"base": base}, errors="classical")
    found = difference(imputed).contrast
    assert (found.value, found.se) == pytest.approx((direct.difference.value, direct.difference.se), rel=1e-8)


def test_what_was_seen_stays_and_what_was_not_is_filled():
    y, _, _ = trial()
    imputed = completed()
    seen = np.isfinite(y)
    assert (imputed.values[:, seen] == y[seen]).all()
    assert np.isfinite(imputed.values).all()
    assert imputed.after_leaving[:, 0].sum() == 0
    assert (imputed.after_leaving[:, 1] == ~seen[:, 1]).all()
    assert imputed.missing == int((~seen).sum())


def test_the_same_seed_gives_the_same_values():
    assert np.array_equal(completed(seed=5).values, completed(seed=5).values)
    assert not np.array_equal(completed(seed=5).values, completed(seed=6).values)


def test_strategies_lie_in_their_order():
    """A treatment that helps: leaving for the reference arm's course costs more than keeping increments, and that more
    than missing at random."""
    found = {s: difference(completed(s, imputations=100)).contrast.value
             for s in ("missing-at-random", "copy-increments", "jump-to-reference")}  # fmt: skip
    assert found["missing-at-random"] < found["copy-increments"] < found["jump-to-reference"] < 0


def test_reference_arm_is_imputed_as_missing_at_random():
    usual = completed().arm == "usual"
    a, b = (completed(s).values[:, usual] for s in ("missing-at-random", "jump-to-reference"))
    np.testing.assert_allclose(a, b)


def test_delta_moves_those_who_left_and_tips_in_the_end():
    imputed = completed()
    plain, moved = (difference(imputed, delta).contrast.value for delta in (0.0, 2.0))
    assert moved > plain
    deltas = [0.0, 2, 4, 6, 8, 12, 16]
    tip = tipping_point(imputed, of="course", against="usual", visit="post", deltas=deltas)
    values = [c.value for c in tip.differences]
    assert values == sorted(values)
    assert tip.tips_at in deltas
    assert f"{tip.tips_at:g} points" in tip.text
    none = tipping_point(imputed, of="course", against="usual", visit="post", deltas=[0.0, 0.1])
    assert none.tips_at is None
    assert "stays apart" in none.text


def test_estimate_names_strategy_and_seed():
    imputed = completed("jump-to-reference")
    e = difference_estimate(difference(imputed), imputed, "d", "d", scale="fiqr.total")
    assert "jump-to-reference towards 'usual'" in e.method
    assert "seed 1" in e.method
    assert "imputations" in e.note
    assert e.n == 100


def test_what_cannot_be_imputed_is_refused():
    y, arm, _base = trial()
    with pytest.raises(NotEstimable, match="nothing to impute from"):
        impute(np.where((arm == "usual")[:, None], np.nan, y), arm, VISITS)
    whole, few, start = trial(n=6, gone=0.0)
    with pytest.raises(NotEstimable, match="too few"):
        impute(whole, few, VISITS, covariates={"a": start, "b": start**2})
    with pytest.raises(BadInput, match="No strategy"):
        impute(y, arm, VISITS, strategy="last-value")
    with pytest.raises(BadInput, match="needs a reference arm"):
        impute(y, arm, VISITS, strategy="jump-to-reference", reference="placebo")
    with pytest.raises(BadInput, match="No visit"):
        imputed_difference(completed(), of="course", against="usual", visit="later")


def test_interval_holds_when_leaving_depends_on_what_was_seen(holds):
    hits = 0
    for seed in range(120):
        y, arm, base = trial(seed, n=60)
        imputed = impute(y, arm, VISITS, covariates={"base": base}, imputations=20, seed=seed, warm_up=50, thin=4)
        c = difference(imputed).contrast
        hits += c.ci_low <= -4 <= c.ci_high
    assert holds(hits, 120)


def test_adjusted_p_keeps_missing_and_order():
    found = adjusted_p([0.04, np.nan, 0.01], "holm")
    assert found[0] == pytest.approx(0.04)
    assert np.isnan(found[1])
    assert found[2] == pytest.approx(0.02)
    assert (adjusted_p([0.5, 0.9, 0.7], "bonferroni") == 1).all()
    with pytest.raises(BadInput):
        adjusted_p([0.5], "sidak")
    with pytest.raises(BadInput):
        adjusted_p([1.5])

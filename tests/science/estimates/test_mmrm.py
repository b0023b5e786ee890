"""Mixed model for repeated measures: what must not matter, what it refuses, and that its intervals hold."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.ancova import ancova
from accord.science.estimates.mmrm import mmrm
from accord.science.estimates.repeated_design import constrained_baseline_design, free_design, visit_design

VISITS = ["week_4", "post", "follow_up"]
COVARIANCE = np.array([[9, 6, 5], [6, 12, 8], [5, 8, 14]], float)


def trial(seed=1, n=80, effect=1.5, leave=0.0):
    """Two arms, three visits, a baseline; who is worse at a visit is more likely not to come to the next (MAR)."""
    rng = np.random.default_rng(seed)
    arm = np.where(np.arange(n) % 2 == 0, "usual", "course")
    base = rng.normal(20, 4, n)
    y = 20 + 0.5 * (base - 20)[:, None] + rng.standard_normal((n, 3)) @ np.linalg.cholesky(COVARIANCE).T
    y -= np.array([0, 1, 1]) + (arm == "course")[:, None] * effect * np.array([0.5, 1, 1])
    if leave:
        for t in (1, 2):
            gone = np.isnan(y[:, t - 1]) | (rng.random(n) < leave * (0.3 + 1.4 * (y[:, t - 1] > 19)))
            y[gone, t] = np.nan
    return y, arm, base


def fitted(y, arm, base, **options):
    return mmrm(y, visit_design(arm, VISITS, covariates={"base": base}), **options)


def test_complete_data_and_one_visit_are_analysis_of_covariance():
    y, arm, base = trial()
    one = mmrm(y[:, [1]], visit_design(arm, ["post"], covariates={"base": base}))
    direct = ancova(y[:, 1], arm, of="course", against="usual", covariates={"base": base}, errors="classical")
    c, d = one.difference("course", "usual", "post"), direct.difference
    assert (c.value, c.se, c.df) == pytest.approx((d.value, d.se, d.df), rel=1e-6)
    m = one.mean("usual", "post")
    assert (m.value, m.se) == pytest.approx((direct.means["usual"].value, direct.means["usual"].se), rel=1e-6)


def test_complete_balanced_data_give_the_classical_multivariate_answer():
    """Without missing values the unstructured fit at each visit is the least-squares fit of that visit alone."""
    y, arm, base = trial(n=60)
    fit = fitted(y, arm, base, df="satterthwaite")
    for t, visit in enumerate(VISITS):
        d = ancova(y[:, t], arm, of="course", against="usual", covariates={"base": base}, errors="classical").difference
        c = fit.difference("course", "usual", visit)
        assert (c.value, c.se, c.df) == pytest.approx((d.value, d.se, d.df), rel=1e-5)


@given(st.integers(0, 10_000), st.floats(0.01, 100), st.floats(-1e4, 1e4))
@settings(max_examples=15, deadline=None)
def test_unit_origin_and_order_do_not_matter(seed, unit, origin):
    y, arm, base = trial(seed, leave=0.2)
    order = np.random.default_rng(seed).permutation(len(y))
    plain = fitted(y, arm, base).difference("course", "usual", "post")
    moved = fitted((y * unit + origin)[order], arm[order], base[order]).difference("course", "usual", "post")
    assert moved.value == pytest.approx(plain.value * unit, rel=1e-5, abs=1e-7 * unit)
    assert (moved.se, moved.df) == pytest.approx((plain.se * unit, plain.df), rel=1e-5)


def test_sign_turns_the_estimate():
    y, arm, base = trial(leave=0.2)
    fit = fitted(y, arm, base)
    w = fit.design.difference("course", "usual", "post")
    up, down = fit.estimate(w, "a", "a"), fit.estimate(w, "a", "a", sign=-1)
    assert (down.value, down.ci_low) == pytest.approx((-up.value, -up.ci_high))
    assert "Kenward" in up.method
    assert up.n == 80


def test_people_without_outcome_or_covariate_are_counted():
    y, arm, base = trial()
    y[:3] = np.nan
    base = base.copy()
    base[10] = np.nan
    fit = fitted(y, arm, base)
    assert (fit.people, fit.without_outcome, fit.without_covariates) == (76, 3, 1)
    assert fit.observed == (76, 76, 76)


def test_constrained_baseline_gives_all_arms_one_mean_and_keeps_who_left():
    y, arm, base = trial(leave=0.3)
    joint = np.column_stack([base, y])
    joint[:5, 1:] = np.nan
    fit = mmrm(joint, constrained_baseline_design(arm, ["baseline", *VISITS]))
    assert fit.people == 80
    assert fit.difference("course", "usual", "baseline").value == 0
    change = fit.change("course", "post", "baseline")
    assert change.value == pytest.approx(fit.mean("course", "post").value - fit.mean("usual", "baseline").value)


def test_one_arm_change_without_gaps_is_the_mean_change():
    rng = np.random.default_rng(2)
    y = rng.normal(20, 5, (40, 1)) + rng.normal(0, 3, (40, 2)) - [0, 4]
    c = mmrm(y, constrained_baseline_design(["all"] * 40, ["pre", "post"])).change("all", "post", "pre")
    d = y[:, 1] - y[:, 0]
    assert (c.value, c.se, c.df) == pytest.approx((d.mean(), d.std(ddof=1) / np.sqrt(40), 39), rel=1e-5)


def test_words_as_covariates_become_indicators():
    y, arm, base = trial()
    site = np.array(["north", "south", "west", "west"] * 20)
    plan = visit_design(arm, VISITS, covariates={"base": base, "site": site}, by_visit=["base"])
    assert "site=south" in plan.names
    assert "site=west" in plan.names
    assert "base:post" in plan.names
    assert mmrm(y, plan).people == 80


def test_a_long_course_with_every_pattern_of_gaps():
    rng = np.random.default_rng(3)
    visits = [f"v{k}" for k in range(7)]
    y = rng.normal(0, 1, (300, 1)) + rng.normal(0, 1, (300, 7))
    y[rng.random(y.shape) < 0.3] = np.nan
    fit = mmrm(y, visit_design(["a"] * 300, visits))
    assert fit.structure == "unstructured"
    assert not fit.ladder
    np.testing.assert_allclose(np.diag(fit.covariance), 2, atol=0.9)


def test_visits_never_seen_together_take_the_next_rung_and_say_so():
    y, arm, _base = trial(n=100)
    y[::2, 1] = np.nan
    y[1::2, 2] = np.nan
    arm = np.roll(arm, 1)
    arm[:50] = arm[:50][::-1]
    fit = mmrm(y, visit_design(np.where(np.arange(100) < 50, "a", "b"), VISITS))
    assert fit.structure == "toeplitz"
    assert "0 people have both post and follow_up" in fit.ladder[0]
    with pytest.raises(NotEstimable, match="unstructured covariance was left"):
        mmrm(y, visit_design(np.where(np.arange(100) < 50, "a", "b"), VISITS), ladder=())


def test_few_people_take_the_ladder_down():
    y, arm, _base = trial(n=8)
    fit = mmrm(y, visit_design(arm, VISITS))
    assert fit.structure in ("unstructured", "toeplitz", "compound symmetry")
    assert np.isfinite(fit.difference("course", "usual", "post").se)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda y, arm, base: (np.full_like(y, np.nan), arm, base), "No person has an outcome"),
        (lambda y, arm, base: (np.ones_like(y), arm, base), "Nothing is left to vary"),
        (lambda y, arm, base: (np.where((arm == "course")[:, None], np.nan, y), arm, base), "No values carry course"),
        (lambda y, arm, base: (y, arm, np.where(arm == "course", 1.0, 0.0)), "cannot be told apart"),
        (lambda y, arm, base: (y, arm, np.full(len(base), 3.0)), "No values carry base"),
    ],
)
def test_what_cannot_be_estimated_is_refused_with_a_cure(spoil, words):
    with pytest.raises(NotEstimable, match=words) as caught:
        fitted(*spoil(*trial()))
    assert caught.value.finding.cure


def test_wrong_shapes_and_names_are_bad_input():
    y, arm, base = trial()
    with pytest.raises(BadInput, match="people by visits"):
        mmrm(y[:, :2], visit_design(arm, VISITS))
    with pytest.raises(BadInput, match="Use one of: course, usual"):
        fitted(y, arm, base).difference("placebo", "usual", "post")
    with pytest.raises(BadInput, match="covariance structure"):
        fitted(y, arm, base, structure="diagonal")
    with pytest.raises(BadInput, match="Unknown arm"):
        visit_design(arm, VISITS, arms=["course"])
    with pytest.raises(BadInput, match="free design"):
        free_design(np.zeros((3, 2, 1)), ["a"], VISITS)


def test_a_hundred_thousand_people_use_sums_not_rows():
    rng = np.random.default_rng(4)
    y = rng.standard_normal((100_000, 4)) + rng.standard_normal((100_000, 1))
    y[rng.random(y.shape) < 0.2] = np.nan
    fit = mmrm(y, visit_design(np.where(rng.random(100_000) < 0.5, "a", "b"), list("1234")))
    np.testing.assert_allclose(fit.covariance, np.ones((4, 4)) + np.eye(4), atol=0.05)


@pytest.mark.parametrize("df", ["kenward-roger", "satterthwaite"])
def test_intervals_hold_when_leaving_depends_on_what_was_seen(holds, df):
    hits = 0
    for seed in range(400):
        y, arm, base = trial(seed, n=50, leave=0.25)
        c = fitted(y, arm, base, df=df).difference("course", "usual", "follow_up")
        hits += c.ci_low <= -1.5 <= c.ci_high
    assert holds(hits, 400)


def test_a_moved_truth_is_not_held(holds):
    hits = 0
    for seed in range(200):
        y, arm, base = trial(seed, n=200, leave=0.1)
        c = fitted(y, arm, base).difference("course", "usual", "post")
        hits += c.ci_low <= -1.5 + 1.0 <= c.ci_high
    assert not holds(hits, 200)


def test_a_visit_that_repeats_another_is_said_to_make_the_covariance_singular():
    y, arm, _ = trial(n=60)
    y[:, 2] = y[:, 0]
    fit = mmrm(y, visit_design(arm, VISITS))
    assert fit.structure == "compound symmetry"
    assert len(fit.ladder) == 2
    assert "singular" in fit.ladder[0]

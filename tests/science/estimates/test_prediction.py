"""Logistic prediction: separation, honesty about chance, folds that do not leak, calibration, AUC intervals."""

import sys

import numpy as np
import pytest

from accord.science.errors import BadInput, MissingExtra, NotEstimable
from accord.science.estimates.auc import auc
from accord.science.estimates.decision_curve import decision_curve
from accord.science.estimates.logistic import logistic
from accord.science.estimates.prediction import calibration, calibration_bins, cross_validate, inner_folds
from accord.science.estimates.prediction_folds import grouped_folds


def people(seed=1, n=400, slope=1.0):
    rng = np.random.default_rng(seed)
    x = {name: rng.normal(size=n) for name in ("age", "pain", "mood")}
    y = (rng.random(n) < 1 / (1 + np.exp(0.5 - slope * x["pain"]))).astype(float)
    return y, x


def test_odds_ratios_scale_with_their_unit():
    y, x = people()
    a = logistic(y, x).odds_ratio("pain", "or", "or", per=10)
    b = logistic(y, {**x, "pain": x["pain"] / 10}).odds_ratio("pain", "or", "or")
    assert (b.value, b.ci_low, b.ci_high) == pytest.approx((a.value, a.ci_low, a.ci_high), rel=1e-6)
    turned = logistic(1 - y, x).coefficient("pain")
    assert turned.value == pytest.approx(-logistic(y, x).coefficient("pain").value, rel=1e-7)


def test_an_indicator_alone_gives_the_cross_product_ratio():
    y = np.r_[np.ones(30), np.zeros(20), np.ones(10), np.zeros(40)]
    arm = np.r_[["b"] * 50, ["a"] * 50]
    e = logistic(y, {"arm": arm}).odds_ratio("arm=b", "or", "or")
    assert e.value == pytest.approx(30 * 40 / (20 * 10), rel=1e-9)


@pytest.mark.parametrize("kind", ["complete", "quasi"])
def test_separation_is_named_and_a_ridge_mends_it(kind):
    rng = np.random.default_rng(2)
    x = rng.normal(size=60)
    y = (x > 0).astype(float)
    if kind == "quasi":
        x = (rng.random(60) < 0.3).astype(float)
        y = np.where(x == 1, 1.0, rng.random(60) < 0.5)
    with pytest.raises(NotEstimable, match=r"separation.*'x'") as caught:
        logistic(y, {"x": x, "noise": rng.normal(size=60)})
    assert "ridge" in caught.value.finding.cure
    mended = logistic(y, {"x": x}, ridge=1.0)
    assert np.isfinite(mended.coefficients).all()
    with pytest.raises(NotEstimable, match="no valid interval"):
        mended.coefficient("x")


def test_ridge_draws_towards_zero():
    y, x = people()
    sizes = [abs(logistic(y, x, ridge=r).coefficients[2]) for r in (0.0, 10.0, 100.0, 1000.0)]
    assert sizes == sorted(sizes, reverse=True)


def test_nothing_predicts_is_said():
    rng = np.random.default_rng(3)
    y, x = (rng.random(400) < 0.4).astype(float), {f"x{k}": rng.normal(size=400) for k in range(12)}
    found = cross_validate(y, x)
    assert found.summary().startswith("Nothing here predicts the outcome better than chance")
    assert found.brier_skill < 0.03


def test_in_sample_luck_does_not_leak_into_folds():
    """40 noise columns fit 120 people well in sample; held-out people show the truth."""
    rng = np.random.default_rng(4)
    y, x = (rng.random(120) < 0.5).astype(float), {f"x{k}": rng.normal(size=120) for k in range(40)}
    matrix = np.column_stack([np.ones(120), *x.values()])
    inside = auc(y, logistic(y, x, ridge=1.0).predict(matrix)).value
    outside = cross_validate(y, x, ridge=1.0).auc.value
    assert inside > 0.75
    assert abs(outside - 0.5) < 0.15


def test_what_predicts_is_found_and_calibrated():
    y, x = people(n=1500, slope=1.4)
    found = cross_validate(y, x)
    assert (0.7 < found.auc.value < 0.9 and "moderate" in found.summary()) or "good" in found.summary()
    assert found.calibration_slope.ci_low < 1 < found.calibration_slope.ci_high
    assert found.calibration_intercept.ci_low < 0 < found.calibration_intercept.ci_high
    assert sum(b.observed.n for b in found.bins) == 1500
    assert len(found.bins) == 10
    assert [b.predicted for b in found.bins] == sorted(b.predicted for b in found.bins)
    assert found.estimate("auc", "AUC").note == found.summary()


def test_the_same_seed_gives_the_same_folds_and_another_does_not():
    y, x = people(n=150)
    a, b, c = (cross_validate(y, x, seed=s, ridge=1.0).predictions for s in (1, 1, 2))
    assert np.array_equal(a, b)
    assert not np.array_equal(a, c)


def test_sites_are_predicted_from_the_others():
    y, x = people(n=300)
    site = np.array(["north", "south", "west"] * 100)
    found = cross_validate(y, x, site=site, ridge=1.0)
    west = site == "west"
    other = logistic(y[~west], {k: v[~west] for k, v in x.items()}, ridge=1.0)
    direct = other.predict(np.column_stack([np.ones(100), *(v[west] for v in x.values())]))
    np.testing.assert_allclose(found.predictions[west], direct, rtol=1e-9)
    assert "each of 3 sites" in found.how
    with pytest.raises(NotEstimable, match="one site"):
        cross_validate(y, x, site=["a"] * 300)


def test_rows_with_missing_values_are_left_out_and_counted():
    y, x = people(n=200)
    y[:5] = np.nan
    x["age"][10:20] = np.nan
    found = cross_validate(y, x, ridge=1.0)
    assert (found.n, found.missing) == (185, 15)
    assert np.isnan(found.predictions[:5]).all()


def test_what_cannot_be_predicted_is_refused():
    y, x = people(n=100)
    for call in (
        lambda: logistic(np.ones(100), x),
        lambda: logistic(y, {**x, "twice": 2 * x["pain"]}),
        lambda: cross_validate(np.r_[np.ones(3), np.zeros(97)], x),
        lambda: auc([1, 0, 0], [1, 2, 3]),
    ):
        with pytest.raises(NotEstimable) as caught:
            call()
        assert caught.value.finding.cure
    with pytest.raises(BadInput):
        logistic(y * 2, x)
    with pytest.raises(BadInput, match="No predictor"):
        logistic(y, x).coefficient("height")


def test_auc_counts_pairs_and_turns():
    y, s = [1, 1, 0, 0, 0], [3, 1, 1, 0, 2]
    assert auc(y, s).value == pytest.approx((3 + 0.5 + 1) / 6)
    assert auc(y, [-v for v in s]).value == pytest.approx(1 - auc(y, s).value)
    assert auc([1, 1, 0, 0], [3, 4, 1, 2]).value == 1.0


def test_calibration_of_true_probabilities_and_of_bold_ones():
    rng = np.random.default_rng(5)
    logit = rng.normal(0, 1, 4000)
    y = (rng.random(4000) < 1 / (1 + np.exp(-logit))).astype(float)
    _, right = calibration(y, 1 / (1 + np.exp(-logit)))
    _, bold = calibration(y, 1 / (1 + np.exp(-2 * logit)))
    assert right.ci_low < 1 < right.ci_high
    assert bold.ci_high < 1
    assert calibration(y, np.full(4000, 0.4))[1] is None
    assert len(calibration_bins(y, np.full(4000, 0.4))) == 1


def test_auc_interval_holds(holds):
    from scipy import stats

    rng, truth, hits = np.random.default_rng(6), stats.norm.cdf(1 / np.sqrt(2)), 0
    y = np.r_[np.ones(30), np.zeros(50)]
    for _ in range(600):
        c = auc(y, np.r_[rng.normal(1, 1, 30), rng.normal(0, 1, 50)])
        hits += c.ci_low <= truth <= c.ci_high
    assert holds(hits, 600)


# --- learners, groups, leaks, decisions ---------------------------------------------------------------------------


@pytest.mark.parametrize("learner", ["ridge", "elastic-net", "boosting"])
def test_each_learner_finds_what_is_there_and_nothing_where_nothing_is(learner):
    y, x = people(n=300, slope=1.5)
    found = cross_validate(y, x, folds=3, learner=learner)
    assert found.auc.value > 0.7
    rng = np.random.default_rng(8)
    nothing = cross_validate((rng.random(300) < 0.4).astype(float), x, folds=3, learner=learner)
    assert nothing.auc.ci_low <= 0.5
    assert "better than chance" in nothing.summary()


def test_boosting_sees_a_curve_that_a_line_does_not():
    rng = np.random.default_rng(9)
    x = rng.normal(size=400)
    y = (rng.random(400) < np.where(np.abs(x) > 1, 0.8, 0.2)).astype(float)
    line, trees = (cross_validate(y, {"x": x}, folds=3, learner=one).auc.value for one in ("ridge", "boosting"))
    assert line < 0.6 < 0.7 < trees


def test_without_the_extra_it_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    y, x = people(n=100)
    with pytest.raises(MissingExtra, match="predict") as caught:
        cross_validate(y, x, learner="boosting")
    assert caught.value.exit_code == 3
    assert "accord[predict]" in caught.value.finding.cure
    with pytest.raises(BadInput, match="no learner"):
        cross_validate(y, x, learner="oracle")


def test_groups_are_never_split_outside_or_inside():
    rng = np.random.default_rng(4)
    groups = np.repeat(np.arange(13), rng.integers(5, 40, 13))
    y = (rng.random(len(groups)) < 0.3).astype(float)
    part = grouped_folds(y, groups, 5, 1)
    assert set(part.tolist()) == set(range(5))
    assert all(len(set(part[groups == g].tolist())) == 1 for g in range(13))
    inner = inner_folds(y[part != 0], 1, groups[part != 0])
    assert all(len(set(inner[groups[part != 0] == g].tolist())) == 1 for g in set(groups[part != 0].tolist()))


def test_a_model_that_tells_the_therapist_is_found_out_by_whole_groups():
    """The outcome hangs on the therapist alone; a code of her tells it within folds of people, not of therapists."""
    rng = np.random.default_rng(5)
    therapist = np.repeat(np.arange(24), 20)
    y = (rng.random(480) < np.where(rng.random(24) < 0.5, 0.15, 0.85)[therapist]).astype(float)
    x = {"office": np.array([f"o{k}" for k in therapist])}
    within = cross_validate(y, x, folds=6)
    whole = cross_validate(y, x, folds=6, groups=therapist)
    assert within.auc.value > 0.8
    assert whole.auc.value < 0.6
    assert "whole groups" in whole.how
    with pytest.raises(BadInput, match="not by both"):
        cross_validate(y, x, groups=therapist, site=therapist)


def test_a_leaking_predictor_is_flagged_by_its_day_and_by_its_auc():
    y, x = people(n=200)
    x["lessons"] = y * 5 + np.random.default_rng(1).normal(size=200)
    x["grade"] = np.where(y == 1, "done", "not done")
    found = cross_validate(y, x, measured={"age": 0, "mood": 40}, outcome_starts=30, ridge=1.0)
    assert {leak.name for leak in found.leaks} == {"lessons", "mood", "grade"}
    assert found.summary().startswith("Perhaps known only afterwards")
    assert "day 40, when the outcome had begun (day 30)" in found.summary()
    assert cross_validate(y, {"pain": x["pain"]}).leaks == ()
    with pytest.raises(BadInput, match="no predictor"):
        cross_validate(y, {"pain": x["pain"]}, measured={"mood": 3.0})


def test_a_one_class_outcome_and_three_people_are_refused():
    _, x = people(n=100)
    for y in (np.zeros(100), np.ones(100)):
        with pytest.raises(NotEstimable, match="Only 0 people"):
            cross_validate(y, x)
        with pytest.raises(NotEstimable, match="nothing to decide"):
            decision_curve(y, np.full(100, 0.5))
    with pytest.raises(NotEstimable):
        cross_validate(np.array([0.0, 1.0, 0.0]), {"x": np.arange(3.0)})


def test_net_benefit_by_hand():
    """At .25 one wrong action weighs a third of a right one: 2/4 - 1/4 · 1/3, and 2/4 - 2/4 · 1/3 for everybody."""
    found = decision_curve([1, 1, 0, 0], [0.9, 0.6, 0.3, 0.1], thresholds=[0.25, 0.5])
    first, second = found.points
    assert (first.model, first.everybody) == pytest.approx((2 / 4 - 1 / 4 / 3, 2 / 4 - 2 / 4 / 3))
    assert (second.model, second.everybody) == pytest.approx((0.5, 0.0))
    assert found.useful == ((0.25, 0.5),)
    for wrong in ([0.0], [1.0], []):
        with pytest.raises(BadInput, match="between 0 and 1"):
            decision_curve([1, 0], [0.5, 0.4], thresholds=wrong)
    with pytest.raises(BadInput, match="not scores"):
        decision_curve([1, 0], [50, 4])


def test_a_useless_prediction_is_worth_nothing_and_says_so():
    found = decision_curve([1, 0] * 50, np.full(100, 0.5))
    assert found.useful == ()
    assert "At no threshold" in found.summary()
    assert "<svg" in found._repr_html_()

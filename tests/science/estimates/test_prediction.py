"""Logistic prediction: separation, honesty about chance, folds that do not leak, calibration, AUC intervals."""

import numpy as np
import pytest

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.auc import auc
from accord.science.estimates.logistic import logistic
from accord.science.estimates.prediction import calibration, calibration_bins, cross_validate


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

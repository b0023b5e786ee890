"""Estimating equations: what must not matter, zeros, percentages on both bases, refusals, intervals that hold."""

import numpy as np
import pytest

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.gee import gee, percentage_change
from accord.science.estimates.repeated_design import visit_design


def cohort(seed=1, n=60, shrink=0.7):
    """Gamma outcomes with a person's own level; the mean falls to `shrink` of the first."""
    rng = np.random.default_rng(seed)
    person = rng.gamma(8, 1 / 8, (n, 1))
    y = rng.gamma(3, 10 / 3, (n, 3)) * person * np.array([1, shrink, shrink])
    y[rng.random(y.shape) < 0.1] = np.nan
    return y, visit_design(["all"] * n, ["pre", "post", "later"])


def test_a_saturated_independent_fit_is_the_mean_of_each_visit():
    y, plan = cohort()
    for family in ("gaussian", "gamma-log"):
        fit = gee(y, plan, family=family, correlation="independence")
        for t, visit in enumerate(("pre", "post", "later")):
            assert fit.mean("all", visit).value == pytest.approx(np.nanmean(y[:, t]), rel=1e-9)


def test_zeros_are_kept_and_counted():
    y, plan = cohort()
    y[:7, 1] = 0.0
    fit = gee(y, plan, family="gamma-log", correlation="independence")
    assert fit.zeros == 7
    assert "7 values of zero were kept" in fit.note
    assert fit.mean("all", "post").value == pytest.approx(np.nanmean(y[:, 1]), rel=1e-9)


def test_percentages_count_from_the_true_zero_and_from_the_raw_score():
    """A scale that starts at 10: raw means 20 and 17 are 30 % less from the true zero, 15 % less raw."""
    raw = np.array([[20.0, 17.0], [18.0, 15.0], [22.0, 19.0], [20.0, 17.0]] * 10)
    raw += np.random.default_rng(2).choice([-1, 1], (40, 1))
    plan = visit_design(["all"] * 40, ["pre", "post"])
    for family in ("gamma-log", "gaussian"):
        fit = gee(raw - 10, plan, family=family, correlation="independence")
        found = percentage_change(fit, "all", "post", "pre", zero=10)
        mean = raw.mean(axis=0)
        assert found.from_true_zero.value == pytest.approx(100 * (mean[1] - mean[0]) / (mean[0] - 10), rel=1e-8)
        assert found.from_raw_score.value == pytest.approx(100 * (mean[1] - mean[0]) / mean[0], rel=1e-8)
        e = found.estimate("p", "p", basis="true zero")
        assert "10" in e.note
        assert e.unit == "%"
        assert "missing completely at random" in e.method
        assert e.ci_low < e.value < e.ci_high


def test_unit_does_not_matter_and_order_does_not():
    y, plan = cohort()
    order = np.random.default_rng(3).permutation(len(y))
    a = percentage_change(gee(y, plan, family="gamma-log"), "all", "post", "pre", zero=0).from_true_zero
    b = percentage_change(gee(y[order] * 9, plan, family="gamma-log"), "all", "post", "pre", zero=0).from_true_zero
    assert (b.value, b.se, b.ci_low) == pytest.approx((a.value, a.se, a.ci_low), rel=1e-6)


def test_one_visit_and_unstructured_correlation():
    y, plan = cohort()
    assert gee(y[:, [0]], visit_design(["all"] * 60, ["pre"])).observations == int(np.isfinite(y[:, 0]).sum())
    fit = gee(y, plan, correlation="unstructured")
    assert fit.correlation_matrix.shape == (3, 3)
    assert (np.diag(fit.correlation_matrix) == 1).all()


def test_bias_reduced_errors_are_larger():
    y, plan = cohort(n=12)
    a, b = (gee(y, plan, errors=e).mean("all", "post").se for e in ("robust", "bias-reduced"))
    assert b > a


def test_fay_and_graubards_errors_written_out_person_by_person():
    y, plan = cohort(n=12)
    fit = gee(y, plan, errors="fay-graubard", correlation="independence")
    plain = gee(y, plan, errors="robust", correlation="independence")
    x = np.einsum("na,tap->ntp", plan.people, plan.maps)
    seen = np.isfinite(y)
    bread = np.linalg.inv(sum(x[i][seen[i]].T @ x[i][seen[i]] for i in range(12)))
    meat = np.zeros_like(bread)
    for i in range(12):
        rows = x[i][seen[i]]
        score = rows.T @ (y[i][seen[i]] - rows @ fit.coefficients)
        score = score / np.sqrt(1 - np.minimum(np.diag(rows.T @ rows @ bread), 0.75))
        meat += np.outer(score, score)
    np.testing.assert_allclose(fit.covariance_of_coefficients, bread @ meat @ bread, rtol=1e-9)
    assert (np.diag(fit.covariance_of_coefficients) > np.diag(plain.covariance_of_coefficients)).all()


def test_what_cannot_be_estimated_is_refused_with_a_cure():
    y, plan = cohort()
    arms = visit_design(["a"] * 30 + ["b"] * 30, ["pre", "post", "later"])
    yes = np.where(np.arange(60)[:, None] < 30, 1.0, 0.0) * np.ones((1, 3))
    for call, words in (
        (lambda: gee(np.full_like(y, np.nan), plan), "No person"),
        (lambda: gee(np.ones_like(y), plan), "left to vary"),
        (lambda: gee(yes, arms, family="binomial"), "do not settle|left to vary"),
        (lambda: gee(y * 0, plan, family="gamma-log"), "All values are zero"),
        (lambda: gee(y * 0, plan, family="poisson"), "All values are zero"),
        (lambda: gee(y[:3], visit_design(["all"] * 3, ["pre", "post", "later"])), "3 people for 3"),
    ):
        with pytest.raises(NotEstimable, match=words) as caught:
            call()
        assert caught.value.finding.cure
    for call, words in (
        (lambda: gee(y - 100, plan, family="gamma-log"), "zero or more"),
        (lambda: gee(y, plan, family="binomial"), "0 or 1"),
        (lambda: gee(y[:, :2], plan), "design"),
    ):
        with pytest.raises(BadInput, match=words):
            call()


def test_percentage_interval_holds(holds):
    hits = 0
    for seed in range(400):
        y, plan = cohort(seed, n=40)
        c = percentage_change(gee(y, plan, family="gamma-log"), "all", "post", "pre", zero=0).from_true_zero
        hits += c.ci_low <= -30 <= c.ci_high
    assert holds(hits, 400)

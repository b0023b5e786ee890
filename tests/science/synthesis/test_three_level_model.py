"""Properties of three-level and working-covariance models, and what they refuse."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize

from accord.science.errors import BadInput, NotEstimable
from accord.science.synthesis.nested_covariance import correlated, nesting
from accord.science.synthesis.nested_likelihood import NestedData, evaluate, maximise
from accord.science.synthesis.robust_covariance import robust
from accord.science.synthesis.three_level import three_level
from accord.science.synthesis.working_covariance import rho_sensitivity, working_covariance


def invented(seed=1, studies=14, between=0.2, within=0.05, largest=7):
    """Effects, variances, studies; sizes from 1 to `largest`."""
    rng = np.random.default_rng(seed)
    study = np.repeat(np.arange(studies), rng.integers(1, largest + 1, studies))
    v = rng.uniform(0.02, 0.2, len(study))
    y = 0.4 + np.sqrt(between) * rng.normal(size=studies)[study] + rng.normal(0, np.sqrt(within + v))
    return y, v, study


def dense(data, variances):
    """V, −2 × restricted log likelihood and coefficients from whole matrices, by the textbook."""
    same = data.nest.study[:, None] == data.nest.study
    factor = data.sampling.factor
    v = np.diag(data.sampling.diagonal + variances[1]) + same * (variances[0] + factor @ factor.T)
    inverse = np.linalg.inv(v)
    bread = np.linalg.inv(data.x.T @ inverse @ data.x)
    b = bread @ data.x.T @ inverse @ data.y
    r = data.y - data.x @ b
    n, p = data.x.shape
    value = (n - p) * np.log(2 * np.pi) - np.linalg.slogdet(data.x.T @ data.x)[1] - np.linalg.slogdet(bread)[1]
    return v, value + np.linalg.slogdet(v)[1] + r @ inverse @ r, b, bread


def nested_data(rho=0.0, seed=1):
    y, v, study = invented(seed)
    nest = nesting(study, len(y))
    x = np.column_stack([np.ones(len(y)), np.random.default_rng(9).normal(size=len(y))])
    return NestedData(y[nest.order], x, correlated(v[nest.order], rho), nest)


@pytest.mark.parametrize("rho", [0.0, 0.5])
def test_likelihood_and_derivatives_from_whole_matrices(rho):
    data, at = nested_data(rho), np.array([0.13, 0.07])
    fit = evaluate(data, at)
    _, value, b, bread = dense(data, at)
    assert -2 * fit.log_likelihood == pytest.approx(value, rel=1e-12)
    np.testing.assert_allclose(fit.coefficients, b, rtol=1e-10)
    np.testing.assert_allclose(fit.covariance, bread, rtol=1e-10)
    h = 1e-5 * np.eye(2)
    slope = [(dense(data, at - e)[1] - dense(data, at + e)[1]) / 4e-5 for e in h]
    np.testing.assert_allclose(fit.score, slope, rtol=1e-5)
    bend = [(evaluate(data, at - e).score - evaluate(data, at + e).score) / 2e-5 for e in h]
    np.testing.assert_allclose(fit.observed, bend, rtol=1e-5)


def test_expected_information_from_whole_matrices():
    data, at = nested_data(0.5), np.array([0.13, 0.07])
    v, _, _, bread = dense(data, at)
    inverse = np.linalg.inv(v)
    p = inverse - inverse @ data.x @ bread @ data.x.T @ inverse
    j = [(data.nest.study[:, None] == data.nest.study).astype(float), np.eye(len(v))]
    expected = [[np.trace(p @ a @ p @ b) / 2 for b in j] for a in j]
    np.testing.assert_allclose(evaluate(data, at).expected, expected, rtol=1e-10)


@pytest.mark.parametrize("seed", range(6))
def test_the_maximum_is_the_one_a_general_optimiser_finds(seed):
    data = nested_data(0.3, seed)
    found = maximise(data)
    other = minimize(
        lambda s: dense(data, s)[1], [0.1, 0.1], bounds=[(0, None)] * 2, method="L-BFGS-B", options={"ftol": 1e-14}
    )
    assert -2 * found.log_likelihood <= other.fun + 1e-8
    np.testing.assert_allclose(found.variances, other.x, atol=2e-4)


@pytest.mark.parametrize("rho", [0.0, 0.6])
def test_cr2_is_unbiased_when_the_covariance_is_right(rho):
    """The expectation of the CR2 covariance under V is (X'V⁻¹X)⁻¹, exactly.

    Residuals have covariance V − XMX'; the sum over the columns of its root is that expectation.
    """
    data, at = nested_data(rho), np.array([0.2, 0.05])
    v, _, _, bread = dense(data, at)
    values, vectors = np.linalg.eigh(v - data.x @ bread @ data.x.T)
    columns = (vectors * np.sqrt(np.maximum(values, 0))).T
    total = np.zeros((2, 2))
    for column in columns:
        one = replace(data, y=column)
        total += robust(one, evaluate(one, at)).covariance
    np.testing.assert_allclose(total, bread, rtol=1e-9)


def test_sign_scale_and_order():
    y, v, study = invented()
    base = three_level(y, v, study)
    turned = three_level(-y, v, study)
    assert (turned.estimate, turned.ci_low, turned.p) == pytest.approx((-base.estimate, -base.ci_high, base.p))
    scaled = three_level(10 * y, 100 * v, study)
    assert scaled.estimate == pytest.approx(10 * base.estimate)
    assert (scaled.tau2_between, scaled.tau2_within) == pytest.approx(
        (100 * base.tau2_between, 100 * base.tau2_within), rel=1e-7
    )
    assert (scaled.i2, scaled.df, scaled.p) == pytest.approx((base.i2, base.df, base.p), rel=1e-7)
    shuffled = np.random.default_rng(3).permutation(len(y))
    mixed = three_level(y[shuffled], v[shuffled], study[shuffled])
    assert (mixed.estimate, mixed.se, mixed.df) == pytest.approx((base.estimate, base.se, base.df), rel=1e-9)


def test_words_as_names_of_studies_and_a_matrix_as_variances():
    y, v, study = invented()
    base = working_covariance(y, v, study, rho=0.4)
    names = [f"Trial {number}" for number in study]
    same = study[:, None] == study
    matrix = np.where(same, 0.4 * np.sqrt(np.outer(v, v)), 0.0)
    np.fill_diagonal(matrix, v)
    whole = three_level(y, matrix, names)
    assert (whole.estimate, whole.se, whole.df) == pytest.approx((base.estimate, base.se, base.df), rel=1e-8)
    assert (whole.q, whole.i2, whole.log_likelihood) == pytest.approx((base.q, base.i2, base.log_likelihood), rel=1e-8)
    plain = working_covariance(y, v, study, rho=0)
    assert plain.estimate == three_level(y, v, study).estimate
    assert three_level(y, np.diag(v), study).estimate == pytest.approx(plain.estimate, rel=1e-12)


def test_a_variance_best_at_zero_is_named():
    y, v, study = invented(between=0.3, within=0)
    found = three_level(y, 4 * v, study)
    assert found.tau2_within == 0
    assert [finding.rule for finding in found.warnings] == ["boundary"]
    low, high = found.variance_intervals()[1][1:]
    assert low == 0 < high


def test_no_heterogeneity_gives_the_fixed_effect_mean():
    y, v, study = invented()
    flat = 0.3 + 0.01 * (y - y.mean())
    found = three_level(flat, v, study, errors="model")
    assert (found.tau2, found.i2) == (0, 0)
    assert found.estimate == pytest.approx((flat / v).sum() / (1 / v).sum())
    assert found.se == pytest.approx((1 / v).sum() ** -0.5)


def test_one_study_far_larger_than_all():
    y, v, study = invented()
    v = np.where(study == 3, 1e-6, v)
    found = three_level(y, v, study)
    assert np.isfinite([found.estimate, found.se, found.df]).all()
    assert found.by_study()["weight"].sum() == pytest.approx(100)


def test_rows_with_holes_are_left_out_and_said():
    y, v, study = invented()
    base = three_level(y[:-2], v[:-2], study[:-2])
    y[-2:] = np.nan
    found = three_level(y, v, study)
    assert (found.k, found.estimate) == (base.k, base.estimate)
    assert found.warnings[0].rule == "missing"
    whole = three_level(y, np.diag(v), study)
    assert whole.estimate == pytest.approx(base.estimate, rel=1e-12)


def test_a_level_of_one_study_alone_is_named():
    y, v, study = invented()
    found = three_level(y, v, study, mods={"kind": np.where(study == 2, "odd", "usual").tolist()})
    assert any(finding.rule == "one study" and "(2)" in finding.what for finding in found.warnings)
    assert not any(finding.rule == "one study" for finding in three_level(y, v, study).warnings)


def test_intervals_cover_as_often_as_they_say():
    """300 samples, 10 studies: CR2 with Satterthwaite df, sampling correlations taken for 0 although they are .5."""
    rng, hits = np.random.default_rng(20260101), 0
    study = np.repeat(np.arange(10), [1, 2, 3, 4, 5, 6, 2, 3, 4, 8])
    v = rng.uniform(0.03, 0.15, len(study))
    shared = rng.normal(size=(300, 10))[:, study] * np.sqrt(0.5 * v)
    own = rng.normal(size=(300, len(study))) * np.sqrt(0.5 * v + 0.03)
    y = 0.3 + np.sqrt(0.1) * rng.normal(size=(300, 10))[:, study] + shared + own
    for row in y:
        found = three_level(row, v, study)
        hits += found.ci_low < 0.3 < found.ci_high
    assert 0.92 <= hits / 300 <= 0.98


def test_sensitivity_to_rho():
    y, v, study = invented()
    table = rho_sensitivity(y, v, study, rhos=(0.0, 0.5))
    assert table["rho"].to_list() == [0.0, 0.5]
    assert table["estimate"][1] == working_covariance(y, v, study, rho=0.5).estimate


def test_what_a_result_shows():
    y, v, study = invented()
    found = working_covariance(y, v, [f"Study {n}" for n in study], rho=0.6)
    values = found.to_dict()
    assert list(values)[:5] == ["k", "studies", "estimate", "se", "ci_low"]
    assert values["tau2"] == found.tau2_between + found.tau2_within
    assert found.table()["term"].to_list() == ["intercept"]
    text = found.summary()
    assert f"{len(y)} effects of 14 studies" in text
    assert "correlated 0.6" in text
    assert "CR2" in text
    forest = found.plot()
    assert len(forest.rows) == 15
    assert forest.rows[-1].value == found.estimate
    assert forest.svg().startswith("<svg")
    assert "<table>" in found._repr_html_()


def test_what_is_refused():
    y, v, study = invented()
    with pytest.raises(NotEstimable, match="one effect"):
        three_level(y, v, np.arange(len(y)))
    with pytest.raises(NotEstimable, match="one study"):
        three_level(y, v, np.zeros(len(y)))
    with pytest.raises(BadInput, match="REML or ML"):
        three_level(y, v, study, method="DL")
    with pytest.raises(BadInput, match="CR2, CR1, model"):
        three_level(y, v, study, errors="CR3")
    with pytest.raises(BadInput, match="rho"):
        working_covariance(y, v, study, rho=1)
    with pytest.raises(BadInput, match="variance"):
        three_level(y, np.where(study == 1, 0, v), study)
    with pytest.raises(BadInput, match="different studies"):
        three_level(y, np.diag(v) + 0.001, study)
    with pytest.raises(BadInput, match="positive definite"):
        three_level(y, np.where(study[:, None] == study, 0.1, 0.0), study)
    with pytest.raises(BadInput, match="no place for rho"):
        working_covariance(y, np.diag(v), study)
    with pytest.raises(BadInput, match="one label for each"):
        three_level(y, v, study[:-1])
    with pytest.raises(BadInput, match="no place for rho"):
        working_covariance(y, np.diag(v).tolist(), study)
    with pytest.raises(BadInput, match="row 3: This effect has no study"):
        three_level(y, v, ["A", "A", None, *study[3:].tolist()])
    with pytest.raises(NotEstimable, match="coefficients"):
        three_level([0.1, 0.2, 0.4], [0.1] * 3, ["A", "A", "B"], mods={"a": [1, 2, 4], "b": [3, 1, 1]})
    with pytest.raises(BadInput, match="Use one of: intercept"):
        three_level(y, v, study).coefficient("age")

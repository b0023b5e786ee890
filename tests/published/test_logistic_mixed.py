"""Logistic regression with a random intercept against lme4's glmer, 15 nodes (numbers in r/logistic_mixed.json)."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.logistic_mixed import logistic_mixed

HERE = Path(__file__).parent
R = json.loads((HERE / "r/logistic_mixed.json").read_text())
TWO = pl.read_csv(HERE / "data/sim_therapist2.csv")
FIXED = {name: TWO[name].to_numpy() for name in ("pre", "all_cwc", "all_cm")}


def test_coefficients_errors_variance_and_likelihood():
    model = logistic_mixed(TWO["complete"].to_numpy(), TWO["therapist"].to_numpy(), fixed=FIXED)
    found = [model.coefficient(name) for name in model.names]
    np.testing.assert_allclose([c.value for c in found], R["b"], rtol=2e-5)
    np.testing.assert_allclose([c.se for c in found], R["se"], rtol=2e-4)
    assert model.variance == pytest.approx(R["variance"], rel=1e-4)
    assert model.log_likelihood == pytest.approx(R["ll"], abs=1e-5)
    assert model.share == pytest.approx(R["variance"] / (R["variance"] + np.pi**2 / 3), rel=1e-4)
    np.testing.assert_allclose(model.modes, R["modes"], atol=2e-5)


def test_more_nodes_change_nothing_that_is_printed():
    few = logistic_mixed(TWO["complete"].to_numpy(), TWO["therapist"].to_numpy(), fixed=FIXED)
    many = logistic_mixed(TWO["complete"].to_numpy(), TWO["therapist"].to_numpy(), fixed=FIXED, nodes=41)
    np.testing.assert_allclose(few.coefficients, many.coefficients, rtol=1e-6)


def test_no_variance_between_clusters_is_a_boundary_fit_that_equals_a_model_without_them():
    y = np.tile([0.0, 1.0, 1.0], 40)
    model = logistic_mixed(y, np.repeat(np.arange(40), 3))
    assert model.boundary
    assert model.coefficients[0] == pytest.approx(np.log(2), rel=1e-6)


@pytest.mark.parametrize(
    ("outcome", "fixed", "message"),
    [
        (np.ones(60), {}, "same for everybody"),
        (np.full(60, np.nan), {}, "same for everybody"),
        (np.tile([0.0, 2.0], 30), {}, "other than 0 and 1"),
        (np.repeat([0.0, 1.0], 30), {"x": np.arange(60.0)}, "apart completely"),
    ],
)
def test_what_cannot_be_fitted_is_said(outcome, fixed, message):
    with pytest.raises((BadInput, NotEstimable), match=message):
        logistic_mixed(outcome, np.tile(np.arange(10), 6), fixed=fixed)

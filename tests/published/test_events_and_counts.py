"""Time to drop-out and counts against R's survival and MASS (numbers in r/events_and_counts.json)."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.blinding_index import blinding_index
from accord.science.estimates.counts import count_regression
from accord.science.estimates.regression_to_the_mean import regression_to_the_mean
from accord.science.estimates.time_to_event import cox, log_rank, survival

HERE = Path(__file__).parent
R = json.loads((HERE / "r/events_and_counts.json").read_text())
D = pl.read_csv(HERE / "data/events_and_counts.csv")
DAY, LEFT, ARM, AGE = (D[name].to_numpy() for name in ("day", "left", "arm", "age"))


def test_kaplan_and_meier():
    curve = survival(DAY, LEFT)
    np.testing.assert_allclose(curve.time, R["km"]["time"])
    for mine, theirs in ((curve.stay, "stay"), (curve.low, "low"), (curve.high, "high")):
        np.testing.assert_allclose(mine, R["km"][theirs], rtol=1e-9)
    assert curve.median == R["km"]["median"]


def test_log_rank():
    found = log_rank(DAY, LEFT, ARM)
    assert found.chi_square == pytest.approx(R["logrank"]["chisq"], rel=1e-9)
    np.testing.assert_allclose(list(found.expected.values()), R["logrank"]["exp"], rtol=1e-9)


def test_cox():
    model = cox(DAY, LEFT, {"arm": ARM, "age": AGE})
    np.testing.assert_allclose(model.coefficients, R["cox"]["b"], rtol=1e-6)
    np.testing.assert_allclose(np.sqrt(np.diagonal(model.covariance)), R["cox"]["se"], rtol=1e-6)
    assert model.log_likelihood == pytest.approx(R["cox"]["ll"], rel=1e-9)


def test_negative_binomial():
    model = count_regression(D["visits"].to_numpy(), {"arm": ARM, "age": AGE}, time=D["time"].to_numpy())
    np.testing.assert_allclose(model.coefficients, R["nb"]["b"], rtol=1e-5)
    np.testing.assert_allclose(np.sqrt(np.diagonal(model.covariance)), R["nb"]["se"], rtol=1e-5)
    assert model.theta == pytest.approx(R["nb"]["theta"], rel=1e-5)
    assert model.log_likelihood == pytest.approx(R["nb"]["ll"], abs=1e-7)


def test_counts_that_vary_no_more_than_poisson():
    model = count_regression(D["calm"].to_numpy(), {"arm": ARM})
    assert model.theta is None or model.theta > 20
    even = count_regression(np.tile([1, 2, 3, 2], 50), {"arm": np.tile([0, 1], 100)})
    assert even.theta is None
    assert even.method == "Poisson regression"


def test_poisson_limit():
    """Counts made even: the same numbers as glm's Poisson would give for the means."""
    even = count_regression(np.tile([1, 2, 3, 2], 50), {"arm": np.tile([0, 1], 100)})
    np.testing.assert_allclose(even.coefficients, [np.log(2), 0], atol=1e-9)
    np.testing.assert_allclose(np.sqrt(np.diagonal(even.covariance)), [np.sqrt(1 / 200), np.sqrt(2 / 200)], rtol=1e-9)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: survival([1, 2], [0, 0]), NotEstimable, "Nobody left"),
        (lambda: survival([-1, 2], [0, 1]), BadInput, "negative"),
        (lambda: survival([1, 2], [0, 3]), BadInput, "0 or 1"),
        (lambda: survival([np.nan], [1]), NotEstimable, "No person"),
        (lambda: log_rank([1, 2], [1, 1], ["a", "a"]), NotEstimable, "nothing to compare"),
        (lambda: cox(np.arange(1, 41), np.repeat([1, 0], 20), {"x": np.repeat([1.0, 0.0], 20)}), NotEstimable, "apart"),
        (lambda: count_regression([1.5, 2]), BadInput, "whole number"),
        (lambda: count_regression([0, 0, 0]), NotEstimable, "nothing counted"),
        (lambda: count_regression([1, 2], time=[0, 1]), BadInput, "0 or less"),
    ],
)
def test_what_cannot_be_estimated_is_said(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_blinding_by_hand():
    arm = ["new"] * 50 + ["old"] * 50
    guess = ["new"] * 30 + ["old"] * 10 + ["don't know"] * 10 + ["old"] * 15 + ["new"] * 15 + ["don't know"] * 20
    found = blinding_index(arm, guess)
    assert found.bang["new"].value == pytest.approx(0.4)
    assert found.bang["new"].se == pytest.approx(np.sqrt((0.6 * 0.4 + 0.2 * 0.8 + 2 * 0.6 * 0.2) / 50))
    assert found.bang["old"].value == 0


def test_blinding_at_its_ends():
    two = ["a"] * 10 + ["b"] * 10
    assert blinding_index(two, two).james == 0
    assert blinding_index(two, ["don't know"] * 20).james == 1
    random = ["a", "b"] * 10
    assert blinding_index(two, random).james == pytest.approx(0.5)
    with pytest.raises(BadInput, match="maybe"):
        blinding_index(two, ["maybe"] * 20)


def test_regression_to_the_mean_is_what_a_simulation_shows():
    random = np.random.default_rng(3)
    first = random.normal(20, 5, 400000)
    second = 20 + 0.6 * (first - 20) + random.normal(0, 5 * 0.8, 400000)
    chosen = first > 24
    found = regression_to_the_mean(cutoff=24, mean=20, sd=5, correlation=0.6, observed=5.0)
    assert found.expected == pytest.approx((first - second)[chosen].mean(), abs=0.04)
    assert found.chosen == pytest.approx(chosen.mean(), abs=0.003)
    assert found.share_of_observed == pytest.approx(found.expected / 5)

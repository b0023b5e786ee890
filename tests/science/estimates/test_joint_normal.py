"""One joint normal model of several columns: relations kept, seeds, what is observed, refusals."""

import numpy as np
import pytest

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.joint_normal import impute_jointly


def holed(seed=1, n=3000):
    random = np.random.default_rng(seed)
    arm = np.where(np.arange(n) % 2, "new", "old")
    x = random.normal(size=n)
    a = 100 + 20 * (x + (arm == "new")) + 10 * random.normal(size=n)
    b = 0.001 * (a - 100) + 0.02 * random.normal(size=n)
    whole = {"arm": arm, "x": x, "a": a, "b": b}
    late = random.random(n) < 1 / (1 + np.exp(1 - x))
    return whole, {**whole, "a": np.where(late, np.nan, a), "b": np.where(random.random(n) < 0.2, np.nan, b)}


def test_means_and_correlations_come_back_whatever_the_units():
    whole, gaps = holed()
    found = impute_jointly(gaps, sets=5, warm_up=100, thin=10)
    assert found.missing == {k: int(np.isnan(gaps[k]).sum()) for k in "ab"}
    assert np.nanmean(gaps["a"]) < whole["a"].mean() - 3
    assert np.mean([s["a"].mean() for s in found.sets]) == pytest.approx(whole["a"].mean(), abs=1)
    correlation = np.corrcoef(whole["a"], whole["b"])[0, 1]
    assert np.mean([np.corrcoef(s["a"], s["b"])[0, 1] for s in found.sets]) == pytest.approx(correlation, abs=0.02)
    for one in found.sets:
        seen = np.isfinite(gaps["a"])
        np.testing.assert_array_equal(one["a"][seen], gaps["a"][seen])
        assert one["arm"] is gaps["arm"]


def test_the_same_seed_gives_the_same_values_and_another_does_not():
    _, gaps = holed(n=200)
    one, two, other = (impute_jointly(gaps, sets=1, seed=s, warm_up=5, thin=1).sets[0]["a"] for s in (1, 1, 2))
    np.testing.assert_array_equal(one, two)
    assert (one != other).any()


@pytest.mark.parametrize(
    ("columns", "error", "message"),
    [
        ({"x": [1.0, 2, 3]}, BadInput, "No column has gaps"),
        ({"x": [1.0, 2, 3], "y": ["a", "", "b"]}, BadInput, "holds words"),
        ({"x": [1.0, 2, 3], "y": [np.nan] * 3}, NotEstimable, "missing for everybody"),
        ({"x": [1.0, 2, 3], "y": [1.0, np.nan, 2]}, NotEstimable, "too few"),
        ({"x": np.ones(9), "y": [np.nan, *range(8)]}, NotEstimable, "cannot be told apart"),
        ({"x": np.arange(9), "y": [np.nan, *[3.0] * 8]}, NotEstimable, "one value only"),
    ],
)
def test_what_cannot_be_imputed_is_said(columns, error, message):
    with pytest.raises(error, match=message) as caught:
        impute_jointly(columns)
    assert caught.value.finding.cure

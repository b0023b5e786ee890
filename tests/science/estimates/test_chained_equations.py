"""Chained equations: coverage under missing at random, kinds, seeds, refusals."""

import numpy as np
import pytest

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.categorical_regression import multinomial_logit, proportional_odds
from accord.science.estimates.chained_equations import impute_chained
from accord.science.estimates.multiple_imputation import pool


def made(seed, n=200):
    random = np.random.default_rng([7, seed])
    x = random.normal(size=n)
    cluster = np.repeat(np.arange(20), n // 20)
    gap = random.random(n) < 1 / (1 + np.exp(-(x - 0.8)))
    return random, x, cluster, gap


def covered(values, truth, clusters=None):
    """Whether Rubin's interval of the mean holds the truth (by cluster means where they are given)."""
    estimates = [v.mean() for v in values]
    if clusters is None:
        variances = [v.var(ddof=1) / len(v) for v in values]
    else:
        groups = [[v[clusters == k].mean() for k in np.unique(clusters)] for v in values]
        variances = [np.var(g, ddof=1) / len(g) for g in groups]
    limits = pool(estimates, variances).contrast
    return limits.ci_low <= truth <= limits.ci_high


def test_intervals_cover_when_values_are_missing_at_random():
    hits = dict.fromkeys(("pmm", "normal", "logistic", "two-level"), 0)
    for seed in range(80):
        random, x, cluster, gap = made(seed)
        y = 1 + 0.8 * x + random.normal(size=len(x))
        yes = (random.random(len(x)) < 1 / (1 + np.exp(-x))).astype(float)
        within = 0.5 * x + random.normal(0, 0.5, 20)[cluster] + random.normal(size=len(x))
        for kind, column, truth in (("pmm", y, 1), ("normal", y, 1), ("logistic", yes, 0.5), ("two-level", within, 0)):
            named = {"x": x, "y": np.where(gap, np.nan, column)}
            more = {"cluster": "c"} if kind == "two-level" else {}
            named |= {"c": cluster} if more else {}
            sets = impute_chained(named, kinds={"y": kind}, sets=10, iterations=5, seed=seed, **more).sets
            hits[kind] += covered([one["y"] for one in sets], truth, cluster if more else None)
    for kind, count in hits.items():
        assert 0.85 <= count / 80 <= 1.0, kind


def test_an_ordered_answer_keeps_its_shares():
    random, x, _, gap = made(1, n=2000)
    words = np.array(["none", "some", "much"])[np.digitize(x + random.logistic(size=2000), [-1, 1])]
    holed = np.where(gap, "", words)
    found = impute_chained({"x": x, "y": holed}, orders={"y": ["none", "some", "much"]}, sets=5, iterations=3)
    assert found.kinds == {"y": "ordinal"}
    shares = np.mean([[np.mean(one["y"] == w) for w in ("none", "some", "much")] for one in found.sets], axis=0)
    np.testing.assert_allclose(shares, [np.mean(words == w) for w in ("none", "some", "much")], atol=0.04)
    for one in found.sets:
        assert (one["y"][~gap] == words[~gap]).all()


def test_proportional_odds_finds_what_was_put_in():
    random = np.random.default_rng(2)
    x = random.normal(size=(6000, 2))
    y = np.digitize(x @ [0.8, -0.4] + random.logistic(size=6000), [-1.0, 0.5, 2.0])
    cuts, slope = proportional_odds(y, x, ridge=0)
    np.testing.assert_allclose(cuts, [-1, 0.5, 2], atol=0.12)
    np.testing.assert_allclose(slope, [0.8, -0.4], atol=0.08)


def test_multinomial_logit_finds_what_was_put_in():
    random = np.random.default_rng(3)
    x = np.column_stack([np.ones(8000), random.normal(size=(8000, 2))])
    truth = np.array([[0.2, 0.8, -0.5], [-0.4, -0.6, 0.3]])
    scores = np.column_stack([np.zeros(8000), x @ truth.T]) + random.gumbel(size=(8000, 3))
    np.testing.assert_allclose(multinomial_logit(scores.argmax(axis=1), x, ridge=0), truth, atol=0.1)


def test_words_without_an_order_keep_their_shares():
    random, x, _, gap = made(5, n=2000)
    scores = np.column_stack([np.zeros(2000), 1.2 * x, -0.8 * x]) + random.gumbel(size=(2000, 3))
    words = np.array(["home", "phone", "clinic"])[scores.argmax(axis=1)]
    found = impute_chained({"x": x, "y": np.where(gap, "", words)}, sets=5, iterations=3)
    assert found.kinds == {"y": "multinomial"}
    shares = np.mean([[np.mean(one["y"] == w) for w in ("home", "phone", "clinic")] for one in found.sets], axis=0)
    np.testing.assert_allclose(shares, [np.mean(words == w) for w in ("home", "phone", "clinic")], atol=0.04)
    assert abs(np.mean(words[~gap] == "phone") - np.mean(words == "phone")) > 0.05  # those seen mislead
    for one in found.sets:
        assert (one["y"][~gap] == words[~gap]).all()


def test_the_same_seed_gives_the_same_values_and_another_does_not():
    _, x, _, gap = made(3)
    columns = {"x": x, "y": np.where(gap, np.nan, x + 1)}
    one, two, other = (impute_chained(columns, seed=s, sets=2, iterations=2).sets[0]["y"] for s in (1, 1, 2))
    np.testing.assert_array_equal(one, two)
    assert (one != other).any()


def test_observed_values_and_complete_columns_are_never_touched_and_words_are_predictors():
    _, x, _, gap = made(4)
    arm = np.where(np.arange(len(x)) % 2, "new", "old")
    y = np.where(gap, np.nan, x + (arm == "new"))
    found = impute_chained({"arm": arm, "x": x, "y": y}, sets=3, iterations=3)
    assert found.missing == {"y": int(gap.sum())}
    assert found.trace["y"].shape == (3, 3)
    for one in found.sets:
        np.testing.assert_array_equal(one["y"][~gap], y[~gap])
        assert np.isfinite(one["y"]).all()
        assert (one["arm"] == arm).all()
        assert np.isin(one["y"], y[~gap]).all()  # predictive means take values that were observed


def test_a_covariate_that_tells_the_outcome_apart_does_no_harm():
    x = np.arange(100.0)
    y = np.where(np.arange(100) % 7 == 0, np.nan, x > 50)
    found = impute_chained({"x": x, "y": y}, sets=3, iterations=3)
    assert all(np.isin(one["y"], (0, 1)).all() for one in found.sets)


@pytest.mark.parametrize(
    ("columns", "more", "error", "message"),
    [
        ({"x": [1.0, 2], "y": [np.nan, np.nan]}, {}, NotEstimable, "missing for everybody"),
        ({"x": [1.0, 2], "y": ["a", ""]}, {"orders": {"y": ["b"]}}, BadInput, "'a'"),
        ({"x": [1.0, 2], "y": [1, np.nan]}, {"cluster": "z"}, BadInput, "no column 'z'"),
        ({"x": [1.0, 2], "y": [1, np.nan]}, {"kinds": {"y": "two-level"}}, BadInput, "no cluster"),
    ],
)
def test_what_cannot_be_imputed_is_said(columns, more, error, message):
    with pytest.raises(error, match=message):
        impute_chained({name: np.asarray(values) for name, values in columns.items()}, **more)

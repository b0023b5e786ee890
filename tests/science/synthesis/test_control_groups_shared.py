"""Shared control groups: found by their numbers, split or modelled (C22)."""

import numpy as np
import pytest

from accord.science.errors import BadInput
from accord.science.synthesis.fitting import pool
from accord.science.synthesis.shared_controls import SharedControls, find_shared_controls, shared_control_covariance
from accord.science.synthesis.three_level import three_level

STUDY = ["A", "A", "A", "B", "B", "C"]
CONTROL = {"n": [30, 30, 30, 20, 20, 30], "mean": [5.1, 5.1, 4.0, 6.0, 6.0, 5.1], "sd": [2.0, 2.0, 2.0, 1.0, 1.0, 2.0]}


def test_the_same_numbers_in_one_study_are_one_group():
    found = find_shared_controls(STUDY, CONTROL)
    assert found.groups == ((0, 1), (3, 4))
    assert found.labels == ("A", "B")
    assert found.sharing.tolist() == [2, 2, 1, 2, 2, 1]
    assert [finding.rule for finding in found.findings()] == ["C22", "C22"]
    assert found.table()["rows"].to_list() == ["1, 2", "4, 5"]
    assert "2 control groups of 2 studies (A, B)" in found.summary()
    assert found.to_dict()["groups"] == [[1, 2], [4, 5]]


def test_outcome_and_time_must_agree_too():
    found = find_shared_controls(STUDY, CONTROL, same={"time": ["post", "later", "post", "post", "post", "post"]})
    assert found.groups == ((3, 4),)


def test_missing_numbers_are_never_the_same():
    unknown = {"n": [30, 30], "mean": [None, None]}
    assert find_shared_controls(["A", "A"], unknown).groups == ()
    assert find_shared_controls(["A", "A"], {"mean": np.array([np.nan, np.nan])}).groups == ()
    assert "No control group" in find_shared_controls(["A", "A"], unknown).summary()


def test_splitting_keeps_every_person_once():
    found = find_shared_controls(STUDY, CONTROL)
    n = found.split(CONTROL["n"])
    assert n.tolist() == [15, 15, 30, 10, 10, 30]
    assert sum(n[:2]) == 30


def test_covariance_of_differences_in_means_against_simulated_trials():
    """Two arms of 20 against one control group of 25, SD 2: cov of the differences is 4/25."""
    rng = np.random.default_rng(7)
    control = rng.normal(0, 2, (20_000, 25)).mean(axis=1)
    arms = rng.normal(0, 2, (2, 20_000, 20)).mean(axis=2)
    seen = np.cov(arms - control)
    shared = SharedControls(2, ((0, 1),), ("A",))
    matrix = shared_control_covariance([0, 0], [4 / 20 + 4 / 25] * 2, shared, control_variance=[4 / 25] * 2)
    np.testing.assert_allclose(matrix, seen, atol=0.006)


def test_covariance_of_standardised_differences_against_simulated_trials():
    """Pooled SD of all three arms, true differences .8 and .5 (Gleser & Olkin's setting)."""
    rng = np.random.default_rng(8)
    n, delta = [60, 50, 40], np.array([0.8, 0.5])
    arms = [rng.normal(mean, 1, (20_000, size)) for mean, size in zip([0.8, 0.5, 0], n, strict=True)]
    within = sum(arm.var(axis=1, ddof=1) * (arm.shape[1] - 1) for arm in arms) / (sum(n) - 3)
    effects = np.array([arm.mean(axis=1) - arms[2].mean(axis=1) for arm in arms[:2]]) / np.sqrt(within)
    seen = np.cov(effects)
    shared = SharedControls(2, ((0, 1),), ("A",))
    matrix = shared_control_covariance(delta, [seen[0, 0], seen[1, 1]], shared, n_treatment=n[:2], n_control=[n[2]] * 2)
    assert matrix[0, 1] == pytest.approx(1 / 40 + 0.8 * 0.5 / 300)
    assert matrix[0, 1] == pytest.approx(seen[0, 1], abs=0.001)


def test_modelling_counts_the_shared_people_once():
    """The mean of two comparisons with one control group is less certain than of two that are independent."""
    y, v = np.array([0.5, 0.4, 0.3, 0.6, 0.2]), np.full(5, 0.05)
    study, shared = ["A", "A", "B", "C", "D"], SharedControls(5, ((0, 1),), ("A",))
    matrix = shared_control_covariance(y, v, shared, control_variance=np.full(5, 0.025))
    assert np.linalg.eigvalsh(matrix).min() > 0
    modelled, independent = three_level(y, matrix, study, errors="model"), pool(y, v, method="FE")
    assert modelled.tau2 == 0
    assert modelled.se > independent.se
    weight = np.linalg.inv(matrix).sum(axis=0)
    assert modelled.estimate == pytest.approx(weight @ y / weight.sum())


def test_what_is_refused():
    shared = SharedControls(2, ((0, 1),), ("A",))
    with pytest.raises(BadInput, match="n_treatment and n_control"):
        shared_control_covariance([0.1, 0.2], [0.1, 0.1], shared)
    with pytest.raises(BadInput, match="2 rows"):
        shared_control_covariance([0.1], [0.1], shared, control_variance=[0.05])
    with pytest.raises(BadInput, match="Nothing is said"):
        find_shared_controls(["A"], {})
    with pytest.raises(BadInput, match="1 values for 2 rows"):
        find_shared_controls(["A", "A"], {"n": [3]})
    with pytest.raises(BadInput, match="counts"):
        shared.split([1.0])

"""Random slopes by themselves: boundaries, patterns, refusals; numbers against lme4 stand in tests/published."""

import numpy as np
import pytest

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.linear_mixed import Factor, linear_mixed, products, profile_interval, random_effects


def trial(seed=1, people=120, visits=5, slope_sd=0.5, gap=0.1):
    random = np.random.default_rng(seed)
    person = np.repeat(np.arange(people), visits)
    time = np.tile(np.arange(visits, dtype=float), people)
    y = 1 + 0.3 * time + random.normal(0, 1, people)[person] + random.normal(0, slope_sd, people)[person] * time
    y += random.normal(0, 1, len(y))
    y[random.random(len(y)) < gap] = np.nan
    return y, person, time


def test_no_slope_variance_is_a_fit_that_can_be_used_forty_times():
    for seed in range(40):
        y, person, time = trial(seed, slope_sd=0.0)
        model = linear_mixed(y, {"person": Factor(person, {"time": time})}, fixed={"time": time})
        effect = model.coefficient("time")
        assert 0.02 < effect.se < 0.06
        assert effect.df > 50


def test_people_seen_at_the_same_visits_are_summed_without_a_change_of_result(monkeypatch):
    """Three ways to the same likelihood: shared sums, sums of every level (few levels), level by level (many)."""
    y, person, time = trial()
    shared = linear_mixed(y, {"person": Factor(person, {"time": time})}, fixed={"time": time})
    jitter = time + np.random.default_rng(2).normal(0, 1e-9, len(time))
    own = linear_mixed(y, {"person": Factor(person, {"time": jitter})}, fixed={"time": time})
    monkeypatch.setattr(products, "MAXIMUM_SUMS", 0)
    apart = linear_mixed(y, {"person": Factor(person, {"time": jitter})}, fixed={"time": time})
    assert len(own.working.products.patterns) > len(shared.working.products.patterns)
    assert type(own.working.products) is not type(apart.working.products)
    assert own.log_likelihood == pytest.approx(apart.log_likelihood, abs=1e-9)
    np.testing.assert_allclose(own.coefficients, apart.coefficients, rtol=1e-9)
    np.testing.assert_allclose(shared.coefficients, apart.coefficients, rtol=1e-6)
    np.testing.assert_allclose(shared.covariances["person"], apart.covariances["person"], rtol=1e-4)
    assert shared.log_likelihood == pytest.approx(apart.log_likelihood, abs=1e-5)


def test_the_fit_does_not_depend_on_units_or_order():
    y, person, time = trial()
    model = linear_mixed(y, {"person": Factor(person, {"time": time})}, fixed={"time": time})
    order = np.random.default_rng(3).permutation(len(y))
    other = linear_mixed(
        1000 * y[order], {"person": Factor(person[order], {"days": 7 * time[order]})}, fixed={"time": time[order]}
    )
    np.testing.assert_allclose(other.coefficients, 1000 * model.coefficients, rtol=1e-7)
    units = np.outer([1000, 1000 / 7], [1000, 1000 / 7])
    np.testing.assert_allclose(other.covariances["person"], units * model.covariances["person"], rtol=1e-5)
    assert other.coefficient("time").df == pytest.approx(model.coefficient("time").df, rel=1e-5)


def test_known_variances_come_back():
    found = []
    for seed in range(30):
        y, person, time = trial(seed, people=200, gap=0.15)
        model = linear_mixed(y, {"person": Factor(person, {"time": time})}, fixed={"time": time}, df="satterthwaite")
        found.append(model.covariances["person"])
    np.testing.assert_allclose(np.mean(found, axis=0), [[1, 0], [0, 0.25]], atol=0.06)


def test_a_profile_that_reaches_zero_starts_at_zero():
    y, person, _ = trial(slope_sd=0.0)
    flat = np.random.default_rng(5).normal(0, 1, len(y))
    model = linear_mixed(flat, {"person": Factor(person)})
    interval = profile_interval(model, "person")
    assert interval.low == 0
    assert interval.high > 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"labels": np.zeros(600)}, "one person only"),
        ({"slopes": {"time": np.ones(600)}}, "does not vary"),
        ({"labels": np.arange(600)}, "leave nothing over"),
        ({"slopes": {"time": np.ones(3)}}, "3 values for 600 rows"),
    ],
)
def test_what_cannot_be_fitted_is_said(change, message):
    y, person, time = trial(gap=0)
    given = {"labels": person, "slopes": {"time": time}} | change
    with pytest.raises((NotEstimable, BadInput), match=message) as caught:
        linear_mixed(y, {"person": Factor(**given)}, fixed={"time": time})
    assert caught.value.finding.cure


def test_an_outcome_that_is_a_value_of_the_person_is_refused():
    _, person, _ = trial(gap=0)
    with pytest.raises(NotEstimable):
        linear_mixed(person.astype(float), {"person": Factor(person)})


def test_an_outcome_that_is_missing_throughout_is_refused():
    y, person, _ = trial()
    with pytest.raises(NotEstimable, match="0 rows"):
        linear_mixed(np.full(len(y), np.nan), {"person": Factor(person)})


def lines(seed, people):
    """The true deviations of people's slopes from 0.3, and the fitted model."""
    random = np.random.default_rng([11, seed])
    person, time = np.repeat(np.arange(people), 4), np.tile(np.arange(4.0), people)
    own = random.normal(0, 0.5, people)
    y = random.normal(0, 1, people)[person] + (0.3 + own[person]) * time + random.normal(0, 1, 4 * people)
    return own, linear_mixed(y, {"person": Factor(person, {"time": time})}, fixed={"time": time})


def test_the_interval_of_the_mean_slope_holds_with_twelve_people():
    """Rather more than 95 %: more where a variance was estimated as zero, as the df then still count people."""
    hits = sum(c.ci_low <= 0.3 <= c.ci_high for c in (lines(seed, 12)[1].coefficient("time") for seed in range(800)))
    assert 0.94 < hits / 800 < 0.985


def test_the_errors_of_single_people_hold():
    """u is within 1.96 se of its shrunken estimate; a little less than 95 %, as the variances are estimated too."""
    inside = []
    for seed in range(60):
        own, model = lines(seed, 80)
        effects = random_effects(model, "person")
        inside.append(np.abs(effects.effects[:, 1] - own) < 1.96 * effects.se[:, 1])
    assert 0.93 < np.mean(inside) < 0.97

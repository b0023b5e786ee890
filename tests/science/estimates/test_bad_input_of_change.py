"""Case by case what people hand in wrongly when they ask for change over time: each is typed, and has a cure."""

import numpy as np
import polars as pl
import pytest

from accord.science.errors import AccordError, BadInput, NotEstimable
from accord.science.estimates.ancova import ancova
from accord.science.estimates.chained_equations import impute_chained
from accord.science.estimates.clusters import refuse_arm_is_cluster
from accord.science.estimates.coefficient_table import coefficient_summary, coefficient_table
from accord.science.estimates.counts import count_regression
from accord.science.estimates.gee import gee
from accord.science.estimates.imputation import impute
from accord.science.estimates.joint_normal import impute_jointly
from accord.science.estimates.linear_mixed import Factor, fit, linear_mixed
from accord.science.estimates.logistic import logistic
from accord.science.estimates.logistic_mixed import logistic_mixed
from accord.science.estimates.mixed_model import mixed_model
from accord.science.estimates.mmrm import mmrm
from accord.science.estimates.repeated_design import visit_design
from accord.science.estimates.repeated_outcome import repeated_outcome

N = 60
RANDOM = np.random.default_rng(1)
ARM = np.array(["new", "old"] * (N // 2))
TREATED = (ARM == "new").astype(float)
THERAPIST = np.repeat(np.arange(12), 5)
Y = RANDOM.normal(10, 3, (N, 3))
VISITS = ("4", "8", "12")
EMPTY = np.full((N, 3), np.nan)
PLAN = visit_design(ARM, VISITS)
PERSON, WEEK = np.repeat(np.arange(N), 3), np.tile([4.0, 8.0, 12.0], N)
LONG = Y.ravel()
YES = (TREATED == 1).astype(float)


def people(**slopes):
    return {"person": Factor(PERSON, slopes)}


def long_rows(values, week=WEEK):
    return repeated_outcome(PERSON, week, values)


CASES = {
    "all missing: repeated measures": (lambda: mmrm(EMPTY, PLAN), NotEstimable),
    "all missing: estimating equations": (lambda: gee(EMPTY, PLAN), NotEstimable),
    "all missing: covariance": (lambda: ancova(EMPTY[:, 0], ARM, of="new", against="old"), NotEstimable),
    "all missing: therapists": (lambda: mixed_model(EMPTY[:, 0], {"therapist": THERAPIST}), NotEstimable),
    "all missing: slopes": (lambda: linear_mixed(EMPTY.ravel(), people(week=WEEK)), NotEstimable),
    "all missing: yes or no": (lambda: logistic_mixed(EMPTY[:, 0], THERAPIST), NotEstimable),
    "all missing: counts": (lambda: count_regression(EMPTY[:, 0]), NotEstimable),
    "all missing: imputation": (lambda: impute(EMPTY, ARM, VISITS), NotEstimable),
    "all missing: chained": (lambda: impute_chained({"x": Y[:, 0], "y": EMPTY[:, 0]}), NotEstimable),
    "all missing: jointly": (lambda: impute_jointly({"x": Y[:, 0], "y": EMPTY[:, 0]}), NotEstimable),
    "all missing: long rows": (lambda: long_rows(EMPTY.ravel()), NotEstimable),
    "one visit only: long rows": (lambda: long_rows(np.where(WEEK == 4, LONG, np.nan)), NotEstimable),
    "one visit only: slopes": (
        lambda: linear_mixed(Y[:, 0], {"person": Factor(np.arange(N), {"week": np.full(N, 4.0)})}), NotEstimable,
    ),
    "one visit only: intercepts": (lambda: linear_mixed(Y[:, 0], {"person": Factor(np.arange(N))}), NotEstimable),
    "one therapist per arm": (lambda: refuse_arm_is_cluster(ARM, ARM), NotEstimable),
    "one therapist in all": (lambda: mixed_model(Y[:, 0], {"therapist": np.zeros(N)}), NotEstimable),
    "therapist as fixed beside the arm": (
        lambda: linear_mixed(LONG, people(), fixed={"arm": np.repeat(ARM, 3), "therapist": np.repeat(ARM, 3)}),
        NotEstimable,
    ),
    "separation: logistic": (lambda: logistic(YES, {"arm": TREATED}), NotEstimable),
    "separation: therapists": (lambda: logistic_mixed(YES, THERAPIST, fixed={"arm": TREATED}), NotEstimable),
    "separation: estimating equations": (
        lambda: gee(np.repeat(YES[:, None], 3, axis=1), PLAN, family="binomial"), NotEstimable,
    ),
    "separation: counts": (lambda: count_regression(5 * TREATED, {"arm": TREATED}), NotEstimable),
    "time as text: long rows": (lambda: long_rows(LONG, WEEK.astype(int).astype(str)), BadInput),
    "time as text: slopes": (lambda: linear_mixed(LONG, people(week=WEEK.astype(str))), BadInput),
    "outcome as text": (lambda: long_rows(np.array(["ten"] * len(LONG))), BadInput),
    "time without a value": (lambda: long_rows(LONG, np.where(PERSON == 3, np.nan, WEEK)), BadInput),
    "duplicated rows": (
        lambda: repeated_outcome([*PERSON, 5], [*WEEK, 8.0], [*LONG, 9.0]), BadInput,
    ),
    "a visit that is not in the order": (
        lambda: repeated_outcome([1, 1], ["pre", "mid"], [1, 2], visits=["pre", "post"]), BadInput,
    ),
    "a covariate without variance: repeated measures": (
        lambda: mmrm(Y, visit_design(ARM, VISITS, covariates={"clinic": np.ones(N)})), NotEstimable,
    ),
    "a covariate without variance: slopes": (
        lambda: linear_mixed(LONG, people(), fixed={"clinic": np.ones(3 * N)}), NotEstimable,
    ),
    "a covariate without variance: therapists": (
        lambda: mixed_model(Y[:, 0], {"therapist": THERAPIST}, fixed={"clinic": np.ones(N)}), NotEstimable,
    ),
    "a covariate without variance: covariance": (
        lambda: ancova(Y[:, 0], ARM, of="new", against="old", covariates={"clinic": np.ones(N)}), NotEstimable,
    ),
    "lengths that differ": (lambda: repeated_outcome(PERSON, WEEK[:-1], LONG), BadInput),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_it_is_refused_with_a_place_and_a_cure(case):
    call, error = CASES[case]
    with pytest.raises(error) as caught:
        call()
    assert caught.value.finding.what
    assert caught.value.finding.cure


def test_words_name_what_is_wrong():
    said = {}
    for case in ("one therapist per arm", "duplicated rows", "time as text: long rows", "separation: therapists"):
        with pytest.raises(AccordError) as caught:
            CASES[case][0]()
        said[case] = str(caught.value.finding.what)
    assert "cannot be told apart" in said["one therapist per arm"]
    assert "first 5 at 8" in said["duplicated rows"]
    assert "text" in said["time as text: long rows"]
    assert "no finite estimate" in said["separation: therapists"]


def test_a_fit_that_does_not_settle_names_the_next_rung(monkeypatch):
    y = LONG + np.repeat(RANDOM.normal(0, 2, N), 3)
    assert linear_mixed(y, people(week=WEEK)).rows == 3 * N
    monkeypatch.setattr(fit, "_quasi_newton", lambda work, diagonal, size: type("", (), {
        "x": np.where(diagonal, 30.0, 9.0), "fun": 1e9})())  # fmt: skip
    monkeypatch.setattr(fit, "_polished", lambda work, theta, diagonal: theta)
    with pytest.raises(NotEstimable, match="did not settle") as caught:
        linear_mixed(y, people(week=WEEK))
    assert "slopes of person" in caught.value.finding.cure


def test_a_long_table_is_laid_out_whatever_the_order_of_its_rows():
    order = np.random.default_rng(2).permutation(3 * N)
    found = repeated_outcome(PERSON[order], WEEK[order], LONG[order])
    rows = [found.people.index(str(k)) for k in range(N)]
    np.testing.assert_array_equal(found.values[rows], Y)
    assert found.visits == ("4", "8", "12")
    assert (found.of_person(np.repeat(ARM, 3)[order])[rows] == ARM).all()
    words = repeated_outcome(["b", "a", "b"], ["pre", "post", "post"], [1, 2, 3], visits=["pre", "post"])
    np.testing.assert_array_equal(words.values, [[np.nan, 2], [1, 3]])


def test_coefficients_as_a_table_and_in_words():
    model = mixed_model(Y[:, 0] + 4 * TREATED, {"therapist": THERAPIST}, fixed={"arm": TREATED})
    table, arm = coefficient_table(model), model.coefficient("arm")
    assert table["effect"].to_list() == ["intercept", "arm"]
    assert table.row(1)[1:] == (arm.value, arm.se, arm.df, arm.ci_low, arm.ci_high, arm.p)
    assert coefficient_summary(model, "arm").startswith(f"arm: {arm.value:.3g} (95 % interval ")
    assert "p < .001" in coefficient_summary(model, "arm")
    rates = coefficient_table(count_regression(RANDOM.poisson(3, N), {"arm": TREATED}), ratios=True)
    assert rates["df"].dtype == pl.Float64
    assert rates["df"].null_count() == 2
    assert (rates["low"] < rates["value"]).all()
    assert (rates["low"] > 0).all()

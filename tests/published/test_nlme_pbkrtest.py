"""The mixed model for repeated measures against nlme 3.1, lmerTest 3.1 and pbkrtest 0.5 (numbers in r/mmrm.json).

Unstructured and Toeplitz df: dense matrices in r/mmrm.R, themselves held against pbkrtest there.
"""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from accord.science.estimates.mmrm import mmrm
from accord.science.estimates.repeated_design import constrained_baseline_design, visit_design

HERE = Path(__file__).parent
R = json.loads((HERE / "r/mmrm.json").read_text())
VISITS = ["4", "5", "6", "7"]


@pytest.fixture(scope="module")
def trial():
    rows = pl.read_csv(HERE / "data/rbmi_antidepressant.csv", null_values="NA")
    wide = rows.pivot(on="VISIT", index=["PATIENT", "THERAPY", "BASVAL"], values=["CHANGE", "HAMDTL17"])
    return wide


def outcome(trial, name="CHANGE"):
    return trial.select([f"{name}_{visit}" for visit in VISITS]).to_numpy().astype(float)


def design(trial, by_visit=()):
    return visit_design(trial["THERAPY"], VISITS, covariates={"base": trial["BASVAL"]}, by_visit=by_visit)


def test_coefficients_standard_errors_and_covariance_are_those_of_gls(trial):
    fit, ref = mmrm(outcome(trial), design(trial), df="satterthwaite"), R["un"]
    base = fit.design.names.index("base")
    assert fit.coefficients[base] == pytest.approx(ref["b"][1], rel=1e-5)
    assert np.sqrt(fit.covariance_of_coefficients[base, base]) == pytest.approx(ref["se"][1], rel=1e-5)
    drug = fit.difference("DRUG", "PLACEBO", "4")
    at = ref["names"].index("drugDRUG")
    assert (drug.value, drug.se) == pytest.approx((ref["b"][at], ref["se"][at]), rel=1e-5)
    np.testing.assert_allclose(fit.covariance, ref["cov"], rtol=5e-5)
    assert fit.log_likelihood == pytest.approx(ref["ll"], abs=1e-6)
    assert (fit.people, fit.observations, fit.missing) == (172, 608, 80)


def test_slopes_by_visit_are_those_of_gls(trial):
    fit, ref = mmrm(outcome(trial), design(trial, ["base"])), R["un_base_by_visit"]
    named = dict(zip(ref["names"], zip(ref["b"], ref["se"], strict=True), strict=True))
    k = fit.design.names.index("base:4")
    assert fit.coefficients[k] == pytest.approx(named["base"][0], rel=1e-5)
    assert fit.log_likelihood == pytest.approx(ref["ll"], abs=1e-6)


def test_compound_symmetry_is_that_of_gls(trial):
    fit, ref = mmrm(outcome(trial), design(trial), structure="compound symmetry", df="satterthwaite"), R["cs"]
    assert fit.log_likelihood == pytest.approx(ref["ll"], abs=1e-6)
    at = ref["names"].index("drugDRUG")
    drug = fit.difference("DRUG", "PLACEBO", "4")
    assert (drug.value, drug.se) == pytest.approx((ref["b"][at], ref["se"][at]), rel=1e-5)


def test_autoregression_is_that_of_gls(trial):
    fit, ref = mmrm(outcome(trial), design(trial), structure="ar1", df="satterthwaite"), R["ar1"]
    assert fit.log_likelihood == pytest.approx(ref["ll"], abs=1e-6)
    np.testing.assert_allclose(fit.covariance, ref["cov"], rtol=2e-5)
    at = ref["names"].index("drugDRUG")
    drug = fit.difference("DRUG", "PLACEBO", "4")
    assert (drug.value, drug.se) == pytest.approx((ref["b"][at], ref["se"][at]), rel=1e-5)
    adjusted = mmrm(outcome(trial), design(trial), structure="ar1").difference("DRUG", "PLACEBO", "4")
    assert drug.se < adjusted.se < 1.02 * drug.se
    assert 150 < adjusted.df < 608


@pytest.mark.parametrize(
    ("df", "reference"), [("kenward-roger", "cs_emmeans_kr"), ("satterthwaite", "cs_emmeans_satterthwaite")]
)
def test_compound_symmetry_contrasts_are_those_of_emmeans(trial, df, reference):
    fit = mmrm(outcome(trial), design(trial), structure="compound symmetry", df=df)
    for row in R[reference]:
        c = fit.difference("DRUG", "PLACEBO", row["visit"])
        assert (c.value, c.se) == pytest.approx((row["estimate"], row["SE"]), rel=1e-5)
        assert c.df == pytest.approx(row["df"], rel=1e-4)
        assert (c.ci_low, c.ci_high, c.p) == pytest.approx((row["lower.CL"], row["upper.CL"], row["p.value"]), rel=1e-4)


def test_adjusted_means_are_those_of_emmeans(trial):
    fit = mmrm(outcome(trial), design(trial), structure="compound symmetry")
    for row in R["cs_means_kr"]:
        c = fit.mean(row["drug"], row["visit"])
        assert (c.value, c.se) == pytest.approx((row["emmean"], row["SE"]), rel=1e-5)
        assert c.df == pytest.approx(row["df"], rel=1e-4)


@pytest.mark.parametrize("structure", ["unstructured", "toeplitz"])
@pytest.mark.parametrize("df", ["kenward-roger", "satterthwaite"])
def test_general_structures_have_the_dense_df(trial, structure, df):
    fit = mmrm(outcome(trial), design(trial), structure=structure, df=df)
    key = "un_contrasts" if structure == "unstructured" else "toeplitz_contrasts"
    for row in R[key]:
        c, ref = fit.difference("DRUG", "PLACEBO", str(row["visit"])), row[df.replace("-", "_")]
        assert (c.value, c.se, c.df) == pytest.approx((ref["estimate"], ref["se"], ref["df"]), rel=1e-6)


def test_constrained_baseline_is_that_of_gls(trial):
    ref = json.loads((HERE / "r/clda.json").read_text())
    y = np.column_stack([trial["BASVAL"].to_numpy(), outcome(trial, "HAMDTL17")]).astype(float)
    plan = constrained_baseline_design(trial["THERAPY"], ["3", *VISITS])
    fit = mmrm(y, plan, df="satterthwaite")
    named = dict(zip(ref["names"], zip(ref["b"], ref["se"], strict=True), strict=True))
    assert fit.log_likelihood == pytest.approx(ref["ll"], abs=1e-6)
    for visit in VISITS:
        for found, key in ((fit.difference("DRUG", "PLACEBO", visit), "d"), (fit.change("PLACEBO", visit, "3"), "v")):
            value, se = named[f"{key}{visit}"]
            assert found.value == pytest.approx(value, abs=5e-5 * se)  # gls stops a little before the summit
            assert found.se == pytest.approx(se, rel=2e-5)

"""Reference-based imputation of the antidepressant trial against the figures in the quickstart vignette of rbmi 1.x.

There: Bayesian imputation, 150 draws, common covariance, jump to reference, analysis of covariance at visit 7, drug as
the reference level, so that its 2.169 (se 1.120) is placebo minus drug. Both are Monte Carlo figures: an estimate from
m draws has an error of about √(B/m), here .04 there and .03 here.
"""

from pathlib import Path

import polars as pl
import pytest

from accord.science.estimates.imputation import impute
from accord.science.estimates.imputed_difference import imputed_difference
from accord.science.estimates.mmrm import mmrm
from accord.science.estimates.repeated_design import visit_design

VISITS = ["4", "5", "6", "7"]
WIDE = pl.read_csv(Path(__file__).parent / "data/rbmi_antidepressant.csv", null_values="NA").pivot(
    on="VISIT", index=["PATIENT", "THERAPY", "BASVAL"], values="CHANGE"
)
Y = WIDE.select(VISITS).to_numpy().astype(float)


def at_seven(strategy):
    imputed = impute(
        Y, WIDE["THERAPY"], VISITS, covariates={"base": WIDE["BASVAL"]}, strategy=strategy, reference="PLACEBO",
        imputations=250, thin=10,
    )  # fmt: skip
    return imputed_difference(imputed, of="PLACEBO", against="DRUG", visit="7").contrast


def test_jump_to_reference():
    found = at_seven("jump-to-reference")
    assert found.value == pytest.approx(2.169, abs=0.15)
    assert found.se == pytest.approx(1.120, abs=0.05)


def test_missing_at_random_is_the_mixed_model():
    """Under the same model, imputation as missing at random and the mixed model estimate the same thing."""
    found = at_seven("missing-at-random")
    fit = mmrm(Y, visit_design(WIDE["THERAPY"], VISITS, covariates={"base": WIDE["BASVAL"]}))
    direct = fit.difference("PLACEBO", "DRUG", "7")
    assert found.value == pytest.approx(direct.value, abs=0.12)
    assert found.se == pytest.approx(direct.se, abs=0.05)

"""Ranks, logistic regression, AUC, adjusted p, pooling, correlation against base R 4.2 and mice 3.15 (r/simple.json).

The nine pairs are the depression data, the two groups the permeability data of Hollander & Wolfe 1973, as in R.
"""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from accord.science.estimates.association import correlation
from accord.science.estimates.auc import auc
from accord.science.estimates.logistic import logistic
from accord.science.estimates.multiple_imputation import pool
from accord.science.estimates.multiplicity import adjusted_p
from accord.science.estimates.nonparametric import mann_whitney, signed_rank

HERE = Path(__file__).parent
R = json.loads((HERE / "r/simple.json").read_text())
ASHAR = pl.read_csv(HERE / "data/ashar2022_wide_patients.csv", null_values="NA")
THERAPY = pl.read_csv(HERE / "data/sim_therapist2.csv")


def test_signed_rank_exact():
    ref = R["nine"]
    found = signed_rank(ref["y"], ref["x"])
    assert (found.statistic, found.p) == pytest.approx((ref["V"], ref["p"]), rel=1e-12)
    assert (found.value, found.ci_low, found.ci_high) == pytest.approx((ref["estimate"], ref["low"], ref["high"]))
    assert found.exact


def test_mann_whitney_exact():
    ref = R["two"]
    found = mann_whitney(ref["x"], ref["y"])
    assert (found.statistic, found.p) == pytest.approx((ref["W"], ref["p"]), rel=1e-10)
    assert (found.value, found.ci_low, found.ci_high) == pytest.approx((ref["estimate"], ref["low"], ref["high"]))


def test_signed_rank_with_ties_and_zeros():
    rows, ref = ASHAR.filter(pl.col("g") == "PRT"), R["ties_paired"]
    found = signed_rank(rows["pain_avg.1"].to_numpy(), rows["pain_avg.2"].to_numpy())
    assert (found.statistic, found.p) == pytest.approx((ref["V"], ref["p"]), rel=1e-10)
    assert not found.exact


def test_mann_whitney_with_ties():
    """R finds estimate and limits by a root to about 1e-4; ours are the order statistics those roots approach."""
    ref = R["ties_two"]
    a, b = (ASHAR.filter(pl.col("g") == arm)["ch"].to_numpy() for arm in ("PRT", "UC"))
    found = mann_whitney(a, b)
    assert (found.statistic, found.p) == pytest.approx((ref["W"], ref["p"]), rel=1e-10)
    assert (found.value, found.ci_low, found.ci_high) == pytest.approx(
        (ref["estimate"], ref["low"], ref["high"]), abs=1e-3
    )


def test_logistic_regression():
    ref = R["glm"]
    model = logistic(THERAPY["complete"].to_numpy(), {name: THERAPY[name].to_numpy() for name in ("pre", "alliance")})
    found = [model.coefficient(name) for name in model.names]
    np.testing.assert_allclose([c.value for c in found], ref["b"], rtol=1e-8)
    np.testing.assert_allclose([c.se for c in found], ref["se"], rtol=1e-8)
    assert model.log_likelihood == pytest.approx(ref["ll"], rel=1e-10)
    matrix = np.column_stack([np.ones(len(THERAPY)), THERAPY["pre"], THERAPY["alliance"]])
    assert auc(THERAPY["complete"].to_numpy(), model.predict(matrix)).value == pytest.approx(R["auc"], rel=1e-10)


@pytest.mark.parametrize(
    ("method", "name"),
    [("bonferroni", "bonferroni"), ("holm", "holm"), ("hochberg", "hochberg"), ("benjamini-hochberg", "BH"),
     ("benjamini-yekutieli", "BY")],
)  # fmt: skip
def test_adjusted_p(method, name):
    np.testing.assert_allclose(adjusted_p(R["p_adjust"]["p"], method), R["p_adjust"][name], rtol=1e-12)


def test_pooling_is_that_of_mice():
    ref = R["pool"]
    found = pool(ref["est"], np.square(ref["se"]), df_complete=ref["n"] - ref["k"])
    assert found.contrast.value == pytest.approx(ref["qbar"], rel=1e-10)
    assert found.contrast.se**2 == pytest.approx(ref["t"], rel=1e-10)
    assert found.contrast.df == pytest.approx(ref["df"], rel=1e-8)
    assert (found.within, found.between) == pytest.approx((ref["ubar"], ref["b"]), rel=1e-10)
    assert (found.missing_information, found.relative_increase) == pytest.approx((ref["fmi"], ref["r"]), rel=1e-8)


def test_correlation():
    ref, found = R["cor"], correlation(THERAPY["pre"].to_numpy(), THERAPY["alliance"].to_numpy())
    assert (found.value, found.ci_low, found.ci_high, found.p) == pytest.approx(
        (ref["r"], ref["low"], ref["high"], ref["p"]), rel=1e-8
    )

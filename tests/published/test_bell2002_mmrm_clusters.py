"""Cluster jackknife (CR3) of a repeated-measures model with Bell and McCaffrey's df, against R: nlme::gls with an
unstructured covariance, clubSandwich 0.5.8 vcovCR(type = "CR3") and coef_test(test = "Satterthwaite"), clusters by
POOLINV of the antidepressant trial (r/mmrm_clusters.R made r/mmrm_clusters.json).

clubSandwich's CR3 is the jackknife without its factor (J − 1)/J.
"""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from accord.science.errors import NotEstimable
from accord.science.estimates.mmrm import mmrm
from accord.science.estimates.mmrm_clusters import ClusterJackknife
from accord.science.estimates.repeated_design import visit_design

HERE = Path(__file__).parent
R = json.loads((HERE / "r/mmrm_clusters.json").read_text())
VISITS = ["4", "5", "6", "7"]
WIDE = pl.read_csv(
    HERE / "data/rbmi_antidepressant.csv", null_values="NA", schema_overrides={"POOLINV": pl.String}
).pivot(on="VISIT", index=["PATIENT", "THERAPY", "BASVAL", "POOLINV"], values="CHANGE").sort("PATIENT")  # fmt: skip
Y = WIDE.select(VISITS).to_numpy().astype(float)
DESIGN = visit_design(WIDE["THERAPY"].to_list(), VISITS, covariates={"base": WIDE["BASVAL"].to_numpy()}, by_visit=[])
MODEL = mmrm(Y, DESIGN, df="satterthwaite")


@pytest.mark.parametrize("visit", VISITS)
def test_difference_at_each_visit(visit):
    jackknife = ClusterJackknife(MODEL, Y, WIDE["POOLINV"].to_list())
    found, r = jackknife.contrast(DESIGN.difference("DRUG", "PLACEBO", visit)), R["differences"][visit]
    clusters = R["clusters"]
    assert jackknife.clusters == clusters
    assert found.value == pytest.approx(r["value"], rel=1e-5)
    assert found.se == pytest.approx(r["se"] * np.sqrt((clusters - 1) / clusters), rel=1e-4)
    assert found.df == pytest.approx(r["df"], rel=1e-4)


def test_one_arm_of_equal_clusters_is_the_t_interval_of_their_means():
    """Twelve clusters of five: the jackknife's error is the SD of the twelve means over √12, on 11 df."""
    rng = np.random.default_rng(4)
    cluster = np.repeat([f"c{k}" for k in range(12)], 5)
    y = rng.normal(size=(60, 1)) + np.repeat(rng.normal(size=12), 5)[:, None]
    design = visit_design(["one"] * 60, ["only"])
    found = ClusterJackknife(mmrm(y, design), y, cluster).contrast(design.mean("one", "only"))
    means = y.reshape(12, 5).mean(axis=1)
    assert found.se == pytest.approx(means.std(ddof=1) / np.sqrt(12), rel=1e-9)
    assert found.df == pytest.approx(11, rel=1e-9)


def test_people_without_a_cluster_stand_alone():
    y = np.random.default_rng(5).normal(size=(30, 1))
    design = visit_design(["one"] * 30, ["only"])
    found = ClusterJackknife(mmrm(y, design), y, [None] * 30).contrast(design.mean("one", "only"))
    assert found.se == pytest.approx(float(y.std(ddof=1)) / np.sqrt(30), rel=1e-9)


def test_one_cluster_is_refused():
    y = np.random.default_rng(6).normal(size=(30, 1))
    model = mmrm(y, visit_design(["one"] * 30, ["only"]))
    with pytest.raises(NotEstimable, match="one cluster"):
        ClusterJackknife(model, y, ["a"] * 30)

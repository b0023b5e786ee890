"""Random intercepts of therapists and groups against lme4 1.1, lmerTest 3.1, pbkrtest 0.5 (numbers in r/mixed.json)."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from accord.science.estimates.cluster_effects import cluster_effects
from accord.science.estimates.mixed_model import mixed_model, mixture_p
from accord.science.estimates.share_bootstrap import share_bootstrap
from accord.science.estimates.variance_share import variance_share

HERE = Path(__file__).parent
R = json.loads((HERE / "r/mixed.json").read_text())
TWO = pl.read_csv(HERE / "data/sim_therapist2.csv").with_columns(
    arm=pl.when(pl.col("therapist") % 2 == 0).then(pl.lit("b")).otherwise(pl.lit("a"))
)
THREE = pl.read_csv(HERE / "data/sim_therapist3.csv").with_columns((pl.col("time") * pl.col("trt")).alias("time:trt"))


def fit(name, df="kenward-roger"):
    if name == "nested":
        fixed = {column: THREE[column].to_numpy() for column in ("time", "trt", "time:trt")}
        clusters = {"therapist": THREE["th"].to_numpy(), "patient": THREE["id"].to_numpy()}
        return mixed_model(THREE["y"].to_numpy(), clusters, fixed=fixed, df=df)
    rows = TWO.filter(pl.col("therapist") <= 8) if name == "small" else TWO
    columns = {"null": [], "adjusted": ["pre"], "arm": ["pre", "arm"], "small": ["pre", "arm"]}[name]
    fixed = {column: rows[column].to_numpy() for column in columns}
    return mixed_model(rows["post"].to_numpy(), {"therapist": rows["therapist"].to_numpy()}, fixed=fixed, df=df)


@pytest.mark.parametrize("name", ["null", "adjusted", "arm", "small", "nested"])
def test_estimates_errors_and_variances(name):
    ref, model = R[name], fit(name, "satterthwaite")
    wanted = [ref["b"], ref["se"], ref["df"]] if isinstance(ref["b"], list) else [[ref["b"]], [ref["se"]], [ref["df"]]]
    found = [model.coefficient(effect) for effect in model.names]
    np.testing.assert_allclose([c.value for c in found], wanted[0], rtol=1e-5)
    np.testing.assert_allclose([c.se for c in found], wanted[1], rtol=1e-5)
    np.testing.assert_allclose([c.df for c in found], wanted[2], rtol=2e-4)
    assert model.log_likelihood == pytest.approx(ref["ll"], abs=1e-6)
    named = {"Residual": "residual", "therapist": "therapist", "th": "therapist", "id:th": "patient"}
    for group, variance in zip(np.atleast_1d(ref["groups"]), np.atleast_1d(ref["variances"]), strict=True):
        assert model.variances[named[group]] == pytest.approx(variance, rel=2e-5)


@pytest.mark.parametrize("name", ["null", "adjusted", "arm", "small", "nested"])
def test_kenward_roger(name):
    ref, model = R[name], fit(name)
    found = [model.coefficient(effect) for effect in model.names]
    np.testing.assert_allclose([c.se for c in found], np.atleast_1d(ref["se_kr"]), rtol=2e-5)
    np.testing.assert_allclose([c.df for c in found], np.atleast_1d(ref["df_kr"]), rtol=2e-4)


def test_shares_are_those_written_down_with_the_data():
    assert variance_share(fit("null"), "therapist").share == pytest.approx(0.02484013478423, rel=1e-5)
    assert variance_share(fit("adjusted"), "therapist").share == pytest.approx(0.05125965753546, rel=1e-5)


def test_exact_interval_is_that_of_dense_matrices():
    ref, found = R["exact"], variance_share(fit("adjusted"), "therapist", method="exact")
    assert (found.ci_low, found.ci_high) == pytest.approx((ref["low"], ref["high"]), rel=1e-6)
    assert found.p == pytest.approx(ref["p"], rel=1e-6) == pytest.approx(ref["p_anova"], rel=1e-6)


def test_profile_test_is_the_mixture_of_the_likelihood_ratio():
    found = variance_share(fit("adjusted"), "therapist", method="profile")
    assert found.p == pytest.approx(mixture_p(R["lrt"]), rel=1e-4)


def test_shrunken_effects_of_one_level():
    ref, found = R["effects"], cluster_effects(fit("adjusted"), "therapist")
    mine = dict(zip(found.labels, zip(found.effects, found.se_given_fixed, strict=True), strict=True))
    for label, effect, se in zip(ref["therapist"], ref["effect"], ref["se"], strict=True):
        assert mine[label] == pytest.approx((effect, se), rel=1e-4, abs=1e-7)
    assert (found.se > found.se_given_fixed).all()


def test_shrunken_effects_of_nested_levels():
    model = fit("nested")
    for group, level in (("th", "therapist"), ("id:th", "patient")):
        ref, found = R["effects_nested"][group], cluster_effects(model, level)
        mine = dict(zip(found.labels, zip(found.effects, found.se_given_fixed, strict=True), strict=True))
        for label, effect, se in zip(ref["label"], ref["effect"], ref["se"], strict=True):
            own = label if level == "therapist" else " / ".join(reversed(label.split(":")))
            assert mine[own] == pytest.approx((effect, se), rel=1e-4, abs=1e-6)


def test_bootstrap_of_the_share_is_that_of_bootmer():
    """lme4's bootMer, 500 refits of post ~ pre + (1 | therapist): .0223 to .0860, se .0169."""
    found = share_bootstrap(fit("adjusted"), draws=20_000)
    assert found.ci_low == pytest.approx(0.0223, abs=0.004)
    assert found.ci_high == pytest.approx(0.0860, abs=0.004)
    assert found.se == pytest.approx(0.0169, rel=0.08)


def test_bootstrap_by_drawing_sums_is_that_by_refitting():
    model, therapist, pre = fit("adjusted"), TWO["therapist"].to_numpy(), TWO["pre"].to_numpy()
    random = np.random.default_rng(5)
    codes = np.unique(therapist, return_inverse=True)[1]
    shares = []
    for _ in range(200):
        y = random.normal(0, np.sqrt(model.variances["therapist"]), 60)[codes] + random.normal(
            0, np.sqrt(model.variances["residual"]), len(codes)
        )
        refit = mixed_model(y, {"therapist": therapist}, fixed={"pre": pre})
        shares.append(refit.variances["therapist"] / sum(refit.variances.values()))
    drawn = share_bootstrap(model, draws=20_000).draws
    np.testing.assert_allclose(np.quantile(shares, [0.1, 0.5, 0.9]), np.quantile(drawn, [0.1, 0.5, 0.9]), atol=0.006)

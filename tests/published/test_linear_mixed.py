"""Random slopes, nested and crossed factors, against lme4, lmerTest and pbkrtest (numbers in r/linear_mixed.json)."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from accord.science.estimates.linear_mixed import Factor, linear_mixed, profile_interval

HERE = Path(__file__).parent
R = json.loads((HERE / "r/linear_mixed.json").read_text())
TWO = pl.read_csv(HERE / "data/sim_therapist2.csv")
THREE = pl.read_csv(HERE / "data/sim_therapist3.csv")
CROSSED = pl.read_csv(HERE / "data/crossed_ratings.csv")
TRIAL = pl.read_csv(HERE / "data/rbmi_antidepressant.csv", null_values="NA", infer_schema_length=None)


def columns(frame, *names):
    return {name: frame[name].to_numpy() for name in names}


def _two(slope):
    pre = TWO["pre"].to_numpy()
    factor = Factor(TWO["therapist"].to_numpy(), {"pre": pre} if slope else {})
    return TWO["post"].to_numpy(), {"therapist": factor}, {"pre": pre}


def _three(therapists):
    time, arm = THREE["time"].to_numpy(), THREE["trt"].to_numpy()
    random = {"id": Factor(THREE["id"].to_numpy(), {"time": time})}
    if therapists:
        random["th"] = Factor(THREE["th"].to_numpy(), {"time": time})
    return THREE["y"].to_numpy(), random, {"time": time, "trt": arm, "time:trt": time * arm}


def _trial(slope):
    week = TRIAL["VISIT"].cast(pl.Float64).to_numpy() - 3
    drug = (TRIAL["THERAPY"] == "DRUG").cast(pl.Float64).to_numpy()
    random = {"id": Factor(TRIAL["PATIENT"].to_numpy(), {"week": week} if slope else {})}
    fixed = {"base": TRIAL["BASVAL"].to_numpy(), "week": week, "drug": drug, "week:drug": week * drug}
    return TRIAL["CHANGE"].to_numpy(), random, fixed


def _partial():
    """Groups in one arm only: there the group varies, in the other arm there is nothing to vary."""
    group = (TWO["therapist"] <= 30).cast(pl.Float64).to_numpy()
    cluster = np.where(group == 1, TWO["therapist"].to_numpy(), 1000 + TWO["patient"].to_numpy())
    random = {"group": Factor(cluster, {"in a group": group}, intercept=False)}
    return TWO["post"].to_numpy(), random, {"pre": TWO["pre"].to_numpy(), "group": group}


def _crossed(slope, correlated=True):
    x = CROSSED["x"].to_numpy()
    people = Factor(CROSSED["pat"].to_numpy(), {"x": x} if slope else {}, correlated=correlated)
    return CROSSED["y"].to_numpy(), {"pat": people, "rater": Factor(CROSSED["rater"].to_numpy())}, {"x": x}


MODELS = {
    "two": (*_two(False), True), "two_slope": (*_two(True), True),
    "three": (*_three(True), True), "three_people": (*_three(False), True),
    "intercept": (*_trial(False), True), "slope": (*_trial(True), True), "ml": (*_trial(False), False),
    "partial": (*_partial(), True),
    "crossed": (*_crossed(False), True), "crossed_slope": (*_crossed(True), True),
    "crossed_apart": (*_crossed(True, correlated=False), True), "crossed_ml": (*_crossed(True), False),
}  # fmt: skip


def fit(name, df="satterthwaite"):
    outcome, random, fixed, reml = MODELS[name]
    return linear_mixed(outcome, random, fixed=fixed, reml=reml, df=df)


def variances(model):
    """As lme4 lists them: each factor's variances, then its covariances; the residual last."""
    found = []
    for covariance in model.covariances.values():
        rows, below = np.diag_indices(len(covariance)), np.tril_indices(len(covariance), -1)
        found += [*covariance[rows], *covariance[below]]
    return [*found, model.residual_variance]


@pytest.mark.parametrize("name", MODELS)
def test_coefficients_errors_df_variances_and_likelihood(name):
    ref, model = R[name], fit(name)
    contrasts = [model.coefficient(effect) for effect in model.names]
    np.testing.assert_allclose([c.value for c in contrasts], ref["b"], rtol=2e-5)
    np.testing.assert_allclose([c.se for c in contrasts], ref["se"], rtol=2e-5)
    assert model.log_likelihood >= ref["ll"] - 1e-6
    assert model.log_likelihood == pytest.approx(ref["ll"], abs=1e-6)
    assert model.singular == ref["singular"]
    if not ref["singular"]:
        np.testing.assert_allclose([c.df for c in contrasts], ref["df"], rtol=5e-4)
        mine = sorted(abs(v) for v in variances(model) if v)
        # Our gradient is zero to 1e-13; lme4 stops where its own tolerance lets it (covariances move by 1e-6).
        np.testing.assert_allclose(mine, sorted(abs(v) for v in ref["vc"]), rtol=2e-4, atol=2e-6)


@pytest.mark.parametrize("name", [name for name in MODELS if "df_kr" in R[name]])
def test_kenward_roger(name):
    ref, model = R[name], fit(name, "kenward-roger")
    contrasts = [model.coefficient(effect) for effect in model.names]
    np.testing.assert_allclose([c.df for c in contrasts], ref["df_kr"], rtol=5e-4)
    np.testing.assert_allclose([c.se for c in contrasts], ref["se_kr"], rtol=2e-4)


def test_profile_intervals():
    outcome, random, fixed, _ = MODELS["two"]
    model = linear_mixed(outcome, random, fixed=fixed)
    for mine, place in (("therapist", 0), ("residual", 1), ("intercept", 2), ("pre", 3)):
        interval = profile_interval(model, mine)
        assert interval.low == pytest.approx(R["profile"]["low"][place], rel=5e-6)
        assert interval.high == pytest.approx(R["profile"]["high"][place], rel=5e-6)

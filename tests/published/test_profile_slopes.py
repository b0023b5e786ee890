"""Profile intervals of slopes and correlations against lme4, means over levels against emmeans."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.linear_mixed import Factor, difference_at, linear_mixed, mean_at, profile_interval

HERE = Path(__file__).parent
R = json.loads((HERE / "r/profile_slopes.json").read_text())
TRIAL = pl.read_csv(HERE / "data/rbmi_antidepressant.csv", null_values="NA", infer_schema_length=None)
THREE = pl.read_csv(HERE / "data/sim_therapist3.csv")
WEEK = TRIAL["VISIT"].cast(pl.Float64).to_numpy() - 3


def _trial():
    drug = (TRIAL["THERAPY"] == "DRUG").cast(pl.Float64).to_numpy()
    fixed = {"base": TRIAL["BASVAL"].to_numpy(), "week": WEEK, "drug": drug, "week:drug": WEEK * drug}
    return linear_mixed(TRIAL["CHANGE"].to_numpy(), {"id": Factor(TRIAL["PATIENT"].to_numpy(), {"week": WEEK})},
                        fixed=fixed), "week"  # fmt: skip


def _three():
    time, arm = THREE["time"].to_numpy(), THREE["trt"].to_numpy()
    fixed = {"time": time, "trt": arm, "time:trt": time * arm}
    return linear_mixed(
        THREE["y"].to_numpy(), {"id": Factor(THREE["id"].to_numpy(), {"time": time})}, fixed=fixed
    ), "time"


@pytest.mark.parametrize("which", ["trial", "three"])
def test_profile_of_slope_and_correlation(which):
    model, slope = {"trial": _trial, "three": _three}[which]()
    r = R[which]
    names = ["intercept of id", f"correlation of intercept and {slope} of id", f"{slope} of id", "residual"]
    for name, low, high in zip(names, r["low"], r["high"], strict=True):
        found = profile_interval(model, name)
        assert found.low == pytest.approx(low, rel=2e-3, abs=1e-3), name
        assert found.high == pytest.approx(high, rel=2e-3, abs=1e-3), name


def test_means_over_the_levels_of_factors():
    place = np.unique(TRIAL["PATIENT"].to_numpy().astype(str), return_inverse=True)[1] + 1
    site = np.select([place % 7 <= 1, place % 7 <= 3], ["a", "b"], default="c")
    model = linear_mixed(
        TRIAL["CHANGE"].to_numpy(), {"id": Factor(TRIAL["PATIENT"].to_numpy(), {"week": WEEK})},
        fixed={
            "base": TRIAL["BASVAL"].to_numpy(), "week": WEEK, "arm": TRIAL["THERAPY"].to_numpy(),
            "week:arm=PLACEBO": WEEK * (TRIAL["THERAPY"] == "PLACEBO").to_numpy(),
            "gender": TRIAL["GENDER"].to_numpy(), "site": site,
        },
    )  # fmt: skip
    for name, value, se, df in zip(*(R["means"][k] for k in ("arm", "value", "se", "df")), strict=True):
        found = mean_at(model, {"arm=PLACEBO": float(name == "PLACEBO"), "week": 4}, average="levels")
        assert (found.value, found.se) == pytest.approx((value, se), rel=1e-5, abs=2e-5)
        assert found.df == pytest.approx(df, rel=1e-3)
    for name, value, se in zip(*(R["sites"][k] for k in ("site", "value", "se")), strict=True):
        at = {f"site={name}": 1.0} if name != "a" else {"site=b": 0.0}
        found = mean_at(model, {**at, "week": 4}, average="levels")
        assert (found.value, found.se) == pytest.approx((value, se), rel=1e-5, abs=2e-5)
    gap = difference_at(model, {"site=b": 1.0}, {"site=c": 1.0})
    assert gap.value == pytest.approx(R["sites"]["value"][1] - R["sites"]["value"][2], rel=1e-5, abs=2e-5)


def test_a_correlation_of_nothing_is_refused():
    """People's own slopes are taken off, so that they vary less than chance alone would have it."""
    random = np.random.default_rng(5)
    person, time = np.repeat(np.arange(60), 4), np.tile(np.arange(4.0), 60)
    noise = random.normal(0, 1, (60, 4))
    centred = np.arange(4.0) - 1.5
    noise -= np.outer(noise @ centred / (centred @ centred), centred)
    y = random.normal(0, 1, 60)[person] + noise.ravel()
    model = linear_mixed(y, {"person": Factor(person, {"time": time})}, fixed={"time": time})
    assert model.boundary
    with pytest.raises(NotEstimable, match="has no variance"):
        profile_interval(model, "correlation of intercept and time of person")
    assert profile_interval(model, "time of person").low == 0
    with pytest.raises(BadInput, match="No parameter"):
        profile_interval(model, "slope")

"""Shrunken effects of random slopes, crossed and nested factors against lme4::ranef, and estimated means against
emmeans (numbers in r/random_effects.json)."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from accord.science.errors import BadInput
from accord.science.estimates.linear_mixed import (
    Factor,
    difference_at,
    linear_mixed,
    mean_at,
    random_effects,
    weights_at,
)  # fmt: skip

HERE = Path(__file__).parent
R = json.loads((HERE / "r/random_effects.json").read_text())
TRIAL = pl.read_csv(HERE / "data/rbmi_antidepressant.csv", null_values="NA", infer_schema_length=None)
CROSSED = pl.read_csv(HERE / "data/crossed_ratings.csv")
TWO = pl.read_csv(HERE / "data/sim_therapist2.csv")


def slope(df="kenward-roger"):
    week = TRIAL["VISIT"].cast(pl.Float64).to_numpy() - 3
    drug = (TRIAL["THERAPY"] == "DRUG").cast(pl.Float64).to_numpy()
    fixed = {"base": TRIAL["BASVAL"].to_numpy(), "week": week, "drug": drug, "week:drug": week * drug}
    people = Factor(TRIAL["PATIENT"].to_numpy(), {"week": week})
    return linear_mixed(TRIAL["CHANGE"].to_numpy(), {"id": people}, fixed=fixed, df=df)


def crossed():
    x = CROSSED["x"].to_numpy()
    random = {"pat": Factor(CROSSED["pat"].to_numpy(), {"x": x}), "rater": Factor(CROSSED["rater"].to_numpy())}
    return linear_mixed(CROSSED["y"].to_numpy(), random, fixed={"x": x})


def nested():
    therapist = TWO["therapist"].to_numpy()
    random = {"therapist": Factor(therapist), "team": Factor((therapist - 1) // 6)}
    return linear_mixed(TWO["post"].to_numpy(), random, fixed={"pre": TWO["pre"].to_numpy()})


@pytest.mark.parametrize(
    ("model", "factor", "name"),
    [
        (slope, "id", "slope"),
        (crossed, "pat", "crossed_pat"),
        (crossed, "rater", "crossed_rater"),
        (nested, "therapist", "therapist"),
        (nested, "team", "team"),
    ],
)
def test_shrunken_effects_and_their_conditional_variances(model, factor, name):
    found, ref = random_effects(model(), factor), R[name]
    rows = [found.labels.index(label) for label in ref["labels"]]
    np.testing.assert_allclose(found.effects[rows], ref["effects"], rtol=1e-4, atol=2e-5)
    np.testing.assert_allclose(found.covariances[rows], ref["covariances"], rtol=1e-4, atol=2e-6)
    assert (found.se >= found.se_given_fixed).all()
    assert found.rows.sum() == model().rows


def test_a_single_factor_is_the_same_by_the_sparse_system():
    from accord.science.estimates.linear_mixed import effects

    work = slope().working
    for short, whole in zip(effects._one_factor(work, work.levels[0]), effects._several(work, work.levels[0]),
                            strict=True):  # fmt: skip
        np.testing.assert_allclose(short, whole, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("df", ["kenward-roger", "satterthwaite"])
def test_estimated_means_are_those_of_emmeans(df):
    model, ref = slope(df), R[df.replace("-", "_")]
    means = [mean_at(model, {"week": 4, "drug": drug}) for drug in (0, 1)]
    np.testing.assert_allclose([m.value for m in means], ref["mean"], rtol=1e-5)
    np.testing.assert_allclose([m.se for m in means], ref["se"], rtol=2e-4)
    np.testing.assert_allclose([m.df for m in means], ref["df"], rtol=1e-3)
    d = difference_at(model, {"week": 4, "drug": 1}, {"week": 4, "drug": 0})
    np.testing.assert_allclose([d.value, d.se, d.df], ref["difference"], rtol=1e-3)


def test_names_that_are_not_there_are_refused():
    model = slope()
    for call in (lambda: weights_at(model, {"month": 1}), lambda: random_effects(model, "clinic")):
        with pytest.raises(BadInput) as caught:
            call()
        assert caught.value.finding.cure

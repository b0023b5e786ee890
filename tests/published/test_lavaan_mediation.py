"""Indirect effects against lavaan 0.6 (Ashar 2022), and causal contrasts against glm standardised by hand in R."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from accord.science.estimates.mediation.causal import causal_mediation
from accord.science.estimates.mediation.gaps import mediate_with_gaps
from accord.science.estimates.mediation.indirect import mediate

HERE = Path(__file__).parent
R = json.loads((HERE / "r/mediation.json").read_text())
BY_HAND = json.loads((HERE / "r/causal_mediation.json").read_text())
ASHAR = pl.read_csv(HERE / "data/ashar2022_mediation.csv")
HOLES = pl.read_csv(HERE / "data/ashar2022_mediation_missing.csv", null_values="NA").cast(pl.Float64)
MADE = pl.read_csv(HERE / "data/causal_mediation.csv").cast(pl.Float64)
NAMES = {
    "a1": "treatment -> dt",
    "a2": "treatment -> dc",
    "d21": "dt -> dc",
    "b1": "dt -> outcome",
    "b2": "dc -> outcome",
}


def fitted(make=mediate, data=ASHAR, **more):
    column = {name: data[name].to_numpy().astype(float) for name in data.columns}
    return make(column["trt"], {"dt": column["dt"], "dc": column["dc"]}, column["dp"], **more)


def named(found):
    by_path = {("dt",): "ind1", ("dc",): "ind2", ("dt", "dc"): "ind12"}
    return (
        {ours: found.legs[leg] for ours, leg in NAMES.items() if leg in found.legs}
        | {by_path[path]: one for path, one in zip(found.paths, found.indirect, strict=True)}
        | {"sum": found.sum, "cp": found.direct, "total": found.total}
    )


@pytest.mark.parametrize("serial", [False, True])
def test_slopes_and_products_are_those_of_lavaan(serial):
    found = named(fitted(limits="delta", serial=serial))
    expected = R["serial" if serial else "parallel"]
    assert set(found) == set(expected)
    for name, (value, se, _, _) in expected.items():
        assert found[name].value == pytest.approx(value, abs=2e-7), name
        # lavaan divides by n, least squares by what is left over.
        assert found[name].se == pytest.approx(se * np.sqrt(135 / 132), rel=0.012), name


def test_gaps_by_full_information_give_lavaans_slopes_and_errors():
    found = named(fitted(mediate_with_gaps, HOLES, limits="delta"))
    for name, (value, se, low, high) in R["fiml"].items():
        assert found[name].value == pytest.approx(value, abs=2e-6), name
        assert found[name].se == pytest.approx(se, abs=2e-6), name
        assert (found[name].ci_low, found[name].ci_high) == pytest.approx((low, high), abs=1e-5), name


def test_serial_paths_with_gaps_add_up_to_the_total():
    found = fitted(mediate_with_gaps, HOLES, serial=True)
    assert found.sum.value + found.direct.value == pytest.approx(found.total.value, abs=1e-9)
    assert found.total.value == pytest.approx(R["fiml"]["total"][0], abs=2e-6)


@pytest.mark.parametrize(("limits", "theirs"), [("percentile", "percentile"), ("bc", "bc")])
def test_bootstrap_limits_are_lavaans_within_their_monte_carlo_error(limits, theirs):
    found = named(fitted(limits=limits, draws=20_000))
    for name in ("ind1", "ind2", "sum", "cp", "total"):
        _, se, low, high = R[theirs][name]
        # The error of a 2.5 % quantile from 5,000 draws of a normal is about .038 of its SD; three of them.
        assert (found[name].ci_low, found[name].ci_high) == pytest.approx((low, high), abs=0.13 * se), name
        assert found[name].se == pytest.approx(se, rel=0.05)


MODELS = {
    "linear_linear": ("m", "y", "linear", "linear"), "linear_logit": ("m", "yb", "linear", "logit"),
    "linear_probit": ("m", "yb", "linear", "probit"), "logit_linear": ("mb", "y", "logit", "linear"),
    "probit_linear": ("mb", "y", "probit", "linear"), "logit_logit": ("mb", "yb", "logit", "logit"),
}  # fmt: skip


@pytest.mark.parametrize("which", MODELS)
def test_causal_contrasts_are_those_of_glm_standardised_by_hand(which):
    m, y, mediator_model, outcome_model = MODELS[which]
    found = causal_mediation(
        MADE["x"], MADE[m], MADE[y], covariates={"c1": MADE["c1"]}, mediator_model=mediator_model,
        outcome_model=outcome_model, interaction=True, draws=20,
    )  # fmt: skip
    # A probit or logit over a normal is taken by 24 nodes; glm stops at a relative change of 1e-8.
    assert [one.value for one in found.estimates] == pytest.approx(BY_HAND[which], abs=3e-6)

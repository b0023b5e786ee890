"""Cluster-robust least squares against clubSandwich 0.5.8 and sandwich 3.0 (numbers in r/robust.json)."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from accord.science.estimates.ancova import ancova
from accord.science.estimates.cluster_robust import cluster_robust
from accord.science.estimates.within_between import within_between

HERE = Path(__file__).parent
R = json.loads((HERE / "r/robust.json").read_text())
ROWS = pl.read_csv(HERE / "data/sim_therapist2.csv").with_columns(arm=(pl.col("therapist") % 2 == 0).cast(pl.Float64))
ASHAR = pl.read_csv(HERE / "data/ashar2022_wide_patients.csv", null_values="NA")


@pytest.mark.parametrize(("name", "largest"), [("therapists", 60), ("six_therapists", 6)])
def test_cr2_and_satterthwaite(name, largest):
    rows, ref = ROWS.filter(pl.col("therapist") <= largest), R[name]
    fixed = {column: rows[column].to_numpy() for column in ("pre", "arm")}
    model = cluster_robust(rows["post"].to_numpy(), rows["therapist"].to_numpy(), fixed=fixed)
    found = [model.coefficient(effect) for effect in model.names]
    for key, values in (("b", [c.value for c in found]), ("se", [c.se for c in found]), ("df", [c.df for c in found])):
        np.testing.assert_allclose(values, ref[key], rtol=1e-9)
    np.testing.assert_allclose([c.p for c in found], ref["p"], rtol=1e-6)


def pain(errors):
    return ancova(
        ASHAR["pain_avg.2"].to_numpy(), ASHAR["g"].to_numpy(), of="PRT", against="UC",
        covariates={"pre": ASHAR["pain_avg.1"].to_numpy()}, errors=errors,
    )  # fmt: skip


def test_classical_ancova_of_a_real_trial():
    found, ref = pain("classical"), R["ashar_classical"]
    d = found.difference
    assert (d.value, d.se, d.df) == pytest.approx((ref["b"], ref["se"], ref["df"]), rel=1e-9)
    assert sum(found.n.values()) == ref["n"]
    assert found.n == {"PRT": 44, "UC": 47}


def test_robust_ancova_of_a_real_trial():
    d, ref = pain("robust").difference, R["ashar_hc2"]
    assert (d.value, d.se, d.df) == pytest.approx((ref["b"][1], ref["se"][1], ref["df"][1]), rel=1e-9)
    assert d.se == pytest.approx(R["ashar_hc2_sandwich"][1], rel=1e-9)


def test_within_and_between_slopes():
    found = within_between(
        ROWS["post"].to_numpy(), ROWS["alliance"].to_numpy(), ROWS["therapist"].to_numpy(),
        covariates={"pre": ROWS["pre"].to_numpy()},
    )  # fmt: skip
    ref = R["within_between"]
    for k, part in ((1, found.within), (2, found.between)):
        assert (part.value, part.se, part.df) == pytest.approx((ref["b"][k], ref["se"][k], ref["df"][k]), rel=1e-6)

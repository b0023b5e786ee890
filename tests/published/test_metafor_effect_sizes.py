"""Standardised differences against metafor 3.8 (numbers in r/simple.json) and against the mean of many samples."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from accord.science.estimates.hedges_g import (
    hedges_g,
    hedges_g_from_summary,
    hedges_g_within_from_summary,
    noncentral_t_limits,
)

HERE = Path(__file__).parent
R = json.loads((HERE / "r/simple.json").read_text())


def test_between_is_escalc_smd():
    s = R["smd"]
    for k in range(len(s["yi"])):
        g = hedges_g_from_summary((s["m1"][k], s["m2"][k]), (s["sd1"][k], s["sd2"][k]), (s["n1"][k], s["n2"][k]))
        assert (g.g, g.se**2) == pytest.approx((s["yi"][k], s["vi"][k]), rel=1e-10)


@pytest.mark.parametrize(("standardiser", "measure"), [("baseline", "SMCR"), ("change", "SMCC")])
def test_within_is_escalc(standardiser, measure):
    w = R["within"]
    for k in range(2):
        g = hedges_g_within_from_summary(
            (w["m1"][k], w["m2"][k]), (w["sd1"][k], w["sd2"][k]), w["n"][k], w["r"][k], standardiser=standardiser
        )
        assert (g.g, g.se**2) == pytest.approx((w[measure]["yi"][k], w[measure]["vi"][k]), rel=1e-10)


def test_noncentral_limits_are_those_of_pt():
    assert noncentral_t_limits(2.1, 30) == pytest.approx(R["noncentral"], abs=1e-8)


def test_a_real_trial():
    """Ashar 2022, change of pain, PRT against usual care: g and J as effsize 0.8.1 gave them."""
    rows = pl.read_csv(HERE / "data/ashar2022_wide_patients.csv", null_values="NA")
    change = {arm: rows.filter(pl.col("g") == arm)["ch"].to_numpy() for arm in ("PRT", "UC")}
    g = hedges_g(change["PRT"], change["UC"])
    assert (g.g, g.d, g.correction) == pytest.approx((-1.779214637556, -1.794385597208, 0.9915453179765), rel=1e-10)
    assert (g.n, g.missing) == ((44, 47), int(sum(np.isnan(v).sum() for v in change.values())))

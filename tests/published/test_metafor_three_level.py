"""Three-level and working-covariance models of the fibromyalgia set (161 effects, 25 studies).

Against rma.mv of metafor 3.8.1 and clubSandwich 0.5.8: meta.json, fibro_3level, fibro_3level_domain, fibro_CHE.
"""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from accord.science.synthesis.three_level import three_level
from accord.science.synthesis.working_covariance import working_covariance

DATA = Path(__file__).parent / "data"
META = json.loads((DATA / "meta.json").read_text())
ROWS = pl.read_csv(DATA / "fibromyalgia_psychotherapy_smd.csv")
EFFECTS = (ROWS["yi"].to_numpy(), ROWS["vi"].to_numpy(), ROWS["study"].to_list())
DOMAIN = {"domain": ROWS["outcome_domain"].to_list()}


def test_three_level_with_the_models_own_errors():
    found, ref = three_level(*EFFECTS, errors="model"), META["fibro_3level"]
    assert (found.k, found.studies, found.df) == (161, 25, ref["ddf"])
    assert (found.tau2_between, found.tau2_within) == pytest.approx(ref["sigma2"], rel=1e-6)
    mean = [found.estimate, found.se, found.ci_low, found.ci_high]
    assert mean == pytest.approx([ref["b"], ref["se"], ref["ci.lb"], ref["ci.ub"]], rel=1e-6)
    assert found.p == pytest.approx(ref["pval"], rel=1e-5)
    assert found.q == pytest.approx(ref["QE"], rel=1e-10)
    assert found.log_likelihood == pytest.approx(ref["ll"], abs=1e-9)
    assert [found.i2_between, found.i2_within] == pytest.approx(ref["I2_levels"], rel=1e-6)
    assert found.i2 == pytest.approx(ref["I2_total"], rel=1e-6)
    assert [found.pi_low, found.pi_high] == pytest.approx(ref["pi"], rel=1e-6)


def test_three_level_with_robust_errors():
    ref = META["fibro_3level"]["CR2"]
    found = three_level(*EFFECTS)
    values = (found.se, found.df, found.p, found.ci_low, found.ci_high)
    assert values == pytest.approx((ref["se"], ref["df"], ref["pval"], ref["ci.lb"], ref["ci.ub"]), rel=1e-6)
    plain, ref = found.coefficient(errors="CR1"), META["fibro_3level"]["CR1"]
    assert (plain.se, plain.df, plain.p) == pytest.approx((ref["se"], ref["dfs"], ref["pval"]), rel=1e-6)


def test_moderated_by_domain():
    found, ref = three_level(*EFFECTS, mods=DOMAIN), META["fibro_3level_domain"]
    np.testing.assert_allclose(found.coefficients, ref["b"], rtol=1e-6)
    assert (found.tau2_between, found.tau2_within) == pytest.approx(ref["sigma2"], rel=1e-6)
    assert found.log_likelihood == pytest.approx(ref["ll"], abs=1e-9)
    assert found.q == pytest.approx(ref["QE"], rel=1e-10)
    assert [found.i2_between, found.i2_within] == pytest.approx(ref["I2_levels"], rel=1e-6)
    for errors in ("CR2", "CR1", "model"):
        tests = [found.coefficient(name, errors=errors) for name in found.names]
        there = ref if errors == "model" else ref[errors]
        np.testing.assert_allclose([t.se for t in tests], there["se"], rtol=1e-6)
        np.testing.assert_allclose([t.p for t in tests], there["pval"], rtol=1e-5)
    tests = [found.coefficient(name) for name in found.names]
    np.testing.assert_allclose([t.df for t in tests], ref["CR2"]["df"], rtol=1e-6)
    np.testing.assert_allclose([t.ci_low for t in tests], ref["CR2"]["ci.lb"], rtol=1e-6)
    np.testing.assert_allclose([t.ci_high for t in tests], ref["CR2"]["ci.ub"], rtol=1e-6)


def test_working_covariance():
    ref = META["fibro_CHE"]
    found = working_covariance(*EFFECTS, rho=ref["rho"])
    assert (found.tau2_between, found.tau2_within) == pytest.approx(ref["sigma2"], rel=1e-6)
    assert found.coefficient(errors="model").se == pytest.approx(ref["se"], rel=1e-6)
    there = ref["CR2"]
    values = (found.estimate, found.se, found.df, found.p, found.ci_low, found.ci_high)
    expected = (ref["b"], there["se"], there["df"], there["pval"], there["ci.lb"], there["ci.ub"])
    assert values == pytest.approx(expected, rel=1e-6)

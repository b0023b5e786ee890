"""Effects in studies against metafor 3.8.1 and clubSandwich 0.5.8 (r/nested.R, r/nested.json), fibromyalgia set."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from accord.science.synthesis.shared_controls import find_shared_controls, shared_control_covariance
from accord.science.synthesis.three_level import three_level
from accord.science.synthesis.working_covariance import working_covariance

HERE = Path(__file__).parent
R = json.loads((HERE / "r/nested.json").read_text())
ROWS = pl.read_csv(HERE / "data/fibromyalgia_psychotherapy_smd.csv", null_values="NA")
STUDY = ROWS["study"].to_list()
EFFECTS = (ROWS["yi"].to_numpy(), ROWS["vi"].to_numpy(), STUDY)


def agree(found, ref):
    np.testing.assert_allclose(found.coefficients, ref["b"], rtol=2e-6)
    np.testing.assert_allclose([found.tau2_between, found.tau2_within], ref["sigma2"], rtol=2e-6)
    own = [found.coefficient(name, errors="model").se for name in found.names]
    robust = [found.coefficient(name) for name in found.names]
    np.testing.assert_allclose(own, np.atleast_1d(ref["se"]), rtol=1e-6)
    np.testing.assert_allclose([c.se for c in robust], np.atleast_1d(ref["CR2"]["se"]), rtol=1e-6)
    np.testing.assert_allclose([c.df for c in robust], np.atleast_1d(ref["CR2"]["df"]), rtol=1e-6)
    assert found.log_likelihood == pytest.approx(ref["ll"], abs=1e-9)
    assert found.q == pytest.approx(ref["q"], rel=1e-10)


def test_maximum_likelihood():
    agree(three_level(*EFFECTS, method="ML"), R["ml"])


def test_working_covariance_with_a_moderator_of_words():
    found = working_covariance(*EFFECTS, rho=0.4, mods={"domain": ROWS["outcome_domain"].to_list()})
    agree(found, R["che_domain"])


def test_a_moderator_of_numbers():
    agree(three_level(*EFFECTS, mods={"sessions": ROWS["n_sessions_arm1"].to_numpy()}), R["weeks"])


def test_a_coefficient_that_rests_on_one_study():
    """clubSandwich takes the generalised inverse there, and so do we, with a warning."""
    found = three_level(*EFFECTS, mods={"own": (ROWS["study"] == "Castel, 2012").to_numpy()})
    agree(found, R["alone"])
    assert [finding.rule for finding in found.warnings] == ["duplicate", "duplicate", "one study"]


@pytest.mark.parametrize("model", ["profile", "che_profile"])
def test_profile_intervals(model):
    if model == "profile":
        found = three_level(*EFFECTS)
    else:
        found = working_covariance(*EFFECTS, rho=0.4, mods={"domain": ROWS["outcome_domain"].to_list()})
    for interval, ref in zip(found.variance_intervals(), R[model].values(), strict=True):
        assert interval.estimate == pytest.approx(ref[0], rel=1e-6)
        assert (interval.low, interval.high) == pytest.approx(ref[1:], rel=1e-6)


def test_shared_control_groups_are_found_and_modelled():
    """Lami 2018 and McCrae 2019 compare two arms with one control group, in 15 outcomes and times."""
    control = {name: ROWS[name].to_numpy() for name in ("n_arm2", "mean_arm2", "sd_arm2")}
    same = {name: ROWS[name].to_list() for name in ("outcome_domain", "instrument", "time")}
    shared = find_shared_controls(STUDY, control, same=same)
    assert len(shared.groups) == R["shared"]["groups"]
    assert sum(map(len, shared.groups)) == R["shared"]["rows"]
    assert shared.studies == ("Lami, 2018", "Mccrae, 2019")
    matrix = shared_control_covariance(
        ROWS["yi"].to_numpy(), ROWS["vi"].to_numpy(), shared,
        n_treatment=ROWS["n_arm1"].to_numpy(), n_control=ROWS["n_arm2"].to_numpy(),
    )  # fmt: skip
    agree(three_level(ROWS["yi"].to_numpy(), matrix, STUDY), R["shared"])

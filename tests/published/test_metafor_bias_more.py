"""Small-study and selection tools against metafor 3.8.1 with its stopping rules made tight (r/bias.R, r/bias.json)."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from accord.science.synthesis.begg import begg
from accord.science.synthesis.egger import egger
from accord.science.synthesis.equivalence import equivalence
from accord.science.synthesis.fail_safe_n import fail_safe_n
from accord.science.synthesis.pet_peese import pet_peese
from accord.science.synthesis.selection_3psm import selection_3psm
from accord.science.synthesis.trim_and_fill import trim_and_fill

HERE = Path(__file__).parent
R = json.loads((HERE / "r/bias.json").read_text())
FILES = {"bcg": "ref_bcg_yi_vi.csv", "thirdwave": "dmetar_ThirdWave.csv", "fibro": "fibro_somatic_post_agg.csv"}
SETS = {name: tuple(pl.read_csv(HERE / "data" / file).select("yi", "vi").to_numpy().T) for name, file in FILES.items()}
every_set = pytest.mark.parametrize("name", list(SETS))


@every_set
@pytest.mark.parametrize("model", ["pet", "peese"])
def test_pet_and_peese(name, model):
    line, ref = getattr(pet_peese(*SETS[name]), model), R[name][model]
    for key, values in (("b", "value"), ("se", "se"), ("p", "p")):
        found = [getattr(line.limit, values), getattr(line.slope, values)]
        assert found == pytest.approx(ref[key], rel=1e-7)
    assert line.tau2 == pytest.approx(ref["tau2"], rel=1e-7, abs=1e-12)


@every_set
@pytest.mark.parametrize("predictor", ["se", "variance"])
def test_least_squares_lines(name, predictor):
    found = egger(*SETS[name], predictor=predictor)
    ref = R[name]["pet_lm" if predictor == "se" else "peese_lm"]
    for value, row in ((found.limit, ref[0]), (found.slope, ref[1])):
        assert (value.value, value.se, value.value / value.se, value.p) == pytest.approx(row, rel=1e-10)
    line = getattr(pet_peese(*SETS[name], form="lm"), "pet" if predictor == "se" else "peese")
    assert line.limit == found.limit


@every_set
@pytest.mark.parametrize(
    ("key", "method"),
    [("L0_left", "REML"), ("L0_right", "REML"), ("R0_left", "DL"), ("R0_right", "DL"), ("L0_fixed", "FE")],
)
def test_trim_and_fill_on_either_side(name, key, method):
    estimator, side = key.split("_")
    side = "left" if side == "fixed" else side
    found = trim_and_fill(*SETS[name], estimator=estimator, side=side, method=method)
    ref = R[name]["fill"][key]
    assert found.filled == ref["k0"]
    assert found.se_filled == pytest.approx(float(ref["se"]), rel=1e-7, nan_ok=True)
    pooled = found.adjusted
    values = (pooled.estimate, pooled.se, pooled.tau2)
    assert values == pytest.approx((ref["b"], ref["pooled_se"], ref["tau2"]), rel=1e-7)
    if estimator == "R0":
        assert found.p == ref["p"]


@every_set
@pytest.mark.parametrize("step", [0.025, 0.05])
def test_selection_model_at_two_steps(name, step):
    ref = R[name]["select"]
    found = selection_3psm(*SETS[name], favoured=ref["favoured"], step=step)
    ref = ref["at_025" if step == 0.025 else "at_05"]
    assert found.log_likelihood == pytest.approx(ref["ll"], abs=1e-9)
    assert found.lrt == pytest.approx(ref["lrt"], abs=1e-8)
    values = (found.estimate, found.se, found.tau2, found.se_tau2, found.delta, found.se_delta)
    expected = (ref["b"], ref["se"], ref["tau2"], ref["se_tau2"], ref["delta"], ref["se_delta"])
    assert values == pytest.approx(expected, rel=2e-5)


@every_set
def test_begg_with_ties(name):
    y, v = SETS[name]
    found = begg(y, np.round(v, 2) + 0.01)
    assert [found.tau, found.p] == pytest.approx(R[name]["begg_ties"], rel=1e-10)
    assert not found.exact


@every_set
def test_fail_safe_n_at_another_level(name):
    assert fail_safe_n(*SETS[name], alpha=0.01).n == R[name]["fail_safe_01"]


def test_equivalence_of_a_mean():
    ref = R["equivalence"]
    x = np.array(ref["x"])
    found = equivalence(x.mean(), x.std(ddof=1) / len(x) ** 0.5, margin=0.3, df=len(x) - 1)
    assert (found.p_low, found.p_high) == pytest.approx((ref["lower"], ref["upper"]), rel=1e-10)
    assert [found.inner_low, found.inner_high] == pytest.approx(ref["inner"], rel=1e-10)
    assert found.verdict == "equivalent"

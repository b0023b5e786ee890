"""Small-study and selection tools against metafor 3.8.1 (meta.json) on three data sets.

metafor stops its REML steps about 3e-5 (relative, τ²) before the top; hence the tolerances of what rests on τ². Where
the top is τ² = 0 (thirdwave, PET) it stops at 2e-7. test_metafor_bias_more.py holds it with that
rule made tight.
"""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from accord.science.errors import NotEstimable
from accord.science.synthesis.begg import begg
from accord.science.synthesis.egger import egger
from accord.science.synthesis.fail_safe_n import fail_safe_n
from accord.science.synthesis.pet_peese import pet_peese
from accord.science.synthesis.selection_3psm import selection_3psm
from accord.science.synthesis.selection_likelihood import Selection, derivatives
from accord.science.synthesis.trim_and_fill import trim_and_fill

DATA = Path(__file__).parent / "data"
META = json.loads((DATA / "meta.json").read_text())
FILES = {
    "bcg": "ref_bcg_yi_vi.csv",
    "thirdwave": "dmetar_ThirdWave.csv",
    "fibro_somatic_post_agg": "fibro_somatic_post_agg.csv",
}
SETS = {name: tuple(pl.read_csv(DATA / file).select("yi", "vi").to_numpy().T) for name, file in FILES.items()}
every_set = pytest.mark.parametrize("name", list(SETS))


@every_set
def test_egger_by_least_squares(name):
    found, ref = egger(*SETS[name]), META[name]["egger_lm"]
    slope = (found.slope.value, found.slope.se, found.slope.value / found.slope.se, found.slope.p)
    assert slope == pytest.approx(ref["slope"], rel=1e-10)
    assert found.slope.df == ref["dfs"]
    limit = (found.limit.value, found.limit.ci_low, found.limit.ci_high)
    assert limit == pytest.approx((ref["est"], ref["lb"], ref["ub"]), rel=1e-10)


@every_set
def test_egger_with_random_effects(name):
    found, ref = egger(*SETS[name], form="rma"), META[name]["egger_rma"]
    assert found.slope.value / found.slope.se == pytest.approx(ref["stat"], rel=1e-5)
    assert found.p == pytest.approx(ref["pval"], rel=5e-5, abs=1e-9)
    limit = (found.limit.value, found.limit.ci_low, found.limit.ci_high)
    assert limit == pytest.approx((ref["est"], ref["lb"], ref["ub"]), abs=5e-6)


@every_set
def test_begg(name):
    found, ref = begg(*SETS[name]), META[name]["begg_rank"]
    assert (found.tau, found.p) == pytest.approx((ref["tau"], ref["pval"]), rel=1e-10)
    assert found.exact


@every_set
@pytest.mark.parametrize("estimator", ["L0", "R0"])
def test_trim_and_fill(name, estimator):
    found, ref = trim_and_fill(*SETS[name], estimator=estimator), META[name][f"trimfill_{estimator}"]
    assert (found.filled, found.side) == (ref["k0"], ref["side"])
    assert found.se_filled == pytest.approx(ref["se.k0"], rel=1e-6)
    pooled = found.adjusted
    assert pooled.k == len(SETS[name][0]) + ref["k0"]
    values = (pooled.estimate, pooled.se, pooled.ci_low, pooled.ci_high)
    assert values == pytest.approx((ref["b"], ref["se"], ref["ci.lb"], ref["ci.ub"]), abs=3e-6)
    assert pooled.tau2 == pytest.approx(ref["tau2"], rel=4e-5)


@every_set
@pytest.mark.parametrize("model", ["pet", "peese"])
def test_pet_and_peese(name, model):
    found, ref = pet_peese(*SETS[name]), META[name][model]
    line = getattr(found, model)
    for value, k in ((line.limit, 0), (line.slope, 1)):
        assert (value.value, value.se) == pytest.approx((ref["b"][k], ref["se"][k]), rel=5e-5)
        assert (value.ci_low, value.ci_high) == pytest.approx((ref["ci.lb"][k], ref["ci.ub"][k]), rel=5e-4)
        assert value.p == pytest.approx(ref["pval"][k], rel=5e-4, abs=1e-9)
    assert line.tau2 == pytest.approx(ref["tau2"], rel=4e-5, abs=3e-6)
    assert line.tau2 == 0 if name == "thirdwave" else line.tau2 > 0


@pytest.mark.parametrize("name", ["thirdwave", "fibro_somatic_post_agg"])
def test_selection_model(name):
    found, ref = selection_3psm(*SETS[name]), META[name]["selmodel_3PSM"]
    assert found.log_likelihood == pytest.approx(ref["ll"], abs=2e-7)
    assert found.log_likelihood >= ref["ll"] - 1e-12, "ours is at least as high as metafor's"
    assert (found.lrt, found.lrt_p) == pytest.approx((ref["LRT"], ref["LRTp"]), rel=1e-5)
    assert (found.estimate, found.se) == pytest.approx((ref["b"], ref["se"]), rel=2e-4)
    assert (found.tau2, found.delta) == pytest.approx((ref["tau2"], ref["delta"][1]), rel=5e-4)


def test_selection_model_that_cannot_be_had():
    """No trial of bcg is significantly above 0. metafor runs δ to its bound of 100; we say it cannot be known."""
    y, v = SETS["bcg"]
    with pytest.raises(NotEstimable, match="0 of 13 studies"):
        selection_3psm(y, v)
    ref = META["bcg"]["selmodel_3PSM"]
    theirs = np.array([ref["b"], ref["tau2"], np.log(ref["delta"][1])])
    value, gradient, _ = derivatives(Selection(y, v, 1.959963984540054), theirs)
    assert value == pytest.approx(ref["ll"], abs=1e-9), "the same likelihood"
    assert gradient[2] > 0, "which still rises with δ"


@every_set
def test_fail_safe_n(name):
    assert fail_safe_n(*SETS[name]).n == META[name]["fsn_rosenthal"]

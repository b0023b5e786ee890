"""Leave-one-out, the influence set and cumulative synthesis against metafor 3.8 (r/meta_core.json, stopping rules made
tight; data/meta.json, its defaults)."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from accord.science.synthesis import cumulative, influence, leave_one_out, pool

HERE = Path(__file__).parent
TIGHT = json.loads((HERE / "r/meta_core.json").read_text())
DEFAULT = json.loads((HERE / "data/meta.json").read_text())
FILES = {
    "bcg": "ref_bcg_yi_vi", "thirdwave": "dmetar_ThirdWave", "fibro_somatic_post_agg": "fibro_somatic_post_agg",
    "gandy": "gandy2022_forest_interference",
}  # fmt: skip
SET = {
    "rstudent": "rstudent", "dffits": "dffits", "cook_d": "cook.d", "cov_r": "cov.r", "tau2_deleted": "tau2.del",
    "q_deleted": "QE.del", "hat": "hat", "weight": "weight",
}  # fmt: skip
FITS = {
    "z": {"test": "z"}, "knha": {"test": "knha"}, "fe": {"method": "FE"}, "pm": {"method": "PM"},
    "dl": {"method": "DL"},
}  # fmt: skip


def frame_of(name):
    return pl.read_csv(HERE / f"data/{FILES[name]}.csv", comment_prefix="#")


def fitted(name, **options):
    frame = frame_of(name)
    if name == "gandy":
        return pool(frame["g"].to_numpy(), frame["se"].to_numpy() ** 2, **options)
    return pool(frame["yi"].to_numpy(), frame["vi"].to_numpy(), **options)


def floats(values):
    return np.array([np.nan if value is None else value for value in values], float)


def same(ours, theirs, tolerance=1e-7):
    np.testing.assert_allclose(ours, floats(theirs), rtol=tolerance, atol=1e-9)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("fit", ["z", "knha", "fe", "pm"])
def test_influence(name, fit):
    expected, ours = TIGHT[name]["influence"][fit], influence(fitted(name, **FITS[fit]))
    for field, key in SET.items():
        same(getattr(ours, field), expected["inf"][key])
    same(ours.dfbetas[:, 0], expected["dfbs"]["intrcpt"])
    assert ours.influential.tolist() == expected["is_infl"]


@pytest.mark.parametrize("name", ["bcg", "thirdwave", "fibro_somatic_post_agg"])
def test_influence_as_metafor_prints_it(name):
    expected, ours = DEFAULT[name]["influence"], influence(fitted(name, test="knha"))
    for field, key in SET.items():
        np.testing.assert_allclose(getattr(ours, field), expected[key], rtol=3e-4, atol=1e-5)
    np.testing.assert_allclose(ours.dfbetas[:, 0], expected["dfbs"], rtol=3e-4, atol=1e-5)
    assert ours.influential.tolist() == expected["is.infl"]


@pytest.mark.parametrize(("key", "mods"), [("influence", ["ablat", "year"]), ("influence_words", ["alloc2"])])
def test_influence_with_moderators(key, mods):
    frame, expected = frame_of("bcg"), TIGHT["regression"][key]
    test = "knha" if key == "influence" else "z"
    ours = influence(pool(frame["yi"], frame["vi"], mods={m: frame[m] for m in mods}, test=test))
    for field, name in SET.items():
        same(getattr(ours, field), expected["inf"][name], 1e-6)
    same(ours.dfbetas, np.column_stack([floats(v) for v in expected["dfbs"].values()]), 1e-6)
    assert ours.influential.tolist() == expected["is_infl"]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("fit", ["z", "knha", "dl"])
def test_leave_one_out(name, fit):
    expected, ours = TIGHT[name]["leave_one_out"][fit], leave_one_out(fitted(name, **FITS[fit]))
    for field, key in {"estimate": "estimate", "se": "se", "p": "pval", "ci_low": "ci.lb", "ci_high": "ci.ub", "q": "Q",
                       "q_p": "Qp", "tau2": "tau2", "i2": "I2", "h2": "H2"}.items():  # fmt: skip
        same(getattr(ours, field), expected[key])


@pytest.mark.parametrize("name", FILES)
def test_cumulative(name):
    whole = fitted(name, test="knha")
    expected, ours = TIGHT[name]["cumulative"], cumulative(whole, by=whole.effects.v)
    for field, key in {"estimate": "estimate", "se": "se", "p": "pvals", "ci_low": "ci.lb", "ci_high": "ci.ub",
                       "tau2": "tau2", "i2": "I2"}.items():  # fmt: skip
        same(getattr(ours, field)[1:], expected[key][1:])
    assert ours.estimate[0] == pytest.approx(expected["estimate"][0], rel=1e-12)

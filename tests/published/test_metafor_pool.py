"""Pooling against metafor 3.8: r/meta_core.json (its stopping rules made tight) to 1e-9 and closer, and data/meta.json
(its defaults, as users see them) to what those defaults leave."""

import json
from pathlib import Path

import polars as pl
import pytest

from accord.science.synthesis import pool, shrunken_effects, tau2_interval

HERE = Path(__file__).parent
TIGHT = json.loads((HERE / "r/meta_core.json").read_text())
DEFAULT = json.loads((HERE / "data/meta.json").read_text())
FILES = {
    "bcg": "ref_bcg_yi_vi", "thirdwave": "dmetar_ThirdWave", "fibro_somatic_post_agg": "fibro_somatic_post_agg",
    "gandy": "gandy2022_forest_interference",
}  # fmt: skip
METHODS = ("REML", "ML", "PM", "EB", "DL", "HE", "HS", "SJ", "FE")
TESTS = {"z": "z", "knha": "knha", "adhoc": "knha-truncated"}
FIELDS = {
    "estimate": "b", "se": "se", "statistic": "stat", "p": "p", "ci_low": "low", "ci_high": "high", "tau2": "tau2",
    "se_tau2": "se_tau2", "i2": "i2", "h2": "h2", "q": "q", "q_p": "q_p", "qm": "qm", "qm_p": "qm_p",
    "log_likelihood": "ll", "aic": "aic", "bic": "bic",
}  # fmt: skip
OLD = {
    "estimate": "b", "se": "se", "statistic": "stat", "ci_low": "ci.lb", "ci_high": "ci.ub", "tau2": "tau2",
    "se_tau2": "se.tau2", "i2": "I2", "h2": "H2", "q": "QE", "q_p": "QEp",
}  # fmt: skip
ITERATED = ("REML", "ML", "PM", "EB")


def data_of(name):
    frame = pl.read_csv(HERE / f"data/{FILES[name]}.csv", comment_prefix="#")
    if name == "gandy":  # the printed variances have three decimals only: SE² it is
        return frame["g"].to_numpy(), frame["se"].to_numpy() ** 2
    return frame["yi"].to_numpy(), frame["vi"].to_numpy()


def cases(reference):
    for name in FILES:
        for method in METHODS:
            for test in TESTS:
                if f"{method}_{test}" in reference.get(name, {}):
                    yield name, method, test


@pytest.mark.parametrize(("name", "method", "test"), list(cases(TIGHT)))
def test_every_estimator_and_test(name, method, test):
    expected = TIGHT[name][f"{method}_{test}"]
    ours = pool(*data_of(name), method=method, test=TESTS[test])
    for field, key in FIELDS.items():
        if expected[key] is not None:
            assert getattr(ours, field) == pytest.approx(expected[key], rel=2e-9, abs=1e-12), field
    assert ours.k == expected["k"]


@pytest.mark.parametrize(("name", "method", "test"), list(cases(DEFAULT)))
def test_as_metafor_prints_it(name, method, test):
    """Closed forms to 1e-10; the iterated ones to what metafor's default stopping rule leaves of τ²."""
    expected = DEFAULT[name][f"{method}_{test}"]
    ours = pool(*data_of(name), method=method, test=test)
    tolerance = 2.5e-4 if method in ITERATED else 1e-10
    for field, key in OLD.items():
        if expected[key] is not None:
            assert getattr(ours, field) == pytest.approx(expected[key], rel=tolerance, abs=1e-12), field


@pytest.mark.parametrize("name", FILES)
def test_intervals_of_tau2(name):
    interval = tau2_interval(pool(*data_of(name)))
    for ours, key in ((interval.tau2, "tau2"), (interval.i2, "i2"), (interval.h2, "h2")):
        assert ours == pytest.approx(TIGHT[name]["q_profile"][key], rel=1e-8)


@pytest.mark.parametrize("name", ["bcg", "thirdwave", "fibro_somatic_post_agg"])
def test_intervals_of_tau2_as_metafor_prints_them(name):
    interval = tau2_interval(pool(*data_of(name)))
    for ours, theirs in zip((interval.tau2, interval.tau, interval.i2, interval.h2),
                            DEFAULT[name]["confint_tau2_QP"]["mat"], strict=True):  # fmt: skip
        assert ours == pytest.approx(theirs, rel=2.5e-4)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("test", ["z", "knha"])
def test_prediction_intervals(name, test):
    ours = pool(*data_of(name), test=test)
    assert (ours.pi_low, ours.pi_high) == pytest.approx(TIGHT[name]["pi"][test], rel=1e-9)


def test_prediction_interval_as_cochrane_has_it():
    """0.3132 and 0.1798 with t(11) = 2.200985: by hand from the same estimate."""
    ours = pool(*data_of("bcg"), prediction="cochrane")
    half = 2.2009851600916384 * (ours.tau2 + ours.se**2) ** 0.5
    assert (ours.pi_low, ours.pi_high) == pytest.approx((ours.estimate - half, ours.estimate + half), rel=1e-12)


@pytest.mark.parametrize("name", FILES)
def test_shrunken_effects(name):
    ours = shrunken_effects(pool(*data_of(name)))
    assert ours.estimate == pytest.approx(TIGHT[name]["blup"]["pred"], rel=1e-8)
    assert ours.se == pytest.approx(TIGHT[name]["blup"]["se"], rel=1e-8)


def test_the_forest_of_23():
    """Gandy 2022, interference, the 23 rows that could be read: fixed 0.2638 (0.1980 to 0.3296), Q 29.708, I² 25.95 %;
    DL τ² .00961, 0.2685 (0.1849 to 0.3521); REML τ² .01165, 0.2693 (0.1829 to 0.3556)."""
    y, v = data_of("gandy")
    fixed, dl, reml = (pool(y, v, method=method) for method in ("FE", "DL", "REML"))
    assert [round(x, 4) for x in (fixed.estimate, fixed.ci_low, fixed.ci_high)] == [0.2638, 0.1980, 0.3296]
    assert (fixed.k, round(fixed.q, 3), fixed.q_df, round(fixed.i2, 2)) == (23, 29.708, 22, 25.95)
    assert [round(x, 4) for x in (dl.estimate, dl.ci_low, dl.ci_high)] == [0.2685, 0.1849, 0.3521]
    assert [round(x, 4) for x in (reml.estimate, reml.ci_low, reml.ci_high)] == [0.2693, 0.1829, 0.3556]
    assert (round(dl.tau2, 5), round(reml.tau2, 5)) == (0.00961, 0.01165)

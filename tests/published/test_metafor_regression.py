"""Meta-regression, subgroups and permutation tests against metafor 3.8 (r/meta_core.json and data/meta.json)."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from accord.science.synthesis import permutation_test, pool, subgroups

HERE = Path(__file__).parent
TIGHT = json.loads((HERE / "r/meta_core.json").read_text())
DEFAULT = json.loads((HERE / "data/meta.json").read_text())
BCG = pl.read_csv(HERE / "data/ref_bcg_yi_vi.csv")
WAVE = pl.read_csv(HERE / "data/dmetar_ThirdWave.csv")
FIELDS = {
    "tau2": "tau2", "se_tau2": "se_tau2", "i2": "i2", "h2": "h2", "q": "q", "q_p": "q_p", "qm": "qm", "qm_p": "qm_p",
    "log_likelihood": "ll", "aic": "aic", "bic": "bic", "r2": "r2",
}  # fmt: skip
MODELS = {
    "both": (("ablat", "year"), {"test": "knha"}), "z": (("ablat", "year"), {}), "ml": (("ablat",), {"method": "ML"}),
    "dl": (("ablat",), {"method": "DL"}), "fe": (("ablat",), {"method": "FE"}),
    "pm": (("ablat", "year"), {"method": "PM", "test": "knha"}), "he": (("ablat",), {"method": "HE"}),
    "hs": (("ablat",), {"method": "HS"}), "sj": (("ablat",), {"method": "SJ"}), "eb": (("ablat",), {"method": "EB"}),
}  # fmt: skip


def regressed(frame, names, **options):
    return pool(frame["yi"], frame["vi"], mods={name: frame[name] for name in names}, **options)


def compare(ours, expected, tolerance=1e-7):
    np.testing.assert_allclose(ours.coefficients, np.atleast_1d(expected["b"]), rtol=tolerance)
    np.testing.assert_allclose(ours.se_coefficients, np.atleast_1d(expected["se"]), rtol=tolerance)
    table = ours.table()
    for column, key in (("p", "p"), ("ci_low", "low"), ("ci_high", "high")):
        np.testing.assert_allclose(table[column], np.atleast_1d(expected[key]), rtol=tolerance, atol=1e-12)
    for field, key in FIELDS.items():
        value = expected[key][0] if isinstance(expected[key], list) else expected[key]
        if value is not None:
            assert getattr(ours, field) == pytest.approx(value, rel=tolerance, abs=1e-12), field


@pytest.mark.parametrize("model", MODELS)
def test_numbers_as_moderators(model):
    names, options = MODELS[model]
    compare(regressed(BCG, names, **options), TIGHT["regression"][model])


def test_words_as_moderators():
    ours = regressed(WAVE, ("InterventionDuration", "RiskOfBias"), test="knha")
    compare(ours, TIGHT["regression"]["words"])
    assert ours.names == ("intercept", "InterventionDuration=short", "RiskOfBias=low")


def test_as_metafor_prints_it():
    for frame, names, key in ((BCG, ("ablat", "year"), "bcg"),
                              (WAVE, ("InterventionDuration", "RiskOfBias"), "thirdwave")):  # fmt: skip
        ours, expected = regressed(frame, names, test="knha"), DEFAULT[key]["metareg"]
        np.testing.assert_allclose(ours.coefficients, expected["b"], rtol=1e-3)
        np.testing.assert_allclose(ours.se_coefficients, expected["se"], rtol=2.5e-4)
        assert (ours.tau2, ours.q, ours.r2) == pytest.approx(
            (expected["tau2"], expected["QE"], expected["R2"]), rel=2.5e-4
        )
        assert (ours.qm, ours.qm_p) == pytest.approx((expected["QM"], expected["QMp"]), rel=2.5e-4)


def test_an_effect_at_given_moderators():
    ours, expected = regressed(BCG, ("ablat",), test="knha"), TIGHT["regression"]["predicted"]
    at = ours.combination([1, 44])
    assert (at.value, at.se, at.ci_low, at.ci_high) == pytest.approx(
        [expected[key] for key in ("pred", "se", "ci.lb", "ci.ub")], rel=1e-4
    )
    assert ours.prediction([1, 44]) == pytest.approx((expected["pi.lb"], expected["pi.ub"]), rel=1e-4)


def test_a_mean_for_each_level():
    mods = {level: (BCG["alloc2"] == level).cast(float) for level in ("alternate", "random", "systematic")}
    ours = pool(BCG["yi"], BCG["vi"], mods=mods, intercept=False)
    compare(ours, {**TIGHT["regression"]["no_intercept"], "r2": None})


@pytest.mark.parametrize(("frame", "name", "by"), [(BCG, "bcg", "alloc2"), (WAVE, "thirdwave", "TypeControlGroup")])
class TestSubgroups:
    def test_a_tau2_for_each(self, frame, name, by):
        ours = subgroups(pool(frame["yi"], frame["vi"]), frame[by].to_list(), by=by)
        for n, group in enumerate(ours.groups.labels):
            expected = TIGHT["subgroups"][name]["groups"][group]
            for field, key in {"estimate": "b", "se": "se", "tau2": "tau2", "i2": "i2", "q": "q", "q_p": "q_p",
                               "ci_low": "low", "ci_high": "high", "k": "k"}.items():  # fmt: skip
                assert getattr(ours.groups, field)[n] == pytest.approx(expected[key], rel=1e-7, abs=1e-12), field
        printed = DEFAULT[name]["subgroup"]
        assert (ours.statistic, ours.p) == pytest.approx(
            (printed["Q_between_separate_tau2"], printed["Q_between_p"]), rel=2e-4
        )

    def test_one_tau2_for_all(self, frame, name, by):
        expected = TIGHT["subgroups"][name]
        z, knha = (
            subgroups(pool(frame["yi"], frame["vi"], test=test), frame[by].to_list(), tau2="common", by=by)
            for test in ("z", "knha")
        )
        assert z.groups.tau2 == pytest.approx([expected["common"]["tau2"]] * 3, rel=1e-7)
        means = expected["common_means"]
        order = [next(n for n, label in enumerate(means["names"]) if label.endswith(")" + g)) for g in z.groups.labels]
        for field, key in (("estimate", "b"), ("se", "se"), ("p", "p"), ("ci_low", "low"), ("ci_high", "high")):
            np.testing.assert_allclose(getattr(z.groups, field), np.array(means[key])[order], rtol=1e-7)
        for ours, key in ((z, "common"), (knha, "common_knha")):
            assert (ours.statistic, ours.p) == pytest.approx((expected[key]["qm"], expected[key]["qm_p"]), rel=1e-7)
        printed = DEFAULT[name]["subgroup"]["common_tau2"]
        assert (z.statistic, z.p) == pytest.approx((printed["QM"], printed["QMp"]), rel=2.5e-4)


def test_exact_permutations():
    five, expected = BCG[:5], TIGHT["permutation"]
    signs = permutation_test(pool(five["yi"], five["vi"]))
    assert (signs.p[0], signs.iterations, signs.exact) == (expected["exact_intercept"], 32, True)
    dealt = permutation_test(regressed(five, ("ablat",), method="DL"))
    assert [*dealt.p, dealt.qm_p] == pytest.approx([*expected["exact_slope"]["pval"], expected["exact_slope"]["QMp"]])


def test_random_permutations_are_within_three_monte_carlo_errors():
    expected = DEFAULT["bcg"]["metareg_permutest"]
    ours = permutation_test(regressed(BCG, ("ablat", "year"), test="knha"), iterations=4000)
    for p, other in zip([*ours.p, ours.qm_p], [*expected["pval"], expected["QMp"]], strict=True):
        assert abs(p - other) < 3 * (other * (1 - other) * (1 / 4000 + 1 / 1000)) ** 0.5
    wave = permutation_test(regressed(WAVE, ("InterventionDuration", "RiskOfBias"), test="knha"), iterations=4000)
    for p, other in zip([*wave.p, wave.qm_p], [0.027, 0.209, 0.171, 0.123], strict=True):
        assert abs(p - other) < 3 * (other * (1 - other) * (1 / 4000 + 1 / 1000)) ** 0.5

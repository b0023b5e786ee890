"""What every measure must do, whatever its formula: sign, unit, order, missing values, bad values; and simulations."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.science.errors import BadInput, NotFound
from accord.science.estimates.effect_sizes import FAMILIES, MEASURES, measure_named
from accord.science.estimates.effect_sizes.pre_post_control import pooled_correlation
from accord.science.estimates.effect_sizes.within import correlation_from_change_sd, correlation_range, d_average, d_z

GROUPS = {"m1i": [20.0, 12.5, 31.0], "sd1i": [5.0, 4.1, 9.3], "n1i": [40.0, 12.0, 77.0],
          "m2i": [23.0, 12.0, 35.5], "sd2i": [6.0, 3.0, 8.0], "n2i": [38.0, 15.0, 70.0]}  # fmt: skip
TABLE = {"ai": [8.0, 12.0], "n1i": [20.0, 40.0], "ci": [3.0, 9.0], "n2i": [21.0, 44.0]}
WITHIN = {"m_pre": [30.0, 18.0], "sd_pre": [8.0, 5.0], "m_post": [22.0, 15.5], "sd_post": [9.0, 5.5],
          "ni": [50.0, 23.0], "ri": [0.5, 0.4]}  # fmt: skip
CHANGES = {"mc1i": [-6.0, -4.0], "sdc1i": [5.0, 6.0], "n1i": [40.0, 22.0],
           "mc2i": [-1.0, -2.0], "sdc2i": [6.0, 5.0], "n2i": [38.0, 25.0], "ri": [0.6, 0.6]}  # fmt: skip
TWICE = {"m_pre1": [30.0], "sd_pre1": [8.0], "m_post1": [22.0], "n1i": [40.0], "m_pre2": [29.0], "sd_pre2": [7.0],
         "m_post2": [27.0], "n2i": [44.0], "ri": [0.5], "r1i": [0.5], "r2i": [0.5]}  # fmt: skip
COLUMNS = {
    **GROUPS, **WITHIN, **CHANGES, **TWICE, "ai": [8.0], "ci": [3.0], "ti": [-2.1], "fi": [4.4], "pi": [0.03],
    "signi": [-1.0], "cohens_d": [0.4], "xi": [7.0], "mi": [20.0], "sdi": [4.0], "yi": [0.3], "vi": [0.02],
    "sei": [0.15], "ci_low": [0.1], "ci_high": [0.5], "ratio": [2.0], "ratio_low": [1.1], "ratio_high": [3.6],
    "m_change": [-5.0], "sd_change": [6.0],
    **{f"{name}{g}i": [v] for g in "12" for name, v in {"min": 2, "lq": 6, "med": 9, "uq": 12, "max": 18}.items()},
}  # fmt: skip


def first_row(measure):
    return {role: COLUMNS[role][0] for role in (*measure.needs, *measure.optional)}


@pytest.mark.parametrize("name", MEASURES)
def test_gives_a_finite_effect_with_a_variance(name):
    found = MEASURES[name](first_row(MEASURES[name]))
    assert np.isfinite(found.yi)
    assert found.vi > 0


@pytest.mark.parametrize("name", MEASURES)
def test_a_missing_value_gives_a_missing_effect_and_leaves_the_others(name):
    """Vectorised: a hole in one row changes no other row, in any column (AV variances aside, which are off here)."""
    measure = MEASURES[name]
    whole = measure(first_row(measure))
    for role in measure.needs:
        # The range and quartiles of medians stand in for one another.
        if measure.family == "medians" and not role.startswith(("med", "n")):
            continue
        columns = {key: np.full(3, value) for key, value in first_row(measure).items()}
        columns[role] = np.array([columns[role][0], np.nan, columns[role][0]])
        found = measure(columns)
        assert np.isnan(found.yi[1])
        assert np.isnan(found.vi[1])
        assert found.yi[[0, 2]].tolist() == pytest.approx([float(whole.yi)] * 2, rel=1e-14)
        assert found.vi[[0, 2]].tolist() == pytest.approx([float(whole.vi)] * 2, rel=1e-14)


SWAP = {"m1i": "m2i", "sd1i": "sd2i", "n1i": "n2i", "ai": "ci"}


@pytest.mark.parametrize("name", ["SMD", "SMDH", "MD", "ROM", "VR", "CVR", "RPB", "RBIS", "D2ORL", "D2ORN", "OR", "RR",
                                  "RD", "PETO", "AS", "PBIT", "OR2DL", "OR2DN"])  # fmt: skip
def test_swapping_the_arms_turns_the_sign_and_keeps_the_variance(name):
    columns = TABLE if name in ("OR", "RR", "RD", "PETO", "AS", "PBIT", "OR2DL", "OR2DN") else GROUPS
    both = {**SWAP, **{b: a for a, b in SWAP.items()}}
    one, other = MEASURES[name](columns), MEASURES[name]({both[role]: values for role, values in columns.items()})
    assert other.yi == pytest.approx(-one.yi, rel=1e-12)
    assert other.vi == pytest.approx(one.vi, rel=1e-12)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(["SMD", "SMD1", "SMD1H", "SMDH", "SMCR", "SMCRH", "SMCRP", "SMCC", "SMD_CHANGE", "SMD_CHANGE_R",
                     "PPC1", "PPC2", "SMD_MEDIANS", "SMCC_CHANGE"]),
    st.floats(0.01, 100),
)  # fmt: skip
def test_a_standardised_effect_does_not_know_the_unit(name, factor):
    measure = MEASURES[name]
    columns = first_row(measure)
    scaled = {role: value if role[0] in "nr" else value * factor for role, value in columns.items()}
    one, other = measure(columns), measure(scaled)
    assert (float(other.yi), float(other.vi)) == pytest.approx((float(one.yi), float(one.vi)), rel=1e-9)


@pytest.mark.parametrize("name", ["MD", "MC", "MD_CHANGE", "MD_MEDIANS", "MN"])
def test_a_raw_difference_is_in_the_unit_of_the_scale(name):
    measure = MEASURES[name]
    columns = first_row(measure)
    scaled = {role: value if role[0] in "nr" else value * 10 for role, value in columns.items()}
    assert float(measure(scaled).yi) == pytest.approx(10 * float(measure(columns).yi), rel=1e-12)
    assert float(measure(scaled).vi) == pytest.approx(100 * float(measure(columns).vi), rel=1e-12)


def test_changes_divided_by_the_sd_of_scores_and_of_changes_agree_at_one_half():
    columns = {**CHANGES, "ri": [0.5, 0.5]}
    assert MEASURES["SMD_CHANGE_R"](columns).yi == pytest.approx(MEASURES["SMD_CHANGE"](columns).yi, rel=1e-12)
    assert MEASURES["SMD_CHANGE_R"](columns).vi == pytest.approx(MEASURES["SMD_CHANGE"](columns).vi, rel=1e-12)


def test_an_assumed_correlation_stands_in_and_can_be_varied():
    without = {role: values for role, values in WITHIN.items() if role != "ri"}
    with pytest.raises(BadInput, match=r"correlation=0\.5"):
        MEASURES["SMCRP"](without)
    assert MEASURES["SMCRP"](without, correlation=0.5).yi == pytest.approx(
        MEASURES["SMCRP"]({**without, "ri": 0.5}).yi, rel=1e-14
    )
    found = correlation_range(d_average, *[without[role] for role in ("m_pre", "sd_pre", "m_post", "sd_post", "ni")])
    assert list(found) == [0.3, 0.5, 0.7]
    assert found[0.3].vi[0] > found[0.5].vi[0] > found[0.7].vi[0]


def test_a_column_of_correlations_comes_before_the_assumed_one():
    assert MEASURES["SMCC"](WITHIN, correlation=0.9).yi == pytest.approx(MEASURES["SMCC"](WITHIN).yi)


def test_the_correlation_comes_back_from_the_sd_of_the_change():
    sd = np.sqrt(8.0**2 + 9.0**2 - 2 * 0.5 * 8 * 9)
    assert correlation_from_change_sd(8, 9, sd) == pytest.approx(0.5, rel=1e-12)
    assert np.isnan(correlation_from_change_sd(8, 9, 30))
    assert float(d_z(30, 8, 22, 9, 50, correlation_from_change_sd(8, 9, sd)).yi) == pytest.approx(
        float(MEASURES["SMCC_CHANGE"]({"m_change": -8, "sd_change": sd, "ni": 50}).yi), rel=1e-12
    )


def test_two_arms_share_one_correlation_by_fisher_z():
    assert pooled_correlation(0.5, 40, 0.5, 20) == pytest.approx(0.5)
    assert 0.3 < pooled_correlation(0.3, 20, 0.7, 60) < 0.7


@pytest.mark.parametrize(
    ("name", "wrong", "message"),
    [
        ("SMD", {"sd1i": -5.0}, "sd1i is -5; it must be zero or more"),
        ("SMD", {"n2i": 0.0}, "n2i is 0; it must be 1 or more"),
        ("OR", {"ai": 25.0}, "more events than people"),
        ("ZCOR", {"ri": 1.2}, "between -1 and 1"),
        ("SMD_P", {"pi": 0.0}, "above 0 and at most 1"),
        ("SMD_F", {"signi": 0.5}, "1 or -1"),
        ("GEN", {"vi": 0.0}, "above zero"),
        ("RATIO", {"ratio_low": 5.0}, "lower limit is not below the upper"),
        ("SMD_MEDIANS", {"lq1i": 15.0}, "should not be above"),
        ("PR", {"xi": 99.0}, "of 50 people"),
        ("MD", {"m1i": np.inf}, "finite"),
    ],
)
def test_impossible_values_are_refused(name, wrong, message):
    with pytest.raises(BadInput, match=message):
        MEASURES[name]({**first_row(MEASURES[name]), **({"ni": 50.0} if name == "PR" else {}),
                        **({"n1i": 20.0, "n2i": 21.0} if name == "OR" else {}), **wrong})  # fmt: skip


def test_what_cannot_be_had_is_missing_not_infinite():
    """No SD, one person, a log of zero."""
    assert np.isnan(MEASURES["SMD"]({**first_row(MEASURES["SMD"]), "sd1i": 0, "sd2i": 0}).yi)
    assert np.isnan(MEASURES["SMD1"]({**first_row(MEASURES["SMD1"]), "n2i": 1}).vi)
    assert np.isnan(MEASURES["ROM"]({**first_row(MEASURES["ROM"]), "m1i": -2.0}).yi)
    assert np.isnan(MEASURES["OR"]({"ai": 0, "n1i": 9, "ci": 2, "n2i": 9}, to="none").yi)


def test_options_that_do_not_fit_are_refused():
    with pytest.raises(BadInput, match="exact correction only"):
        MEASURES["SMD"](GROUPS, vtype="UB", correction="approximate")
    with pytest.raises(BadInput, match="'XX' is not offered here"):
        MEASURES["SMD"](GROUPS, vtype="XX")
    with pytest.raises(BadInput, match="no such option: vtype"):
        MEASURES["ZCOR"]({"ri": 0.3, "ni": 40}, vtype="LS")
    with pytest.raises(BadInput, match="differ in length"):
        MEASURES["ZCOR"]({"ri": [0.3, 0.2], "ni": [40, 41, 42]})
    with pytest.raises(BadInput, match="needs n1i, n2i"):
        MEASURES["SMD_T"]({"ti": 2.1})


def test_measures_are_found_by_other_names_and_by_what_the_table_holds():
    assert measure_named("d_av").name == "SMCRP"
    assert measure_named("smd").name == "SMD"
    assert measure_named("means").name == FAMILIES["means"] == "SMD"
    assert measure_named("2x2").name == "OR"
    assert measure_named("pre-post-control").name == "PPC2"
    with pytest.raises(NotFound, match="SMDH"):
        measure_named("SMDX")


class TestManySamples:
    """What an effect says its variance is, against the variance of the effect over many samples of known truth."""

    reps = 20_000

    def samples(self, seed, groups, n, shift, r=0.6):
        """Pre and post of `groups` arms, unit SDs, correlation r; the first arm moves by `shift`."""
        generator = np.random.default_rng(seed)
        pre = generator.standard_normal((groups, self.reps, n))
        post = r * pre + np.sqrt(1 - r**2) * generator.standard_normal(pre.shape)
        post[0] += shift
        return pre, post

    def agrees(self, found, truth, tolerance=0.04):
        assert found.yi.mean() == pytest.approx(truth, abs=4 * found.yi.std() / np.sqrt(self.reps))
        assert found.vi.mean() == pytest.approx(found.yi.var(), rel=tolerance)

    def test_d_average(self):
        """d_av, which metafor 3.8 lacks: unbiased, and its variance right within 4 %."""
        pre, post = self.samples(1, 1, 25, 0.5)
        self.agrees(
            MEASURES["SMCRP"]({
                "m_pre": pre[0].mean(1), "sd_pre": pre[0].std(1, ddof=1), "m_post": post[0].mean(1),
                "sd_post": post[0].std(1, ddof=1), "ni": 25, "ri": 0.6,
            }),
            0.5,
        )  # fmt: skip

    def test_d_ppc2(self):
        """Morris's equations 8 and 25: unbiased, variance right within 4 %."""
        pre, post = self.samples(2, 2, 20, 0.8)
        columns = {"n1i": 20, "n2i": 20, "ri": 0.6}
        for arm in (0, 1):
            columns |= {f"m_pre{arm + 1}": pre[arm].mean(1), f"sd_pre{arm + 1}": pre[arm].std(1, ddof=1),
                        f"m_post{arm + 1}": post[arm].mean(1)}  # fmt: skip
        self.agrees(MEASURES["PPC2"](columns), 0.8)

    def test_changes_turned_into_the_sd_of_scores(self):
        pre, post = self.samples(3, 2, 40, 0.5)
        change = post - pre
        self.agrees(
            MEASURES["SMD_CHANGE_R"]({
                "mc1i": change[0].mean(1), "sdc1i": change[0].std(1, ddof=1), "n1i": 40,
                "mc2i": change[1].mean(1), "sdc2i": change[1].std(1, ddof=1), "n2i": 40, "ri": 0.6,
            }),
            0.5, 0.05,
        )  # fmt: skip

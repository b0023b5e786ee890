"""Other people's tables: columns found and told, numbers read, what is wrong refused with its row, oddities flagged."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from accord.science.errors import BadContent, BadInput, NotEstimable, NotFound
from accord.science.estimates.effect_sizes import MEASURES, effect_table, from_table
from accord.science.estimates.effect_sizes.columns import guess, guess_measure, meaning
from accord.science.estimates.effect_sizes.numbers import comma_meaning

DATA = Path(__file__).parents[2] / "published" / "data"
STUDIES = {
    "study": ["Ahn", "Berg", "Cruz", "Diaz", "Eder"],
    "m1i": [20.0, 12.5, 31.0, 18.0, 22.0], "sd1i": [5.0, 4.1, 9.3, 6.0, 7.0], "n1i": [40, 12, 77, 31, 25],
    "m2i": [23.0, 14.0, 35.5, 20.5, 25.5], "sd2i": [6.0, 3.0, 8.0, 5.5, 6.5], "n2i": [38, 15, 70, 30, 27],
}  # fmt: skip


def studies(**changes):
    return pl.DataFrame({**STUDIES, **changes})


def test_one_row_out_for_each_row_in():
    frame = from_table(studies(), "SMD")
    assert frame.columns == ["yi", "vi", "n", "flags"]
    expected = MEASURES["SMD"]({role: STUDIES[role] for role in MEASURES["SMD"].needs})
    assert frame["yi"].to_list() == pytest.approx(expected.yi.tolist(), rel=1e-14)
    assert frame["vi"].to_list() == pytest.approx(expected.vi.tolist(), rel=1e-14)
    assert frame["n"].to_list() == [78, 27, 147, 61, 52]
    assert frame["flags"].to_list() == [None] * 5


NAMES = {
    "metapsy": ("mean_arm1", "sd_arm1", "n_arm1", "mean_arm2", "sd_arm2", "n_arm2"),
    "the R package meta": ("mean.e", "sd.e", "n.e", "mean.c", "sd.c", "n.c"),
    "RevMan": ("Mean Experimental", "SD Experimental", "Total Experimental",
               "Mean Control", "SD Control", "Total Control"),
    "written together": ("Me", "Sde", "Ne", "Mc", "Sdc", "Nc"),
    "German capitals": ("M_IG", "SD_IG", "N_IG", "M_CG", "SD_CG", "N_CG"),
    "treatment and waiting": ("treatMean", "treatSD", "treatN", "controlMean", "controlSD", "controlN"),
    "post": ("post_mean_1", "post_sd_1", "n_1", "post_mean_2", "post_sd_2", "n_2"),
}  # fmt: skip


@pytest.mark.parametrize("source", NAMES)
def test_common_names_are_recognised_and_each_guess_is_told(source):
    roles = ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i")
    # The columns that look like it and are not must stay out.
    frame = studies().rename(dict(zip(roles, NAMES[source], strict=True)))
    frame = frame.with_columns(mean_age=40.0, n_randomized_arm1=99, percent_women=60.0)
    found = effect_table(frame)
    assert found.measure.name == "SMD"
    assert found.table()["yi"].to_list() == from_table(studies(), "SMD")["yi"].to_list()
    told = {guessed.role: guessed.column for guessed in found.guessed}
    assert {role: told[role] for role in roles} == dict(zip(roles, NAMES[source], strict=True))
    assert str(found.guessed[0]) == f"m1i is the column {NAMES[source][0]!r} (guessed from its name)"


def test_columns_named_by_hand_come_first_and_are_no_guess():
    frame = studies().rename({"m1i": "improvement_a"})
    with pytest.raises(BadInput, match="SMD needs m1i, and no column looks like it"):
        effect_table(frame, "SMD")
    found = effect_table(frame, "SMD", {"m1i": "improvement_a"})
    assert found.columns["m1i"] == "improvement_a"
    assert [guessed.role for guessed in found.guessed] == ["label"]


@pytest.mark.parametrize(
    ("names", "measure"),
    [
        (("yi", "vi"), "GEN"), ((".g", ".g_se"), "GEN_SE"), (("TE", "seTE"), "GEN_SE"),
        (("log_rr", "log_rr_se"), "GEN_SE"),
        (("effect", "ci_low", "ci_high"), "GEN_CI"), (("tpos", "tneg", "cpos", "cneg"), "OR"),
        (("event_arm1", "totaln_arm1", "event_arm2", "totaln_arm2"), "OR"), (("r", "n"), "ZCOR"),
        (("t", "n1", "n2"), "SMD_T"), (("OR", "lower", "upper"), "RATIO"), (("events", "n"), "PLO"),
        (("m_pre", "sd_pre", "m_post", "n"), "SMCR"), (("age", "women"), None), (("mean_t1", "mean_t2"), None),
    ],
)  # fmt: skip
def test_the_measure_is_read_off_the_columns(names, measure):
    assert guess_measure(names, MEASURES) == measure


def test_a_name_means_its_words_and_no_more():
    assert meaning("baseline_m_arm1") == {"mean", "pre", "g1"}
    assert meaning("sd1i") == {"sd", "g1"}
    assert meaning("mean_t") == {"mean", "g1"}
    for other in ("mean_age", "sd_modules_completed_arm1", "mean_t1", "n_randomized_arm1", ""):
        assert meaning(other) is None


def test_two_columns_of_one_meaning_are_not_chosen_from():
    assert "m1i" not in guess(["mean_treat", "mean_exp", "mean_c"], ["m1i", "m2i"])
    frame = studies().with_columns(mean_treat=1.0, mean_exp=2.0).drop("m1i")
    with pytest.raises(BadInput, match="needs m1i, and several columns look like it: mean_treat, mean_exp"):
        effect_table(frame, "SMD")
    # A column with a twin for the second group comes before one without.
    assert guess(["nTrt", "n_arm1", "n_arm2"], ["n1i", "n2i"]) == {"n1i": "n_arm1", "n2i": "n_arm2"}


def test_given_effects_keep_their_sample_size_and_the_se_comes_before_a_rounded_variance():
    frame = pl.DataFrame(
        {"g": [0.3, 0.1], "se": [0.139, 0.148], "variance": [0.019, 0.022], "n_arm1": [9, 8], "n_arm2": [7, 6]}
    )
    found = effect_table(frame)
    assert found.measure.name == "GEN_SE"
    assert found.table()["vi"].to_list() == pytest.approx([0.139**2, 0.148**2], rel=1e-14)
    assert found.table()["n"].to_list() == [16, 14]
    chosen = effect_table(frame, columns={"yi": "g", "vi": "variance"})
    assert chosen.table()["vi"].to_list() == [0.019, 0.022]


def test_decimal_commas_are_read_and_told():
    frame = studies(m1i=["20,0", "12,5", "31", "18", "−22,0"], sd1i=["5,0", "4,1", "9,3", "NA", "7,0"])
    found = effect_table(frame, "MD")
    assert found.yi.tolist() == pytest.approx([-3.0, -1.5, -4.5, np.nan, -47.5], nan_ok=True)
    assert "Commas were read as decimal marks in m1i, sd1i." in found.notes
    assert found.table()["flags"].to_list()[3] == "missing"
    assert "4 effects" in found.summary()
    assert "1 row without one" in found.summary()


@pytest.mark.parametrize(
    ("texts", "expected"),
    [(["0,35", "1,2"], "decimal"), (["1,234.5"], "thousands"), (["1,234", "12,345,678"], "thousands"),
     (["1,234"], "unclear"), (["1.234,5"], "decimal"), (["12.5"], "decimal")],
)  # fmt: skip
def test_what_a_comma_means(texts, expected):
    assert comma_meaning(texts) == expected


def test_a_comma_that_reads_both_ways_is_told():
    found = effect_table(studies(m1i=["1,234", "2,345", "1,111", "3,210", "1,999"]), "MD")
    assert found.yi[0] == pytest.approx(1.234 - 23)
    assert "They could be marks of thousands (1,234): check." in found.notes


def test_a_table_read_with_the_wrong_separator_is_named():
    with pytest.raises(BadInput, match="separated by semicolons"):
        effect_table(pl.DataFrame({"study;yi;vi": ["a;0,3;0,02"]}))
    with pytest.raises(BadInput, match="no rows"):
        effect_table(pl.DataFrame({"yi": [], "vi": []}))


def test_everything_impossible_is_reported_at_once_with_its_row():
    frame = studies(sd1i=["5", "-4.1", "9.3", "six", "7"], n2i=[38, 15, 0, 30, 27])
    with pytest.raises(BadContent) as caught:
        effect_table(frame, "SMD")
    text = str(caught.value)
    assert len(caught.value.findings) == 3
    for part in ("row 2, column sd1i: sd1i is -4.1; it must be zero or more", "row 3, column n2i: n2i is 0",
                 "row 4, column sd1i: 'six' is not a number"):  # fmt: skip
        assert part in text
    lenient = effect_table(frame, "SMD", lenient=True)
    assert np.isfinite(lenient.yi).tolist() == [True, False, False, False, True]
    assert lenient.flags[1].startswith("impossible")


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (pl.DataFrame({"yi": [0.2, 0.3], "vi": [0.02, 0.0]}), "row 2, column vi: vi is 0; it must be above zero"),
        (pl.DataFrame({"yi": [0.2, 0.3], "vi": [0.02, -0.1]}), "row 2, column vi: vi is -0.1"),
        (pl.DataFrame({"yi": [0.2], "sei": [0.0]}), "a rounded 0 has lost it"),
        (pl.DataFrame({"ai": [9], "n1i": [8], "ci": [1], "n2i": [9]}), "9 events among 8 people"),
        (pl.DataFrame({"p": ["<.05"], "sign": [1], "n1": [20], "n2": [20]}), "A limit is no p value"),
    ],
)
def test_bad_values_name_the_cure(frame, message):
    with pytest.raises(BadContent) as caught:
        effect_table(frame, "p" if "p" in frame.columns else None)
    assert message in str(caught.value)


def test_a_zero_variance_that_comes_out_is_refused():
    frame = studies(sd1i=[0.0, 4, 9, 6, 7], sd2i=[0.0, 3, 8, 5, 6])
    with pytest.raises(BadContent, match="row 1: The variance of the effect is 0"):
        effect_table(frame, "MD")
    assert effect_table(frame, "MD", lenient=True).flags[0] == "zero variance; missing"


def test_columns_roles_and_rows_that_are_not_there():
    with pytest.raises(NotFound, match="no column 'foo'"):
        effect_table(studies(), "SMD", {"m1i": "foo"})
    with pytest.raises(BadInput, match="SMD has no column mean1"):
        effect_table(studies(), "SMD", {"mean1": "m1i"})
    with pytest.raises(BadInput, match="No effect can be recognised"):
        effect_table(pl.DataFrame({"age": [3]}))
    with pytest.raises(NotEstimable, match="No row"):
        effect_table(pl.DataFrame({"yi": [None], "vi": [0.1]}, schema={"yi": pl.Float64, "vi": pl.Float64}))
    with pytest.raises(NotFound, match="no effect measure 'SMDX'"):
        effect_table(studies(), "SMDX")


def test_the_direction_turns_all_or_row_by_row():
    plain = effect_table(studies(), "SMD").yi
    turned = effect_table(studies(), "SMD", direction="higher_worse")
    assert turned.yi.tolist() == (-plain).tolist()
    assert "positive is a benefit" in turned.notes[-1]
    words = ["higher_worse", "higher_better", None, "higher_worse", "higher_worse"]
    mixed = effect_table(studies(direction=words), "SMD", direction="higher_worse")
    assert mixed.yi.tolist() == (plain * [-1, 1, -1, -1, -1]).tolist()


def test_an_assumed_correlation_is_a_note():
    frame = pl.DataFrame({"m_pre": [30.0], "sd_pre": [8.0], "m_post": [22.0], "n": [50]})
    with pytest.raises(BadInput, match="state an assumed pre-post correlation"):
        effect_table(frame, "d_baseline")
    found = effect_table(frame, "d_baseline", correlation=0.5)
    assert "A pre-post correlation of 0.5 is assumed for every row; vary it." in found.notes


def test_two_arms_before_and_after():
    frame = pl.DataFrame({
        "baseline_m_arm1": [30.0], "baseline_sd_arm1": [8.0], "mean_arm1": [22.0], "n_arm1": [40],
        "baseline_m_arm2": [29.0], "baseline_sd_arm2": [7.0], "mean_arm2": [27.0], "n_arm2": [44],
        "r_arm1": [0.4], "r_arm2": [0.6],
    })  # fmt: skip
    found = effect_table(frame, "pre-post-control", direction="higher_worse")
    assert found.measure.name == "PPC2"
    assert found.yi[0] > 0.7
    same = effect_table(frame.drop("r_arm1", "r_arm2"), "PPC1", correlation=0.5)
    assert same.n.tolist() == [84]


def test_medians_with_quartiles_only_and_a_skewed_one():
    frame = pl.DataFrame({
        "median_1": [9.0, 9.0], "q1_1": [6.0, 8.9], "q3_1": [12.0, 30.0], "n_1": [40, 60],
        "median_2": [11.0, 12.0], "q1_2": [8.0, 8.0], "q3_2": [14.0, 16.0], "n_2": [41, 61],
    })  # fmt: skip
    found = effect_table(frame, "medians")
    assert found.yi[0] < 0
    assert [one.rule for one in found.findings] == ["skewed"]
    assert found.findings[0].where.row == 2


class TestSuspicions:
    """The warnings of the issue: SE given as SD, swapped arms."""

    def test_one_study_with_standard_errors_among_sds(self):
        n = np.array([40, 44, 77, 31, 36])
        sd = np.array([5.0, 6.0, 5.5, 6.2, 5.8])
        wrong = sd.copy()
        wrong[2] /= np.sqrt(n[2])
        frame = studies(sd1i=wrong, sd2i=wrong, n1i=n, n2i=n, m1i=[20.0] * 5, m2i=[22.0] * 5, scale=["VAS"] * 5)
        found = effect_table(frame, "SMD")
        assert [(one.rule, one.where.row) for one in found.findings] == [("se as sd", 3)]
        assert "SD = SE·√n" in found.findings[0].cure
        assert effect_table(frame.with_columns(sd1i=sd, sd2i=sd), "SMD").findings == ()

    def test_a_scale_scored_in_another_unit_is_no_standard_error(self):
        """The same questionnaire from 0 to 100 and, in one study, from 0 to 10: mean and SD shrink together."""
        frame = studies(sd1i=[50.0, 60, 5.5, 62, 58], sd2i=[50.0, 60, 5.5, 62, 58], m1i=[200.0, 205, 20, 190, 201],
                        m2i=[220.0, 221, 22, 225, 219], n1i=[40] * 5, n2i=[40] * 5, scale=["VAS"] * 5)  # fmt: skip
        assert effect_table(frame, "SMD").findings == ()

    def test_swapped_arms(self):
        swapped = studies(m1i=[20.0, 12.5, 35.5, 18.0, 22.0], m2i=[23.0, 14.0, 31.0, 20.5, 25.5])
        found = effect_table(swapped, "SMD")
        assert [(one.rule, one.where.row) for one in found.findings] == [("opposite", 3)]
        assert found.table()["flags"].to_list() == [None, None, "opposite", None, None]

    def test_the_fibromyalgia_set(self):
        """Castel 2012 has SEs in the columns of SDs: its rows after treatment are flagged, and few others."""
        frame = pl.read_csv(DATA / "fibromyalgia_psychotherapy_smd.csv", null_values="NA", infer_schema_length=None)
        found = effect_table(frame, "means")
        np.testing.assert_allclose(found.yi, frame["yi_raw"].to_numpy(), rtol=1e-10)
        np.testing.assert_allclose(found.vi, frame["vi"].to_numpy(), rtol=1e-10)
        rows = {one.where.row for one in found.findings if one.rule in ("se as sd", "large")}
        names = [found.labels[row - 1] for row in sorted(rows)]
        assert names.count("Castel, 2012") == 4
        assert len(names) <= 8


def test_the_result_as_table_words_picture_and_json():
    found = effect_table(studies(), "SMD", direction="higher_worse")
    assert found.summary().startswith("5 effects (Hedges g, in standard deviations).")
    assert [one.label for one in found.effects()] == STUDIES["study"]
    assert "<svg" in found._repr_html_()
    record = found.to_dict()
    assert record["k"] == 5
    assert record["columns"]["label"] == "study"
    assert set(record["effects"][0]) == {"row", "study", "yi", "vi", "n", "flags"}


def test_an_author_gets_the_year():
    frame = pl.read_csv(DATA / "ref_bcg_yi_vi.csv", infer_schema_length=None)
    found = effect_table(frame)
    assert found.labels[0] == "Aronson, 1948"
    counted = effect_table(frame, "RR")
    np.testing.assert_allclose(counted.yi, frame["yi"].to_numpy(), rtol=1e-10)
    np.testing.assert_allclose(counted.vi, frame["vi"].to_numpy(), rtol=1e-10)

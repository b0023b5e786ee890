"""Effect sizes against metafor 3.8.1 escalc: r/effect_sizes.json (every measure both have) and data/meta.json.

Closed forms: 1e-10. The J of metafor and ours come from the same gamma functions.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from accord.science.estimates.effect_sizes import MEASURES
from accord.science.estimates.effect_sizes.correction import small_sample
from accord.science.estimates.effect_sizes.from_tests import t_from_p

HERE = Path(__file__).parent
R = json.loads((HERE / "r/effect_sizes.json").read_text())
META = json.loads((HERE / "data/meta.json").read_text())["escalc"]
# Measures with one variance only take no vtype.
ONE_VARIANCE = {"SMDH", "SMD1H", "VR", "CVR", "RBIS", "D2ORL", "D2ORN"}


def close(found, reference):
    for ours, theirs in zip(found, (reference["yi"], reference["vi"]), strict=True):
        expected = np.array([np.nan if value is None else value for value in np.atleast_1d(theirs)], float)
        np.testing.assert_allclose(np.atleast_1d(ours), expected, rtol=1e-10, atol=1e-14)


GROUPS = [
    (data, measure, vtype)
    for data, part in R["groups"].items()
    for measure, results in part["results"].items()
    for vtype in results
]


@pytest.mark.parametrize(("data", "measure", "vtype"), GROUPS)
def test_two_groups(data, measure, vtype):
    part = R["groups"][data]
    options = {} if measure in ONE_VARIANCE else {"vtype": vtype}
    close(MEASURES[measure](part["columns"], **options), part["results"][measure][vtype])


@pytest.mark.parametrize("name", ["SMD_LS", "SMD_UB", "SMD_AV", "SMD_LS2", "SMDH_LS", "MD_LS", "ROM_LS", "ROM_AV",
                                  "SMD1_LS", "SMD1_UB", "SMD1_AV", "SMD1_LS2"])  # fmt: skip
def test_two_groups_as_in_the_first_run(name):
    measure, vtype = name.split("_")
    options = {} if measure in ONE_VARIANCE else {"vtype": vtype}
    close(MEASURES[measure](R["groups"]["normand1999"]["columns"], **options), META[name])


@pytest.mark.parametrize("measure", ["SMCC", "SMCR", "SMCRH", "MC", "ROMC"])
def test_change_of_one_group(measure):
    close(MEASURES[measure](R["within"]["columns"]), R["within"]["results"][measure])


@pytest.mark.parametrize("measure", ["SMCC", "SMCR", "SMCRH", "MC"])
def test_change_as_in_the_first_run(measure):
    """There the first mean is the one before and the difference is first minus second: ours with the other sign."""
    rows = META["within_input"]
    names = {"m_pre": "m1", "sd_pre": "s1", "m_post": "m2", "sd_post": "s2", "ni": "n", "ri": "r"}
    found = MEASURES[measure]({role: [row[name] for row in rows] for role, name in names.items()})
    close((-found.yi, found.vi), META[measure])


@pytest.mark.parametrize("measure", [*R["table"]["results"], "RD_UB", "RD_AV"])
def test_two_by_two(measure):
    name, _, vtype = measure.partition("_")
    options = {"vtype": vtype} if vtype else {}
    close(MEASURES[name](R["table"]["columns"], **options), R["table"]["results"][name][vtype or "LS"])


@pytest.mark.parametrize("to", ["all", "if0all", "none"])
@pytest.mark.parametrize("measure", ["OR", "RR", "RD"])
def test_what_is_added_to_zero_cells(measure, to):
    close(MEASURES[measure](R["table"]["columns"], to=to), R["table"]["to"][to][measure])


def test_tables_without_information_dropped_and_another_constant():
    close(MEASURES["OR"](R["table"]["columns"], drop00=True), R["table"]["drop00"])
    close(MEASURES["OR"](R["table"]["columns"], add=0.25), R["table"]["add"])


@pytest.mark.parametrize(("measure", "vtype"), [(m, v) for m, r in R["correlation"]["results"].items() for v in r])
def test_correlations(measure, vtype):
    options = {} if measure == "ZCOR" else {"vtype": vtype}
    close(MEASURES[measure](R["correlation"]["columns"], **options), R["correlation"]["results"][measure][vtype])


@pytest.mark.parametrize(("part", "measure"), [(p, m) for p in ("share", "mean") for m in R[p]["results"]])
def test_one_group(part, measure):
    close(MEASURES[measure](R[part]["columns"]), R[part]["results"][measure])


def test_t_f_and_p_give_the_effect_of_the_means():
    tests = R["tests"]
    size = {"n1i": tests["n1"], "n2i": tests["n2"]}
    close(MEASURES["SMD_T"]({"ti": tests["t"], **size}), tests)
    close(MEASURES["SMD_T"]({"ti": tests["t"], **size}), tests["from_t"])
    close(MEASURES["SMD_F"]({"fi": tests["F"], "signi": -1, **size}), tests)
    close(MEASURES["SMD_P"]({"pi": tests["p"], "signi": -1, **size}), tests)
    assert -t_from_p(tests["p"], 14) == pytest.approx(tests["t"], rel=1e-10)


def test_a_paired_t_gives_d_z():
    paired = R["tests"]["paired"]
    change = np.array(paired["after"]) - np.array(paired["before"])
    direct = MEASURES["SMCC_CHANGE"]({"m_change": change.mean(), "sd_change": change.std(ddof=1), "ni": 7})
    found = MEASURES["SMCC_T"]({"ti": paired["t"], "ni": 7})
    assert (float(found.yi), float(found.vi)) == pytest.approx((float(direct.yi), float(direct.vi)), rel=1e-10)


class TestMorris2008:
    """Pre-post-control designs: Morris (2008), Organizational Research Methods 11:364-386, table 5."""

    def columns(self):
        both = {}
        for group, rows in ((1, R["morris"]["treated"]), (2, R["morris"]["control"])):
            both |= {f"{name}{group}": rows[name] for name in ("m_pre", "sd_pre", "m_post")}
            both |= {f"n{group}i": rows["ni"], f"r{group}i": rows["ri"]}
        return both | {"ri": R["morris"]["treated"]["ri"]}

    def test_difference_of_two_standardised_changes(self):
        close(MEASURES["PPC1"](self.columns()), R["morris"]["PPC1"])

    def test_d_ppc2_as_printed(self):
        """Two digits are printed; Morris used the approximate correction, and the exact one rounds to the same."""
        for correction in ("approximate", "exact"):
            found = MEASURES["PPC2"](self.columns(), correction=correction)
            assert np.round(found.yi, 2).tolist() == R["morris"]["printed_d_ppc2"]


def test_the_approximate_correction_is_hedges_own():
    """Hedges (1981): 1 - 3/(4m - 1) is within .0005 of the exact factor from ten degrees of freedom."""
    df = np.arange(10, 200)
    assert np.abs(small_sample(df, "approximate") - small_sample(df)).max() < 5e-4

"""What the protocols of the examples ask for besides their contrasts, from the published files to the report, in R: the
weekly line of the antidepressant trial (lme4, Kenward-Roger of pbkrtest) and single people of Ashar et al. 2022."""

import json
from pathlib import Path

import pytest

from accord.science.analyses import analyse
from accord.science.cohort.mapping import map_files
from accord.science.protocols import load_protocol

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[1] / "examples"
R = json.loads((HERE / "r/examples_asked_for.json").read_text())


def judged(folder, file):
    cohort = map_files(EXAMPLES / folder / "mapping.yaml", [EXAMPLES / folder / file]).cohort
    return analyse(load_protocol(EXAMPLES / folder / "protocol.yaml"), cohort)


@pytest.fixture(scope="module")
def antidepressant():
    return judged("antidepressant", "rbmi_antidepressant.csv")


@pytest.fixture(scope="module")
def ashar():
    return judged("ashar2022", "ashar2022_outcomes_demographics.csv")


@pytest.mark.parametrize(("id", "key"), [
    ("slope.hamd_17.total.week_1_to_week_6.drug", "drug"),
    ("slope.hamd_17.total.week_1_to_week_6.placebo", "placebo"),
    ("slope_contrast.hamd_17.total.week_1_to_week_6.drug_placebo", "apart"),
])  # fmt: skip
def test_the_weekly_line_against_lme4(antidepressant, id, key):
    found = antidepressant.estimate(id)
    assert found.value == pytest.approx(R[key]["value"], rel=1e-5)
    assert found.se == pytest.approx(R[key]["se"], rel=1e-5)
    assert found.df == pytest.approx(R[key]["df"], rel=1e-4)


@pytest.mark.parametrize(("rule", "key"), [("jacobson-truax", "jt"), ("edwards-nunnally", "en")])
def test_single_people_against_r(ashar, rule, key):
    for arm, counts in zip(("prt", "placebo", "usual_care"), R["interference"][key], strict=True):
        for kind in ("improved", "worse"):
            found = ashar.estimate(f"individual.{rule}.{kind}.bpi_interference.total.post.{arm}")
            assert found.n == counts["n"]
            assert found.value == pytest.approx(counts[kind] / counts["n"])

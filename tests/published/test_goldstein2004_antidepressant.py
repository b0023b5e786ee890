"""The antidepressant trial (data of the R package rbmi, made from Goldstein et al. 2004) from the file to the report,
against R: nlme 3.1-162 for the repeated-measures model, clubSandwich 0.5.8 for complete cases, and conditional-mean
imputation by hand for jump to reference (r/antidepressant.R made r/antidepressant.json).

The paper itself was not read; its arms are not those of this file, which keeps one of four and mixes the others.
"""

import json
from pathlib import Path

import pytest

from accord.science.analyses import analyse
from accord.science.cohort.mapping import map_files
from accord.science.protocols import load_protocol

HERE = Path(__file__).parent
EXAMPLE = HERE.parents[1] / "examples/antidepressant"
R = json.loads((HERE / "r/antidepressant.json").read_text())
SCALE = "hamd_17.total"


@pytest.fixture(scope="module")
def result():
    cohort = map_files(EXAMPLE / "mapping.yaml", [EXAMPLE / "rbmi_antidepressant.csv"]).cohort
    return analyse(load_protocol(EXAMPLE / "protocol.yaml"), cohort)


@pytest.mark.parametrize("at", ["week_1", "week_2", "week_4", "week_6"])
def test_every_visit_against_gls(result, at):
    ours, gls = result.estimate(f"contrast.{SCALE}.{at}.drug_placebo"), R["contrast"][at]
    assert ours.value == pytest.approx(gls["value"], rel=1e-5)
    assert (1 - 1e-6) * gls["se"] <= ours.se <= 1.02 * gls["se"]


def test_missing_values_are_counted(result):
    ours = result.estimate(f"contrast.{SCALE}.week_6.drug_placebo")
    lost = sum(arm["n"] - arm["week_6"] for arm in R["arms"].values())
    assert (ours.n, ours.missing) == (172 - lost, lost)


def test_standardised_by_the_baseline_sd(result):
    ours = result.estimate(f"contrast_g.{SCALE}.week_6.drug_placebo")
    assert ours.value == pytest.approx(R["contrast"]["week_6"]["value"] / R["baseline"]["sd"], rel=1e-5)


def test_complete_cases_against_clubsandwich(result):
    ours = result.estimate(f"sensitivity.completers.{SCALE}.week_6.drug_placebo")
    for key in ("value", "se", "df"):
        assert getattr(ours, key) == pytest.approx(R["completers"][key], rel=1e-6)


def test_jump_to_reference_tends_to_the_conditional_mean(result):
    """50 imputations scatter around the conditional mean by √(B/m), about .07 points here."""
    ours = result.estimate(f"sensitivity.jump_to_reference.{SCALE}.week_6.drug_placebo")
    assert ours.value == pytest.approx(R["jump_to_reference"], abs=0.25)
    assert R["missing_at_random"] == pytest.approx(R["contrast"]["week_6"]["value"], rel=1e-6)
    assert ours.value < result.estimate(f"contrast.{SCALE}.week_6.drug_placebo").value


def test_tipping_point_lies_where_the_interval_reaches_zero(result):
    """Under δ the contrast falls by δ times the share imputed in the first arm; at the tipping point the lower limit
    is zero, so the δ lies near (lower limit) / (share of values imputed)."""
    main = result.estimate(f"contrast.{SCALE}.week_6.drug_placebo")
    tipping = result.estimate(f"sensitivity.tipping_point.{SCALE}.week_6.drug_placebo")
    share = 1 - R["arms"]["drug"]["week_6"] / R["arms"]["drug"]["n"]
    assert main.ci_low > 0
    assert tipping.value == pytest.approx(main.ci_low / share, abs=1.5)
    assert f"{tipping.value:.1f} points worse" in tipping.note


@pytest.mark.parametrize("arm", ["drug", "placebo"])
def test_responders_by_hand(result, arm):
    ours = result.estimate(f"responders.{SCALE}.week_6.{arm}")
    assert ours.value == pytest.approx(R["arms"][arm]["better_50"] / R["arms"][arm]["week_6"])


def test_nnt_straddles_zero_and_says_so(result):
    """29 of 64 against 20 of 65: 1/(.4531 − .3077) = 6.88, up to 6.9; the limits of the difference straddle zero."""
    ours = result.estimate(f"nnt.{SCALE}.week_6.drug_placebo")
    assert ours.note.startswith("NNTB 6.9 (NNTB ")
    assert "to infinity to NNTH" in ours.note
    assert ours.ci_low is None
    assert ours.ci_high is None


@pytest.fixture(scope="module")
def chained():
    """The same protocol, asking for chained equations."""
    protocol = load_protocol(EXAMPLE / "protocol.yaml")
    missing = protocol.analysis.missing.model_copy(update={"sensitivity": ["chained-equations"]})
    analysis = protocol.analysis.model_copy(update={"missing": missing})
    cohort = map_files(EXAMPLE / "mapping.yaml", [EXAMPLE / "rbmi_antidepressant.csv"]).cohort
    asked = analyse(protocol.model_copy(update={"analysis": analysis}), cohort)
    return asked.estimate(f"sensitivity.chained_equations.{SCALE}.week_6.drug_placebo")


def test_chained_equations_against_mice(chained):
    """r/chained.json: mice 3.15, predictive mean matching, 400 sets; ours are 20, which scatter by about sqrt(B/20)."""
    mice = json.loads((HERE / "r/chained.json").read_text())["pmm"]
    assert chained.value == pytest.approx(-mice["b"][2], abs=0.5)
    assert chained.se == pytest.approx(mice["se"][2], rel=0.15)

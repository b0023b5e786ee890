"""The two real trials in examples/: mapped as they stand, they hold what the papers and R count."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from accord.science.cohort import Cohort
from accord.science.cohort.checks import content_findings
from accord.science.cohort.mapping import map_files
from accord.science.protocols import load_protocol

EXAMPLES = Path(__file__).parents[3] / "examples"


def mapped(name: str) -> Cohort:
    folder = EXAMPLES / name
    return map_files(folder / "mapping.yaml", sorted(folder.glob("*.csv"))).cohort


@pytest.fixture(scope="module")
def ashar() -> Cohort:
    return mapped("ashar2022")


@pytest.fixture(scope="module")
def antidepressant() -> Cohort:
    return mapped("antidepressant")


def by_arm(cohort: Cohort, scale: str, point: str) -> pl.DataFrame:
    instrument, _, name = scale.partition(".")
    rows = cohort.table("scores").filter(
        (pl.col("instrument") == instrument) & (pl.col("scale") == name) & (pl.col("time_point") == point)
    )
    return rows.join(cohort.table("allocation").select("participant", "arm"), on="participant")


def test_ashar_arms_as_published(ashar: Cohort) -> None:
    arms = dict(ashar.table("allocation")["arm"].value_counts().iter_rows())
    assert arms == {"prt": 50, "placebo": 51, "usual_care": 50}


def test_ashar_people_as_published(ashar: Cohort) -> None:
    """Abstract of Ashar et al. 2022: 151 adults, 54 % female, mean age 41.1 (SD 15.6)."""
    people = ashar.table("participants").join(ashar.table("allocation"), on="participant", how="semi")
    assert people.height == 151
    assert round(float((people["gender"] == "woman").mean()), 2) == 0.54
    assert people["age"].mean() == pytest.approx(41.1, abs=0.05)
    assert people["age"].std() == pytest.approx(15.6, abs=0.05)


def test_ashar_pain_free_or_nearly_as_published(ashar: Cohort) -> None:
    """Abstract: 33 of 50, 10 of 51 and 5 of 50 with pain of 0 or 1 after treatment (no answer counts as no)."""
    after = by_arm(ashar, "nrs_pain.total", "post")
    free = dict(after.filter(pl.col("value") <= 1)["arm"].value_counts().iter_rows())
    assert free == {"prt": 33, "placebo": 10, "usual_care": 5}


def test_ashar_one_patient_was_not_randomised(ashar: Cohort) -> None:
    roles = dict(ashar.table("participants")["role"].value_counts().iter_rows())
    assert roles == {"patient": 152, "reference": 54}
    assert ashar.manifest.n == 151


def test_ashar_global_change_runs_as_the_instrument_does(ashar: Cohort) -> None:
    after = by_arm(ashar, "pgic.total", "post").group_by("arm").agg(pl.col("value").mean())
    means = dict(after.iter_rows())
    assert means["prt"] < means["placebo"] < means["usual_care"]  # 1 is very much improved
    assert means["prt"] == pytest.approx(8 - 6.136364, abs=1e-6)  # 8 - the mean of the codes in the file


def test_antidepressant_counts_as_in_the_package(antidepressant: Cohort) -> None:
    """rbmi, vignette quickstart: drop-out 24 % on drug, 26 % on placebo; 608 rows after baseline."""
    last = by_arm(antidepressant, "hamd_17.total", "week_6")
    assert dict(last["arm"].value_counts().iter_rows()) == {"drug": 64, "placebo": 65}
    arms = dict(antidepressant.table("allocation")["arm"].value_counts().iter_rows())
    assert arms == {"drug": 84, "placebo": 88}
    assert round(1 - 64 / arms["drug"], 2) == 0.24
    assert round(1 - 65 / arms["placebo"], 2) == 0.26
    scores = antidepressant.table("scores").filter(pl.col("instrument") == "hamd_17")
    assert scores.filter(pl.col("time_point") != "baseline").height == 608


def test_antidepressant_mean_change_as_in_the_file(antidepressant: Cohort) -> None:
    """Mean of the file's own column CHANGE at visit 7: -8.34375 on drug, -5.138462 on placebo."""
    later = by_arm(antidepressant, "hamd_17.total", "week_6")
    base = by_arm(antidepressant, "hamd_17.total", "baseline").select("participant", pl.col("value").alias("base"))
    change = later.join(base, on="participant").group_by("arm").agg((pl.col("value") - pl.col("base")).mean())
    assert dict(change.iter_rows()) == {
        "drug": pytest.approx(-8.34375, abs=1e-6), "placebo": pytest.approx(-5.138462, abs=1e-6),
    }  # fmt: skip


def test_antidepressant_999_is_a_clinic_and_not_missing(antidepressant: Cohort) -> None:
    assert "999" in antidepressant.table("participants")["site"].to_list()


@pytest.mark.parametrize("name", ["ashar2022", "antidepressant"])
def test_an_example_is_a_sound_cohort_of_its_protocol(name: str) -> None:
    cohort, protocol = mapped(name), load_protocol(EXAMPLES / name / "protocol.yaml")
    assert content_findings(cohort) == []
    assert set(cohort.manifest.time_points) == set(protocol.schedule)
    assert set(cohort.table("allocation")["arm"].to_list()) == set(protocol.arms)
    scales = {f"{i}.{s}" for i, s in cohort.table("scores").select("instrument", "scale").unique().iter_rows()}
    ends = protocol.endpoints
    assert {end.scale for end in [ends.primary, *ends.key, *ends.secondary]} <= scales
    asked = {name for point in protocol.schedule.values() for name in (*point.patient, *point.assessor)}
    assert {scale.split(".")[0] for scale in scales} <= asked


@pytest.mark.parametrize("name", ["ashar2022", "antidepressant"])
def test_an_example_has_its_licence_and_source_beside_it(name: str) -> None:
    source = next((EXAMPLES / name).glob("*.source.txt")).read_text()
    assert mapped(name).manifest.licence.split("-")[0] in source

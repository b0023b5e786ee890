"""Files that nobody prepared for: draft, map and analyse, without a hand edit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from accord.science.analyses.analyse import analyse
from accord.science.cohort import Cohort
from accord.science.cohort.draft import Draft, draft_mapping, write_draft
from accord.science.cohort.mapping import map_files
from accord.science.errors import BadInput
from accord.science.protocols import Protocol, load_protocol

PEOPLE = 24


def drafted(folder: Path, *files: Path) -> tuple[Draft, Cohort, Protocol]:
    """Draft, write, map, load and analyse, as a person would who changes nothing."""
    draft = draft_mapping(files)
    assert draft.problems == []
    write_draft(draft, folder / "draft")
    cohort = map_files(folder / "draft" / "mapping.yaml", files).cohort
    protocol = load_protocol(folder / "draft" / "protocol.yaml")
    result = analyse(protocol, cohort, only={"primary"})
    assert any(estimate.value is not None for estimate in result.estimates)
    return draft, cohort, protocol


def file(folder: Path, text: str, name: str = "study.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def numbers(seed: int, high: int, n: int = PEOPLE) -> list[int]:
    return np.random.default_rng(seed).integers(1, high + 1, n).tolist()


def wide_rows(**columns: list[object]) -> str:
    names = list(columns)
    rows = zip(*columns.values(), strict=True)
    return "\n".join([",".join(names), *(",".join(map(str, row)) for row in rows)]) + "\n"


def values(cohort: Cohort, scale: str, point: str) -> list[float | None]:
    instrument, _, name = scale.partition(".")
    rows = cohort.table("scores").filter(
        (pl.col("instrument") == instrument) & (pl.col("scale") == name) & (pl.col("time_point") == point)
    )
    return rows.sort("participant")["value"].to_list()


def test_a_wide_file_with_arms_as_text(tmp_path: Path) -> None:
    before, after = numbers(1, 27), numbers(2, 27)
    text = wide_rows(
        subject_id=[f"S{n}" for n in range(PEOPLE)], arm=["Course", "Waiting list"] * (PEOPLE // 2),
        age=numbers(3, 60), sex=["f", "m"] * (PEOPLE // 2), phq9_pre=before, phq9_post=after,
        stiffness_pre=numbers(4, 50), stiffness_post=numbers(5, 50),
    )  # fmt: skip
    draft, cohort, protocol = drafted(tmp_path, file(tmp_path, text))
    assert values(cohort, "phq_9.total", "baseline") == before
    assert values(cohort, "phq_9.total", "post") == after
    assert cohort.table("allocation")["arm"].value_counts(sort=True)["count"].to_list() == [12, 12]
    assert cohort.scale("stiffness.total").inline
    assert protocol.kind == "randomised"
    assert {name: arm.role for name, arm in protocol.arms.items()} == {
        "course": "treatment", "waiting_list": "active-control",
    }  # fmt: skip
    assert protocol.endpoints.primary.contrasts == ["course_v_waiting_list"]
    assert any("'Waiting list' reads like a control" in guess for guess in draft.guesses)
    assert cohort.table("participants")["age"].null_count() == 0


def test_a_long_file_with_weeks(tmp_path: Path) -> None:
    lines = ["patient,week,arm,pain_nrs,mood"]
    for person in range(PEOPLE):
        for week in (0, 4, 8):
            lines.append(f"P{person:03},{week},{person % 2},{(person + week) % 11},{(person * week) % 17 + 1}")
    _, cohort, protocol = drafted(tmp_path, file(tmp_path, "\n".join(lines) + "\n"))
    assert cohort.manifest.time_points == ["baseline", "week_4", "week_8"]
    days = cohort.table("scores").select("time_point", "day").unique().sort("day").rows()
    assert days == [("baseline", 0), ("week_4", 28), ("week_8", 56)]
    assert values(cohort, "nrs_pain.total", "week_8")[:3] == [8, 9, 10]
    assert protocol.endpoints.primary.scale == "nrs_pain.total"
    assert protocol.endpoints.primary.at == "week_8"
    assert protocol.arms["arm_0"].role == "active-control"


def test_semicolons_with_decimal_commas(tmp_path: Path) -> None:
    lines = ["Teilnehmer_ID;Gruppe;Alter;Schmerz_T0;Schmerz_T1;Stress_T0;Stress_T1"]
    for person in range(PEOPLE):
        arm = "Übung" if person % 2 else "Kontrolle"
        cells = [f"A{person}", arm, 20 + person, f"{person / 4:.2f}", f"{person / 8:.3f}", "3.5", f"2.{person}"]
        lines.append(";".join(map(str, cells)).replace(".", ","))
    draft, cohort, protocol = drafted(tmp_path, file(tmp_path, "\n".join(lines) + "\n", encoding="cp1252"))
    assert "cp1252, columns by semicolon, decimal comma" in draft.mapping
    assert values(cohort, "schmerz.total", "baseline") == [person / 4 for person in range(PEOPLE)]
    assert sorted(values(cohort, "schmerz.total", "post"))[-1] == pytest.approx((PEOPLE - 1) / 8, abs=0.001)
    assert protocol.kind == "randomised"
    assert protocol.arms["kontrolle"].role == "active-control"


def test_visits_as_dates(tmp_path: Path) -> None:
    lines = ["record_id,visit_date,symptoms"]
    for person in range(PEOPLE):
        start = 10 + person % 15
        for month in (1, 3, 6):
            lines.append(f"{person},{start}/{month:02}/2021,{(person * month) % 19 + 1}")
    _, cohort, protocol = drafted(tmp_path, file(tmp_path, "\n".join(lines) + "\n"))
    assert cohort.manifest.time_points == ["baseline", "visit_2", "visit_3"]
    table = cohort.table("scores")
    assert table.filter(pl.col("time_point") == "baseline")["day"].unique().to_list() == [0]
    assert table.filter(pl.col("time_point") == "visit_2")["day"].unique().to_list() == [59]
    assert protocol.kind == "single-arm"


def test_dates_in_the_columns_of_a_wide_file(tmp_path: Path) -> None:
    text = wide_rows(
        id=list(range(PEOPLE)), date_t1=["03.02.2020"] * PEOPLE,
        date_t2=[f"{day + 1:02}.03.2020" for day in range(PEOPLE)],
        distress_t1=numbers(1, 30), distress_t2=numbers(2, 30),
    )  # fmt: skip
    _, cohort, _ = drafted(tmp_path, file(tmp_path, text))
    days = cohort.table("scores").filter(pl.col("time_point") == "post")["day"].to_list()
    assert days == [27 + person for person in range(PEOPLE)]


def test_999_as_missing(tmp_path: Path) -> None:
    before, after = numbers(1, 21), numbers(2, 21)
    before[3], after[5], after[6] = 999, 999, 999
    text = wide_rows(id=list(range(PEOPLE)), gad7_pre=before, gad7_post=after, site=["001", "999"] * (PEOPLE // 2))
    draft, cohort, _ = drafted(tmp_path, file(tmp_path, text))
    assert values(cohort, "gad_7.total", "baseline")[3] is None
    assert values(cohort, "gad_7.total", "post")[5:7] == [None, None]
    assert values(cohort, "gad_7.total", "post")[7] == after[7]
    assert cohort.table("participants")["site"].to_list()[:2] == ["001", "999"]
    assert any("999 lies far from all other values" in guess for guess in draft.guesses)


def test_words_for_missing(tmp_path: Path) -> None:
    before = ["NA", *numbers(1, 60, PEOPLE - 1)]
    text = wide_rows(id=list(range(PEOPLE)), pseq_baseline=before, pseq_month_3=numbers(2, 60))
    _, cohort, protocol = drafted(tmp_path, file(tmp_path, text))
    assert values(cohort, "pseq.total", "baseline")[0] is None
    assert cohort.manifest.time_points == ["baseline", "month_3"]
    assert protocol.schedule["month_3"].days.first == 90


def test_items_of_a_questionnaire_are_scored_by_its_definition(tmp_path: Path) -> None:
    columns: dict[str, list[object]] = {"id": list(range(PEOPLE))}
    for time in (0, 1):
        for item in range(1, 10):
            columns[f"phq9_{item}_t{time}"] = [(person + item + time * (person % 3)) % 4 for person in range(PEOPLE)]
    _, cohort, protocol = drafted(tmp_path, file(tmp_path, wide_rows(**columns)))
    assert values(cohort, "phq_9.total", "baseline")[0] == sum(item % 4 for item in range(1, 10))
    assert protocol.endpoints.primary.scale == "phq_9.total"
    assert cohort.table("scores")["answered"].to_list()[0] == 9


def test_a_redcap_export(tmp_path: Path) -> None:
    lines = ["record_id,redcap_event_name,email,dob,notes,arm_label,bpi_interference"]
    for person in range(PEOPLE):
        for at, event in enumerate(("baseline_arm_1", "week_8_arm_1", "month_6_arm_1")):
            arm = ("Control" if person % 2 else "App") if at == 0 else ""
            lines.append(f"{person},{event},p{person}@example.org,1980-01-02,felt well,{arm},{(person + at) % 9}")
    draft, cohort, protocol = drafted(tmp_path, file(tmp_path, "\n".join(lines) + "\n"))
    assert cohort.manifest.time_points == ["baseline", "week_8", "month_6"]
    assert {"email", "dob", "notes"} <= set(_left_out(draft))
    assert b"example.org" not in str(cohort.table("participants").to_dicts()).encode()
    assert protocol.arms["control"].role == "active-control"
    assert cohort.table("allocation").height == PEOPLE


def _left_out(draft: Draft) -> list[str]:
    lines = draft.mapping.splitlines()
    return [line[2:].split(":")[0].strip() for line in lines[lines.index("# Left out:") + 1 :]]


def test_a_baseline_in_a_column_of_its_own_is_found_by_the_change(tmp_path: Path) -> None:
    lines = ["PATIENT,VISIT,BASVAL,SCORE,CHANGE"]
    for person in range(PEOPLE):
        for visit in (4, 5):
            score = (person * visit) % 30
            lines.append(f"{person},{visit},{person + 5},{score},{score - person - 5}")
    draft, cohort, _ = drafted(tmp_path, file(tmp_path, "\n".join(lines) + "\n"))
    assert cohort.manifest.time_points == ["baseline", "visit_4", "visit_5"]
    assert values(cohort, "score.total", "baseline") == [person + 5 for person in range(PEOPLE)]
    assert any("CHANGE is SCORE - BASVAL in every row" in guess for guess in draft.guesses)
    assert "change.total" not in draft.mapping


def test_the_labels_of_an_spss_file_become_names_and_meanings(tmp_path: Path) -> None:
    import pandas
    import pyreadstat

    frame = pandas.DataFrame(
        {"id": range(PEOPLE), "v1_pre": numbers(1, 50), "v1_post": numbers(2, 50), "v2": numbers(3, 9)}
    )
    labels = {"v1_pre": "Burden of illness", "v2": "Years of school"}
    pyreadstat.write_sav(frame, str(tmp_path / "study.sav"), column_labels=labels)
    _, cohort, _ = drafted(tmp_path, tmp_path / "study.sav")
    assert cohort.scale("v1.total").label == "Burden of illness"
    assert cohort.manifest.columns["participants.v2"].meaning == "Years of school"


def test_two_files_of_one_study(tmp_path: Path) -> None:
    people = wide_rows(id=list(range(PEOPLE)), arm=["placebo", "drug"] * (PEOPLE // 2), age=numbers(1, 70))
    lines = ["id,visit,pcs"] + [f"{p},{v},{(p * v) % 50}" for p in range(PEOPLE) for v in (1, 2, 3)]
    one, two = file(tmp_path, people, "people.csv"), file(tmp_path, "\n".join(lines) + "\n", "visits.csv")
    _, cohort, protocol = drafted(tmp_path, one, two)
    assert cohort.table("allocation").height == PEOPLE
    assert values(cohort, "pcs.total", "baseline") == [p % 50 for p in range(PEOPLE)]
    assert protocol.kind == "randomised"


def test_a_file_without_people_or_scores_still_gives_a_draft(tmp_path: Path) -> None:
    draft = draft_mapping([file(tmp_path, "colour,shape\nred,round\nblue,long\n")])
    assert "no column reads like a score" in draft.mapping
    assert draft.guesses


def test_an_unlabelled_global_rating_is_not_taken_for_the_instrument(tmp_path: Path) -> None:
    lines = ["id,time,pcs,pgic"] + [
        f"{p},{t},{(p * t) % 40},{p % 7 + 1 if t == 2 else ''}" for p in range(PEOPLE) for t in (1, 2)
    ]
    _, cohort, _ = drafted(tmp_path, file(tmp_path, "\n".join(lines) + "\n"))
    assert "pgic_file" in cohort.table("scores")["instrument"].unique().to_list()
    assert "pgic" not in cohort.table("scores")["instrument"].unique().to_list()


@pytest.mark.parametrize("name", ["ashar2022", "antidepressant"])
def test_the_examples_can_be_drafted_too(tmp_path: Path, name: str) -> None:
    data = next((Path(__file__).parents[3] / "examples" / name).glob("*.csv"))
    _, cohort, protocol = drafted(tmp_path, data)
    assert protocol.kind == "randomised"
    assert cohort.manifest.n == {"ashar2022": 151, "antidepressant": 172}[name]


def test_every_guess_has_a_reason_beside_it(tmp_path: Path) -> None:
    text = wide_rows(id=list(range(PEOPLE)), mood_pre=numbers(1, 30), mood_post=numbers(2, 30))
    draft = draft_mapping([file(tmp_path, text)])
    for line in draft.mapping.splitlines():
        if line.startswith(("person:", "time_points:", "  - {scale:")):
            assert "# guess: " in line, line


def test_a_draft_is_not_written_over_anything(tmp_path: Path) -> None:
    draft = draft_mapping([file(tmp_path, "id,a_pre,a_post\n1,1,2\n2,3,4\n3,5,6\n")])
    write_draft(draft, tmp_path / "out")
    with pytest.raises(BadInput, match="not empty"):
        write_draft(draft, tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["mapping.yaml", "protocol.yaml"]


def test_a_file_that_cannot_be_read_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="empty"):
        draft_mapping([file(tmp_path, "")])

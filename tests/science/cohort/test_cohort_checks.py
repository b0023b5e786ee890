"""Every rule over the rows of a cohort: one clear message with file, row, column, what was found, and the cure."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from accord.science.cohort import Cohort, InlineScale, Manifest, check_cohort, read_cohort, write_cohort
from accord.science.cohort.checks import content_findings
from accord.science.errors import AccordError, BadContent, BadInput

MOOD = InlineScale(name="Mood", minimum=0, maximum=10, direction="higher_worse", source="ours")
MANIFEST = Manifest(origin="mapped", title="t", scales={"mood.total": MOOD})


def score(**changes: object) -> dict[str, object]:
    row = {"participant": "a1", "informant": "patient", "instrument": "mood", "scale": "total",
           "time_point": "baseline", "day": 0, "value": 5.0}  # fmt: skip
    return {**row, **changes}


def cohort(scores: list[dict[str, object]] | None = None, **tables: list[dict[str, object]]) -> Cohort:
    frames = {"participants": pl.DataFrame([{"participant": "a1", "role": "patient"}])}
    frames |= {name: pl.DataFrame(rows, infer_schema_length=None) for name, rows in tables.items()}
    frames["scores"] = pl.DataFrame(scores or [score()], infer_schema_length=None)
    return Cohort(MANIFEST, frames)


def only(found: Cohort) -> str:
    findings = content_findings(found)
    assert len(findings) == 1, [str(finding) for finding in findings]
    return str(findings[0])


def test_a_good_cohort_has_no_findings() -> None:
    assert content_findings(cohort()) == []


def test_a_value_out_of_the_scale_s_range() -> None:
    found = only(cohort([score(), score(time_point="post", day=9, value=11.0)]))
    assert found.startswith("scores, row 2, column value: found 11 for mood.total; 0 to 10 is allowed.")


def test_a_scale_of_an_instrument_is_checked_by_its_definition() -> None:
    found = only(cohort([score(instrument="phq_9", value=28.0)]))
    assert "found 28 for phq_9.total; 0 to 27 is allowed" in found


def test_a_scale_that_nobody_knows() -> None:
    found = only(cohort([score(), score(instrument="mooood", time_point="post")]))
    assert found.startswith("scores, row 2, column scale: nobody knows the scale mooood.total. Declare it")


def test_one_person_twice() -> None:
    people = [{"participant": "a1", "role": "patient"}, {"participant": "a1", "role": "patient"}]
    assert "participants, row 2, column participant: participant a1 stands there 2 times, first in row 1" in only(
        cohort(participants=people)
    )


def test_two_rows_for_one_time_point() -> None:
    found = only(cohort([score(), score(value=6.0)]))
    assert found.startswith("scores, row 2")
    assert "time_point baseline stands there 2 times, first in row 1" in found


def test_two_sessions_at_one_time_point_are_two_rows() -> None:
    assert content_findings(cohort([score(session="session_1"), score(session="session_2")])) == []


def test_a_stranger() -> None:
    found = only(cohort([score(), score(participant="z9")]))
    assert found == "scores, row 2, column participant: participant 'z9' is not in the table participants. " \
                    "Add them to participants."  # fmt: skip


def test_a_baseline_after_a_later_time_point() -> None:
    found = only(cohort([score(day=60), score(time_point="post", day=56)]))
    assert found.startswith("scores, row 2, column day: post is on day 56, before the baseline on day 60.")


def test_a_time_point_before_the_baseline_by_design_is_allowed() -> None:
    assert content_findings(cohort([score(day=3), score(time_point="screening", day=-5)])) == []
    planned = MANIFEST.model_copy(update={"time_points": ["first_call", "baseline"]})
    rows = cohort([score(day=3), score(time_point="first_call", day=-5)])
    assert content_findings(Cohort(planned, rows.tables)) == []


def test_a_baseline_after_the_end() -> None:
    found = only(cohort([score(day=60)], events=[{"participant": "a1", "kind": "discharge", "day": 50}]))
    assert "the baseline is on day 60, after the end on day 50" in found


def test_negative_minutes() -> None:
    rows = [{"participant": "a1", "mode": "mixed", "minutes": -5.0}]
    assert "contacts, row 1, column minutes: found -5.0; 0 to 1440 is allowed" in only(cohort(contacts=rows))


def test_a_word_that_is_not_in_the_list() -> None:
    found = only(cohort([score(informant="mother")]))
    assert "column informant: found 'mother'; patient, therapist, assessor" in found


def test_an_empty_required_cell() -> None:
    assert "events, row 1, column kind: the cell is empty." in only(
        cohort(events=[{"participant": "a1", "kind": None}])
    )


def test_more_answered_than_asked() -> None:
    assert "10 items answered of 9" in only(cohort([score(answered=10, of=9)]))


def test_valid_without_a_value() -> None:
    assert "marked valid but has no value" in only(cohort([score(value=None, valid=True)]))


def test_a_lesson_completed_before_it_was_opened() -> None:
    rows = [{"participant": "a1", "lesson": "pacing", "opened_day": 9, "completed_day": 3}]
    assert "completed on day 3, opened on day 9" in only(cohort(lessons=rows))


@pytest.mark.parametrize("name", ["../../etc/passwd", "Anna Bergmann", "anna@example.org", "", "a" * 65])
def test_a_name_a_path_or_an_address_is_no_pseudonym(name: str) -> None:
    people = [{"participant": "a1", "role": "patient"}, {"participant": name, "role": "patient"}]
    found = content_findings(cohort(participants=people))
    assert any("row 2, column participant" in str(finding) and "Never store names" in str(finding) for finding in found)


def test_infinity_is_no_value() -> None:
    found = content_findings(cohort([score(value=float("inf"))]))
    assert "found inf; finite numbers are allowed" in str(found[0])


def test_a_group_that_its_table_does_not_know_stops_and_a_therapist_only_warns() -> None:
    people = [{"participant": "a1", "role": "patient", "group": "g9", "therapist": "t9"}]
    groups, therapists = [{"group": "g1"}], [{"therapist": "t1"}]
    found = content_findings(cohort(participants=people, groups=groups, therapists=therapists))
    assert [(finding.where.column, finding.warning) for finding in found] == [("group", False), ("therapist", True)]


def test_many_broken_rows_are_one_finding_with_their_number() -> None:
    rows = [score(time_point=f"week_{week}", day=week, value=99.0) for week in range(30)]
    assert "(30 rows in all)" in only(cohort(rows))


# --- on disk ------------------------------------------------------------------------------------------------------


def csv_cohort(folder: Path, scores: str, people: str = "participant,role\na1,patient\n") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "cohort.json").write_text(json.dumps(MANIFEST.model_dump()))
    (folder / "participants.csv").write_text(people, encoding="utf-8")
    (folder / "scores.csv").write_bytes(scores.encode("latin-1"))
    return folder


HEAD = "participant,informant,instrument,scale,time_point,day,value,valid\n"


def test_a_cohort_of_csv_files_is_read(tmp_path: Path) -> None:
    folder = csv_cohort(
        tmp_path / "c", HEAD + "a1,patient,mood,total,baseline,0,5.5,true\na1,patient,mood,total,post,9,,\n"
    )
    assert check_cohort(folder) == []
    scores = read_cohort(folder).table("scores")
    assert scores["value"].to_list() == [5.5, None]
    assert scores["valid"].to_list() == [True, None]
    assert scores.schema["day"] == pl.Int32


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    folder = csv_cohort(tmp_path / "c", HEAD)
    (folder / "participants.csv").write_text("participant,role\na1,patient\n", encoding="utf-8-sig")
    assert read_cohort(folder).table("participants")["participant"].to_list() == ["a1"]


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        ("", r"scores\.csv: the file is empty"),
        (HEAD + 'a1,patient,mood,total,baseline,0,"5,5",\n',
         r"scores\.csv, row 2, column value: found '5,5'; numbers are allowed\. Write a decimal point"),
        (HEAD + "a1,patient,mood,total,baseline,x,5,\n", r"row 2, column day: found 'x'; whole numbers are allowed"),
        (HEAD + "a1,patient,mood,total,baseline,0,5,maybe\n", r"row 2, column valid: found 'maybe'; true or false"),
        (HEAD + "a1,patient,mood,total,baseline,0,5,true,7\n", r"row 2: the row has 9 cells, the header 8"),
        (HEAD + "a1,patient,mood,total,baseline,0,5,\na1,patient,m\xfcd,total,post,0,5,\n",
         r"row 3: the byte 0xfc is no UTF-8 text\. Save the file as UTF-8"),
        (HEAD.replace(",", ";") + "a1;patient\n", r"row 1: the header holds no comma, but another delimiter"),
        (HEAD.replace("value", "day") + "a1\n", r"row 1, column day: the column stands there twice"),
        (HEAD.replace(",value", "") + "a1,patient,mood,total,baseline,0,\n", r"column value: the column is missing"),
        (",".join(f"c{n}" for n in range(1_000_000)) + "\n", r"row 1: the header has more than 2,000 columns"),
        (HEAD + "a1,patient,mood,total,baseline,0,NaN,\n", r"row 2, column value: found 'NaN'"),
    ],
)  # fmt: skip
def test_a_wrong_csv_file_is_one_clear_error(tmp_path: Path, scores: str, message: str) -> None:
    folder = csv_cohort(tmp_path / "c", scores)
    with pytest.raises(BadInput, match=message):
        read_cohort(folder)
    assert len(check_cohort(folder)) == 1


def test_several_findings_are_listed_together(tmp_path: Path) -> None:
    rows = "a1,patient,mood,total,baseline,0,55,\nz9,patient,mood,total,baseline,0,5,\n"
    with pytest.raises(BadContent) as caught:
        read_cohort(csv_cohort(tmp_path / "c", HEAD + rows))
    assert [(finding.where.row, finding.where.column) for finding in caught.value.findings] == [
        (2, "value"), (3, "participant"),
    ]  # fmt: skip


def test_a_row_of_a_later_part_is_named_by_its_file(tmp_path: Path) -> None:
    from accord.science.cohort import CohortWriter

    good = cohort()
    with CohortWriter(tmp_path / "c", MANIFEST) as writer:
        writer.append({name: good.table(name) for name in good.names})
        writer.append({"scores": pl.DataFrame([score(time_point="post", day=1), score(time_point="late", value=12.0)])})
    found = check_cohort(tmp_path / "c")
    assert str(found[0]).startswith("scores/part-00001.parquet, row 2, column value: found 12")


def test_warnings_do_not_stop_the_reader(tmp_path: Path) -> None:
    people = [{"participant": "a1", "role": "patient", "therapist": "t9"}]
    write_cohort(cohort(participants=people, therapists=[{"therapist": "t1"}]), tmp_path / "c")
    assert [finding.warning for finding in check_cohort(tmp_path / "c")] == [True]
    assert read_cohort(tmp_path / "c").table("scores").height == 1


def test_a_cohort_without_people_is_refused(tmp_path: Path) -> None:
    write_cohort(Cohort(MANIFEST, {"scores": pl.DataFrame([score()])}), tmp_path / "c")
    with pytest.raises(AccordError, match="participants: the table is missing"):
        read_cohort(tmp_path / "c")

"""A mapping: wide and long files, dates, codes, items; every refusal names mapping line or file, row and column."""

from __future__ import annotations

import datetime
from pathlib import Path

import polars as pl
import pytest

from accord.science.cohort import read_cohort, write_cohort
from accord.science.cohort.mapping import Mapped, map_files, read_salt
from accord.science.errors import AccordError, BadContent, BadInput, MissingExtra

HEAD = """mapping: 1
title: A file
person: id
scales:
  mood.total: {name: Mood, minimum: 0, maximum: 10, direction: higher_worse, source: ours}
"""
LONG = "id,visit,mood\nanna,1,7\nanna,2,4\nbert,1,6\nbert,2,\n"
LONG_MAP = (
    HEAD + "time: {column: visit, values: {1: baseline, 2: post}}\nscores:\n  - {scale: mood.total, column: mood}\n"
)


def mapped(folder: Path, mapping: str, *, salt: bytes | None = None, **files: str) -> Mapped:
    (folder / "mapping.yaml").write_text(mapping, encoding="utf-8")
    paths = []
    for name, text in files.items():
        path = folder / f"{name}.csv"
        path.write_text(text, encoding="utf-8")
        paths.append(path)
    return map_files(folder / "mapping.yaml", paths, salt=salt)


def scores(found: Mapped) -> list[tuple[object, ...]]:
    table = found.cohort.table("scores")
    return table.select("participant", "time_point", "day", "value").rows()


def refused(folder: Path, mapping: str, **files: str) -> str:
    with pytest.raises(AccordError) as caught:
        mapped(folder, mapping, **files)
    return "\n".join(str(finding) for finding in caught.value.findings)


# --- long and wide ------------------------------------------------------------------------------------------------


def test_a_long_file(tmp_path: Path) -> None:
    found = mapped(tmp_path, LONG_MAP, f=LONG)
    assert scores(found) == [
        ("p0001", "baseline", None, 7.0), ("p0001", "post", None, 4.0),
        ("p0002", "baseline", None, 6.0), ("p0002", "post", None, None),
    ]  # fmt: skip
    assert found.cohort.origin == "mapped"
    assert found.cohort.manifest.time_points == ["baseline", "post"]
    assert found.cohort.manifest.made_from[0].startswith("f.csv (sha256 ")


def test_a_wide_file_gives_the_same_scores_as_the_long_one(tmp_path: Path) -> None:
    wide = "id,mood_1,mood_2\nanna,7,4\nbert,6,\n"
    mapping = HEAD + "scores:\n  - {scale: mood.total, columns: {baseline: mood_1, post: mood_2}}\n"
    assert scores(mapped(tmp_path, mapping, f=wide)) == scores(mapped(tmp_path, LONG_MAP, f=LONG))


def test_names_are_never_carried_over(tmp_path: Path) -> None:
    text = "id,visit,mood,therapist,group\nanna,1,7,Dr Miller,Monday\nbert,1,6,Dr Miller,Monday\n"
    mapping = LONG_MAP + "participants: {therapist: therapist, group: group}\n"
    found = mapped(tmp_path, mapping, f=text)
    write_cohort(found.cohort, tmp_path / "c")
    people = found.cohort.table("participants")
    assert people.select("participant", "therapist", "group").rows() == [
        ("p0001", "t001", "g001"), ("p0002", "t001", "g001"),
    ]  # fmt: skip
    for path in (tmp_path / "c").iterdir():
        raw = path.read_bytes()
        assert not any(name in raw for name in (b"anna", b"bert", b"Miller", b"Monday"))


def test_salted_pseudonyms_follow_the_secret_and_not_the_order(tmp_path: Path) -> None:
    mapping = LONG_MAP.replace("person: id", "person: {column: id, pseudonyms: salted}")
    one = mapped(tmp_path, mapping, salt=b"0123456789abcdef", f=LONG).cohort.table("participants")
    other_order = "id,visit,mood\nbert,1,6\nanna,1,7\n"
    two = mapped(tmp_path, mapping, salt=b"0123456789abcdef", f=other_order).cohort.table("participants")
    assert set(one["participant"]) == set(two["participant"])
    three = mapped(tmp_path, mapping, salt=b"another-secret-16", f=LONG).cohort.table("participants")
    assert not set(one["participant"]) & set(three["participant"])
    assert "salt-file" in refused(tmp_path, mapping, f=LONG)


def test_a_secret_must_be_long(tmp_path: Path) -> None:
    (tmp_path / "salt").write_text("short")
    with pytest.raises(BadInput, match="at least 16"):
        read_salt(tmp_path / "salt")


def test_a_baseline_that_stands_on_every_row_is_taken_once(tmp_path: Path) -> None:
    text = "id,visit,base,mood\na,1,9,7\na,2,9,4\nb,1,8,6\n"
    mapping = HEAD + (
        "time: {column: visit, values: {1: week_1, 2: week_2}}\n"
        "time_points: [baseline, week_1, week_2]\n"
        "scores:\n  - {scale: mood.total, columns: {baseline: base}}\n  - {scale: mood.total, column: mood}\n"
    )
    assert [row[:2] + row[3:] for row in scores(mapped(tmp_path, mapping, f=text))] == [
        ("p0001", "baseline", 9.0), ("p0001", "week_1", 7.0), ("p0001", "week_2", 4.0),
        ("p0002", "baseline", 8.0), ("p0002", "week_1", 6.0),
    ]  # fmt: skip
    text = "id,visit,base,mood\na,1,9,7\na,2,3,4\n"
    assert "f.csv, row 3, column base: found '3.0', but row 2 of the same person holds '9.0'" in refused(
        tmp_path, mapping, f=text
    )


def test_two_files_are_joined_by_person(tmp_path: Path) -> None:
    mapping = HEAD + (
        "files:\n  one: {name: one.csv}\n  two: {name: two.csv, person: code}\n"
        "participants: {age: years}\n"
        "scores:\n  - {file: one, scale: mood.total, columns: {baseline: m}}\n"
        "  - {file: two, scale: mood.total, columns: {post: m}}\n"
    )
    found = mapped(tmp_path, mapping, one="id,m\nanna,7\nbert,6\n", two="code,m,years\nbert,3,51\nanna,4,40\n")
    assert [(row[0], row[1], row[3]) for row in scores(found)] == [
        ("p0001", "baseline", 7.0), ("p0001", "post", 4.0), ("p0002", "baseline", 6.0), ("p0002", "post", 3.0),
    ]  # fmt: skip
    assert found.cohort.table("participants")["age"].to_list() == [40.0, 51.0]


# --- days ---------------------------------------------------------------------------------------------------------


def test_dates_become_days_from_the_baseline_in_a_long_file(tmp_path: Path) -> None:
    text = "id,visit,seen,mood\na,1,31.01.2020,7\na,2,01.03.2020,4\nb,1,2.2.2020,6\n"
    mapping = LONG_MAP.replace("post}}", "post}, days: {date: seen}}")
    found = mapped(tmp_path, mapping, f=text)
    assert [row[2] for row in scores(found)] == [0, 30, 0]
    write_cohort(found.cohort, tmp_path / "c")
    assert not any(b"2020" in path.read_bytes() for path in (tmp_path / "c").glob("*.parquet"))


def test_dates_become_days_from_a_column_in_a_wide_file(tmp_path: Path) -> None:
    text = "id,random,seen_1,seen_2,mood_1,mood_2\na,2020-01-10,2020-01-03,2020-03-10,7,4\n"
    mapping = HEAD + (
        "time:\n  days:\n    from_column: random\n"
        "    by_time_point: {baseline: {date: seen_1}, post: {date: seen_2}}\n"
        "scores:\n  - {scale: mood.total, columns: {baseline: mood_1, post: mood_2}}\n"
    )
    assert [row[2] for row in scores(mapped(tmp_path, mapping, f=text))] == [-7, 60]


def test_weeks_become_days(tmp_path: Path) -> None:
    text = "id,visit,week,mood\na,1,0,7\na,2,4,4\n"
    mapping = LONG_MAP.replace("post}}", "post}, days: {column: {column: week, multiply: 7}}}")
    assert [row[2] for row in scores(mapped(tmp_path, mapping, f=text))] == [0, 28]


def test_day_before_month_is_said_when_both_fit(tmp_path: Path) -> None:
    text = "id,visit,seen,mood\na,1,01/02/2020,7\na,2,05/02/2020,4\n"
    found = mapped(tmp_path, LONG_MAP.replace("post}}", "post}, days: {date: seen}}"), f=text)
    assert any("read as %d/%m/%Y" in note for note in found.notes)
    assert [row[2] for row in scores(found)] == [0, 4]
    told = LONG_MAP.replace("post}}", "post}, days: {date: {date: seen, format: '%m/%d/%Y'}}}")
    assert [row[2] for row in scores(mapped(tmp_path, told, f=text))] == [0, datetime.timedelta(days=121).days]


def test_a_wrong_date_is_named(tmp_path: Path) -> None:
    text = "id,visit,seen,mood\na,1,2020-01-31,7\na,2,soon,4\n"
    found = refused(tmp_path, LONG_MAP.replace("post}}", "post}, days: {date: seen}}"), f=text)
    assert found.startswith("f.csv, row 3, column seen: found 'soon'; a day written as %Y-%m-%d is allowed.")


def test_rows_in_order_of_a_date_are_the_time_points(tmp_path: Path) -> None:
    text = "id,seen,mood\na,2020-03-01,4\na,2020-01-01,7\nb,2020-02-02,6\n"
    mapping = HEAD + (
        "time:\n  order_by: {date: seen}\n  names: [baseline, post]\n  days: {date: seen}\n"
        "scores:\n  - {scale: mood.total, column: mood}\n"
    )
    assert scores(mapped(tmp_path, mapping, f=text)) == [
        ("p0001", "baseline", 0, 7.0), ("p0001", "post", 60, 4.0), ("p0002", "baseline", 0, 6.0),
    ]  # fmt: skip
    assert "more than 1 rows" in refused(tmp_path, mapping.replace("[baseline, post]", "[baseline]"), f=text)


def test_a_baseline_after_a_later_time_point_is_refused(tmp_path: Path) -> None:
    text = "id,visit,seen,mood\na,1,2020-03-01,7\na,2,2020-01-01,4\n"
    found = refused(tmp_path, LONG_MAP.replace("post}}", "post}, days: {date: seen}}"), f=text)
    assert "post is on day -60, before the baseline on day 0" in found


# --- codes --------------------------------------------------------------------------------------------------------


def test_codes_for_missing_are_empty_everywhere_or_in_one_entry(tmp_path: Path) -> None:
    text = "id,visit,mood\na,1,999\na,2,-9\nb,1,n/a\nb,2,7\n"
    mapping = LONG_MAP.replace("column: mood}", "column: mood, missing: [999, -9]}") + 'missing: ["n/a"]\n'
    assert [row[3] for row in scores(mapped(tmp_path, mapping, f=text))] == [None, None, None, 7.0]


def test_a_code_for_missing_that_was_not_told_is_named_as_one(tmp_path: Path) -> None:
    found = refused(tmp_path, LONG_MAP, f="id,visit,mood\na,1,7\na,2,999\n")
    assert found == "f.csv, row 3, column mood: found 999 for mood.total; 0 to 10 is allowed. " \
                    "If 999 means missing, list it under missing."  # fmt: skip


def test_a_value_out_of_range_is_named(tmp_path: Path) -> None:
    found = refused(tmp_path, LONG_MAP, f="id,visit,mood\na,1,7\na,2,11\n")
    assert found.startswith("f.csv, row 3, column mood: found 11 for mood.total; 0 to 10 is allowed.")


def test_words_where_numbers_belong_are_named(tmp_path: Path) -> None:
    found = refused(tmp_path, LONG_MAP, f="id,visit,mood\na,1,7\na,2,high\n")
    assert found.startswith("f.csv, row 3, column mood: found 'high'; a number is allowed.")


def test_two_rows_of_one_person_and_time_are_named(tmp_path: Path) -> None:
    found = refused(tmp_path, LONG_MAP, f="id,visit,mood\na,1,7\nb,1,5\na,1,4\n")
    assert "mood.total at baseline stands there twice for one person: first in f.csv, row 2." in found
    assert found.startswith("f.csv, row 4")


def test_a_code_that_is_not_recoded_is_named(tmp_path: Path) -> None:
    mapping = LONG_MAP + "allocation: {arm: {column: arm, recode: {1: new, 2: old}}}\n"
    text = "id,visit,mood,arm\na,1,7,1\nb,1,5,3\n"
    assert refused(tmp_path, mapping, f=text).startswith("f.csv, row 3, column arm: found '3'; 1, 2 are recoded.")


def test_codes_are_compared_as_numbers(tmp_path: Path) -> None:
    mapping = LONG_MAP + "allocation: {arm: {column: arm, recode: {1: new, 2: old}}}\n"
    found = mapped(tmp_path, mapping, f="id,visit,mood,arm\na,1,7,1.0\nb,1,5,2\nc,1,5,\n")
    assert found.cohort.table("allocation").select("participant", "arm", "sequence").rows() == [
        ("p0001", "new", 1), ("p0002", "old", 2),
    ]  # fmt: skip


def test_units_are_brought_to_the_scale(tmp_path: Path) -> None:
    mapping = LONG_MAP.replace("column: mood}", "column: mood, multiply: 0.1}")
    assert [row[3] for row in scores(mapped(tmp_path, mapping, f="id,visit,mood\na,1,70\na,2,45\n"))] == [7.0, 4.5]


def test_arms_as_text_and_roles_and_background(tmp_path: Path) -> None:
    text = "id,visit,mood,arm,kind,school\na,1,7,Course,ill,12\na,2,4,Course,ill,12\nb,1,1,,well,10\n"
    mapping = LONG_MAP + (
        "allocation: {arm: {column: arm, recode: {Course: course}}}\n"
        "participants:\n  role: {column: kind, recode: {ill: patient, well: reference}}\n"
        "  background:\n    school: {column: school, meaning: Years of school, unit: years}\n"
        "events:\n  - {per: person, when: [{column: arm}],\n"
        "     columns: {kind: {constant: enrolment}, day: {constant: 0}}}\n"
    )
    cohort = mapped(tmp_path, mapping, f=text).cohort
    assert cohort.table("participants").select("participant", "role", "school").rows() == [
        ("p0001", "patient", 12.0), ("p0002", "reference", 10.0),
    ]  # fmt: skip
    assert cohort.table("events").select("participant", "kind", "day").rows() == [("p0001", "enrolment", 0)]
    assert cohort.manifest.n == 1
    assert cohort.manifest.columns["participants.school"].meaning == "Years of school"


def test_a_background_value_that_differs_within_a_person_is_named(tmp_path: Path) -> None:
    text = "id,visit,mood,school\na,1,7,12\na,2,4,13\n"
    mapping = LONG_MAP + "participants: {background: {school: school}}\n"
    assert "f.csv, row 3, column school: found '13.0', but row 2" in refused(tmp_path, mapping, f=text)
    taken = LONG_MAP + "participants: {background: {school: {column: school, take: last}}}\n"
    assert mapped(tmp_path, taken, f=text).cohort.table("participants")["school"].to_list() == [13.0]


def test_rows_left_out(tmp_path: Path) -> None:
    mapping = LONG_MAP + "files: {f: {name: f.csv, keep: [{column: site, is: [1]}]}}\n"
    found = mapped(tmp_path, mapping, f="id,visit,mood,site\na,1,7,1\nb,1,99,2\n")
    assert scores(found) == [("p0001", "baseline", None, 7.0)]


def test_contacts_costs_measurements_and_events_by_row(tmp_path: Path) -> None:
    text = "id,visit,mood,what,length,who,crp\na,1,7,call,20,X,3.1\na,2,4,mail,5,X,\n"
    mapping = LONG_MAP + (
        "tables:\n"
        "  contacts:\n    - columns:\n"
        "        mode: {column: what, recode: {call: synchronous, mail: asynchronous}}\n"
        "        channel: {column: what, recode: {call: phone, mail: message}}\n"
        "        minutes: length\n        therapist: who\n"
        "  measurements:\n    - when: [{column: crp}]\n      columns:\n"
        "        {measure: {constant: crp}, unit: {constant: mg/L}, value: crp, time_point: {constant: baseline}}\n"
        "  costs:\n    - {columns: {category: what, quantity: {constant: 1}, unit: {constant: contact}}}\n"
    )
    cohort = mapped(tmp_path, mapping, f=text).cohort
    assert cohort.table("contacts").select("participant", "therapist", "mode", "channel", "minutes").rows() == [
        ("p0001", "t001", "synchronous", "phone", 20.0), ("p0001", "t001", "asynchronous", "message", 5.0),
    ]  # fmt: skip
    assert cohort.table("measurements").select("measure", "value").rows() == [("crp", 3.1)]
    assert cohort.table("costs")["category"].to_list() == ["call", "mail"]
    write_cohort(cohort, tmp_path / "c")
    assert read_cohort(tmp_path / "c").table("contacts").height == 2


def test_a_word_that_the_format_does_not_know_is_named(tmp_path: Path) -> None:
    mapping = LONG_MAP + "tables: {contacts: [{columns: {mode: what, minutes: {constant: 5}}}]}\n"
    found = refused(tmp_path, mapping, f="id,visit,mood,what\na,1,7,call\n")
    assert found.startswith("f.csv, row 2, column what: found 'call' for mode; asynchronous, synchronous, mixed are")


# --- instruments --------------------------------------------------------------------------------------------------

PHQ = ",".join(f"phq_{number}" for number in range(1, 10))


def test_items_are_scored_by_the_instrument_s_definition(tmp_path: Path) -> None:
    text = f"id,visit,{PHQ}\na,1,3,3,3,3,3,3,3,3,0\na,2,0,0,0,0,0,0,0,0,0\nb,1,1,1,1,1,1,1,1,1,\n"
    mapping = LONG_MAP.split("scores:")[0] + "scores:\n  - {instrument: phq_9, items: 'phq_{}'}\n"
    table = mapped(tmp_path, mapping, f=text).cohort.table("scores")
    assert table.select("instrument", "scale", "value", "answered", "of").rows()[:2] == [
        ("phq_9", "total", 24.0, 9, 9), ("phq_9", "total", 0.0, 9, 9),
    ]  # fmt: skip
    assert table["answered"][2] == 8


def test_items_of_a_wide_file(tmp_path: Path) -> None:
    names = [f"q{number}_{time}" for time in ("pre", "post") for number in range(1, 8)]
    text = "id," + ",".join(names) + "\na," + ",".join(["3"] * 7 + ["1"] * 7) + "\n"
    mapping = HEAD + "scores:\n  - {instrument: gad_7, columns: {baseline: 'q{}_pre', post: 'q{}_post'}}\n"
    found = mapped(tmp_path, mapping, f=text)
    assert [(row[1], row[3]) for row in scores(found)] == [("baseline", 21.0), ("post", 7.0)]


def test_a_wrong_answer_is_named_with_its_row_and_item(tmp_path: Path) -> None:
    text = f"id,visit,{PHQ}\na,1,3,3,3,3,3,3,3,3,0\na,2,0,0,0,7,0,0,0,0,0\n"
    mapping = LONG_MAP.split("scores:")[0] + "scores:\n  - {instrument: phq_9, items: 'phq_{}'}\n"
    found = refused(tmp_path, mapping, f=text)
    assert found.startswith("f.csv, row 3, column phq_4: found 7 for phq_9; a whole number 0 to 3 (item_4) is allowed.")


def test_an_instrument_in_use_in_two_directions_must_be_told(tmp_path: Path) -> None:
    mapping = LONG_MAP.replace("{scale: mood.total, column: mood}", "{scale: pgic.total, column: mood}")
    text = "id,visit,mood\na,2,7\n"
    assert "mapping.yaml, line 8: Patient Global Impression of Change is in use in two directions" in refused(
        tmp_path, mapping, f=text
    )
    for coding, value in (("one_best", 7.0), ("seven_best", 1.0)):
        told = mapping.replace("column: mood}", f"column: mood, coding: {coding}}}")
        assert [row[3] for row in scores(mapped(tmp_path, told, f=text))] == [value]


def test_a_scale_that_nobody_knows_is_named_with_its_line(tmp_path: Path) -> None:
    found = refused(tmp_path, LONG_MAP.replace("scale: mood.total", "scale: humour.total"), f=LONG)
    assert found.startswith("mapping.yaml, line 8: nobody knows the scale humour.total. Declare it under scales")


# --- the mapping itself -------------------------------------------------------------------------------------------


def test_columns_that_do_not_exist_are_all_named_with_their_lines(tmp_path: Path) -> None:
    mapping = LONG_MAP.replace("column: mood", "column: moood") + "participants: {age: agee}\n"
    found = refused(tmp_path, mapping, f="id,visit,mood,age\na,1,7,40\n")
    assert "mapping.yaml, line 8: f.csv has no column 'moood'. Did you mean mood?" in found
    assert "mapping.yaml, line 9: f.csv has no column 'agee'. Did you mean age?" in found


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("mapping: 1", "mapping: 2", "line 1: mapping: Input should be 1"),
        ("title: A file", "titel: A file", "title: Field required"),
        ("column: mood}", "column: mood, colour: red}", "Extra inputs are not permitted"),
        ("maximum: 10", "maximum: -3", "the range 0 to -3 is empty"),
        ("column: mood}", "columns: {Baseline: mood}}", "should match pattern"),
        ("scale: mood.total, column: mood", "scale: mood.total", "needs one of column and columns"),
        ("person: id", "person: {row: false}", "give the column that holds the person"),
    ],
)
def test_a_wrong_mapping_is_refused_with_its_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    found = refused(tmp_path, LONG_MAP.replace(old, new), f=LONG)
    assert "mapping.yaml, line" in found
    assert message in found


def test_a_table_or_column_that_the_format_does_not_have(tmp_path: Path) -> None:
    assert "there is no table contact" in refused(tmp_path, LONG_MAP + "tables: {contact: [{columns: {}}]}\n", f=LONG)
    wrong = LONG_MAP + "tables: {contacts: [{columns: {length: mood}}]}\n"
    assert "mapping.yaml, line 9: the table contacts has no column length" in refused(tmp_path, wrong, f=LONG)


def test_files_that_do_not_fit_the_mapping(tmp_path: Path) -> None:
    mapping = LONG_MAP + "files: {one: {name: one.csv}, two: {name: two.csv}}\n"
    found = refused(tmp_path, mapping, one=LONG, three=LONG)
    assert "the file two.csv was not given. Given: one.csv, three.csv." in found
    assert "the mapping does not know the file three.csv" in found


def test_a_path_in_the_name_of_a_file_is_refused(tmp_path: Path) -> None:
    found = refused(tmp_path, LONG_MAP + "files: {one: {name: ../../etc/passwd}}\n", f=LONG)
    assert "mapping.yaml, line 9" in found


def test_an_empty_person_is_named(tmp_path: Path) -> None:
    assert refused(tmp_path, LONG_MAP, f="id,visit,mood\na,1,7\n,1,4\n").startswith(
        "f.csv, row 3, column id: the cell is"
    )


def test_a_row_without_time_is_named(tmp_path: Path) -> None:
    assert "f.csv, row 2, column visit: the time-point is empty" in refused(
        tmp_path, LONG_MAP, f="id,visit,mood\na,,7\n"
    )


def test_a_time_that_is_not_mapped_is_named_and_null_leaves_rows_out(tmp_path: Path) -> None:
    text = "id,visit,mood\na,1,7\na,3,4\n"
    assert "row 3, column visit: found '3'; 1, 2 are recoded" in refused(tmp_path, LONG_MAP, f=text)
    found = mapped(tmp_path, LONG_MAP.replace("2: post", "2: post, 3: null"), f=text)
    assert [row[1] for row in scores(found)] == ["baseline"]


# --- files --------------------------------------------------------------------------------------------------------


def read(folder: Path, name: str, raw: bytes, *, mapping: str = LONG_MAP) -> Mapped:
    (folder / "mapping.yaml").write_text(mapping)
    (folder / name).write_bytes(raw)
    return map_files(folder / "mapping.yaml", [folder / name])


def test_semicolons_decimal_commas_and_windows_letters_are_recognised_and_said(tmp_path: Path) -> None:
    raw = "id;visit;mood;place\na;1;7,5;Köln\na;2;4,25;Köln\n".encode("cp1252")
    found = read(tmp_path, "f.csv", raw)
    assert [row[3] for row in scores(found)] == [7.5, 4.25]
    assert found.notes == ["f.csv: cp1252, columns by semicolon, decimal comma."]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "latin-1", "utf-8"])
def test_encodings_are_recognised(tmp_path: Path, encoding: str) -> None:
    found = read(tmp_path, "f.csv", "id\tvisit\tmood\nä\t1\t7\nä\t2\t4\n".encode(encoding))
    assert [row[3] for row in scores(found)] == [7.0, 4.0]


def test_what_is_told_about_a_file_wins(tmp_path: Path) -> None:
    told = LONG_MAP + "files: {f: {name: f.csv, delimiter: ';', decimal: ',', encoding: cp1252}}\n"
    assert [row[3] for row in scores(read(tmp_path, "f.csv", b"id;visit;mood\na;1;7\n", mapping=told))] == [7.0]
    wrong = LONG_MAP + "files: {f: {name: f.csv, encoding: utf-8}}\n"
    with pytest.raises(BadInput, match=r"f\.csv, row 2: this is not utf-8 text"):
        read(tmp_path, "f.csv", b"id,visit,mood\n\xe4,1,7\n", mapping=wrong)


def test_a_thousand_and_one_point_two_are_not_guessed(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"f\.csv, row 4, column mood: found '1\.234'"):
        read(tmp_path, "f.csv", b"id;visit;mood\na;1;7,5\nb;1;6,5\na;2;1.234\n")


def test_a_decimal_comma_in_a_file_with_points_names_the_cure(tmp_path: Path) -> None:
    raw = b'id,visit,mood\na,1,7.5\na,2,6.5\nb,1,2.5\nb,2,"4,5"\n'
    with pytest.raises(BadInput, match=r"row 5, column mood: found '4,5'.*decimal: ','"):
        read(tmp_path, "f.csv", raw)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", r"f\.csv: the file is empty"),
        (b"\n\n  \n", r"f\.csv: the file is empty"),
        (b"id,visit,mood\na,1\n", r"f\.csv, row 2: the row has 2 cells, the header 3"),
        (b"id,visit,id\na,1,2\n", r"f\.csv, row 1, column id: the column stands there twice"),
        (b",".join(b"c%d" % n for n in range(1_000_000)), r"f\.csv: the first line has more than 4,000,000 bytes"),
        (b",".join(b"c%d" % n for n in range(30_000)) + b"\n", r"row 1: the header has 30,000 columns"),
        (b"id,visit,mood\n" + b"a" * 200_000 + b",1,2\n", r"f\.csv, row"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_table_is_one_clear_error(tmp_path: Path, raw: bytes, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        read(tmp_path, "f.csv", raw)


def test_parquet_is_read(tmp_path: Path) -> None:
    frame = pl.DataFrame({"id": [1, 1], "visit": [1.0, 2.0], "mood": [7.5, float("nan")]})
    frame.write_parquet(tmp_path / "f.parquet")
    (tmp_path / "mapping.yaml").write_text(LONG_MAP)
    found = map_files(tmp_path / "mapping.yaml", [tmp_path / "f.parquet"])
    assert [row[3] for row in scores(found)] == [7.5, None]
    with pytest.raises(BadInput, match=r"g\.parquet: this is no readable Parquet file"):
        read(tmp_path, "g.parquet", b"PAR1 but not really")


def test_spss_is_read_and_its_missing_values_are_empty(tmp_path: Path) -> None:
    import pandas
    import pyreadstat

    frame = pandas.DataFrame({"id": ["a", "a"], "visit": [1.0, 2.0], "mood": [7.0, 99.0]})
    pyreadstat.write_sav(frame, str(tmp_path / "f.sav"), missing_ranges={"mood": [99]})
    (tmp_path / "mapping.yaml").write_text(LONG_MAP)
    assert [row[3] for row in scores(map_files(tmp_path / "mapping.yaml", [tmp_path / "f.sav"]))] == [7.0, None]
    with pytest.raises(BadInput, match=r"g\.sav: this is no readable SPSS file"):
        read(tmp_path, "g.sav", b"no")


def test_spss_without_its_library_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "pyreadstat", None)
    with pytest.raises(MissingExtra, match=r"accord\[spss\]"):
        read(tmp_path, "f.sav", b"$FL2")


@pytest.mark.parametrize("name", ["f.xlsx", "f.zip", "f.dta"])
def test_other_kinds_of_file_say_what_to_do(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput, match="are not read"):
        read(tmp_path, name, b"x")


def test_the_same_files_and_mapping_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_cohort(mapped(tmp_path, LONG_MAP, f=LONG).cohort, tmp_path / name)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_findings_over_the_whole_cohort_stop_a_mapping(tmp_path: Path) -> None:
    mapping = LONG_MAP + "participants: {age: age}\n"
    with pytest.raises(BadContent, match="column age: found 400"):
        mapped(tmp_path, mapping, f="id,visit,mood,age\na,1,7,400\n")

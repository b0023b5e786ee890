"""Files: names carry what is invented, tables are safe for spreadsheets, all are written or none."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest
import report_sample as sample
from hypothesis import given
from hypothesis import strategies as st

from accord.science.analyses.result import Section, Table
from accord.science.reports import render_report, write_report
from accord.science.reports.files import as_csv, report_files, safe_name

CELLS = st.none() | st.integers(-(10**6), 10**6) | st.floats() | st.text(max_size=12)


def rows_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def test_the_files_of_a_report(tmp_path):
    written = write_report(sample.result("real"), tmp_path / "out")
    names = {str(path.relative_to(tmp_path / "out")) for path in written.files}
    assert {"report.html", "analysis.json", "estimates.json", "estimates.csv", "tables/table_one.csv",
            "figures/forest.svg", "figures/forest.csv"} <= names  # fmt: skip
    assert written.page == tmp_path / "out" / "report.html"
    assert {path for path in (tmp_path / "out").rglob("*") if path.is_file()} == set(written.files)
    assert written.page.read_text(encoding="utf-8") == render_report(sample.result("real"))


def test_every_file_of_a_simulated_cohort_says_so_in_its_name(tmp_path):
    written = write_report(sample.result(), tmp_path)
    assert all(path.stem.endswith("-invented") for path in written.files)
    assert written.page.name == "report-invented.html"
    assert all(b"invented data" in path.read_bytes() for path in written.files if path.suffix == ".svg")


def test_the_same_result_gives_the_same_bytes():
    assert report_files(sample.result()) == report_files(sample.result())


def test_estimates_come_back_as_they_were():
    files = report_files(sample.result("real"))
    from_json = json.loads(files["estimates.json"])
    assert from_json == [estimate.to_dict() for estimate in sample.estimates()]
    header, *rows = rows_of(files["estimates.csv"].decode())
    assert [row[0] for row in rows] == [estimate.id for estimate in sample.estimates()]
    nothing = dict(zip(header, next(row for row in rows if row[0].startswith("icc.")), strict=True))
    assert nothing["value"] == nothing["ci_low"] == nothing["missing"] == ""
    assert nothing["n"] == "4"
    assert json.loads(files["analysis.json"])["title"] == sample.result("real").title


def test_not_a_number_is_nothing_in_json_and_csv():
    number = replace(sample.estimates()[0], value=float("nan"), ci_high=float("inf"))
    files = report_files(replace(sample.bare(), estimates=(number,)))
    assert json.loads(files["estimates.json"])[0]["value"] is None
    assert rows_of(files["estimates.csv"].decode())[1][2] == ""


@pytest.mark.parametrize("text", ["=1+1", "+1", "-2", "@SUM(A1)", "\tx", " =1", "\r=1"])
def test_a_text_that_a_spreadsheet_would_run_is_preceded_by_an_apostrophe(text):
    (_, (cell,)) = rows_of(as_csv(("a",), ((text,),)))
    assert cell.startswith("'")
    assert cell.lstrip("'").strip() == text.strip()


@given(st.lists(st.tuples(CELLS, CELLS), max_size=5))
def test_no_text_cell_begins_a_formula_and_numbers_stay_numbers(rows):
    for row, cells in zip(rows, rows_of(as_csv(("a", "b"), tuple(rows)))[1:], strict=True):
        for value, cell in zip(row, cells, strict=True):
            if isinstance(value, str):
                assert not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t"))
            elif isinstance(value, float) and value == value and abs(value) != float("inf"):
                assert float(cell) == value
            elif isinstance(value, int):
                assert int(cell) == value
            else:
                assert cell == ""


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b", "C:\\x", "..", "", "ä ö", "x" * 300, "CON\x00"])
def test_a_name_cannot_leave_the_folder(name):
    safe = safe_name(name)
    assert safe
    assert set(safe) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")
    assert len(safe) <= 80


def test_two_tables_of_one_name_are_both_kept():
    tables = (Table("t", "One", ("a",), ((1,),)), Table("t", "Two", ("a",), ((2,),)))
    files = report_files(replace(sample.bare(), sections=(Section("s", "S", tables),)))
    assert files["tables/t.csv"] != files["tables/t-2.csv"]


def test_nothing_is_written_when_a_picture_cannot_be_drawn(tmp_path):
    class Broken:
        title = description = "b"
        invented = False

        def svg(self, *, ident=None, width=0):
            raise RuntimeError("no")

        def table(self):
            return ("a",), ()

    result = sample.result("real")
    block = replace(result.sections[0].blocks[1], picture=Broken())
    broken = replace(result, sections=(replace(result.sections[0], blocks=(block,)),))
    with pytest.raises(RuntimeError):
        write_report(broken, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_no_half_file_stays_when_writing_fails(tmp_path):
    (tmp_path / "tables").write_text("a file where a folder must be")
    with pytest.raises(OSError):
        write_report(sample.result("real"), tmp_path)
    assert [path.name for path in tmp_path.rglob("*")] == ["tables"]
    with pytest.raises(OSError):
        write_report(sample.result("real"), tmp_path / "tables" / "below")
    assert [path.name for path in tmp_path.rglob("*")] == ["tables"]


def test_an_older_report_is_replaced_whole(tmp_path):
    write_report(sample.bare(), tmp_path)
    written = write_report(sample.result("real"), tmp_path)
    assert sample.result("real").title in written.page.read_text(encoding="utf-8")
    assert not list(tmp_path.rglob("*.part"))


def test_hostile_ids_are_written_inside_the_folder(tmp_path):
    written = write_report(sample.hostile(), tmp_path / "out")
    assert all(path.resolve().is_relative_to(tmp_path / "out") for path in written.files)

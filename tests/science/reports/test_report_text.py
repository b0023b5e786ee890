"""The report as text for a terminal."""

from __future__ import annotations

from dataclasses import replace

import pytest
import report_sample as sample

from accord.science.analyses.result import Section, Table
from accord.science.reports import summary_text


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("result", [sample.result(), sample.result("real"), sample.hostile(), sample.bare()])
def test_it_keeps_to_its_width_and_has_no_control_characters(result, width):
    text = summary_text(result, width=width)
    assert max(map(len, text.splitlines())) <= width
    assert not [c for c in text if ord(c) < 32 and c != "\n"]


def test_it_says_title_lead_cautions_and_numbers():
    text = summary_text(sample.result("real"), width=100)
    for said in ("How 1,367 people changed", "One in eight never began", "! No comparison group", "1.21 [1.01, 1.41]",
                 "Years of pain, median", "8 numbers in all"):  # fmt: skip
        assert said in text
    assert "INVENTED" not in text


def test_invented_data_are_named_at_the_top_and_at_every_table():
    text = summary_text(sample.result(), width=100)
    assert text.startswith("INVENTED DATA")
    assert "Who they were (invented data)" in text


def test_what_has_no_room_is_counted():
    rows = tuple((f"row {k}", *range(30)) for k in range(40))
    table = Table("t", "Wide and long", ("Name", *(f"column {k}" for k in range(30))), rows)
    text = summary_text(replace(sample.bare(), sections=(Section("s", "S", (table,)),)), width=80)
    assert "26 more rows" in text
    assert "more columns in the report" in text
    assert "row 13" in text
    assert "row 14" not in text


def test_the_same_result_gives_the_same_text():
    assert summary_text(sample.result()) == summary_text(sample.result())

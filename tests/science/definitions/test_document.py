"""Definitions are untrusted input: plain, small YAML, every finding at its line."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from accord.science.definitions import find_content, read_document
from accord.science.definitions.document import parse_document
from accord.science.errors import AccordError, BadContent, BadInput, NotFound


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")
    size: int


class Outer(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    parts: list[Inner]


def test_a_good_file_becomes_the_model() -> None:
    outer = parse_document("name: a\nparts:\n  - size: 1\n  - {size: 2}\n", file="x.yaml").validated(Outer)
    assert outer == Outer(name="a", parts=[Inner(size=1), Inner(size=2)])


def test_yes_and_no_stay_words_and_dates_stay_text() -> None:
    assert parse_document("a: no\nb: 2024-01-31\nc: 0.5", file="x").data == {"a": "no", "b": "2024-01-31", "c": 0.5}


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ("name: a\nparts:\n  - sice: 1\n", 3, "sice"),
        ("name: a\nparts:\n  - size: many\n", 3, "found 'many'"),
        ("name: a\n", 1, "parts"),
        ("name: a\nparts: 3\n", 2, "parts"),
    ],
)
def test_every_finding_has_its_line(text: str, line: int, part: str) -> None:
    with pytest.raises(BadContent) as caught:
        parse_document(text, file="x.yaml").validated(Outer)
    matching = [finding for finding in caught.value.findings if part in str(finding)]
    assert matching
    assert matching[0].where.line == line
    assert matching[0].where.file == "x.yaml"


def test_all_findings_come_at_once() -> None:
    with pytest.raises(BadContent) as caught:
        parse_document("nam: a\nparts: [{size: x}]\n", file="x").validated(Outer)
    assert len(caught.value.findings) == 3  # name missing, nam unknown, size not a number


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("a: &x 1\nb: *x\n", "anchors"),
        ("a: !!python/object/apply:os.system [ls]\n", "tags"),
        ("a: 1\na: 2\n", "twice"),
        ("a: [1\n", "not valid YAML"),
        ("a: 1\n b: 2\n", "not valid YAML"),
        ("- " * 40 + "x", "deeper"),
    ],
)
def test_tricks_and_broken_yaml_are_refused(text: str, part: str) -> None:
    with pytest.raises(BadInput, match=part):
        parse_document(text, file="x")


def test_a_large_file_and_another_encoding_are_refused(tmp_path: Path) -> None:
    large = tmp_path / "large.yaml"
    large.write_text("a: " + "x" * 1_000_001)
    with pytest.raises(BadInput, match="bytes"):
        read_document(large)
    latin = tmp_path / "latin.yaml"
    latin.write_bytes("a: 1\nb: caf\xe9\n".encode("latin-1"))
    with pytest.raises(BadInput, match="UTF-8") as caught:
        read_document(latin)
    assert caught.value.finding.where.line == 2


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        read_document(tmp_path / "none.yaml")


@given(st.text(max_size=200))
def test_any_text_ends_in_a_document_or_one_error(text: str) -> None:
    with contextlib.suppress(AccordError):  # anything else that is raised fails the test
        parse_document(text, file="x").validated(Outer)


def test_the_site_folder_wins_and_spelling_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / "instruments").mkdir()
    mine = tmp_path / "instruments" / "phq_9.yaml"
    mine.write_text("x: 1")
    assert find_content("instruments", "*.yaml", "PHQ-9", site=tmp_path) == mine
    with pytest.raises(NotFound, match="phq_9"):
        find_content("instruments", "*.yaml", "phg_9", site=tmp_path)

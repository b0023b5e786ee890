"""The reference page of the cohort format says what tables.py says, and the how-to's mapping lines are valid."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from accord.science.cohort import Manifest
from accord.science.cohort.mapping.model import Mapping
from accord.science.cohort.tables import TABLES
from accord.science.definitions.document import parse_document

DOCS = Path(__file__).parents[3] / "docs"
PAGE = (DOCS / "reference" / "cohort-format.md").read_text(encoding="utf-8")
HOW_TO = (DOCS / "how-to" / "map-your-data.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", TABLES)
def test_every_column_stands_in_the_page_with_type_and_meaning(name: str) -> None:
    section = PAGE.split(f"### {name}\n")[1].split("\n### ")[0].split("\n## ")[0]
    rows = re.findall(r"^\| `([a-z_]+)`( \(required\))? \| (\w+) \| (.+?) \| (.*?) \|$", section, re.M)
    wanted = [(c.name, bool(c.required), str(c.dtype), c.meaning) for c in TABLES[name].columns]
    assert [(column, bool(required), dtype, meaning) for column, required, dtype, meaning, _ in rows] == wanted
    for column, (*_, allowed) in zip(TABLES[name].columns, rows, strict=True):
        assert re.findall(r"`(\w+)`", allowed) == list(column.allowed)


def test_every_table_of_the_page_exists() -> None:
    assert re.findall(r"^### (\w+)$", PAGE, re.M) == list(TABLES)


def test_every_key_of_the_manifest_stands_in_the_page() -> None:
    section = PAGE.split("## cohort.json")[1].split("\n## ")[0]
    keys = {key for row in re.findall(r"^\| (.+?) \|", section, re.M) for key in re.findall(r"`(\w+)`", row)}
    assert keys == set(Manifest.model_fields)


def test_the_parts_of_a_mapping_in_the_how_to_are_valid() -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", HOW_TO, re.S)
    whole = "\n".join(
        block for block in blocks[1:] if block.startswith(("mapping:", "scores:", "scales:", "participants:"))
    )
    times = [block for block in blocks if block.startswith("time:")]
    assert len(times) == 2
    for time in times:
        mapping = parse_document(whole + "\n" + time, file="how-to").validated(Mapping)
        assert mapping.scores
        assert mapping.tables["contacts"]

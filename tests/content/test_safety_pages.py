"""docs/safety: every hazard and every promise names proofs that are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = ("docs/safety/hazards.md", "docs/safety/proven.md")


def rows(page: str, mark: str) -> list[list[str]]:
    lines = (ROOT / page).read_text("utf-8").splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if re.match(rf"\| {mark}\d", line)]


@pytest.mark.parametrize("page", PAGES)
def test_every_proof_named_is_a_file_that_runs(page):
    named = re.findall(r"`(tests/[^`]+)`", (ROOT / page).read_text("utf-8"))
    assert len(named) > 15
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_hazard_has_its_size_before_and_after_and_a_proof():
    found = rows(PAGES[0], "H")
    assert len(found) >= 20
    for name, _what, before, _stands, after, proof in found:
        sizes = [[int(part) for part in size.split("×")] for size in (before, after)]
        assert all(1 <= part <= 5 for size in sizes for part in size), name
        assert sizes[1][0] * sizes[1][1] < sizes[0][0] * sizes[0][1], f"{name}: nothing was gained"
        assert "tests/" in proof, name


def test_every_proof_of_the_folder_stands_in_the_list():
    said = (ROOT / PAGES[1]).read_text("utf-8") + (ROOT / PAGES[0]).read_text("utf-8")
    proofs = [path.name for path in (ROOT / "tests/promises").glob("test_p*.py")]
    assert [name for name in proofs if name not in said] == []

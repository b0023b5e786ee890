from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

SMALL = """
instrument: mood_2
name: Two questions
patient_name: mood
construct: mood
informants: [patient]
version: "1"
verified: true
licence: {text: free, restricted: false}
references: [nobody 2026]
answer: {range: [0, 3]}
reversed: [2]
items: {item_1: low, item_2: bright}
scales:
  total: {name: Mood, patient_name: mood, score: sum, items: all, range: [0, 6], direction: higher_worse, zero: 0}
examples:
  - {name: lowest, answers: [0, 0], expect: {total: 3}, arithmetic: 0 + 3}
  - {name: highest, answers: [3, 3], expect: {total: 3}, arithmetic: 3 + 0}
  - {name: one missing, answers: [0, null], expect: {total: null}, arithmetic: both are needed}
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    (folder / "instruments").mkdir(parents=True)
    return folder


@pytest.fixture
def write(site: Path) -> Callable[..., str]:
    """Write a small instrument into the site, changed by (old, new) pairs; gives its id."""

    def writer(*changes: tuple[str, str], name: str = "mood_2") -> str:
        text = SMALL
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        (site / "instruments" / f"{name}.yaml").write_text(text, encoding="utf-8")
        return name

    return writer

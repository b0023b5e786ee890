"""Fixtures for protocols: a good one, and its findings after it was spoilt."""

import sys
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import pytest
from tiny_protocol import GOOD, Spoil, as_document

from accord.science.errors import Finding
from accord.science.protocols import check_protocol

sys.path.append(str(Path(__file__).parents[1] / "figures"))  # svg_reading: pictures as a browser lays them out


@pytest.fixture
def findings(tmp_path) -> Callable[..., list[Finding]]:
    """The findings of the good protocol after these changes (the site has the questions it names)."""
    folder = tmp_path / "site" / "questions"
    folder.mkdir(parents=True)
    question = "{ask: %s, kind: %s, why: We ask so that we know.%s}"
    (folder / "tiny.yaml").write_text(
        "theme: For the tests.\nquestions:\n"
        f"  age: {question % ('How old are you?', 'number', ', low: 0, high: 120')}\n"
        f"  contact: {question % ('How do we reach you?', 'contact', '')}\n"
        f"  where_you_are: {question % ('Where are you now?', 'text', '')}\n"
    )

    def found(*spoils: Spoil) -> list[Finding]:
        data = deepcopy(GOOD)
        for spoil in spoils:
            spoil(data)
        return check_protocol(as_document(data), site=tmp_path / "site")

    return found

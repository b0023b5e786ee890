"""The commonest pains of people who use such services, each held by a test that names its number.

A test names a pain in its function's name (`test_u1_…`) or in its docstring ("U1"). `pytest -s` prints the list.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
PAINS = {
    1: "a reminder after the form was done",
    2: "a reminder that never arrives, and nobody knows why",
    3: "doubled messages or rows",
    4: "the wrong hour, daylight saving, travel",
    5: "scores that are missing or fragile",
    7: "no alert, no words for a crisis",
    8: "answers lost: time-out, two tabs, an overwriting form",
    9: "the wrong person on a shared device",
    10: "stuck, and nobody can help onward",
    11: "a link that opens the wrong place",
    12: "an app to be installed",
    13: "a change of text that needs a release",
    16: "too many clicks, confusing words",
    17: "screen reader or keyboard cannot get through",
    19: "over-claimed effects",
    20: "people over-read their own score",
}


@cache
def naming_tests() -> dict[int, list[str]]:
    """Number -> the tests that name it."""
    found: dict[int, list[str]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        if path == Path(__file__):
            continue
        for function in _tests_in(path):
            for number in _named(function):
                found.setdefault(number, []).append(f"{path.relative_to(TESTS)}::{function.name}")
    return found


def _tests_in(path: Path) -> list[ast.FunctionDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]


def _named(function: ast.FunctionDef) -> set[int]:
    said = re.findall(r"(?:^|_)u(\d+)(?=_|$)", function.name) + re.findall(
        r"\bU(\d+)\b", ast.get_docstring(function) or ""
    )
    return {int(number) for number in said}


@pytest.mark.parametrize("number", PAINS, ids=[f"U{number}" for number in PAINS])
def test_each_pain_has_a_test_that_names_it(number):
    tests = naming_tests().get(number, [])
    print(f"U{number} {PAINS[number]}: {', '.join(tests) or 'no test'}")
    assert tests, f"no test names U{number} ({PAINS[number]}): write one called test_u{number}_… beside the behaviour"


@pytest.mark.parametrize(
    ("source", "numbers"),
    [
        ("def test_u1_no_reminder(): pass", {1}),
        ("def test_no_reminder_u12_and_u4(): pass", {12, 4}),
        ('def test_x():\n    """Nothing is lost (U8)."""', {8}),
        ("def test_menu20_and_u2x(): pass", set()),
        ("def test_x():\n    pass  # U8", set()),
    ],
)
def test_a_name_or_a_docstring_counts_and_nothing_else(source, numbers):
    function = ast.parse(source).body[0]
    assert isinstance(function, ast.FunctionDef)
    assert _named(function) == numbers

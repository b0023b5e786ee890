"""What `check` refuses before publication, and that each refusal says where and what to write instead."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.science.conditions import Decision, Field, check, checking, decide, decide_column, names
from accord.science.conditions.reading import MAX_NODES
from accord.science.errors import BadInput

FIELDS = {
    "phq_9.total": Field("number", 0, 27), "previous_tier": Field("number", 0, 3), "ok": Field("bool"),
    "diagnosed_by": Field("text", options=("rheumatologist", "gp")), "free": Field("text"), "x": Field("number"),
    "illnesses": Field("choices", options=("heart", "epilepsy")),
}  # fmt: skip


@pytest.mark.parametrize(
    "condition",
    [
        "phq_9.total >= 15", "!has(previous_tier) || previous_tier < 2", "'heart' in illnesses", "true",
        "x - -1 > 0.5e2",
        "diagnosed_by in ['rheumatologist', \"gp\"] && (phq_9.total + x) / 2 > 3 ? ok : !ok", "free == 'it is so'",
        "  ok\n && ok", "x in [-1, 0]",
    ],
)  # fmt: skip
def test_good_conditions_pass(condition):
    assert check(condition, FIELDS) == []


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("phq9.total >= 15", "There is no field 'phq9.total' here; did you mean phq_9.total?"),
        ("weight > 1", "there are: diagnosed_by, free"),
        ("phq-9.total > 1", "underscores"),
        ("x = 1", "At character 3, '=': write =="),
        ("x > 1 and ok", "At character 7, 'and': write &&."),
        ("not ok", "write !"),
        ("x == null", "has(name)"),
        ("ok == True", "write true"),
        ("X > 1", "lower snake"),
        ("phq_9.total >= 28", "phq_9.total lies between 0 and 27, never 28"),
        ("-1 == phq_9.total", "never -1"),
        ("diagnosed_by == 'rheumatolgist'", "no option of diagnosed_by; there are: rheumatologist, gp"),
        ("diagnosed_by in ['gp', 'dentist']", "'dentist' is no option"),
        ("'lung' in illnesses", "'lung' is no option"),
        ("illnesses == 'heart'", "a text, but a choices is needed"),
        ("illnesses == illnesses", "write 'answer' in it"),
        ("phq_9.total", "a number, but a bool is needed"),
        ("1 < x < 3", "1 < x is a bool, but a number is needed"),
        ("x > '3'", "'3' is a text, but a number is needed"),
        ("x / phq_9.total > 1", "never by a field"),
        ("x / 0 > 1", "not 0"),
        ("x % 2 == 1", "no remainder"),
        ("size(free) > 1", "no function 'size'"),
        ("has(1)", "has() takes a name"),
        ("[1, 2] == x", "'[' is not expected"),
        ("x in [phq_9.total]", "numbers or quoted texts only"),
        ("free == 'open", "a quote is not closed"),
        ("(ok", "the end is not expected"),
        ("ok ok", "'ok' is not expected"),
        ("", "It is empty"),
        ("x > 1e400", "too large"),
        ("x > 1 ; ok", "leave it out"),
        ("x ≥ 1", "write >="),
        ("for > 1", "CEL keeps for itself"),
        ("(" * 30 + "ok" + ")" * 30, "nested deeper"),
        ("!" * 300 + "ok", "nested deeper"),
        (" || ".join(["ok"] * MAX_NODES), "more than 200 parts"),
        ("ok || " * 500 + "ok", "characters"),
        (" * ".join(["x"] * 10) + " > 0", "multiplies or divides more than 8 times"),
        ("\x00", "no meaning"),
        ("ok 💥", "no meaning"),
    ],
)
def test_each_bad_condition_gets_one_sentence_with_its_cure(condition, expected):
    problems = check(condition, FIELDS)
    assert len(problems) == 1
    assert expected in problems[0]


def test_nothing_that_passes_can_overflow():
    product = " * ".join(["(" + " + ".join(["x"] * 10) + ")"] * 9) + " - x > 0"
    assert check(product, {"x": Field("number")}) == []
    assert decide(product, {"x": 1e15}) is Decision.YES


def test_a_record_that_raises_is_a_problem_not_a_crash(monkeypatch):
    def explode(condition: str, record: object) -> Decision:
        raise RuntimeError("no")

    monkeypatch.setattr(checking, "decide", explode)
    assert check("ok", FIELDS) == ["It cannot be decided for {}: no"]


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60) | st.text("xok()!&|=<>'[]., 12-+?:hasin", max_size=40))
def test_any_text_is_read_or_refused_with_a_sentence(text):
    problems = check(text, FIELDS)
    assert all(isinstance(problem, str) and problem for problem in problems)
    if problems:
        return
    assert decide(text, {}) in Decision


def test_names_are_listed_once_in_order_of_appearance():
    assert names("b.total > 1 && a && has(c) && b.total < 9 && 'a text' == d") == ["b.total", "a", "c", "d"]
    with pytest.raises(BadInput, match="write =="):
        names("a = 1")


def test_deciding_an_unreadable_condition_is_refused():
    with pytest.raises(BadInput, match="cannot be used"):
        decide("a = 1", {"a": 1})


@pytest.mark.parametrize("value", ["15", True, ["15"], {"a": 1}, 1e300, float("inf")])
def test_a_value_of_the_wrong_kind_is_refused_never_quietly_decided(value):
    with pytest.raises(BadInput, match="phq"):
        decide("phq_9.total == 15", {"phq_9.total": value})


def test_two_names_compared_with_each_other_must_be_of_one_kind():
    assert decide("a == b", {"a": "x", "b": "x"}) is Decision.YES
    with pytest.raises(BadInput, match="needs a number"):
        decide("a == b", {"a": 1, "b": "1"})
    with pytest.raises(BadInput, match="needs a number"):
        decide_column("a == b", pl.DataFrame({"a": [1], "b": ["1"]}))


def test_numpy_scalars_are_plain_values_and_integers_are_numbers():
    record = {"a": np.int64(3), "b": np.float32(2.5), "c": np.bool_(True)}
    assert decide("a + 1 > b && c", record) is Decision.YES
    assert decide("b > 1", {"b": np.float64("nan")}) is Decision.UNKNOWN


def test_a_decision_has_no_truth_value():
    with pytest.raises(TypeError, match="is Decision"):
        bool(decide("true", {}))


def test_a_column_of_the_wrong_kind_is_refused():
    with pytest.raises(BadInput, match="needs a number"):
        decide_column("a > 1", pl.DataFrame({"a": ["1"]}))
    with pytest.raises(BadInput, match="too large"):
        decide_column("a > 1", pl.DataFrame({"a": [float("inf")]}))


def test_a_table_without_the_column_or_without_rows():
    assert decide_column("a > 1", pl.DataFrame({"b": [1, 2]})).to_list() == [None, None]
    assert decide_column("a > 1", pl.DataFrame({"a": []})).to_list() == []
    assert decide_column("true", pl.DataFrame({"b": [1, 2]})).to_list() == [True, True]
    assert decide_column("a == 'x'", pl.DataFrame({"a": pl.Series(["x", None], dtype=pl.Categorical)})).to_list() == [
        True,
        None,
    ]

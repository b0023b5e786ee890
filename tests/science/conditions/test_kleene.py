"""`decide` against a reference: strong Kleene logic written out here, over random conditions and records."""

from __future__ import annotations

import cel
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.science.conditions import Decision, Field, check, decide, decide_column

FIELDS = {
    "phq_9.total": Field("number", 0, 27), "x": Field("number", -5, 5), "ok": Field("bool"), "shared.ok": Field("bool"),
    "sex": Field("text", options=("woman", "man", "other")), "ill": Field("choices", options=("heart", "lung", "none")),
}  # fmt: skip
NUMBERS = [-2.0, 0.0, 0.5, 1.0, 3.0]
VALUES = {
    "phq_9.total": [None, 0, 1, 3, 15.5, 27], "x": [None, -5, -2, 0, 0.5, 1, float("nan")], "ok": [None, True, False],
    "shared.ok": [None, True, False], "sex": [None, "woman", "man"], "ill": [None, [], ["heart"], ["heart", "lung"]],
}  # fmt: skip


# A tree here is a tuple; it is written as text with every bracket, and evaluated by the reference below.
numbers = st.recursive(
    st.sampled_from([("number", n) for n in NUMBERS] + [("name", "x"), ("name", "phq_9.total")]),
    lambda inner: st.tuples(st.sampled_from(["+", "-", "*"]), inner, inner),
    max_leaves=4,
)
SEXES, ANSWERS = [("text", "woman"), ("text", "man")], [("text", "heart"), ("text", "none"), ("name", "sex")]
lists = st.lists(st.sampled_from(NUMBERS), min_size=1, max_size=3).map(tuple)
atoms = st.one_of(
    st.sampled_from([("bool", True), ("bool", False), ("name", "ok"), ("name", "shared.ok")]),
    st.tuples(st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), numbers, numbers),
    st.tuples(st.sampled_from(["==", "!="]), st.just(("name", "sex")), st.sampled_from(SEXES)),
    st.tuples(st.just("in"), st.sampled_from(ANSWERS), st.just(("name", "ill"))),
    st.tuples(st.just("oneof"), st.just(("name", "x")), lists),
    st.sampled_from([("has", name) for name in FIELDS]),
)  # fmt: skip
any_trees = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(["&&", "||", "==", "!="]), inner, inner),
        st.tuples(st.just("!"), inner),
        st.tuples(st.just("?"), inner, inner, inner),
    ),
    max_leaves=8,
)
records = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in VALUES.items()})


def written(tree: tuple) -> str:
    match tree:
        case ("number", value):
            return f"{value:g}"
        case ("bool", value):
            return str(value).lower()
        case ("text", value):
            return f"'{value}'"
        case ("name", value):
            return value
        case ("has", value):
            return f"has({value})"
        case ("!", inner):
            return f"!({written(inner)})"
        case ("oneof", inner, values):
            return f"({written(inner)} in [{', '.join(f'{value:g}' for value in values)}])"
        case ("?", a, b, c):
            return f"(({written(a)}) ? ({written(b)}) : ({written(c)}))"
        case (op, left, right):
            return f"({written(left)} {op} {written(right)})"
    raise AssertionError(tree)


def within_limits(tree: tuple) -> bool:
    """At most 8 products and 20 brackets (an exclamation mark counts as one); beyond, conditions are refused."""
    text, depth, deepest = written(tree), 0, 0
    for character in text:
        depth += {"(": 2, ")": -2}.get(character, 0)
        deepest = max(deepest, depth)
    return text.count(" * ") <= 8 and deepest <= 20 and len(text) < 1_000


trees = any_trees.filter(within_limits)


def reference(tree: tuple, record: dict):
    """The value, or None for unknown; the tables of strong Kleene logic spelt out."""
    match tree:
        case ("number" | "bool" | "text", value):
            return value
        case ("name", name):
            value = record[name]
            return None if value != value else value
        case ("has", name):
            return record[name] is not None and record[name] == record[name]
        case ("!", inner):
            return {True: False, False: True, None: None}[reference(inner, record)]
        case ("oneof", inner, values):
            value = reference(inner, record)
            return None if value is None else value in values
        case ("?", a, b, c):
            chosen = {True: b, False: c, None: None}[reference(a, record)]
            return None if chosen is None else reference(chosen, record)
        case (op, left, right):
            return operation(op, reference(left, record), reference(right, record))
    raise AssertionError(tree)


def operation(op: str, a, b):
    if op == "&&":
        return False if a is False or b is False else None if a is None or b is None else True
    if op == "||":
        return True if a is True or b is True else None if a is None or b is None else False
    if a is None or b is None:
        return None
    return {
        "==": lambda: a == b, "!=": lambda: a != b, "<": lambda: a < b, "<=": lambda: a <= b, ">": lambda: a > b,
        ">=": lambda: a >= b, "+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b, "in": lambda: a in b,
    }[op]()  # fmt: skip


EXPECTED = {True: Decision.YES, False: Decision.NO, None: Decision.UNKNOWN}


@settings(max_examples=400, deadline=None)
@given(trees, records)
def test_random_conditions_are_decided_as_the_reference_decides_them(tree, record):
    assert decide(written(tree), record) is EXPECTED[reference(tree, record)]


@settings(max_examples=120, deadline=None)
@given(trees, records)
def test_an_absent_name_is_the_same_as_none(tree, record):
    present = {name: value for name, value in record.items() if value is not None}
    assert decide(written(tree), present) is decide(written(tree), record)


@settings(max_examples=120, deadline=None)
@given(trees, st.lists(records, min_size=1, max_size=6))
def test_a_whole_column_agrees_with_one_record_at_a_time(tree, rows):
    types = {"phq_9.total": pl.Float64, "x": pl.Float64, "ok": pl.Boolean, "shared.ok": pl.Boolean, "sex": pl.String,
             "ill": pl.List(pl.String)}  # fmt: skip
    frame = pl.DataFrame(rows, schema=types)
    decisions = [EXPECTED[value] for value in decide_column(written(tree), frame)]
    assert decisions == [decide(written(tree), row) for row in rows]


@settings(max_examples=120, deadline=None)
@given(trees)
def test_a_random_condition_of_the_right_kinds_passes_the_check_or_names_a_range(tree):
    for problem in check(written(tree), FIELDS):
        assert "lies between" in problem or "no option" in problem


words = st.sampled_from(
    ["a", "b", "c", "!a", "1.0 < 2.0", "x + 1.0 * 2.0 > 3.0", "x - 1.0 - 1.0 == 0.0", "x in [1.0, 2.0]"]
)
marks = st.sampled_from([" && ", " || ", " == ", " != ", " ? b : "])


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(words, marks), min_size=1, max_size=6), st.booleans(), st.booleans(), st.sampled_from([1.0, 2.0])
)
def test_without_brackets_our_reading_is_that_of_cel(pairs, a, b, x):
    """Precedence and associativity: the text as it stands, given to the library, decides the same."""
    text = "".join(word + mark for word, mark in pairs) + "c"
    if "?" in text and text.count("?") > 1:
        return  # the library, as CEL, wants brackets around a choice within a choice's condition
    record = {"a": a, "b": b, "c": True, "x": x}
    try:
        straight = cel.evaluate(text, record)
    except (TypeError, ValueError, RuntimeError):
        return
    if isinstance(straight, bool) and not check(text, {name: Field("bool") for name in "abc"} | {"x": Field("number")}):
        assert decide(text, record) is EXPECTED[straight]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("missing && false", "no"), ("false && missing", "no"), ("missing || true", "yes"), ("true || missing", "yes"),
        ("missing && true", "unknown"), ("missing || false", "unknown"), ("!missing", "unknown"),
        ("missing == missing", "unknown"), ("missing ? true : true", "unknown"), ("false ? missing : true", "yes"),
        ("number != 3", "unknown"), ("number > 3 || number <= 3", "unknown"), ("!has(number)", "yes"),
        ("has(number) && number > 3", "no"),
    ],
)  # fmt: skip
def test_missing_is_unknown_and_never_quietly_false(condition, expected):
    assert decide(condition, {}) is Decision(expected)

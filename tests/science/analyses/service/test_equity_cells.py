"""Small groups are not shown, and nothing brings them out by subtraction (C42)."""

from __future__ import annotations

import re
from itertools import combinations
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from accord.science.analyses import analyse
from accord.science.analyses.service.small_cells import FEWEST, what_may_be_shown
from accord.science.cohort import Cohort, Manifest
from accord.science.protocols import load_protocol

SIZES = st.dictionaries(st.sampled_from("abcdefghij"), st.integers(0, 40), max_size=10)


@given(SIZES)
def test_every_group_is_somewhere_once(sizes: dict[str, int]) -> None:
    shown = what_may_be_shown(sizes)
    everywhere = [*shown.alone, *shown.pooled, *shown.hidden]
    assert sorted(everywhere) == sorted(name for name, size in sizes.items() if size)


@given(SIZES)
def test_nothing_small_is_shown(sizes: dict[str, int]) -> None:
    shown = what_may_be_shown(sizes)
    assert all(sizes[name] >= FEWEST for name in shown.alone)
    if shown.pooled:
        assert len(shown.pooled) >= 2
        assert sum(sizes[name] for name in shown.pooled) >= FEWEST
    if shown.hidden:
        assert not shown.alone
        assert sum(sizes[name] for name in shown.hidden) < FEWEST


@given(SIZES)
def test_no_sum_or_difference_of_what_is_shown_is_a_small_group(sizes: dict[str, int]) -> None:
    """The total is known. Whatever is added to or taken from it, what is left over is never one group of fewer than
    ten by itself."""
    shown = what_may_be_shown(sizes)
    blocks = [frozenset([name]) for name in shown.alone] + ([frozenset(shown.pooled)] if shown.pooled else [])
    everybody = frozenset(name for name, size in sizes.items() if size)
    for k in range(len(blocks) + 1):
        for some in combinations(blocks, k):
            rest = everybody - frozenset().union(*some)
            assert len(rest) != 1 or sizes[next(iter(rest))] >= FEWEST or not shown.alone
            if len(rest) == 1 and sizes[next(iter(rest))] < FEWEST:
                assert everybody == rest  # nothing is shown at all


def test_by_hand() -> None:
    assert what_may_be_shown({"a": 30, "b": 12, "c": 3}).pooled == ("b", "c")
    assert what_may_be_shown({"a": 30, "b": 6, "c": 5}).pooled == ("b", "c")
    assert what_may_be_shown({"a": 30, "b": 2, "c": 3, "d": 11}).pooled == ("b", "c", "d")
    assert what_may_be_shown({"a": 30, "b": 10}).alone == ("a", "b")
    assert what_may_be_shown({"a": 4}).hidden == ("a",)


def _cohort(people: list[dict[str, Any]], begun: set[str]) -> Cohort:
    names = [one["participant"] for one in people]
    events = pl.DataFrame({
        "participant": [*names, *begun], "kind": ["enrolment"] * len(names) + ["start"] * len(begun),
        "day": [0] * len(names) + [5] * len(begun),
    })  # fmt: skip
    manifest = Manifest(origin="real", title="by hand", counted_on="2026-11-22")
    return Cohort(manifest, {"participants": pl.DataFrame(people), "events": events})


def test_equity_by_hand() -> None:
    """12 women (9 began), 20 men (10 began), 3 others (all began): the others and the women stand together."""
    people = [
        {"participant": f"{group}{k}", "role": "patient", "gender": gender, "age": 20.0 + 10 * (k % 3),
         "language": "en"}
        for group, gender, n in (("w", "woman", 12), ("m", "man", 20), ("o", "other", 3)) for k in range(n)
    ]  # fmt: skip
    begun = {*(f"w{k}" for k in range(9)), *(f"m{k}" for k in range(10)), *(f"o{k}" for k in range(3))}
    result = analyse(load_protocol("routine-care"), _cohort(people, begun))
    found = {e.id: e for e in result.estimates if e.id.startswith("equity.start.")}
    assert found["equity.start.gender.man"].value == 0.5
    together = found["equity.start.gender.smaller_groups_together"]
    assert (together.value, together.n) == (12 / 15, 15)
    assert "equity.start.gender.woman" not in found
    assert "equity.start.gender.other" not in found
    assert found["equity.start.language.en"].n == 35
    assert {id.rsplit(".", 1)[1] for id in found if ".age." in id} == {"18_to_29", "30_to_44"}
    assert not [e for e in found.values() if re.search(r"\d of \d", e.note)]  # no counts beside the shares
    section = result.section("equity")
    assert section is not None
    said = " ".join(text for block in section.blocks for text in block.texts())
    assert "no property of the people" in said
    assert "Not recorded in this cohort: education, employment." in said


def test_fewer_than_ten_people_in_all() -> None:
    people = [{"participant": f"p{k}", "role": "patient", "gender": "woman"} for k in range(9)]
    result = analyse(load_protocol("routine-care"), _cohort(people, {"p1"}))
    found = [e for e in result.estimates if e.id.startswith("equity.start.gender.")]
    assert [(e.value, e.note) for e in found] == [(None, "Not estimable: fewer than 10 people.")]

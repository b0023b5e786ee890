"""Which question comes next, what stands in the facts, and what is told: plain values in, plain values out."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.science.instruments import load_instrument
from accord.science.programmes import load_questions
from accord.science.protocols.ladder import load_ladder, tier_of
from accord.service.assessments.rules.questions import (
    FLAGS,
    MOOD,
    RED_FLAGS,
    SAFETY,
    Held,
    any_flag,
    decided,
    is_open,
    lay_out,
    neighbour,
    next_open,
    progress,
    safety_facts,
    screens_of,
    shown,
    to_be_told,
    tracks_asked,
)

ASKED = ["questions:age", RED_FLAGS, SAFETY]


@pytest.fixture(scope="module")
def slots():
    return lay_out(ASKED, load_instrument, load_questions)


@pytest.fixture(scope="module")
def ladder():
    return load_ladder("service-default")


def test_every_question_has_its_own_page_number(slots):
    assert [slot.number for slot in slots] == list(range(1, len(slots) + 1))
    assert slots[0].key == ("questions", "age")


def test_follow_ups_are_asked_after_a_yes_only(slots):
    items = {slot.item for slot in shown(slots, {(SAFETY, "item_1"): 0}) if slot.instrument == SAFETY}
    assert items == {"item_1"}
    items = {slot.item for slot in shown(slots, {(SAFETY, "item_1"): 1}) if slot.instrument == SAFETY}
    assert items == {"item_1", "item_2", "item_3", "item_4"}
    assert len(shown(slots, {})) == 12  # unknown keeps the follow-ups away


@given(st.data())
def test_answering_what_is_next_always_ends(data):
    """Whatever is answered or left out, going on from page to page reaches the end, and back never gets stuck."""
    slots = lay_out(ASKED, load_instrument, load_questions)
    held: dict = {}
    for _ in range(3 * len(slots)):
        slot = next_open(slots, held, data.draw(st.integers(0, 20)))
        if slot is None:
            break
        value = data.draw(st.sampled_from([None, 0, 1]))
        held[slot.key] = Held(value, held[slot.key].revision + 1 if slot.key in held else 1)
        before = neighbour(slots, held, slot.number)
        assert before is None or before < slot.number
    assert next_open(slots, held) is None
    assert all(not is_open(slot, held) for slot in shown(slots, {key: one.value for key, one in held.items()}))
    end = progress(slots, held, 1)
    assert end.left == 0


def test_a_safety_question_left_out_is_asked_once_more_and_other_questions_are_not(slots):
    by_key = {slot.key: slot for slot in slots}
    safety, age = by_key[SAFETY, "item_1"], by_key["questions", "age"]
    assert is_open(safety, {safety.key: Held(None, 1)})
    assert not is_open(safety, {safety.key: Held(None, 2)})
    assert not is_open(age, {age.key: Held(None, 1)})


def test_progress_counts_follow_ups_once_they_are_asked(slots):
    number = next(slot.number for slot in slots if slot.key == (SAFETY, "item_1"))
    assert progress(slots, {}, number).of == 12
    assert progress(slots, {(SAFETY, "item_1"): Held(2, 1)}, number).of == 15


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({}, None),
        ({"item_1": 1}, True),
        ({"item_1": None, "item_2": 1}, True),
        (dict.fromkeys(FLAGS, 0), False),
        (dict.fromkeys(FLAGS, 0) | {"item_8": None}, None),
    ],
)
def test_a_red_flag_is_yes_no_or_unknown(answers, said):
    assert any_flag(answers) is said


def record(first, second, third, fourth, *, minutes, previous=None):
    given = {f"item_{n}": v for n, v in zip(range(1, 5), (first, second, third, fourth), strict=True)}
    held = {(SAFETY, item): Held(value, 1) for item, value in given.items() if value != "open"}
    known = {} if previous is None else {(SAFETY, "item_1"): previous}
    return safety_facts(held, minutes=minutes, previous=known, official=False, total=None)


def test_facts_hold_only_names_that_the_ladder_declares(ladder):
    facts = record(3, 1, 1, 2, minutes=5.0, previous=1)
    assert set(facts) <= set(ladder.facts)


@pytest.mark.parametrize("minutes", [0.0, 9.9, 10.0, 60.0])
def test_every_answer_of_a_page_has_one_tier_and_rises_with_time_c3(ladder, minutes):
    """{left out, 0 … 3} × follow-ups {open, left out, no, yes}: the facts of a page never break the ladder."""
    tiers = {"none": 0, "unknown": 0, "r1": 1, "r2": 2, "r3": 3}
    follow = ("open", None, 0, 1)
    for first, second, third, fourth in product((None, 0, 1, 2, 3), follow, follow, follow):
        early = tier_of(ladder, record(first, second, third, fourth, minutes=minutes))
        late = tier_of(ladder, record(first, second, third, fourth, minutes=minutes + 600))
        assert early.tier in tiers
        assert tiers[late.tier] >= tiers[early.tier]
        if first:
            assert early.clock is not None


def test_a_wording_that_is_not_official_never_feeds_the_ladder_c6():
    held = {(MOOD, "item_9"): Held(3, 1)}
    facts = safety_facts(held, minutes=None, previous={}, official=False, total=20.0)
    assert facts["phq_9.asked"] is False
    assert "phq_9.item_9" not in facts
    assert tracks_asked(held, official=False) == []
    assert tracks_asked(held, official=True) == ["risk"]


def test_the_fail_safe_stands_in_for_a_broken_ladder_or_record(ladder):
    for one in (
        decided(None, {}, "risk"),
        decided(ladder, None, "risk"),
        decided(ladder, {"help_now": "text"}, "risk"),
    ):
        assert (one.outcome.clock, one.ladder) == ("r2", None)
        assert "safety-crisis-page" in screens_of(one)


def test_unknown_is_told_once_it_was_asked_again(ladder):
    outcome = tier_of(ladder, record(None, "open", "open", "open", minutes=0.0))
    assert outcome.tier == "unknown"
    assert not to_be_told(outcome, finished=False, left_out_again=False)
    assert to_be_told(outcome, finished=False, left_out_again=True)
    assert to_be_told(outcome, finished=True, left_out_again=False)

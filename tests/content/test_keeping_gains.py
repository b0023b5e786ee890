"""Lesson five of living-with-pain: the flare plan (C7), her own words again, what is still open, how to come back."""

from __future__ import annotations

import pytest

from accord.science.programmes import Progress, load_programme, tailored, unlocked

PROGRAMME = load_programme("living-with-pain")
LESSON = PROGRAMME.text("keeping_gains")
BLOCKS = {block.id: block for block in LESSON.blocks}


def shown(record: dict[str, object]) -> set[str]:
    return {one.block.id for one in tailored(LESSON, record) if one.shown}


def test_c7_the_flare_plan_asks_for_a_small_step_rest_who_is_told_and_the_way_back():
    fields = BLOCKS["my_flare_plan"].head.fields
    assert {"small_step", "flare_rest", "flare_comfort", "flare_tell", "flare_back"} <= set(fields)
    assert "by the clock" in fields["small_step"].ask


@pytest.mark.parametrize(
    ("known", "block"),
    [({"red_flags.worse_after_effort": 0}, "flare_step"), ({"red_flags.worse_after_effort": 1}, "flare_step_energy"),
     ({}, "flare_step_energy")],
    ids=["no", "yes", "not known"],
)  # fmt: skip
def test_c9_who_gets_worse_after_effort_has_a_step_that_costs_almost_nothing(known, block):
    assert shown(known) & {"flare_step", "flare_step_energy"} == {block}


@pytest.mark.parametrize(("sign", "state"), [(True, "open"), (False, "closed"), (None, "closed")])
def test_c9_a_sign_that_shuts_the_lesson_on_activity_does_not_shut_this_one(sign, state):
    before = dict.fromkeys(["understanding_pain", "meeting_thoughts", "body_at_rest"], 40)
    progress = Progress(anchors={"treatment_start": 0}, completed=before, record={"red_flags.any": sign})
    last = unlocked(PROGRAMME, progress, 60)[-1]
    assert (last.lesson.id, last.state) == ("keeping_gains", state)
    if state == "closed":
        assert "when you have done “Steps that matter”" in last.reason


def test_c9_a_sign_that_is_still_open_is_said_again():
    assert "a_sign_is_open" in shown({"red_flags.any": True})
    assert "a_sign_is_open" not in shown({"red_flags.any": False})


def test_the_words_of_the_first_lesson_come_back():
    part = next(part for part in LESSON.parts if BLOCKS["my_words_again"] in part.blocks)
    before = " ".join(block.markdown for block in part.blocks[: part.blocks.index(BLOCKS["my_words_again"])])
    assert "(page:plan)" in before
    assert "We will show you these lines again" in " ".join(PROGRAMME.text("understanding_pain").paragraphs())


def test_the_last_message_says_what_comes_after():
    last = max((block for block in LESSON.blocks if block.kind == "message"), key=lambda block: block.head.day)
    assert last.head.sender == "service"
    assert "In about three months we ask once more" in last.markdown
    assert "you can come back" in last.markdown

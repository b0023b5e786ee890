"""Lesson four of living-with-pain: the ladder, the list of signs before it, and who gets the energy version (C9)."""

from __future__ import annotations

import pytest

from accord.science.programmes import load_programme, tailored

LESSON = load_programme("living-with-pain").text("steps_that_matter")
LADDER = {"my_ladder", "one_step_looked_at"}
ORDINARY = {"two_sizes", "leila_lifts"}
ENERGY = {"within_my_energy", "two_sizes_energy", "joan_bakes"}


def shown(record: dict[str, object]) -> set[str]:
    return {one.block.id for one in tailored(LESSON, record) if one.shown}


def test_c9_the_ladder_is_for_people_whom_small_efforts_do_not_make_worse():
    ids = shown({"red_flags.worse_after_effort": 0, "red_flags.any": False})
    assert ids >= LADDER | ORDINARY
    assert not ids & ENERGY


@pytest.mark.parametrize("known", [{"red_flags.worse_after_effort": 1}, {}], ids=["yes", "not known"])
def test_c9_the_energy_version_is_for_a_yes_and_for_not_known(known):
    ids = shown({"red_flags.any": False, **known})
    assert ids >= ENERGY
    assert not ids & (LADDER | ORDINARY)


@pytest.mark.parametrize("known", [{"red_flags.any": True}, {}], ids=["a sign", "not known"])
def test_c9_a_sign_that_came_after_the_lesson_was_begun_takes_the_ladder_away(known):
    ids = shown({"red_flags.worse_after_effort": 0, **known})
    assert not ids & LADDER


def test_c9_the_list_of_signs_is_one_tap_away_before_the_ladder():
    kinds = [block.kind for block in LESSON.blocks]
    before = LESSON.blocks[: kinds.index("exposure_ladder")]
    part = next(part for part in LESSON.parts if any(block.kind == "exposure_ladder" for block in part.blocks))
    assert any("(page:red-flags)" in block.markdown for block in before if block in part.blocks)


def test_c9_no_size_grows_by_itself():
    said = {block.id: block.markdown for block in LESSON.blocks}
    assert "never grows by itself" in said["two_sizes"]
    assert "no climbing in this version" in said["two_sizes_energy"]
    assert "Your therapist sees that you have this version and why" in said["within_my_energy"]

"""Which blocks one person sees, and the reason she reads."""

from __future__ import annotations

import pytest

from accord.science.errors import BadInput
from accord.science.programmes import dose, load_programme, screened, tailored
from accord.science.programmes.lesson_text import parse_lesson
from accord.science.programmes.load import read_programme

TEXT = """\
# Lesson

## Part (10 minutes)

For everybody.

::: text nights
show_if: sleep >= 8 || 'sleep' in answers.hard
because: You told us that nights are hard.
---
About nights.
:::

::: text ordinary
show_if: red_flags.worse_after_effort == 0
because: Small efforts do not set you back.
otherwise: energy
---
Half of it.
:::

::: text energy
Look after your energy.
:::
"""
LESSON, FINDINGS = parse_lesson(TEXT, file="x.md")


def shown(record):
    return {one.block.id: (one.shown, one.reason) for one in tailored(LESSON, record)}


def test_a_block_without_a_condition_is_for_everybody_and_needs_no_reason():
    assert FINDINGS == []
    assert shown({})["text_2_1"] == (True, "")


@pytest.mark.parametrize(
    ("record", "seen", "reason"),
    [
        ({"sleep": 9}, True, "You told us that nights are hard."),
        ({"answers.hard": ["sleep"]}, True, "You told us that nights are hard."),
        ({"sleep": 3, "answers.hard": []}, False, "Not for you at the moment. It is for this: You told us that nights"),
        ({"sleep": 3}, False, "We do not know yet whether it is for you. It is for this: You told us that nights"),
        ({}, False, "We do not know yet whether it is for you."),
    ],
)
def test_a_block_with_a_condition_says_why_or_why_not(record, seen, reason):
    found = shown(record)["nights"]
    assert found[0] is seen
    assert found[1].startswith(reason)


@pytest.mark.parametrize(("value", "ordinary", "energy"), [(0, True, False), (1, False, True), (None, False, True)])
def test_the_energy_version_stands_in_also_when_it_is_not_known(value, ordinary, energy):
    """C9: no ladder that climbs by itself for who feels much worse after small effort, nor for who was not asked."""
    found = shown({"red_flags.worse_after_effort": value})
    assert (found["ordinary"][0], found["energy"][0]) == (ordinary, energy)
    assert found["energy"][1]
    assert found["ordinary"][1]


LADDER = """# L

## P (10 minutes)

::: exposure_ladder ladder
gate: red_flags
energy_version: energy
show_if: red_flags.worse_after_effort == 0
because: Small efforts do not set you back.
---
Steps.
:::

::: text energy
Energy first.
:::

For everybody.
"""


@pytest.mark.parametrize(
    ("effort", "flags", "expected"),
    [
        (0, False, [True, False]), (1, False, [False, True]), (None, False, [False, True]),
        (0, True, [False, False]), (1, True, [False, False]), (0, None, [False, False]), (1, None, [False, False]),
    ],
)  # fmt: skip
def test_a_ladder_of_steps_stands_behind_the_gate_and_gives_way_to_its_energy_version_c9(effort, flags, expected):
    lesson, findings = parse_lesson(LADDER, file="x.md")
    assert findings == []
    found = tailored(lesson, {"red_flags.worse_after_effort": effort, "red_flags.any": flags})
    assert [one.shown for one in found] == [*expected, True]
    assert all(one.reason for one in found if not one.shown)
    assert {one.asks for one in found} == ({"", "red_flags.any"} if flags is None else {""})


def body_programme(tiny):
    breath = "  breath: {title: Breath, aim: To breathe., minutes: 5, kind: breath, days_a_week: 3, screen: {rule: caution == 'no', because: You told us that this can be hard., alternative: sounds}}\n"  # noqa: E501
    site = tiny("practices:\n", f"practices:\n{breath}")
    return read_programme(site / "programmes" / "tiny" / "programme.yaml")[0]


@pytest.mark.parametrize(
    ("caution", "offered", "asks"), [("no", "breath", ""), ("yes", "sounds", ""), (None, "sounds", "caution")]
)
def test_a_body_practice_is_offered_only_to_who_passed_its_screen_c10(tiny, caution, offered, asks):
    found = screened(body_programme(tiny), "breath", {"caution": caution})
    assert (found.offered, found.asks) == (offered, asks)
    assert bool(found.reason) == (offered != "breath")


def test_the_script_of_a_body_practice_gives_way_to_the_other_practice_c10(tiny):
    text = "# L\n\n## P (5 minutes)\n\n::: practice script\npractice: breath\n---\n**0:00** Breathe.\n:::\n"
    lesson, findings = parse_lesson(text, file="x.md")
    assert findings == []
    one = tailored(lesson, {"caution": "yes"}, programme=body_programme(tiny))[0]
    assert (one.shown, one.instead, one.reason) == (False, "sounds", "You told us that this can be hard.")
    assert tailored(lesson, {"caution": "no"}, programme=body_programme(tiny))[0].shown


# --- dose -------------------------------------------------------------------------------------------------------


def test_dose_counts_written_minutes_planned_minutes_and_the_heaviest_week_of_practice(tiny):
    programme = load_programme("tiny", site=tiny())
    whole = dose(programme)
    # First: 10 minutes in its one part; second: 20 planned. Practice 5 minutes on 3 days. Four weeks.
    assert whole.to_dict() == {
        "weeks": 4, "lessons": 2, "lesson_minutes": 30, "sessions": 0, "session_minutes": 0,
        "practice_minutes_a_week": 15, "total_minutes": 30 + 4 * 15,
    }  # fmt: skip
    assert dose(programme, modules=["one"]).lesson_minutes == 10
    assert dose(programme, length="long").total_minutes == 30 + 8 * 15
    with pytest.raises(BadInput, match="short, long"):
        dose(programme, length="eternal")


def test_sessions_are_counted_apart_from_lessons():
    found = dose(load_programme("integrated-psychotherapy"))
    assert (found.lessons, found.sessions, found.session_minutes, found.weeks) == (0, 12, 600, 12)

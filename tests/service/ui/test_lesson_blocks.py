"""A block of a lesson: shown with what she saved, posted back, read in words; nothing taken that was not offered."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from django.template.loader import render_to_string
from django.utils.html import escape
from hypothesis import given
from hypothesis import strategies as st

from accord.science.programmes import load_programme, tailored
from accord.science.programmes.blocks import KINDS, ActivityPlanner, ExposureLadder, Saved
from accord.science.programmes.lesson_text import parse_lesson
from accord.service.ui.block_answers import LONGEST, SHORT, clean, filled, in_words, read_block
from accord.service.ui.lesson_blocks import About, Held, view
from accord.service.ui.lesson_words import one_line, words
from accord.service.ui.practice_forms import read_log

TODAY = dt.date(2026, 4, 14)  # a Tuesday
NOW = dt.datetime(2026, 4, 14, 10, tzinfo=dt.UTC)
PROGRAMME = load_programme("living-with-pain")
CLEAR = {"red_flags.any": False, "red_flags.worse_after_effort": 0, "body_practice_caution": "no", "fibromyalgia": True,
         "answers.companions": ["fog"]}  # fmt: skip
TIRED = {**CLEAR, "red_flags.worse_after_effort": 1, "body_practice_caution": "yes"}


def links(kind, name):
    return f"/{kind}/{name}"


ABOUT = About(TODAY, links, PROGRAMME)

EVERY_FIELD = """# A lesson

## A part (10 minutes)

::: exercise all_fields
fields:
  line: {ask: A line?, kind: text}
  long: {ask: More?, kind: long_text}
  minutes: {ask: Minutes?, kind: number, low: 1, high: 60}
  sure: {ask: How sure?, kind: scale, low: 0, high: 10, ends: [not at all, very]}
  one: {ask: Which?, kind: choice, options: {a: The first, b: The second}}
  some: {ask: Which ones?, kind: choices, options: {a: The first, b: The second, c: The third}}
  well: {ask: Well?, kind: yes_no}
  on: {ask: On which day?, kind: date}
---
Words.
:::
"""
FIELDS = next(block for block in parse_lesson(EVERY_FIELD, file="x.md")[0].blocks if block.id == "all_fields")


def everything(record=CLEAR):
    for lesson in PROGRAMME.lessons:
        text = PROGRAMME.text(lesson.id)
        yield from ((lesson, one) for one in tailored(text, record, programme=PROGRAMME))


def the_block(name):
    return next(one.block for _lesson, one in everything() if one.block.id == name)


def shown(block, **more):
    from accord.science.programmes import Tailored

    return view(Tailored(block, True), more.pop("held", Held()), more.pop("about", ABOUT), **more)


def posted(block, **given):
    return {f"{block.id}.{name.replace('__', '.')}": value if isinstance(value, list) else [value]
            for name, value in given.items()}  # fmt: skip


def test_every_kind_of_block_stands_in_the_course_and_has_a_template():
    kinds = {one.block.kind for _lesson, one in everything()}
    assert kinds == set(KINDS)


@pytest.mark.parametrize("record", [CLEAR, TIRED, {}], ids=["clear", "tired", "nothing known"])
def test_every_block_of_the_course_is_drawn(record):
    for lesson, one in everything(record):
        found = view(one, Held(), ABOUT)
        if found is None:
            assert not one.shown or one.block.kind == "message"
            continue
        html = render_to_string("patient/lesson-blocks.html", {"blocks": [found], "lesson": lesson, "reader": "Bea",
                                "read_by": NOW, "zone": dt.UTC})  # fmt: skip
        assert f'id="{one.block.id}"' in html
        assert "{{" not in html
        for field in found.all_fields():
            assert f'name="{field.name}"' in html
            assert escape(field.legend) in html


def test_a_message_is_not_shown_inside_a_lesson():
    messages = [view(one, Held(), ABOUT) for _lesson, one in everything() if one.block.kind == "message"]
    assert messages
    assert set(messages) == {None}


def test_every_box_says_who_reads_it_and_by_when_with_help_beside_it_c15():
    for lesson, one in everything():
        found = view(one, Held(), ABOUT)
        if found is None or not found.writes:
            continue
        html = render_to_string("patient/lesson-blocks.html", {"blocks": [found], "lesson": lesson, "reader": "Bea",
                                "read_by": NOW, "zone": dt.UTC})  # fmt: skip
        assert "Bea reads by <strong>Tuesday 14 April, 10:00</strong>" in html
        assert "I need help now" in html
        boxes = html.count("<textarea") + sum(field.kind == "text" for field in found.all_fields())
        assert html.count(f'aria-describedby="{found.id}-read') == boxes


def test_a_tailored_block_says_why_and_what_is_not_for_her_is_left_out():
    for _lesson, one in everything():
        found = view(one, Held(), ABOUT)
        assert (found is None) == (not one.shown or one.block.kind == "message")
        if found and one.reason:
            assert found.why == one.reason


def test_the_ladder_stands_behind_its_gate_and_gives_way_to_the_energy_version_c9():
    def of(record, name):
        return next(view(one, Held(), ABOUT) for _l, one in everything(record) if one.block.id == name)

    assert of(CLEAR, "my_ladder").rows
    assert of(CLEAR, "within_my_energy") is None
    assert of(TIRED, "my_ladder") is None
    assert "small effort" in of(TIRED, "within_my_energy").why
    flagged, unknown = {**CLEAR, "red_flags.any": True}, {}
    assert "a doctor should look at first" in of(flagged, "my_ladder").shut
    assert of(unknown, "my_ladder").asks == "red_flags.any"
    assert of(unknown, "within_my_energy") is None  # said once


def test_a_practice_that_may_frighten_gives_way_to_another_with_the_reason_c10():
    cards = [view(one, Held(), ABOUT) for _l, one in everything(TIRED) if one.block.id == "slow_breath_script"]
    assert cards[0].practice.id == "listening"
    assert cards[0].practice.instead_of == "Slow breath"
    assert "we offer you sounds instead" in cards[0].why


# --- posting --------------------------------------------------------------------------------------------------------


def test_every_kind_of_field_is_taken_back_and_read_in_words():
    given = read_block(FIELDS, posted(FIELDS, line="a line", long="one\r\ntwo", minutes="10", sure="7", one="b",
                                      some=["c", "a"], well="no", on="2026-04-20"), today=TODAY)  # fmt: skip
    assert given.faults == {}
    assert given.value == {
        "line": "a line", "long": "one\ntwo", "minutes": 10, "sure": 7, "one": "b", "some": ["a", "c"], "well": False,
        "on": "2026-04-20",
    }  # fmt: skip
    said = {line.field: line.said for line in in_words(FIELDS, given.value)}
    assert (said["one"], said["some"], said["well"]) == ("The second", "The first; The third", "no")
    assert (said["on"], said["sure"]) == ("Monday 20 April", "7, from 0 to 10")
    again = shown(FIELDS, held=Held(given.value, 1, NOW))
    chosen = {field.name: [one.value for one in field.choices if one.chosen] for field in again.fields}
    assert chosen["all_fields.some"] == ["a", "c"]
    assert chosen["all_fields.well"] == ["no"]
    assert chosen["all_fields.sure"] == ["7"]


def test_everything_may_be_left_out_and_a_choice_can_be_taken_back():
    assert read_block(FIELDS, {}, today=TODAY).value == {}
    chosen = shown(FIELDS, held=Held({"one": "a", "sure": 0}, 1, NOW))
    assert [field.choices[-1].value for field in chosen.fields if field.kind in ("rows", "scale")] == ["", "", "no"]
    assert [one.value for one in chosen.fields[3].choices if one.chosen] == ["0"]


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("line", "x" * (SHORT + 1), f"up to {SHORT}"),
        ("long", "x" * 1_000_000, f"1,000,000 characters; up to {LONGEST:,}"),
        ("long", "a\0b", "cannot be stored"),
        ("line", "a\0b", "cannot be stored"),
        ("minutes", "ten", "with digits"),
        ("minutes", "0", "between 1 and 60"),
        ("minutes", "nan", "with digits"),
        ("minutes", "1e9", "between 1 and 60"),
        ("sure", "11", "Choose one"),
        ("sure", "7.5", "Choose one"),
        ("one", "c", "Choose one"),
        ("some", ["a", "z"], "Choose among"),
        ("well", "maybe", "Choose one"),
        ("on", "tomorrow", "year-month-day"),
        ("on", "2026-02-30", "year-month-day"),
    ],
)
def test_what_cannot_be_kept_is_said_and_given_back(field, typed, told):
    given = read_block(FIELDS, posted(FIELDS, **{field: typed}), today=TODAY)
    assert told in given.faults[f"all_fields.{field}"]
    assert field not in given.value
    again = shown(FIELDS, raw=clean(given.raw), faults=given.faults)
    (wrong,) = again.faults
    if wrong.kind in ("text", "long_text", "number"):
        assert wrong.value == str(typed).replace("\0", "")[:LONGEST]


@given(st.text(max_size=80), st.sampled_from(["line", "long", "minutes", "sure", "one", "some", "well", "on"]))
def test_any_text_is_kept_or_refused_and_never_breaks_a_page(typed, field):
    given = read_block(FIELDS, posted(FIELDS, **{field: typed}), today=TODAY)
    assert bool(given.faults) != (field in given.value) or not typed.strip()
    again = shown(FIELDS, raw=clean(given.raw), faults=given.faults)
    html = render_to_string("patient/blocks/exercise.html", {"block": again, "read_by": NOW, "zone": dt.UTC})
    assert "\0" not in html
    assert all(line.said for line in in_words(FIELDS, given.value))


@pytest.mark.parametrize("typed", ["नमस्ते", "مرحبا", "你好", "שלום", "ไทย 👩‍👩‍👧", "<b>x</b>", "e\u0301"])
def test_any_script_is_kept_as_it_came(typed):
    assert read_block(FIELDS, posted(FIELDS, line=typed), today=TODAY).value == {"line": typed}


def test_a_thought_is_gone_with_in_a_way_of_her_choice_one_of_them_to_let_it_be():
    record = the_block("one_letter")
    form = shown(record)
    ways = next(field for field in form.fields if field.name == "one_letter.way")
    assert ways.choices[0].value == "accept"
    order = [field.name for field in form.fields]
    assert order.index("one_letter.way") < order.index("one_letter.record_answer")
    given = read_block(record, posted(record, way="accept", record_thought="It never ends"), today=TODAY)
    assert given.value == {"way": "accept", "record_thought": "It never ends"}
    assert "Let it be there" in in_words(record, given.value)[-1].said
    assert read_block(record, posted(record, way="argue"), today=TODAY).faults


# --- planner, ladder, log -------------------------------------------------------------------------------------------


def test_a_week_is_planned_in_small_steps_and_ticked_without_a_verdict():
    planner = the_block("my_week")
    assert isinstance(planner.head, ActivityPlanner)
    given = read_block(
        planner,
        posted(planner, **{"from": "2026-04-14", "0__what": "Sing with Nadia", "0__day": "5", "0__when": "after lunch",
               "0__minutes": "20", "0__kind": "people", "0__bad_day": "hum", "2__what": "Lie down", "2__day": "0",
               "2__minutes": "15", "2__kind": "rest", "2__done": "yes"}), today=TODAY)  # fmt: skip
    assert given.faults == {}
    assert [step["what"] for step in given.value["steps"]] == ["Lie down", "Sing with Nadia"]
    said = in_words(planner, given.value)
    assert (said[0].asked, said[1].asked) == ("Tuesday 14 April", "Sunday 19 April")
    assert said[1].said.startswith(
        "Sing with Nadia, after lunch, 20 minutes by the clock – Somebody I like. On a bad day"
    )
    form = shown(planner, held=Held(given.value, 1, NOW))
    assert [row.done for row in form.rows if row.summary] == [True, False]
    assert len(form.rows) == 5  # and three empty lines
    assert not form.over
    late = shown(planner, held=Held(given.value, 1, NOW), about=replace(ABOUT, today=TODAY + dt.timedelta(days=7)))
    assert late.over


def test_a_line_of_a_plan_that_cannot_be_kept_says_so_in_its_place():
    planner = the_block("my_week")
    given = read_block(planner, posted(planner, **{"1__minutes": "0", "1__day": "9", "3__what": "Rest"}), today=TODAY)
    assert set(given.faults) == {"my_week.1.minutes", "my_week.1.day"}
    form = shown(planner, raw=given.raw, faults=given.faults)
    assert [row.place for row in form.rows if row.faulty] == [2]
    assert form.rows[3].fields[0].value == "Rest"
    alone = read_block(planner, posted(planner, **{"0__minutes": "5"}), today=TODAY)
    assert "Write what you plan" in alone.faults["my_week.0.what"]


def test_a_ladder_keeps_its_steps_hardest_first_and_never_grows_by_itself():
    ladder = the_block("my_ladder")
    assert isinstance(ladder.head, ExposureLadder)
    typed = {"top": "Lift my boy", "0__what": "Sit", "0__fear": "2", "0__minutes": "5", "1__what": "Hold"}
    given = read_block(ladder, posted(ladder, **typed, **{"1__fear": "6", "1__done": "yes"}), today=TODAY)
    assert [(step["what"], step["fear"]) for step in given.value["steps"]] == [("Hold", 6), ("Sit", 2)]
    form = shown(ladder, held=Held(given.value, 1, NOW))
    assert len(form.rows) == ladder.head.steps
    assert form.rows[1].fields[2].value == "5"
    assert [line.said for line in in_words(ladder, given.value)] == ["Lift my boy", "Hold, tried", "Sit, 5 minutes"]
    too_much = read_block(ladder, posted(ladder, **{"0__what": "x", "0__fear": "11"}), today=TODAY)
    assert "between 0 and 10" in too_much.faults["my_ladder.0.fear"]


class Row:
    def __init__(self, on, felt="", minutes=6, practice="settling"):
        self.on, self.felt, self.minutes, self.practice = on, felt, minutes, practice


def test_a_practice_log_writes_only_what_she_changed():
    log = the_block("settling_log")
    yesterday = TODAY - dt.timedelta(days=1)
    form = shown(log, about=replace(ABOUT, practised=[Row(yesterday, "calmer")]))
    (one,) = form.logs
    assert [day.ticked for day in one.days][:3] == [False, True, False]
    same = {
        f"{one.name}.was": [one.was],
        f"{one.name}.{yesterday}": ["yes"],
        f"{one.name}.{yesterday}.felt": ["calmer"],
    }
    assert read_log(log, same, today=TODAY) == []
    more = same | {f"{one.name}.{TODAY}": ["yes"], f"{one.name}.{TODAY}.felt": ["frightened"]}
    assert [(each.on, each.tried, each.felt) for each in read_log(log, more, today=TODAY)] == [
        (TODAY, True, "frightened")
    ]
    taken_back = {f"{one.name}.was": [one.was]}
    assert [(each.on, each.tried) for each in read_log(log, taken_back, today=TODAY)] == [(yesterday, False)]
    assert read_log(log, {}, today=TODAY) == []  # not on the page
    only_felt = {f"{one.name}.was": [""], f"{one.name}.{TODAY}.felt": ["same"]}
    assert [each.tried for each in read_log(log, only_felt, today=TODAY)] == [True]
    strange = {f"{one.name}.was": ["x:y 2026-13-77"], f"{one.name}.{TODAY}.felt": ["\0"]}
    assert read_log(log, strange, today=TODAY) == []


def test_a_quiz_teaches_and_asks_nothing_back():
    quiz = shown(the_block("what_moves_the_dial"))
    assert not quiz.takes
    html = render_to_string("patient/blocks/quiz.html", {"block": quiz})
    assert html.count("<details") == sum(len(question.options) for question in quiz.questions)
    assert "<input" not in html
    for question in quiz.questions:
        for reply in question.reply.values():
            assert escape(reply) in html
    assert "score" not in html


# --- what is kept, what comes back ----------------------------------------------------------------------------------


def test_an_old_draft_stands_in_the_fields_until_it_is_saved():
    held = Held({"line": "saved"}, 1, NOW, None, {"line": "typing", "minutes": "abc"}, 3, NOW)
    form = shown(FIELDS, held=held)
    assert form.from_draft
    assert [field.value for field in form.fields][:3] == ["typing", "", "abc"]
    same = replace(held, draft={"line": "saved", "minutes": "", "some": []})
    assert not shown(FIELDS, held=same).from_draft


def test_what_is_the_same_counts_as_the_same():
    assert filled({"a": 0, "b": "", "c": None, "d": [], "done": False}) == {"a": "0"}
    assert filled({"steps": [{"what": "", "done": False}, {"what": "x", "day": 0}]}) == {
        "steps": [{"what": "x", "day": "0"}]
    }


def test_her_values_come_back_word_for_word():
    first = the_block("what_matters")
    said = tuple(in_words(first, {"more_of": "Laughing once a day"}))
    again = shown(the_block("my_words_again"), about=replace(ABOUT, values=(("Understanding pain", NOW, said),)))
    html = render_to_string("patient/blocks/values.html", {"block": again, "zone": dt.UTC, "read_by": NOW})
    assert "Laughing once a day" in html
    assert "Understanding pain" in html


def test_words_are_clean_and_links_lead_inside():
    html = words(
        "[list](page:red-flags) <script>x</script> [out](https://elsewhere.example)\n\n### A\n\n|a|\n|-|\n|b|", links
    )
    assert 'href="/page/red-flags"' in html
    assert "<script" not in html
    assert "<h2>A</h2>" in html
    assert 'class="scroll" tabindex="0"' in html
    assert one_line("**Now** listen.", links) == "<strong>Now</strong> listen."


def test_every_saved_block_of_the_course_takes_what_it_offers():
    for _lesson, one in everything():
        head = one.block.head
        if not isinstance(head, Saved):
            continue
        plain = {"number": "5", "scale": "5", "date": "2026-04-14"}
        given = {
            key: list(answer.options)[:1] or [plain.get(answer.kind, "yes")] for key, answer in head.fields.items()
        }
        taken = read_block(one.block, {f"{one.block.id}.{key}": value for key, value in given.items()}, today=TODAY)
        assert taken.faults == {}
        assert set(taken.value) == set(head.fields)
        assert len(in_words(one.block, taken.value)) == len(head.fields)


def test_what_she_saved_is_read_in_the_same_words_by_her_therapist():
    """The room's own words (programmes.rules.words) know every kind of block too: no ids, no numbers of days."""
    from accord.service.programmes.rules.words import said

    record, planner, ladder = the_block("one_letter"), the_block("my_week"), the_block("my_ladder")
    assert said(record, {"way": "accept", "record_thought": "It never ends"})[-1][1].startswith("Let it be there")
    week = {"from": "2026-04-14", "steps": [{"what": "Sing", "day": 5, "minutes": 20, "kind": "people", "done": True}]}
    assert said(planner, week) == [("Sunday 19 April", "Sing, 20 minutes by the clock, Somebody I like, done")]
    steps = {"top": "Lift my boy", "steps": [{"what": "Sit", "fear": 2, "minutes": 5, "done": False}]}
    assert said(ladder, steps) == [("At the top of the ladder", "Lift my boy"), ("Fear 2 of 10", "Sit, 5 minutes")]
    draft = {"from": "", "steps": [{"what": "", "day": "", "done": False}]}
    assert said(planner, draft) == []

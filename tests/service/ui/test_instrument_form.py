"""A question as a form: what is shown, and that nothing is taken back that was not offered."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.science.instruments import instrument_ids, load_instrument
from accord.science.instruments.wording import WordedItem, WordingPack
from accord.science.programmes import load_questions
from accord.service.ui.instrument_form import LONGEST, Unusable, in_words, item_form, question_form, read_answer

QUESTIONS = load_questions()


def test_our_own_words_are_shown_as_they_are():
    safety = load_instrument("safety_check")
    form = item_form(safety, safety.item("item_1"), None, 2, first=True)
    assert form.legend.startswith("Since we last asked")
    assert [choice.value for choice in form.choices if choice.chosen] == ["2"]
    assert form.introduction
    assert not form.topics_only


def test_without_a_pack_a_restricted_form_shows_number_topic_and_scale_only_c6():
    for name in instrument_ids():
        instrument = load_instrument(name)
        for place, item in enumerate(instrument.items, start=1):
            form = item_form(instrument, item, None, first=place == 1)
            if instrument.own:
                continue
            assert form.legend == f"Item {place} of {len(instrument.items)} (topic: {item.topic})"
            assert form.topics_only
            assert form.introduction == ""


def test_a_pack_brings_its_words():
    mood = load_instrument("phq_9")
    words = {item.id: WordedItem(f"Words {item.id}", {"0": "A", "1": "B", "2": "C", "3": "D"}) for item in mood.items}
    pack = WordingPack("phq_9", "en", "1", "free", words, introduction="Hello")
    form = item_form(mood, mood.item("item_9"), pack, 3)
    assert (form.legend, [choice.label for choice in form.choices]) == ("Words item_9", ["A", "B", "C", "D"])
    assert not form.topics_only


def test_every_item_of_every_instrument_can_be_shown_and_each_offer_is_taken():
    for name in instrument_ids():
        instrument = load_instrument(name)
        for item in instrument.items:
            form = item_form(instrument, item, None)
            for choice in form.choices:
                assert read_answer(item, [choice.value]) == float(choice.value)
                assert in_words(item_form(instrument, item, None), float(choice.value)) == choice.label


def test_every_question_can_be_shown_and_each_option_is_taken():
    for question in QUESTIONS.values():
        form = question_form(question)
        for choice in form.choices:
            taken = read_answer(question, [choice.value])
            assert in_words(form, taken) == choice.label


@given(st.text(max_size=60))
def test_nothing_is_taken_that_was_not_offered(text):
    item = load_instrument("safety_check").item("item_1")
    if text in {"0", "1", "2", "3"}:
        assert read_answer(item, [text]) == int(text)
        return
    with pytest.raises(Unusable):
        read_answer(item, [text])


@given(st.text(max_size=30))
def test_a_number_is_a_number_inside_its_limits_or_refused(text):
    try:
        taken, kept = read_answer(QUESTIONS["age"], [text]), ""
    except Unusable as refused:
        taken, kept = 0, refused.kept
    assert isinstance(taken, int)
    assert 0 <= taken <= 120
    assert "\0" not in kept


@pytest.mark.parametrize(
    "text",
    [
        "नमस्ते",
        "مرحبا بالعالم",
        "你好，世界",
        "Привет",
        "שלום",
        "한국어",
        "ไทย",
        "ภาษา 👩‍👩‍👧",
        "e\u0301 \u202ertl",
        "'; drop table",
        "<b>x</b>",
    ],
)
def test_any_script_is_kept_as_it_came(text):
    assert read_answer(QUESTIONS["main_language"], [text]) == text


@pytest.mark.parametrize(("text", "kept"), [("a\0b", "ab"), ("", ""), ("   ", ""), ("x" * 1_000_000, "x" * LONGEST)])
def test_a_text_that_cannot_be_kept_says_why_and_gives_back_what_it_can(text, kept):
    with pytest.raises(Unusable) as refused:
        read_answer(QUESTIONS["main_language"], [text])
    assert refused.value.kept == kept

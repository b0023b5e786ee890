"""C37 and its neighbours: words that never stand on a patient's page, and what may be said after all."""

from __future__ import annotations

import pytest

from accord.science.programmes.words import contaminated, unwanted


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("People who catastrophise more", "C37"), ("CATASTROPHIZING", "C37"), ("kinesiophobia", "C37"),
        ("a non-compliant person", "C37"), ("You failed the week", "C37"), ("the drop-out rate", "C37"),
        ("She dropped out", "C37"), ("completers", "C37"), ("your mood deteriorated", "C37"),
        ("maladaptive ways", "C37"),
        ("your naive theory", "C37"), ("unexplained pain", "C37"), ("it is all in your head", "C37"),
        ("This will cure you", "C11"), ("Rewire your brain", "C11"), ("a pain-free life", "C11"),
        ("Well done!", "looks"),
        ("You can stop taking your painkillers now", "C10"), ("Lower the dose by half", "C10"),
    ],
)  # fmt: skip
def test_found_with_something_to_write_instead(text, rule):
    found = unwanted(text)
    assert [item[2] for item in found] == [rule]
    assert found[0][1]
    assert text[found[0][3] :].startswith(found[0][0])


@pytest.mark.parametrize(
    "text",
    [
        "This is not a cure.", "We cannot promise a pain-free life.", "Never stop a medicine suddenly on your own.",
        "Please do not change any dose because of this.", "Talk to the doctor before you reduce a medicine.",
        "A ball in the garden", "Tall indoor plants", "She completed the week", "An illness without explanation",
        "![A tree](media/tree.svg)", "accurate and secure", "Your security",
    ],
)  # fmt: skip
def test_left_alone(text):
    assert unwanted(text) == []


def test_the_negation_must_stand_in_the_same_sentence():
    assert [item[2] for item in unwanted("It is not hard. It will cure you.")] == ["C11"]


def test_words_that_keep_two_arms_apart():
    text = "Mindfully rest. The threat is small, and a mind rests."
    assert [word for word, _ in contaminated(text, ["mindful*", "threat"])] == ["Mindfully", "threat"]
    assert contaminated("threatening", ["threat"]) == []

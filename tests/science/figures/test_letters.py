"""Widths of words are never under those measured in a wide font, and lines keep to their width."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from svg_reading import measured

from accord.science.figures.letters import BODY, SMALL, shorten, width_of, wrap

ASCII = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60)
ANY = st.text(max_size=80)


@pytest.mark.parametrize("bold", [False, True])
@pytest.mark.parametrize(
    "words",
    ["Pain interference", "0.58 [0.50, 0.66]", "Confidence in doing things despite pain", "n = 1,367", "WAMMO million",
     "fifty-first & last (estimate), 95 %", "Brain retraining with mindfulness", "illicit Jill's lift"],
)  # fmt: skip
def test_the_estimate_is_not_under_the_measured_width_nor_a_third_over(words, bold):
    found, real = width_of(words, bold=bold), measured(words, BODY, bold=bold)
    assert real * 0.985 <= found <= real * 1.33


@given(ANY, st.floats(20, 400), st.integers(1, 5))
def test_no_line_is_wider_than_asked_nor_are_there_more(words, width, most):
    lines = wrap(words, width, SMALL, most=most)
    assert len(lines) <= most
    assert all(width_of(line, SMALL) <= width for line in lines)


@given(ASCII)
def test_words_that_fit_are_kept_whole_and_in_order(words):
    lines = wrap(words, 500, SMALL, most=99)
    assert " ".join(lines).split() == words.split()


@given(ANY, st.floats(15, 300))
def test_what_is_shortened_says_so(words, width):
    short = shorten(words, width)
    assert width_of(short) <= width or short == "…"
    assert short.endswith("…") or short.split() == words.split() or not short


def test_a_number_keeps_its_sign_of_per_cent():
    lines = wrap("the observed share with its 95 % interval", width_of("the observed share with its 95"), most=9)
    assert any("95 %" in line for line in lines)


def test_a_word_wider_than_a_line_is_broken():
    lines = wrap("Donaudampfschifffahrtsgesellschaft", 80, most=9)
    assert len(lines) > 1
    assert "".join(lines) == "Donaudampfschifffahrtsgesellschaft"

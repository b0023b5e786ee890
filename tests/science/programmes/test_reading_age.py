"""Reading age by hand, and its counts."""

from __future__ import annotations

import pytest

from accord.science.programmes.reading_age import FORMULA, Readability, readability


def test_counts_of_words_sentences_and_characters():
    found = readability(["Pain is real. It isn't new?", "A heading without a stop", "• 3 well-known things:", "—"])
    # Words: Pain is real It isn't new | A heading without a stop | 3 well-known things -> 6 + 5 + 3.
    assert found.words == 14
    assert found.sentences == 4  # two, one, one; a dash alone is none
    # 4+2+4+2+4+3 = 19; 1+7+7+1+4 = 20; 1+9+6 = 16; the apostrophe and the hyphen do not count.
    assert found.characters == 19 + 20 + 16


def test_the_stricter_of_two_formulas_by_hand():
    # 4.71 x 4.5 + 0.5 x 12 - 21.43 = 21.195 + 6 - 21.43 = 5.765; 5.88 x 4.5 - 29.6 / 12 - 15.8 = 8.1933. Plus 5.
    assert Readability(words=120, sentences=10, characters=540).age == pytest.approx(13.1933, abs=1e-4)
    # 4.71 x 4 + 0.5 x 40 - 21.43 = 17.41; 5.88 x 4 - 29.6 / 40 - 15.8 = 6.98. Long sentences count.
    assert Readability(words=120, sentences=3, characters=480).age == pytest.approx(22.41, abs=1e-9)


def test_below_a_hundred_words_there_is_no_age():
    assert readability(["Pain is real."]).age is None
    assert Readability(0, 0, 0).age is None


def test_the_formula_is_named():
    assert "Automated Readability Index" in FORMULA
    assert "Coleman-Liau" in FORMULA

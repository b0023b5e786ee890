"""What every tool for small-study effects draws: its own numbers, in the common grammar of pictures."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np
import pytest

from accord.science.figures import NARROW, Bars, Forest
from accord.science.synthesis import begg, egger, fail_safe_n, pet_peese, selection_3psm

RNG = np.random.default_rng(5)
VI = RNG.uniform(0.01, 0.2, 30)
YI = 0.2 + 0.8 * np.sqrt(VI) + RNG.normal(0, np.sqrt(VI + 0.02))


def rows(forest: Forest) -> dict[str, float | None]:
    return {row.label: row.value for row in forest.rows}


def test_egger_draws_the_effect_without_error() -> None:
    found = egger(YI, VI)
    assert list(rows(found.plot()).values()) == [found.limit.value]


def test_pet_peese_draws_both_and_marks_the_chosen() -> None:
    found = pet_peese(YI, VI)
    forest = found.plot()
    assert rows(forest) == {"PET": found.pet.limit.value, "PEESE": found.peese.limit.value}
    assert [row.label for row in forest.rows if row.kind == "summary"] == [found.chosen]


def test_selection_draws_the_mean_before_and_after() -> None:
    found = selection_3psm(YI, VI)
    assert rows(found.plot()) == {
        "all studies alike": found.unadjusted.value,
        "allowing for selection": found.mean.value,
    }


def test_rank_test_and_fail_safe_n_draw_their_numbers() -> None:
    assert list(rows(begg(YI, VI).plot()).values()) == [begg(YI, VI).tau]
    bars = fail_safe_n(YI, VI).plot()
    assert isinstance(bars, Bars)
    assert [row.value for row in bars.rows] == [30, fail_safe_n(YI, VI).n, 160]


@pytest.mark.parametrize("tool", [egger, pet_peese, selection_3psm, begg, fail_safe_n])
def test_each_is_well_formed_wide_and_narrow(tool) -> None:
    found = tool(YI, VI)
    for width in (720, NARROW):
        assert ET.fromstring(found.plot().svg(width=width)).tag.endswith("svg")
    assert found.plot().description == found.summary()

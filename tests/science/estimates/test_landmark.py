"""Who came back after something was done, beside others in the same state: by hand, and where nothing differs."""

from __future__ import annotations

import numpy as np
import pytest

from accord.science.errors import NotEstimable
from accord.science.estimates.landmark import Spells, landmark_comparison
from accord.science.estimates.proportions import risk_difference

NAN = np.nan


def spells(*rows: tuple[float, float, float]) -> Spells:
    back, seen, gone = (np.array(column, float) for column in zip(*rows, strict=True))
    return Spells(back, seen, gone)


def test_by_hand() -> None:
    given = spells((12, 90, NAN), (40, 90, NAN), (NAN, 90, NAN), (3, 90, NAN), (NAN, 12, NAN))
    at = [10, 10, 20, 5, 8]  # the fourth had come back before; the fifth was not seen long enough
    others = spells(
        (9, 90, NAN), (10, 90, NAN), (24, 90, NAN), (25, 90, NAN), (NAN, 23, NAN), (NAN, 90, 15), (NAN, 90, 6)
    )
    found = landmark_comparison(given, at, others)
    assert found.day == 10
    assert (found.difference.first.events, found.difference.first.n) == (1, 3)
    # 9: before; 10 and 24: back; 25: too late; seen until 23: too early; gone on 15: not back; gone on 6: before.
    assert (found.difference.second.events, found.difference.second.n) == (2, 4)
    assert found.left_out == 2
    wanted = risk_difference((1, 3), (2, 4))
    assert (found.difference.ci_low, found.difference.ci_high) == (wanted.ci_low, wanted.ci_high)


def test_one_spell_of_each_person() -> None:
    others = spells((30, 90, NAN), (12, 90, NAN), (NAN, 90, NAN))
    found = landmark_comparison(spells((12, 90, NAN)), [10], others, who=["a", "a", "b"])
    assert (found.difference.second.events, found.difference.second.n) == (0, 2)


def test_who_leaves_before_coming_back_did_not_come_back() -> None:
    assert spells((20, 90, 18)).outcome(10, 14.0).tolist() == [0.0]


@pytest.mark.parametrize(
    ("given", "at", "others"),
    [
        (spells((NAN, 5, NAN)), [4], spells((NAN, 90, NAN))),
        (spells((6, 90, NAN)), [4], spells((2, 90, NAN))),
        (spells((6, 90, NAN)), [-1], spells((NAN, 90, NAN))),
    ],
)
def test_a_side_without_anybody(given: Spells, at: list[int], others: Spells) -> None:
    with pytest.raises(NotEstimable):
        landmark_comparison(given, at, others)


def test_comparing_all_others_would_mislead_and_the_landmark_does_not() -> None:
    """People come back at random; whom to call is drawn on day 10 among who is still away. Nothing is gained."""
    rng = np.random.default_rng(5)
    back = rng.exponential(12, 4000)
    called = (back >= 10) & (rng.random(4000) < 0.5)
    seen, gone = np.full(4000, 90.0), np.full(4000, NAN)
    own = Spells(back[called], seen[called], gone[called])
    rest = Spells(back[~called], seen[~called], gone[~called])
    found = landmark_comparison(own, np.full(int(called.sum()), 10), rest)
    assert found.difference.ci_low < 0 < found.difference.ci_high
    naive = np.mean(back[called] <= 24) - np.mean(back[~called] <= 24)
    assert naive < -0.1

"""Newcombe 1998, Statistics in Medicine 17:873, table II, method 10; Wilson's interval as R's prop.test gives it."""

import json
from pathlib import Path

import pytest

from accord.science.estimates.proportions import proportion, risk_difference

R = json.loads((Path(__file__).parent / "r/simple.json").read_text())

TABLE = [
    ((56, 70), (48, 80), 0.0524, 0.3339),
    ((9, 10), (3, 10), 0.1705, 0.8090),
    ((6, 7), (2, 7), 0.0582, 0.8062),
    ((5, 56), (0, 29), -0.0381, 0.1926),
    ((0, 10), (0, 20), -0.1611, 0.2775),
    ((0, 10), (0, 10), -0.2775, 0.2775),
    ((10, 10), (0, 20), 0.6791, 1.0000),
    ((10, 10), (0, 10), 0.6075, 1.0000),
]


@pytest.mark.parametrize(("first", "second", "low", "high"), TABLE)
def test_table_two(first, second, low, high):
    found = risk_difference(first, second)
    assert (round(found.ci_low, 4), round(found.ci_high, 4)) == (low, high)


def test_wilson_is_prop_test():
    for counts, key in (((8, 20), "eight_of_20"), ((0, 15), "none_of_15")):
        found = proportion(*counts)
        assert (found.ci_low, found.ci_high) == pytest.approx(R["wilson"][key], abs=1e-12)

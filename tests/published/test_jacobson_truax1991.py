"""Jacobson & Truax 1991, J Consult Clin Psychol 59:12, the worked example: SD 7.5, r = .80, 32.5 before, 47.5 after."""

import pytest

from accord.science.estimates.reliable_change import (
    Reliability,
    jacobson_truax_cutoff,
    reliable_change,
    reliable_change_threshold,
)

EXAMPLE = Reliability(r=0.80, kind="test-retest", sd=7.5, source="Jacobson & Truax 1991")


def test_reliable_change_index():
    threshold = reliable_change_threshold(EXAMPLE)
    assert threshold == pytest.approx(1.959964 * 4.7434, rel=1e-4)
    assert (47.5 - 32.5) / (threshold / 1.959964) == pytest.approx(3.16, abs=0.005)
    assert reliable_change([32.5], [47.5], EXAMPLE, sign=1).groups.tolist() == ["improved"]


def test_cutoff_c_of_equal_spreads_is_half_way():
    assert jacobson_truax_cutoff((40, 7.5), (60, 7.5)) == 50
    assert reliable_change([32.5], [52.0], EXAMPLE, sign=1, cutoff=50).groups.tolist() == ["recovered"]

"""Axes: every value has its place, ticks are round and have room. Numbers: no `nan`, no `-0.00`."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.science.figures.axis import Axis, around, domain, from_zero
from accord.science.figures.letters import SMALL, width_of
from accord.science.figures.numbers import count, interval, number, percent, with_interval

FINITE = st.floats(-1e6, 1e6)
MAYBE = st.none() | FINITE | st.just(float("nan"))


@given(st.lists(MAYBE, max_size=8), FINITE)
def test_the_domain_holds_every_estimate_and_the_reference(values, reference):
    low, high = domain(values, [], reference)
    assert low < high
    assert all(low <= v <= high for v in [*values, reference] if v is not None and not math.isnan(v))


def test_an_interval_of_the_usual_width_is_whole_and_one_far_beyond_is_cut():
    low, high = domain([0.1, 0.2, 0.3], [(-0.1, 0.3), (0.0, 0.4), (-50.0, 50.0)], 0.0)
    assert low < -0.1
    assert high > 0.4
    assert low > -2
    assert high < 2


def test_one_wide_interval_alone_is_whole():
    low, high = domain([0.0], [(-0.4, 0.4)], 0.0)
    assert low < -0.4
    assert high > 0.4


@given(FINITE, st.floats(1e-4, 1e6), st.floats(60, 700))
def test_ticks_are_inside_and_do_not_touch(low, span, length):
    span = max(span, abs(low) / 1e4)
    axis = Axis(low, low + span, 0, length)
    ticks = axis.ticks()
    ends = (low, low + span)
    near = [any(math.isclose(value, end, abs_tol=1e-9 * span) for end in ends) for value, _ in ticks]
    assert all(axis.holds(value) or close for (value, _), close in zip(ticks, near, strict=True))
    for (a, first), (b, second) in pairwise(ticks):
        assert axis.at(b) - axis.at(a) >= (width_of(first, SMALL) + width_of(second, SMALL)) / 2


@given(st.floats(1e-3, 1), st.floats(1.5, 1e4))
def test_log_ticks_are_ones_twos_and_fives(low, high):
    for value, _ in Axis(low, high, 0, 600, log=True).ticks():
        assert f"{value:.0e}"[0] in "125"


def test_a_log_axis_gives_equal_ratios_equal_lengths():
    axis = Axis(0.1, 10, 0, 200, log=True)
    assert axis.at(1.0) == pytest.approx(100)
    assert axis.at(2.0) - axis.at(1.0) == pytest.approx(axis.at(4.0) - axis.at(2.0))


def test_places_outside_are_put_on_the_end():
    axis = Axis(0, 1, 10, 20)
    assert axis.at(5) == 20
    assert axis.at(-5) == 10


def test_bars_begin_at_zero_and_end_where_told():
    assert from_zero([3.0, None], 10.0) == (0.0, 10.0)
    assert from_zero([3.0, None], None)[0] == 0.0
    assert from_zero([], None) == (0.0, 1.04)
    assert from_zero([0.0], None) == (0.0, 1.0)


@given(st.lists(MAYBE, max_size=6))
def test_a_range_is_never_empty(values):
    low, high = around(values)
    assert low < high


@pytest.mark.parametrize(
    ("value", "digits", "words"),
    [(-0.46, 2, "−0.46"), (-0.001, 2, "0.00"), (1234.5, 1, "1,234.5"), (None, 2, "–"), (float("nan"), 2, "–"),
     (float("inf"), 2, "∞"), (float("-inf"), 1, "−∞"), (1189, 0, "1,189")],
)  # fmt: skip
def test_numbers_read_well(value, digits, words):
    assert number(value, digits) == words


def test_shares_counts_and_intervals():
    assert percent(0.634) == "63\N{NO-BREAK SPACE}%"
    assert percent(None) == "–"
    assert count(1367) == "1,367"
    assert interval(None, 1.0) == ""
    assert with_interval(0.58, 0.5, 0.66) == "0.58 [0.50, 0.66]"
    assert with_interval(float("nan"), 0.0, 1.0) == "not estimable"

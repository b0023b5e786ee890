"""What stands beside a later score: improvement, percent, reliable and minimal important change."""

from __future__ import annotations

import polars as pl
import pytest

from accord.science.errors import NotEstimable
from accord.science.instruments import find_scale
from accord.science.instruments.change import (
    change_scores,
    minimal_important_change,
    percent_change,
    reliable_change,
    reliable_points,
)


def test_reliable_points_of_jacobson_and_truax() -> None:
    # r 0.80, SD 7.5: standard error 7.5 x sqrt(0.2) = 3.3541; of a difference x sqrt(2) = 4.7434; x 1.96 = 9.2971
    assert reliable_points(0.80, 7.5) == pytest.approx(9.2971, abs=5e-5)


def test_the_basis_is_retest_before_mdc_before_convention() -> None:
    bpi = reliable_change(find_scale("bpi_interference.total"))
    assert (bpi.basis, bpi.inclusive) == ("retest", False)
    # 1.96 x 1.72 x sqrt(2) x sqrt(0.24) = 2.3356, the published 2.34
    assert bpi.points == pytest.approx(2.3356, abs=5e-4)
    assert (reliable_change(find_scale("pcs.total")).points, reliable_change(find_scale("pcs.total")).basis) == (
        7.73,
        "mdc",
    )
    assert reliable_change(find_scale("phq_9.total")).inclusive


@pytest.mark.parametrize("ref", ["ders.total", "aaq_2.total", "fiqr.total", "demo:phq_9.total"])
def test_without_a_standard_deviation_there_is_no_reliable_change(ref: str) -> None:  # C16, C6
    with pytest.raises(NotEstimable, match="no retest coefficient with its standard deviation"):
        reliable_change(find_scale(ref))


def test_improvement_is_positive_whatever_the_direction() -> None:
    worse = change_scores(find_scale("phq_9.total"), [20, 10], [14, 12])
    better = change_scores(find_scale("pseq.total"), [20, 30], [40, 24])
    assert worse["improvement"].to_list() == [6, -2]
    assert better["improvement"].to_list() == [20, -6]


def test_a_gain_in_confidence_is_never_printed_as_a_loss() -> None:
    # A published self-efficacy gain was printed as -23.8 %; turned, it is a gain of 23.8 %.
    gain = percent_change(find_scale("pseq.total"), [25.0], [25.0 * 1.238])
    assert gain.to_list() == [pytest.approx(23.8)]


def test_percent_is_counted_from_the_true_zero() -> None:  # C20
    # K-10 starts at 10: from 30 to 20 is half of the 20 points there were, not a third.
    assert percent_change(find_scale("k_10.total"), [30], [20]).to_list() == [50]
    assert percent_change(find_scale("tsk_17.total"), [37], [27]).to_list() == [50]


def test_a_baseline_at_the_zero_has_no_percentage() -> None:  # C20
    assert percent_change(find_scale("phq_9.total"), [0, 4], [3, 2]).to_list() == [None, 50]


@pytest.mark.parametrize("ref", ["wai_sr.total", "eq_5d_5l.index", "promis_fatigue_4a.t_score", "ffmq.total"])
def test_a_scale_without_a_true_zero_refuses_percentages(ref: str) -> None:  # C20
    with pytest.raises(NotEstimable, match="no true zero"):
        percent_change(find_scale(ref), [1.0], [2.0])
    assert change_scores(find_scale(ref), [1.0], [2.0])["percent"].to_list() == [None]


def test_a_scale_without_direction_refuses() -> None:
    with pytest.raises(NotEstimable, match="no better or worse"):
        change_scores(find_scale("resource_use.doctor_visits"), [1], [2])


def test_a_convention_counts_from_its_number_on() -> None:
    scored = change_scores(find_scale("phq_9.total"), [20, 20, 20, 10, 10], [14, 15, 20, 16, 15])
    assert scored["reliable"].to_list() == ["improved", "unchanged", "unchanged", "worse", "unchanged"]


def test_a_measured_threshold_must_be_exceeded() -> None:
    scored = change_scores(find_scale("pcs.total"), [30, 30, 30], [22, 30 - 7.73, 38])
    assert scored["reliable"].to_list() == ["improved", "unchanged", "worse"]


def test_minimal_important_change_in_points_before_percent() -> None:
    assert minimal_important_change(find_scale("nrs_pain.total")).value == 2  # type: ignore[union-attr]
    assert minimal_important_change(find_scale("nrs_pain.total")).unit == "points"  # type: ignore[union-attr]
    assert minimal_important_change(find_scale("fiq.total")).unit == "percent"  # type: ignore[union-attr]
    assert minimal_important_change(find_scale("ders.total")) is None


def test_important_by_points_and_by_percent() -> None:
    points = change_scores(find_scale("phq_9.total"), [20, 20], [15, 16])
    percent = change_scores(find_scale("fiq.total"), [50, 50], [43, 44])
    assert points["important"].to_list() == [True, False]
    assert percent["important"].to_list() == [True, False]
    assert change_scores(find_scale("ders.total"), [100], [50])["important"].to_list() == [None]


def test_a_missing_score_leaves_all_empty() -> None:
    scored = change_scores(find_scale("phq_9.total"), [None, 10.0, float("nan")], [5.0, None, 5.0])
    assert scored.null_count().row(0) == (3, 3, 3, 3)
    assert scored.columns == ["improvement", "percent", "reliable", "important"]


def test_series_are_taken_as_they_are() -> None:
    baseline, later = pl.Series([10, 12]), pl.Series([4, 12])
    assert change_scores(find_scale("phq_9.total"), baseline, later)["percent"].to_list() == [60, 0]

"""Courses from known bodies: the rate that was put in comes out, on the right grid, with holes where nothing was."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.science.errors import BadInput, NotEstimable, NotFound
from accord.science.signals import (
    Annotation,
    Gap,
    Phase,
    Recording,
    beats,
    breath,
    by_phase,
    corrected,
    heart_rate,
    hrv_windows,
    marked_phases,
    on_grid,
    read_phases,
    skin,
    with_phases,
)  # fmt: skip


def intervals_of(rate: np.ndarray) -> Recording:
    """A list of intervals whose heart rate follows `rate` (1/min, one value a second)."""
    times = [0.0]
    while times[-1] < rate.size - 1:
        times.append(times[-1] + 60 / rate[int(times[-1])])
    stamps = np.array(times[1:])
    return Recording("patient", "rr", np.diff(times) * 1000, "ms", stamps=stamps)


def test_heart_rate_follows_what_was_put_in() -> None:
    truth = 70 + 10 * np.sin(np.arange(600) / 60)
    course = heart_rate(intervals_of(truth))
    assert (course.rate_hz, course.unit, course.who) == (4.0, "1/min", "patient")
    there = np.isfinite(course.values)
    assert there.mean() > 0.99
    assert np.abs(course.values - np.interp(course.times - 0.4, np.arange(600), truth))[there].max() < 0.6


def test_the_correction_takes_a_missed_and_an_extra_beat_back() -> None:
    rng = np.random.default_rng(1)
    clean = intervals_of(70 + 3 * np.sin(np.arange(300) / 20) + rng.normal(0, 0.3, 300))
    times = np.r_[0.0, clean.times]
    spoiled = np.sort(np.r_[np.delete(times, 150), times[60] + 0.3])
    recording = Recording("a", "rr", np.diff(spoiled) * 1000, "ms", stamps=spoiled[1:])
    found = corrected(beats(recording))
    assert np.isin(["missed", "extra"], found.kinds).all()
    assert found.times.size == clean.times.size
    assert np.abs(found.times - clean.times).max() < 0.05
    before = hrv_windows(recording, 120.0, correct=False)
    after = hrv_windows(recording, 120.0)
    truth = hrv_windows(clean, 120.0, correct=False)
    assert before[0].rmssd > 2 * truth[0].rmssd
    assert after[0].rmssd == pytest.approx(truth[0].rmssd, rel=0.15)
    assert after[0].corrected >= 1


def test_lost_beats_leave_a_hole_in_the_course_and_no_difference_across_it() -> None:
    whole = intervals_of(np.full(300, 75.0) + np.arange(300) % 3)
    keep = (whole.times < 100) | (whole.times > 120)
    broken = whole.changed(values=whole.values[keep], stamps=whole.times[keep])
    course = heart_rate(broken)
    hole = course.times[np.isnan(course.values) & (course.times > 5)]  # nothing is known before the first beat
    assert hole.min() == pytest.approx(100, abs=1.1)
    assert hole.max() == pytest.approx(120, abs=1.1)
    window = hrv_windows(broken, 30.0, correct=False)
    assert max(part.rmssd for part in window if part.rmssd is not None) < 50


def test_short_windows_say_none_instead_of_a_power() -> None:
    recording = intervals_of(np.full(300, 70.0) + np.arange(300) % 4)
    fifteen, minute, two = (hrv_windows(recording, length, correct=False)[0] for length in (15.0, 60.0, 120.0))
    assert fifteen.rmssd is not None
    assert (fifteen.hf, fifteen.lf, minute.lf) == (None, None, None)
    assert minute.hf is not None
    assert two.lf is not None
    assert two.to_dict()["lf"] == two.lf


def test_an_ecg_with_a_hole_gives_beats_on_both_sides() -> None:
    rate = 200.0
    t = np.arange(0, 60, 1 / rate)
    wave = np.exp(-0.5 * ((np.mod(t, 0.8) - 0.4) / 0.012) ** 2) + 0.005 * np.random.default_rng(2).normal(size=t.size)
    wave[(t > 20) & (t < 25)] = np.nan
    found = beats(Recording("a", "ecg", wave, "mV", rate, start=1000.0))
    assert np.isnan(found.rr_ms).sum() == 2
    assert not ((found.times > 1020.5) & (found.times < 1024.5)).any()
    assert np.nanmax(np.abs(found.rr_ms - 800)) <= 10


def test_breath_rate_and_depth() -> None:
    t = np.arange(0, 120, 0.02)
    found = breath(Recording("a", "respiration", 1.5 * np.sin(2 * np.pi * 0.25 * t), "V", 50.0))
    assert float(np.nanmedian(found.rate.values)) == pytest.approx(15, abs=0.1)
    assert float(np.nanmedian(found.depth.values)) == pytest.approx(3.0, rel=0.05)
    assert (found.rate.rate_hz, found.depth.unit) == (4.0, "V")


def test_skin_responses_that_were_put_in_are_found() -> None:
    t = np.arange(0, 180, 0.1)
    onsets = (20.0, 50.0, 95.0, 140.0)
    values = 5 + t / 300 + 0.002 * np.random.default_rng(3).normal(size=t.size)
    for onset in onsets:
        after = np.clip(t - onset, 0, None)
        values += 0.9 * (np.exp(-after / 4) - np.exp(-after / 0.8)) * (t > onset)
    values[1500:1520] = np.nan
    found = skin(Recording("a", "eda", values, "uS", 10.0))
    assert [round(response.onset) for response in found.responses] == [20, 50, 95, 140]
    assert all(0.3 < response.amplitude < 0.7 for response in found.responses)
    assert found.per_minute == pytest.approx(4 / 3, rel=0.03)
    assert np.isnan(found.level.values[1505])


def test_a_signal_without_beats_breath_or_skin_is_refused() -> None:
    flat = Recording("a", "temperature", np.arange(100.0), "Cel", 4.0)
    for what in (beats, heart_rate, breath, skin):
        with pytest.raises(BadInput, match="temperature"):
            what(flat)
    short = Recording("a", "rr", [800.0, 810.0], "ms", stamps=[0.8, 1.61])
    with pytest.raises(NotEstimable, match="2 heartbeats"):
        heart_rate(short)
    with pytest.raises(NotEstimable, match="no stretch of 20 s"):
        skin(Recording("a", "eda", np.arange(20.0), "uS", 4.0))
    with pytest.raises(NotEstimable, match="0 heartbeats"):
        beats(Recording("a", "ecg", np.full(1000, np.nan), "mV", 100.0))
    with pytest.raises(BadInput, match="do not fit into"):
        hrv_windows(intervals_of(np.full(100, 70.0)), 500.0)


@settings(max_examples=60, deadline=None)
@given(st.floats(0.5, 20), st.floats(-100, 1e6), st.integers(0, 2**32 - 1))
def test_the_grid_keeps_a_straight_line_and_its_holes(rate: float, start: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    times = start + np.cumsum(rng.uniform(0.2, 1.5, 80))
    times[40:] += 30
    recording = Recording("a", "x", 3 + 2 * (times - start), stamps=times)
    grid, values, ok = on_grid(recording, rate, max_gap_s=5.0)
    np.testing.assert_allclose(values[ok], 3 + 2 * (grid[ok] - start), rtol=1e-6, atol=1e-6)
    assert np.isnan(values[~ok]).all()
    inside = (grid > times[39] + 1e-9) & (grid < times[40] - 1e-9)
    assert not ok[inside].any()
    assert ok[~inside].all()
    np.testing.assert_allclose(np.diff(grid), 1 / rate, rtol=1e-5, atol=1e-6)


def test_a_faster_signal_is_averaged_so_that_quick_waves_do_not_fold_into_slow_ones() -> None:
    t = np.arange(0, 60, 0.001)
    quick = np.sin(2 * np.pi * 50.0 * t) + 0.1 * t
    _, values, ok = on_grid(Recording("a", "eda", quick, "uS", 1000.0), 10.0)
    inner = values[5:-5]
    assert ok.all()
    assert np.abs(inner - 0.1 * np.arange(5, 5 + inner.size) / 10).max() < 0.02


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rate_hz": 0}, "rate of the grid"),
        ({"rate_hz": 4, "method": "x"}, "One of: linear"),
        ({"rate_hz": 4, "end": -5.0}, "runs from"),
    ],
)
def test_grids_that_cannot_be(options: dict[str, object], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        on_grid(Recording("a", "x", np.arange(10.0), rate_hz=1.0), **options)  # type: ignore[arg-type]


def test_phases_are_read_cut_and_joined(tmp_path: Path) -> None:
    path = tmp_path / "phases.csv"
    path.write_text("phase,start,end\nrest,0,10\nstress,10,20\nrest,30,40\n")
    recording = with_phases(Recording("a", "x", np.arange(160.0), rate_hz=4.0), read_phases(path))
    parts = by_phase(recording)
    assert list(parts) == ["rest", "stress"]
    assert len(parts["rest"]) == 80
    assert parts["rest"].gaps == (Gap(9.75, 30.0, "another phase"),)
    assert (parts["stress"].start, parts["stress"].end) == (10.0, 19.75)
    path.write_text("phase,start,end\nrest,10,5\n")
    with pytest.raises(BadInput, match="row 2: the phase 'rest' runs from 10 to 5"):
        read_phases(path)
    path.write_text("a,b\n1,2\n")
    with pytest.raises(NotFound, match="Needed are phase, start, end"):
        read_phases(path)
    with pytest.raises(BadInput, match="lies outside the recording"):
        with_phases(recording, [Phase("late", 100.0, 110.0)])


def test_marks_become_phases() -> None:
    notes = (
        Annotation(5.0, "rest"),
        Annotation(9.0, "cough"),
        Annotation(20.0, "stress"),
        Annotation(30.0, "rest", 4.0),
    )
    recording = Recording("a", "x", np.arange(160.0), rate_hz=4.0, annotations=notes)
    found = marked_phases(recording, ("rest", "stress"))
    assert found == (Phase("rest", 5.0, 20.0), Phase("stress", 20.0, 30.0), Phase("rest", 30.0, 34.0))


def test_a_recording_is_checked_when_made_and_cannot_be_changed() -> None:
    with pytest.raises(BadInput, match="rate is None"):
        Recording("a", "x", [1.0, 2.0])
    with pytest.raises(BadInput, match="not two lists of one length"):
        Recording("a", "x", [1.0, 2.0], stamps=[1.0])
    with pytest.raises(BadInput, match="One of: utc, local, lsl, own"):
        Recording("a", "x", [1.0], rate_hz=1.0, clock="sun")
    recording = Recording("a", "x", np.arange(8.0), rate_hz=2.0, start=10.0)
    with pytest.raises(ValueError, match="read-only"):
        recording.values[0] = 5
    assert recording.between(11.0, 12.0).times.tolist() == [11.0, 11.5]
    with pytest.raises(BadInput, match="no sample from 20"):
        recording.between(20.0, 21.0)
    moved = recording.shifted(5.0, 1e-3)
    np.testing.assert_allclose(moved.times, 5 + 1.001 * recording.times)

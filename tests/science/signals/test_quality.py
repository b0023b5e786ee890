"""What was disturbed is found, counted under its name, and left out."""

from __future__ import annotations

import numpy as np
import pytest

from accord.science.errors import BadInput
from accord.science.signals import Gap, Recording, Thresholds, quality


def ecg(seconds: int = 120, rate: float = 250.0, seed: int = 1) -> np.ndarray:
    """A train of QRS-like spikes with a T wave, 70 a minute, a little noise."""
    t = np.arange(int(seconds * rate)) / rate
    phase = np.mod(t, 60 / 70) - 0.3
    wave = np.exp(-0.5 * (phase / 0.012) ** 2) + 0.25 * np.exp(-0.5 * ((phase - 0.25) / 0.05) ** 2)
    return wave + 0.01 * np.random.default_rng(seed).normal(size=t.size)


def recorded(
    values: np.ndarray, signal: str = "ecg", rate: float = 250.0, unit: str = "mV", **more: object
) -> Recording:
    return Recording("a", signal, values, unit, rate, **more)  # type: ignore[arg-type]


def test_a_clean_recording_is_usable_throughout() -> None:
    found = quality(recorded(ecg()), 30)
    assert found.counts == {"usable": 4, "missing": 0, "lead_off": 0, "artefact": 0, "ectopic": 0}
    assert found.usable == 1.0


def test_each_kind_of_disturbance_is_named() -> None:
    values = ecg(150)
    rng = np.random.default_rng(2)
    values[30 * 250 : 50 * 250] = np.nan
    values[60 * 250 : 80 * 250] = 0.4
    values[90 * 250 : 110 * 250] = rng.normal(0, 1.5, 20 * 250)
    found = quality(recorded(values), 30)
    assert [window.reason for window in found.windows] == ["", "missing", "lead_off", "artefact", ""]
    assert found.windows[1].missing == pytest.approx(2 / 3, abs=0.01)
    assert found.windows[2].lead_off == pytest.approx(2 / 3, abs=0.01)
    assert found.counts["usable"] == 2
    ok = found.ok(np.array([10.0, 40.0, 70.0, 100.0, 140.0, 151.0]))
    assert ok.tolist() == [True, False, False, False, True, False]


def test_ectopic_beats_are_a_share_of_the_beats() -> None:
    rng = np.random.default_rng(3)
    intervals = 850 + 20 * np.sin(np.arange(240) / 5) + 5 * rng.normal(size=240)
    odd = np.arange(80, 155, 12)
    intervals[odd] *= 0.6
    intervals[odd + 1] *= 1.4
    stamps = np.cumsum(intervals) / 1000
    found = quality(Recording("a", "rr", intervals, "ms", stamps=stamps), 60, thresholds=Thresholds(ectopic=0.06))
    assert [window.reason for window in found.windows] == ["", "ectopic", ""]
    assert 6 / 71 <= found.windows[1].ectopic <= 12 / 71 + 1e-9  # six early beats; one or two are put right for each


def test_lost_beats_are_missing() -> None:
    intervals = np.full(200, 800.0) + np.arange(200) % 7
    stamps = np.cumsum(intervals) / 1000
    keep = (stamps < 30) | (stamps > 75)
    found = quality(Recording("a", "rr", intervals[keep], "ms", stamps=stamps[keep]), 30)
    assert [window.reason for window in found.windows][:2] == ["", "missing"]
    assert found.windows[1].missing == pytest.approx(1.0, abs=0.05)


def test_skin_off_the_finger_and_jumps() -> None:
    values = 4 + np.cumsum(np.random.default_rng(4).normal(0, 0.005, 4 * 120))
    values[4 * 35 : 4 * 55] = 0.01
    values[4 * 60 : 4 * 90 : 2] += 8
    found = quality(recorded(values, "skin-conductance", 4.0, "µS"), 30)
    assert [window.reason for window in found.windows] == ["", "lead_off", "artefact", ""]


def test_heart_rates_that_no_body_has_and_gaps() -> None:
    values = np.full(4 * 120, 72.0) + np.arange(480) % 5
    values[130:200] = 300
    stamps = np.arange(480) / 4 + np.where(np.arange(480) >= 240, 25.0, 0.0)
    recording = Recording("a", "heart-rate", values, "1/min", 4.0, stamps=stamps, gaps=(Gap(60.0, 85.0),))
    assert [window.reason for window in quality(recording, 30).windows] == ["", "artefact", "missing", "", ""][:4]


def test_a_window_longer_than_the_recording_is_refused() -> None:
    with pytest.raises(BadInput, match=r"a window of 200 s is longer than the recording \(120\.0 s\)"):
        quality(recorded(ecg()), 200)


def test_noise_alone_has_no_usable_window() -> None:
    noise = np.random.default_rng(5).normal(size=250 * 60)
    assert quality(recorded(noise), 30).counts["usable"] == 0


def test_windows_can_overlap_and_lie_on_a_common_stretch() -> None:
    found = quality(recorded(ecg()), 30, step_s=10, start=20.0, end=100.0)
    assert [window.start for window in found.windows] == [20.0, 30.0, 40.0, 50.0, 60.0, 70.0]
    assert found.to_dict()["counts"]["usable"] == 6

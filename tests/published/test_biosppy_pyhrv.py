"""Beats, breaths, skin responses and heart rate variability against BioSPPy, pyHRV and NeuroKit2.

Where definitions differ the difference is named: NeuroKit2 divides pNN50 by the number of intervals, pyHRV and we by
the number of differences; BioSPPy also reports a beat in the first half second, where NeuroKit2's filter settles.
"""

from __future__ import annotations

import gzip
import json
import math
from pathlib import Path

import numpy as np
import pytest

from accord.science.signals import Recording, beats, breath, heart_rate, hrv_windows, read_recording, skin

DATA = Path(__file__).parent / "data" / "signals"
FOUND = json.loads((DATA / "biosppy_pyhrv.json").read_text())


def example(name: str, signal: str, folder: Path) -> Recording:
    path = folder / f"{name}.txt"
    path.write_bytes(gzip.decompress((DATA / f"biosppy_{name}.txt.gz").read_bytes()))
    return read_recording(path, signal=signal)


def test_r_peaks_are_biosppys_to_a_millisecond(tmp_path: Path) -> None:
    recording = example("ecg", "ecg", tmp_path)
    peaks = beats(recording).times * 1000
    reference = np.array(FOUND["ecg_rpeaks"])
    assert peaks.size == reference.size - 1
    assert np.abs(peaks - reference[1:]).max() <= 1.0 + 1e-9


def test_pulse_peaks_are_biosppys_to_seven_milliseconds(tmp_path: Path) -> None:
    peaks = beats(example("ppg", "pulse", tmp_path)).times * 1000
    nearest = [np.abs(np.array(FOUND["ppg_peaks"]) - peak).min() for peak in peaks]
    assert peaks.size == 31
    assert sorted(nearest)[-2] <= 7.0  # the first peak of all lies on the edge of the filter
    assert max(nearest) <= 70.0


@pytest.mark.parametrize("length", ["short", "long"])
def test_time_domain_is_pyhrvs_and_neurokits(length: str) -> None:
    import neurokit2

    recording = read_recording(DATA / f"pyhrv_nni_{length}.csv", signal="rr")
    whole = recording.seconds + recording.values[0] / 1000
    window = hrv_windows(recording, whole, correct=False)[0]
    reference = FOUND[f"nni_{length}"]
    assert window.n == reference["n"]
    for key in ("rmssd", "sdnn", "pnn50"):
        assert getattr(window, key) == pytest.approx(reference[key], rel=1e-12), key
    peaks = np.r_[0, np.cumsum(recording.values)]
    table = neurokit2.hrv_time(peaks, sampling_rate=1000)
    assert window.rmssd == pytest.approx(float(table["HRV_RMSSD"].iloc[0]), rel=1e-12)
    assert window.sdnn == pytest.approx(float(table["HRV_SDNN"].iloc[0]), rel=1e-12)
    assert 60_000 / window.hr == pytest.approx(float(table["HRV_MeanNN"].iloc[0]), rel=1e-12)


def test_powers_are_near_neurokits_and_exact_for_sine_waves() -> None:
    """Two waves of 30 ms at .1 Hz and 20 ms at .25 Hz hold 450 and 200 ms^2; NeuroKit2 smooths more (quadratic)."""
    import neurokit2

    times = [0.0]
    while times[-1] < 300:
        t = times[-1]
        times.append(t + 0.8 + 0.03 * math.sin(2 * math.pi * 0.1 * t) + 0.02 * math.sin(2 * math.pi * 0.25 * t))
    stamps = np.array(times)
    recording = Recording("a", "rr", np.diff(stamps) * 1000, "ms", stamps=stamps[1:])
    window = hrv_windows(recording, 300.0, correct=False)[0]
    assert window.lf == pytest.approx(450, rel=0.05)
    assert window.hf == pytest.approx(200, rel=0.10)
    assert window.rsa == pytest.approx(math.log(window.hf), abs=0.02)
    real = read_recording(DATA / "pyhrv_nni_long.csv", signal="rr")
    ours = hrv_windows(real, real.seconds, correct=False)[0]
    peaks = np.r_[0, np.cumsum(real.values)]
    table = neurokit2.hrv_frequency(peaks, sampling_rate=1000, normalize=False)
    assert ours.lf == pytest.approx(float(table["HRV_LF"].iloc[0]), rel=0.05)
    assert ours.hf == pytest.approx(float(table["HRV_HF"].iloc[0]), rel=0.05)


def test_heart_rate_on_the_grid_is_neurokits(tmp_path: Path) -> None:
    import neurokit2

    recording = example("ecg", "ecg", tmp_path)
    course = heart_rate(recording, correct=False)
    peaks = np.round(beats(recording).times * 1000).astype(int)
    rate = neurokit2.signal_rate(
        peaks, sampling_rate=1000, desired_length=15_000, interpolation_method="monotone_cubic"
    )
    inside = np.isfinite(course.values)
    at = np.round(course.times[inside] * 1000).astype(int)
    late = at > peaks[2]  # NeuroKit2 gives the first interval to the first beat too, so its curve bends there
    assert np.abs(course.values[inside][late] - rate[at][late]).max() < 1e-9


def test_breaths_are_neurokits_and_nearly_biosppys(tmp_path: Path) -> None:
    """BioSPPy filters to .1 to .35 Hz, which joins quick breaths: it counts 14 where we count 16."""
    import neurokit2

    recording = example("resp", "respiration", tmp_path)
    found = breath(recording)
    clean = neurokit2.rsp_clean(np.asarray(recording.values), sampling_rate=1000)
    np.testing.assert_allclose(found.peaks, neurokit2.rsp_findpeaks(clean, sampling_rate=1000)["RSP_Peaks"] / 1000)
    assert len(FOUND["resp_zeros"]) // 2 == 14
    assert found.peaks.size == 16


def test_skin_responses_are_neurokits_and_biosppys(tmp_path: Path) -> None:
    """Those of NeuroKit2 above .05 uS are ours to the sample; its own threshold lets .001 uS pass."""
    import neurokit2

    recording = example("eda", "eda", tmp_path)
    scaled = recording.changed(values=recording.values / 100, unit="uS")
    found = skin(scaled, least=0.05)
    _, info = neurokit2.eda_process(np.asarray(scaled.values), sampling_rate=1000)
    large = info["SCR_Amplitude"] >= 0.05
    assert int(large.sum()) == 4
    ours = {round(response.peak * 1000): response.amplitude for response in found.responses}
    for peak, amplitude in zip(info["SCR_Peaks"][large], info["SCR_Amplitude"][large], strict=True):
        assert ours[int(peak)] == pytest.approx(amplitude, rel=1e-9)
    separate = [peak for peak in FOUND["eda_peaks"] if peak > 72_000]  # before, BioSPPy joins three into one
    assert all(min(abs(peak - other) for other in ours) < 1000 for peak in separate)
    np.testing.assert_allclose(found.level.values + found.phasic.values, scaled.values, atol=0.15)

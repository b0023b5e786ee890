"""Skin conductance: its level and its responses."""

from __future__ import annotations

import warnings
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from accord.science.errors import BadInput, NotEstimable, Place
from accord.science.signals.beats import physio, stretches
from accord.science.signals.recording import Floats, Recording

LEAST_S = 20.0


@dataclass(frozen=True, slots=True)
class Response:
    """One skin conductance response: seconds of onset and peak, rise in microsiemens, seconds of the rise."""

    onset: float
    peak: float
    amplitude: float
    rise_s: float

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Skin:
    """level: the slow part; phasic: the fast part around zero; both in the recording's unit and at its rate."""

    level: Recording
    phasic: Recording
    responses: tuple[Response, ...]

    @property
    def per_minute(self) -> float:
        """Responses a minute of what was measured."""
        measured = np.count_nonzero(np.isfinite(self.level.values)) / float(self.level.rate_hz or 1.0)
        return len(self.responses) / measured * 60.0


def skin(recording: Recording, *, least: float = 0.05) -> Skin:
    """Level and responses of at least `least` microsiemens.

    Smoothed below 3 Hz, then parted at .05 Hz by a Butterworth high-pass of order 2 run both ways (the BIOPAC way);
    responses are the rises of the fast part, by NeuroKit2. Each unbroken stretch of at least 20 s for itself; the rest
    is NaN. Checked against NeuroKit2 on BioSPPy's example.

    Raises BadInput for another kind of signal, NotEstimable without such a stretch, MissingExtra without `[physio]`.
    """
    where = Place(file=recording.source or None, column=recording.signal)
    if recording.kind.name not in ("skin-conductance", "other"):
        raise BadInput(f"'{recording.signal}' is no skin conductance.", cure="Give skin-conductance.", where=where)
    rate = float(recording.rate_hz or 0)
    parts = stretches(recording, LEAST_S)
    if not parts:
        what = f"no stretch of {LEAST_S:g} s is unbroken."
        raise NotEstimable(what, cure="Leave this recording out.", where=where)
    level, phasic = (np.full(len(recording), np.nan) for _ in range(2))
    responses: list[Response] = []
    times = recording.times
    for first, values in parts:
        at = int(np.searchsorted(times, first - 0.5 / rate))
        slow, fast = _parted(values, rate)
        level[at : at + values.size], phasic[at : at + values.size] = slow, fast
        responses += _responses(fast, rate, first, least)
    return Skin(
        recording.changed(values=level, signal="skin-conductance level"),
        recording.changed(values=phasic, signal="skin-conductance phasic"), tuple(responses),
    )  # fmt: skip


def _parted(values: Floats, rate: float) -> tuple[Floats, Floats]:
    from scipy.signal import butter, sosfiltfilt

    smooth = values
    if rate > 7.0:  # slower recordings hold nothing above 3 Hz
        smooth = sosfiltfilt(butter(4, 3.0, btype="lowpass", fs=rate, output="sos"), values)
    fast = sosfiltfilt(butter(2, 0.05, btype="highpass", fs=rate, output="sos"), smooth)
    return np.asarray(smooth - fast, dtype=np.float64), np.asarray(fast, dtype=np.float64)


def _responses(fast: Floats, rate: float, first: float, least: float) -> list[Response]:
    neurokit = physio("finding skin conductance responses")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = neurokit.eda_findpeaks(fast, sampling_rate=rate, method="neurokit", amplitude_min=1e-9)
        except (ValueError, IndexError):  # its answer to a stretch without any rise
            return []
    peaks, onsets = (np.asarray(found[key], dtype=np.float64) for key in ("SCR_Peaks", "SCR_Onsets"))
    both = np.isfinite(peaks) & np.isfinite(onsets)
    rises = [(int(onset), int(peak)) for onset, peak in zip(onsets[both], peaks[both], strict=True)]
    return [
        Response(first + onset / rate, first + peak / rate, float(fast[peak] - fast[onset]), (peak - onset) / rate)
        for onset, peak in rises
        if fast[peak] - fast[onset] >= least
    ]

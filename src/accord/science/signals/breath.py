"""Breath: rate and depth on an even grid."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from accord.science.errors import BadInput, NotEstimable, Place
from accord.science.signals.beats import physio, stretches
from accord.science.signals.grid import on_grid
from accord.science.signals.kinds import KINDS
from accord.science.signals.recording import Floats, Recording

LEAST_S = 15.0
LOST_S = 20.0


@dataclass(frozen=True, slots=True)
class Breath:
    """rate in breaths a minute, depth (trough to peak) in the recording's unit; peaks: ends of inhaling in seconds."""

    rate: Recording
    depth: Recording
    peaks: Floats


def breath(recording: Recording, *, rate_hz: float = 4.0) -> Breath:
    """Rate and depth of breath at `rate_hz` samples a second.

    Cleaned and searched for peaks by NeuroKit2 (Khodadad et al. 2018), each unbroken stretch of at least 15 s for
    itself; 60 / (seconds between the ends of inhaling) at the later end, joined by PCHIP; NaN where breaths are more
    than 20 s apart or outside 2 to 60 a minute. Checked against NeuroKit2 on BioSPPy's example.

    Raises BadInput for another kind of signal, NotEstimable with fewer than three breaths, MissingExtra without
    `[physio]`.
    """
    where = Place(file=recording.source or None, column=recording.signal)
    if recording.kind.name not in ("respiration", "other"):
        raise BadInput(f"'{recording.signal}' is no breath.", cure="Give respiration.", where=where)
    parts = [_breaths(values, recording, first) for first, values in stretches(recording, LEAST_S)]
    parts = [part for part in parts if part.shape[1] > 1]
    if sum(part.shape[1] - 1 for part in parts) < 2:
        raise NotEstimable("fewer than three breaths were found.", cure="Leave this recording out.", where=where)
    ends = np.concatenate([part[0, 1:] for part in parts])
    rates = np.concatenate([60.0 / np.diff(part[0]) for part in parts])
    depths = np.concatenate([part[1, 1:] for part in parts])
    kind = KINDS["breath-rate"]
    return Breath(
        _course(recording, "breath-rate", "1/min", ends, rates, rate_hz, (kind.lowest or 0.0, kind.highest or np.inf)),
        _course(recording, "breath-depth", recording.unit, ends, depths, rate_hz, (0.0, np.inf)),
        np.concatenate([part[0] for part in parts]),
    )


def _breaths(values: Floats, recording: Recording, first: float) -> Floats:
    """(2, n): the seconds of the ends of inhaling, and how far the chest rose from the trough before."""
    rate = float(recording.rate_hz or 0)
    neurokit = physio("finding breaths")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            clean = neurokit.rsp_clean(values, sampling_rate=rate)
            found = neurokit.rsp_findpeaks(clean, sampling_rate=rate)
        except (ValueError, IndexError):  # its answer to a stretch without any breath
            return np.empty((2, 0))
    peaks, troughs = np.asarray(found["RSP_Peaks"], int), np.asarray(found["RSP_Troughs"], int)
    before = np.searchsorted(troughs, peaks) - 1
    keep = before >= 0
    peaks, before = peaks[keep], before[keep]
    return np.vstack([first + peaks / rate, clean[peaks] - clean[troughs[before]]]) if peaks.size else np.empty((2, 0))


def _course(
    recording: Recording,
    signal: str,
    unit: str,
    ends: Floats,
    values: Floats,
    rate_hz: float,
    sane: tuple[float, float],
) -> Recording:
    points = Recording(recording.who, signal, values, unit, stamps=ends)
    start, end = recording.start, recording.end
    grid, course, _ = on_grid(points, rate_hz, start=start, end=end, method="pchip", max_gap_s=LOST_S)
    course = np.where((course >= sane[0]) & (course <= sane[1]), course, np.nan)
    return recording.changed(
        signal=signal, unit=unit, values=course, stamps=None, rate_hz=rate_hz, start=float(grid[0]), gaps=()
    )

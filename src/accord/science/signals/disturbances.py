"""What disturbs a signal, sample by sample: standing still, clipping, jumps, and beats that look like no beat."""

from __future__ import annotations

import numpy as np

from accord.science.signals.beats import Beats
from accord.science.signals.recording import Flags, Floats, Recording

STILL_S = {"ecg": 1.0, "pulse": 1.0, "respiration": 2.0}
CLIPPED_S = {"ecg": 0.1, "pulse": 0.3, "respiration": 1.0}
SKIN_SLOPE = 10.0  # microsiemens a second (Kleckner et al. 2018)
LEAST_R = {"ecg": 0.66, "pulse": 0.86}  # Orphanidou et al. 2015
BEFORE, AFTER = 0.2, 0.4  # shares of the usual interval around a beat


def flat_runs(recording: Recording) -> Flags:
    """True where the signal stands still for longer than its kind can, or (skin) shows no contact."""
    kind, values = recording.kind.name, recording.values
    if kind == "skin-conductance" and _microsiemens(recording):
        return np.asarray(values < (recording.kind.lowest or 0.0), dtype=np.bool_)
    if kind not in STILL_S:
        return np.zeros(values.size, dtype=np.bool_)
    return _long_runs(np.r_[False, values[1:] == values[:-1]], STILL_S[kind], recording)


def artefacts(recording: Recording) -> Flags:
    """True where values leave what a body can show, skin jumps, or the signal is clipped at its own largest value."""
    kind, values = recording.kind, recording.values
    wrong = np.zeros(values.size, dtype=np.bool_)
    if kind.name == "skin-conductance" and _microsiemens(recording):
        slope = np.abs(np.diff(values, prepend=values[:1])) * float(recording.rate_hz or 1.0)
        wrong |= (values > (kind.highest or np.inf)) | (slope > SKIN_SLOPE)
    elif kind.lowest is not None and kind.name not in ("rr", "skin-conductance"):
        wrong |= (values < kind.lowest) | (values > (kind.highest or np.inf))
    if kind.name in CLIPPED_S and np.isfinite(values).any():
        for edge in (np.nanmin(values), np.nanmax(values)):
            wrong |= _long_runs(values == edge, CLIPPED_S[kind.name], recording)
    return wrong


def poor_beats(recording: Recording, found: Beats) -> Flags:
    """True for the samples around beats whose shape does not correlate with the typical beat of the recording.

    The typical beat is the median over all; each beat spans .2 of the usual interval before to .4 after its peak.
    """
    poor = np.zeros(len(recording), dtype=np.bool_)
    usual = float(np.nanmedian(found.rr_ms)) / 1000.0 if np.isfinite(found.rr_ms).any() else 0.0
    rate = float(recording.rate_hz or 1.0)
    before, after = round(BEFORE * usual * rate), round(AFTER * usual * rate)
    at = np.searchsorted(recording.times, found.times - 0.5 / rate)
    at = at[(at >= before) & (at + after < len(recording))]
    if before + after < 4 or at.size < 5:
        return poor
    shapes = recording.values[at[:, None] + np.arange(-before, after)]
    r = _correlations(np.nan_to_num(shapes, nan=0.0))
    half = round(0.5 * usual * rate)
    for peak in at[r < LEAST_R[recording.kind.name]]:
        poor[max(peak - half, 0) : peak + half] = True
    return poor


def _correlations(shapes: Floats) -> Floats:
    typical = np.median(shapes, axis=0)
    typical = typical - typical.mean()
    centred = shapes - shapes.mean(axis=1, keepdims=True)
    spread = np.sqrt((centred**2).sum(axis=1) * (typical**2).sum())
    with np.errstate(invalid="ignore", divide="ignore"):
        r = centred @ typical / spread
    return np.where(np.isfinite(r), r, 0.0)


def _long_runs(same: Flags, seconds: float, recording: Recording) -> Flags:
    """True for the runs of `same` that last at least so many seconds."""
    least = max(2, round(seconds * float(recording.rate_hz or 1.0)))
    edges = np.flatnonzero(np.diff(np.r_[0, same.astype(np.int8), 0]))
    runs = np.zeros(same.size, dtype=np.bool_)
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        if last - first >= least:
            runs[first:last] = True
    return runs


def _microsiemens(recording: Recording) -> bool:
    return recording.unit.strip().lower().replace("µ", "u").replace("μ", "u") in (
        "us",
        "usiemens",
        "microsiemens",
        "usiemen",
        "microsiemen",
    )

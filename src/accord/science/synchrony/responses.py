"""Skin responses of one person: onset, peak and half recovery of each (step a of AMICo v2, DyadSync).

The course is smoothed (Savitzky-Golay, second order, five samples), a turn of the smoothed course is moved to the
true extremum of the raw one within half a second, short of the turns beside it; a peak that rises less than `rise`
above the valley before it goes, and with it the higher of its two valleys; what is left alternates (the last of
valleys in a row, the highest of peaks in a row) and begins and ends with a valley.

DyadSync 1.3.2 compares two valleys by the values at their numbers instead of at their samples. On the simulated
session of tests/published that moves 5 of 134 valleys and adds a last peak without a valley; all other peaks are the
same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Samples = NDArray[np.int64]

SMOOTHED = 5
MOVED_S = 0.5


@dataclass(frozen=True, slots=True)
class Responses:
    """One row a response: samples of onset, peak and end; the end is the next valley or the half recovery. `known` says
    which samples of the course were recorded."""

    course: Array
    onset: Samples
    peak: Samples
    end: Samples
    known: NDArray[np.bool_]


def responses(x: Array, rate_hz: float, rise: float) -> Responses:
    """The responses of a course; gaps are bridged by a straight line to find them."""
    known = ~np.isnan(x)
    at = np.arange(len(x))
    course = x if known.all() else np.interp(at, at[known], x[known])
    where, up = turns(course, max(round(MOVED_S * rate_hz), 1))
    valleys, peaks = alternating(course, *without_small(course, where, up, rise))
    return Responses(course, valleys[:-1], peaks, _ends(course, valleys, peaks), known)


def smoothed(x: Array) -> Array:
    """A parabola fitted to five samples around each one; the ends lie on the first and the last parabola."""
    half = SMOOTHED // 2
    powers = np.vander(np.arange(-half, half + 1), 3)
    fitted = powers @ np.linalg.pinv(powers)
    found = np.convolve(x, fitted[half], mode="same")
    if len(x) >= SMOOTHED:
        found[:half] = (fitted @ x[:SMOOTHED])[:half]
        found[-half:] = (fitted @ x[-SMOOTHED:])[-half:]
    return found


def turns(x: Array, reach: int) -> tuple[Samples, NDArray[np.bool_]]:
    """Where x turns, moved to the true extremum; whether each turn is a peak."""
    rising = np.diff(smoothed(x)) > 0
    turn = np.flatnonzero(rising[1:] != rising[:-1]) + 1
    up = rising[turn - 1]
    if not len(turn):
        return turn, up
    low = np.concatenate([[0], turn[:-1] + 1])
    high = np.concatenate([turn[1:] - 1, [len(x) - 1]])
    offsets = turn[:, None] + np.arange(-reach, reach + 1)
    allowed = (offsets >= low[:, None]) & (offsets <= high[:, None])
    height = np.where(up[:, None], 1.0, -1.0) * x[np.clip(offsets, 0, len(x) - 1)]
    best = np.where(allowed, height, -np.inf).argmax(axis=1)
    return turn - reach + best, up


def without_small(x: Array, where: Samples, up: NDArray[np.bool_], rise: float) -> tuple[Samples, NDArray[np.bool_]]:
    """Peaks that rise less than `rise` out, each with the higher of the two valleys beside it."""
    keep = np.ones(len(where), bool)
    peaks = np.flatnonzero(up)
    keep[peaks[peaks == 0]] = False
    peaks = peaks[peaks > 0]
    small = peaks[x[where[peaks]] - x[where[peaks - 1]] < rise]
    keep[small] = False
    inner = small[small + 1 < len(where)]
    before_higher = x[where[inner - 1]] > x[where[inner + 1]]
    keep[np.where(before_higher, inner - 1, inner + 1)] = False
    return where[keep], up[keep]


def alternating(x: Array, where: Samples, up: NDArray[np.bool_]) -> tuple[Samples, Samples]:
    """Valleys and the peaks between them: one valley more than peaks."""
    valleys: list[int] = []
    peaks: list[int] = []
    for sample, is_peak in zip(where.tolist(), up.tolist(), strict=True):
        if not valleys and is_peak:
            continue
        if is_peak and len(peaks) < len(valleys):
            peaks.append(sample)
        elif is_peak and x[sample] > x[peaks[-1]]:
            peaks[-1] = sample
        elif not is_peak and len(valleys) == len(peaks):
            valleys.append(sample)
        elif not is_peak:
            valleys[-1] = sample
    peaks = peaks[: max(len(valleys) - 1, 0)]
    return np.array(valleys or [0], np.int64), np.array(peaks, np.int64)


def _ends(x: Array, valleys: Samples, peaks: Samples) -> Samples:
    """The next valley; if the course has lost half of its rise by then, the sample after the one nearest to half
    (DyadSync's half recovery: one sample late, kept so that the numbers can be compared)."""
    ends = valleys[1:].copy()
    for i, (onset, peak, after) in enumerate(zip(valleys[:-1], peaks, valleys[1:], strict=True)):
        half = (x[peak] + x[onset]) / 2
        if x[after] <= half:
            ends[i] = min(peak + int(np.abs(x[peak:after] - half).argmin()) + 1, after)
    return ends

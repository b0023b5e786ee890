"""A recording on an even grid: both people of a session need values at the same moments."""

from __future__ import annotations

import numpy as np

from accord.science.errors import BadInput, NotEstimable, Place
from accord.science.signals.recording import Flags, Floats, Gap, Recording

METHODS = ("linear", "pchip")


def on_grid(
    recording: Recording,
    rate_hz: float,
    *,
    start: float | None = None,
    end: float | None = None,
    method: str = "linear",
    max_gap_s: float = 3.0,
) -> tuple[Floats, Floats, Flags]:
    """(times, values, ok) at `rate_hz` samples a second, each (n,).

    The grid runs over start <= t <= end (default: the whole recording). A signal sampled at least twice as fast as the
    grid is averaged over one step around each point (which keeps faster waves from folding into slower ones); any other
    is interpolated between the neighbours that are there, in straight lines or with PCHIP (no overshoot). Where the
    neighbours lie further apart than `max_gap_s`, inside a `gap` longer than that, and outside the recording the value
    is NaN and `ok` False. Checked against numpy.interp and scipy's PchipInterpolator.

    Raises BadInput for a rate that is not positive or an unknown method, NotEstimable when fewer than two samples
    are there.
    """
    if not (np.isfinite(rate_hz) and rate_hz > 0):
        raise BadInput(f"the rate of the grid is {rate_hz}.", cure="Give samples a second, for example 4.")
    if method not in METHODS:
        raise BadInput(f"the method is '{method}'.", cure=f"One of: {', '.join(METHODS)}.")
    grid = _points(recording.start if start is None else start, recording.end if end is None else end, rate_hz)
    there = np.isfinite(recording.values)
    if int(there.sum()) < 2:
        where = Place(file=recording.source or None, column=recording.signal)
        raise NotEstimable("fewer than two samples are there.", cure="Leave this recording out.", where=where)
    times, values = recording.times[there], recording.values[there]
    if recording.rate_hz is not None and recording.rate_hz >= 2 * rate_hz:
        times, values = _averaged(times, values, grid, rate_hz)
    course = _between(times, values, grid, method)
    bad = _far_from_samples(times, grid, max_gap_s, 1.0 / rate_hz) | _in_gaps(recording.gaps, grid, max_gap_s)
    course[bad] = np.nan
    return grid, course, ~bad


def _points(start: float, end: float, rate_hz: float) -> Floats:
    if not (np.isfinite(start) and np.isfinite(end) and end > start):
        raise BadInput(f"the grid runs from {start} to {end} s.", cure="The end lies after the start.")
    count = int(np.floor((end - start) * rate_hz + 1e-9)) + 1
    return start + np.arange(count) / rate_hz


def _averaged(times: Floats, values: Floats, grid: Floats, rate_hz: float) -> tuple[Floats, Floats]:
    """The mean of the samples within half a step around each grid point that has any."""
    cell = np.floor((times - grid[0]) * rate_hz + 0.5).astype(np.int64)
    inside = (cell >= 0) & (cell < grid.size)
    count = np.bincount(cell[inside], minlength=grid.size)
    total = np.bincount(cell[inside], weights=values[inside], minlength=grid.size)
    full = count > 0
    if int(full.sum()) < 2:
        raise NotEstimable("fewer than two samples are there.", cure="Take a longer part of the recording.")
    return grid[full], total[full] / count[full]


def _between(times: Floats, values: Floats, grid: Floats, method: str) -> Floats:
    if method == "linear" or times.size < 3:
        return np.asarray(np.interp(grid, times, values), dtype=np.float64)
    from scipy.interpolate import PchipInterpolator

    return np.asarray(PchipInterpolator(times, values)(np.clip(grid, times[0], times[-1])), dtype=np.float64)


def _far_from_samples(times: Floats, grid: Floats, max_gap_s: float, step: float) -> Flags:
    """True outside the samples (more than one step) and between two that are too far apart."""
    after = np.searchsorted(times, grid, side="left")
    before = np.searchsorted(times, grid, side="right") - 1
    outside = (grid < times[0] - step) | (grid > times[-1] + step)
    span = times[np.clip(after, 0, times.size - 1)] - times[np.clip(before, 0, times.size - 1)]
    return np.asarray(outside | (span > max_gap_s), dtype=np.bool_)


def _in_gaps(gaps: tuple[Gap, ...], grid: Floats, max_gap_s: float) -> Flags:
    bad = np.zeros(grid.size, dtype=np.bool_)
    for gap in gaps:
        if gap.end - gap.start > max_gap_s:
            bad |= (grid > gap.start) & (grid < gap.end)
    return bad

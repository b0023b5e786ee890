"""Heart rate on an even grid, and heart rate variability in windows."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from accord.science.errors import BadInput, NotEstimable, Place
from accord.science.signals.beats import NORMAL, Beats, beats, corrected
from accord.science.signals.grid import on_grid
from accord.science.signals.kinds import KINDS
from accord.science.signals.recording import Floats, Recording

# Task Force of the ESC and NASPE (1996): bands in Hz, and at least about ten waves of the slowest one in a window.
LF, HF = (0.04, 0.15), (0.15, 0.40)
RSA = (0.12, 0.40)
LF_NEEDS_S, HF_NEEDS_S = 120.0, 60.0
SPECTRUM_HZ = 4.0
LOST_S = 3.0


@dataclass(frozen=True, slots=True)
class HrvWindow:
    """One window. hr in 1/min; rmssd, sdnn in ms; pnn50 in %; lf, hf in ms^2; rsa = ln(ms^2 in .12 to .40 Hz).

    A number is None when the window does not carry it: fewer than three intervals, LF below 120 s, HF and RSA below
    60 s, or intervals that cover less than 80 % of the window.
    """

    start: float
    end: float
    n: int
    corrected: int
    hr: float | None
    rmssd: float | None
    sdnn: float | None
    pnn50: float | None
    lf: float | None
    hf: float | None
    rsa: float | None

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def heart_rate(signal: Recording | Beats, *, rate_hz: float = 4.0, correct: bool = True) -> Recording:
    """Heart rate in beats a minute at `rate_hz` samples a second.

    From beats: the intervals, each at the beat that ends it, are joined by PCHIP (no overshoot), then 60,000 / ms; NaN
    where beats are more than 3 s apart, and outside 25 to 240 a minute. A recording of heart rate is put on the grid.
    Checked against NeuroKit2's `signal_rate` (monotone cubic).

    Raises BadInput for a signal without beats, NotEstimable when there are too few.
    """
    if isinstance(signal, Recording) and signal.kind.name == "heart-rate":
        grid, values, _ = on_grid(signal, rate_hz)
        return _course(grid, values, rate_hz, signal.who, signal.clock, signal.source).changed(
            annotations=signal.annotations, phases=signal.phases, jitter_s=signal.jitter_s, notes=signal.notes
        )
    found = signal if isinstance(signal, Beats) else beats(signal)
    found = corrected(found) if correct else found
    there = np.isfinite(found.rr_ms)
    if int(there.sum()) < 2:
        cure = "Leave this recording out."
        raise NotEstimable("fewer than two intervals between beats.", cure=cure, where=Place(file=found.source or None))
    points = Recording(found.who, "rr", found.rr_ms[there], "ms", stamps=found.times[there])
    grid, intervals, _ = on_grid(points, rate_hz, start=found.start, end=found.end, method="pchip", max_gap_s=LOST_S)
    course = _course(grid, 60_000.0 / intervals, rate_hz, found.who, found.clock, found.source)
    if isinstance(signal, Recording):
        course = course.changed(
            annotations=signal.annotations, phases=signal.phases, jitter_s=signal.jitter_s, notes=signal.notes
        )
    return course


def _course(grid: Floats, values: Floats, rate_hz: float, who: str, clock: str, source: str) -> Recording:
    kind = KINDS["heart-rate"]
    values = np.where((values >= (kind.lowest or 0)) & (values <= (kind.highest or np.inf)), values, np.nan)
    return Recording(who, "heart-rate", values, "1/min", rate_hz, start=float(grid[0]), clock=clock, source=source)


def hrv_windows(
    signal: Recording | Beats, window_s: float = 60.0, step_s: float | None = None, *, correct: bool = True
) -> tuple[HrvWindow, ...]:
    """Heart rate variability in windows of `window_s` seconds, every `step_s` (default: side by side).

    rmssd = root of the mean squared difference of neighbours; sdnn = SD of the intervals (n - 1); pnn50 = share of
    differences above 50 ms; lf, hf, rsa from the periodogram (Hann, linear trend removed) of the intervals resampled at
    4 Hz with a cubic spline. No difference is taken across a gap. Time-domain numbers agree with NeuroKit2 and pyHRV to
    rounding; the powers return the variance of sine waves put into the intervals.
    """
    found = signal if isinstance(signal, Beats) else beats(signal)
    found = corrected(found) if correct else found
    step = window_s if step_s is None else step_s
    length = found.end - found.start
    if not (window_s > 0 and step > 0) or window_s > length + 1e-9:
        what = f"windows of {window_s:g} s every {step:g} s do not fit into {length:.1f} s."
        raise BadInput(what, cure="Take shorter windows.", where=Place(file=found.source or None))
    count = math.floor((length - window_s) / step + 1e-9) + 1
    return tuple(_window(found, found.start + i * step, window_s) for i in range(count))


def _window(found: Beats, start: float, window_s: float) -> HrvWindow:
    end = start + window_s
    last = found.end - 1e-6 <= end  # the beat that ends the recording belongs to its last window
    inside = (found.times >= start) & (found.times <= end if last else found.times < end)
    rr, times = found.rr_ms[inside], found.times[inside]
    whole = np.isfinite(rr) & (times - np.nan_to_num(rr) / 1000.0 >= start - 1e-6)
    differences = np.diff(rr)[whole[1:] & whole[:-1]]
    good = rr[whole]
    n, touched = int(good.size), int(np.count_nonzero(found.kinds[inside] != NORMAL))
    if n < 3 or differences.size < 2:
        return HrvWindow(start, end, n, touched, *[None] * 7)
    full = float(good.sum()) / 1000.0 >= 0.8 * window_s
    lf, hf, rsa = _powers(times[whole], good, window_s) if full else (None, None, None)
    return HrvWindow(
        start, end, n, touched, hr=60_000.0 / float(good.mean()), rmssd=float(np.sqrt(np.mean(differences**2))),
        sdnn=float(good.std(ddof=1)), pnn50=100.0 * float(np.mean(np.abs(differences) > 50.0)), lf=lf, hf=hf, rsa=rsa,
    )  # fmt: skip


def _powers(times: Floats, rr: Floats, window_s: float) -> tuple[float | None, float | None, float | None]:
    """LF and HF in ms^2 and RSA as the natural logarithm, each None when the window is too short for it."""
    if window_s < HF_NEEDS_S or rr.size < 8:
        return None, None, None
    from scipy.interpolate import CubicSpline
    from scipy.signal import periodogram

    even = np.arange(times[0], times[-1], 1.0 / SPECTRUM_HZ)
    course = CubicSpline(times, rr)(even)
    frequency, density = periodogram(course, fs=SPECTRUM_HZ, window="hann", detrend="linear")

    def power(band: tuple[float, float]) -> float:
        return float(density[(frequency >= band[0]) & (frequency < band[1])].sum() * (frequency[1] - frequency[0]))

    rsa = power(RSA)
    return (power(LF) if window_s >= LF_NEEDS_S else None), power(HF), (math.log(rsa) if rsa > 0 else None)

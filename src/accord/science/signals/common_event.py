"""The same moments in two recordings that both saw an event: a clap, a jump, steps, by cross-correlation."""

from __future__ import annotations

import numpy as np

from accord.science.errors import BadInput, NotEstimable
from accord.science.signals.grid import on_grid
from accord.science.signals.recording import Floats, Recording

MAX_RATE_HZ = 100.0
WINDOW_S = 60.0
SEARCH_S = 2.0
LEAST_R = 0.5


def common_event(a: Recording, b: Recording, *, max_offset_s: float) -> tuple[Floats, Floats]:
    """Times on b's clock and the same moments on a's, one pair for each minute in which both saw something.

    First one offset for all (within `max_offset_s`), then in each minute the lag of the highest correlation near it,
    refined by the parabola through the peak; minutes with r below .5 are left out. Both signals are taken as their
    absolute deviation from a running mean of 1 s, so that sensors of different make agree.

    Raises BadInput when no minute has a common event.
    """
    rate = min(MAX_RATE_HZ, *(part.rate_hz or MAX_RATE_HZ for part in (a, b)))
    try:
        time_a, wave_a = _activity(a, rate)
        time_b, wave_b = _activity(b, rate)
    except NotEstimable as error:
        raise BadInput(f"an event cannot be looked for: {error.finding.what}", cure=error.finding.cure) from None
    rough = _rough_lag(wave_a, wave_b, time_a[0] - time_b[0], max_offset_s, rate)
    pairs = [_pair(time_a, wave_a, time_b, wave_b, rough, at, rate) for at in _minutes(time_b, rate)]
    found = [pair for pair in pairs if pair is not None]
    if not found:
        cure = "Use marks, or a stretch in which both sensors moved together."
        raise BadInput("the recordings show no common event.", cure=cure)
    there, here = np.array(found).T
    return there, here


def _activity(recording: Recording, rate: float) -> tuple[Floats, Floats]:
    times, values, _ = on_grid(recording, rate, max_gap_s=1.0)
    filled = np.where(np.isfinite(values), values, np.nanmean(values))
    width = max(3, round(rate))
    smooth = np.convolve(np.pad(filled, width // 2, mode="edge"), np.ones(width) / width, mode="same")
    wave = np.abs(filled - smooth[width // 2 : width // 2 + filled.size])
    return times, np.asarray(wave - wave.mean(), dtype=np.float64)


def _rough_lag(a: Floats, b: Floats, apart: float, most: float, rate: float) -> float:
    """The seconds to add to b's clock at which both waves agree best, over the whole recordings."""
    from scipy.signal import correlate, correlation_lags

    product = correlate(a, b, mode="full", method="fft")
    lags = correlation_lags(a.size, b.size) / rate + apart
    product[np.abs(lags) > most] = -np.inf
    if not np.isfinite(product).any():
        cure = "Allow a larger offset."
        raise BadInput(f"no offset within {most:g} s lets the recordings overlap.", cure=cure)
    return float(lags[int(np.argmax(product))])


def _minutes(time_b: Floats, rate: float) -> list[slice]:
    width = min(round(WINDOW_S * rate), time_b.size)
    return [slice(at, at + width) for at in range(0, time_b.size - width + 1, width)]


def _pair(
    time_a: Floats, wave_a: Floats, time_b: Floats, wave_b: Floats, rough: float, at: slice, rate: float
) -> tuple[float, float] | None:
    """The weighted middle of a minute's activity on b's clock and on a's; None without a clear common event."""
    piece, margin = wave_b[at], round(SEARCH_S * rate)
    first = round((time_b[at.start] + rough - time_a[0]) * rate) - margin
    last = first + piece.size + 2 * margin
    if first < 0 or last > wave_a.size or not piece.std() > 0:
        return None
    r = _correlations(wave_a[first:last], piece)
    best = int(np.argmax(r))
    if r[best] < LEAST_R or best in (0, r.size - 1):
        return None
    below, top, above = r[best - 1 : best + 2]
    bend = below - 2 * top + above
    fine = best + (0.5 * (below - above) / bend if bend < 0 else 0.0)
    weight = np.maximum(piece, 0) ** 2
    moment = float(np.sum(time_b[at] * weight) / np.sum(weight))
    return moment, moment + float(time_a[first] - time_b[at.start] + fine / rate)


def _correlations(long: Floats, short: Floats) -> Floats:
    """Pearson's r of `short` with every stretch of `long` of its length."""
    windows = np.lib.stride_tricks.sliding_window_view(long, short.size)
    centred = short - short.mean()
    spread = windows.std(axis=1) * short.size * short.std()
    with np.errstate(invalid="ignore", divide="ignore"):
        r = windows @ centred / spread
    return np.where(np.isfinite(r), r, -1.0)

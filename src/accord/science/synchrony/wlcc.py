"""Windowed lagged cross-correlation (Boker, Xu, Rotondo & King 2002; the form of rMEA 1.2.2).

Window k is the block of W + L samples that starts at k·step (W window, L largest lag, in samples). Its correlation at
a lag l ≥ 0 is Pearson's r of x[0:W] with y[l:l+W]; at l < 0 of x[|l|:|l|+W] with y[0:W]: **a positive lag says that
the second person follows the first**. Means and SDs are those of the stretch compared. r becomes Fisher's Z (cut at
±10), |Z| if `absolute`. The index is the mean over windows and lags, the course of a window the mean over its lags.

Each window's products are one product of two Fourier transforms, so that a surrogate partner costs two transforms
and not 2L + 1 passes. Samples that miss on either side drop out of their pair; a correlation of less than half of its
window is NaN. Checked against rMEA to 1e-9 (tests/published/test_rmea_susy_dyadsync.py).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.science.synchrony.fisher import fisher_z
from accord.science.synchrony.scores import Method, Scores, block_middles, not_too_many, starts
from accord.science.synchrony.settings import Settings

Array = NDArray[np.float64]
Spectra = NDArray[np.complex128]

FLAT = 1e-12  # a stretch with less variance than this share of its block's is flat to rounding: no correlation


@dataclass(frozen=True, slots=True)
class Blocks:
    """One person's windows: the first W samples (mean 0, length 1) and the whole block, as spectra.

    `inverse` is 1/length of each stretch of W samples in the block, NaN where it is flat. `holes` are the windows
    with a sample missing; pairs with one are done sample by sample, from the `series` and the `first` samples.
    """

    short: Spectra
    whole: Spectra
    inverse: Array
    series: Array
    first: NDArray[np.int64]
    holes: NDArray[np.bool_]
    size: int

    def rows(self, which: NDArray[np.bool_], settings: Settings) -> Array:
        views = np.lib.stride_tricks.sliding_window_view(self.series, settings.width + settings.reach)
        found: Array = views[self.first[which]]
        return found


def prepare(x: Array, settings: Settings) -> Blocks:
    """All blocks of a series, ready to be compared with anybody's."""
    from scipy.fft import next_fast_len, rfft

    width, reach = settings.width, settings.reach
    first = starts(len(x), settings, reach=reach)
    not_too_many(len(first), width + reach)
    values = np.lib.stride_tricks.sliding_window_view(x, width + reach)[first]
    holes = np.asarray(np.isnan(values).any(axis=1))
    filled = np.where(np.isnan(values), 0.0, values) if holes.any() else values
    block = filled - filled.mean(axis=1, keepdims=True)
    head = block[:, :width] - block[:, :width].mean(axis=1, keepdims=True)
    inverse = _inverse_lengths(block, width)
    size = next_fast_len(width + reach, real=True)
    with np.errstate(invalid="ignore"):
        short = np.conj(rfft(head * inverse[:, :1], size, axis=1))
    return Blocks(short, rfft(block, size, axis=1), inverse, x, first, holes, size)


def _inverse_lengths(block: Array, width: int) -> Array:
    """1/√(sum of squares around the mean) of each stretch of `width` samples, by running sums."""
    zero = np.zeros((len(block), 1))
    sums = np.concatenate([zero, np.cumsum(block, axis=1)], axis=1)
    squares = np.concatenate([zero, np.cumsum(block * block, axis=1)], axis=1)
    part = sums[:, width:] - sums[:, :-width]
    around = squares[:, width:] - squares[:, :-width] - part * part / width
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Array = np.where(around > FLAT * squares[:, -1:], 1.0 / np.sqrt(np.maximum(around, 0.0)), np.nan)
    return found


def correlations(a: Blocks, b: Blocks, settings: Settings) -> Array:
    """r of every window (rows) at every lag from −L to L (columns)."""
    from scipy.fft import irfft

    reach = settings.reach
    after = irfft(a.short * b.whole, a.size, axis=1)[:, : reach + 1] * b.inverse
    before = irfft(b.short * a.whole, a.size, axis=1)[:, 1 : reach + 1] * a.inverse[:, 1:]
    r: Array = np.concatenate([before[:, ::-1], after], axis=1)
    holes = a.holes | b.holes
    if holes.any():
        r[holes] = _with_holes(a.rows(holes, settings), b.rows(holes, settings), settings)
    return r


def _with_holes(x: Array, y: Array, settings: Settings) -> Array:
    """The same by the samples known on both sides; NaN where these are less than half of the window.

    What Pearson's r needs (how many, sums, squares, products) are sums over x and y of products of one side each, so
    that all lags of a sum are one product of two transforms, as above.
    """
    from scipy.fft import next_fast_len

    size = next_fast_len(settings.width + settings.reach, real=True)
    (x_short, x_whole), (y_short, y_whole) = (_moments(v, settings.width, size) for v in (x, y))
    after = _of_known(x_short, y_whole, size, settings)
    before = _of_known(y_short, x_whole, size, settings)[:, 1:]
    return np.concatenate([before[:, ::-1], after], axis=1)


def _moments(values: Array, width: int, size: int) -> tuple[Spectra, Spectra]:
    """Spectra of known (0 or 1), value (mean 0 over what is known of the block) and square: of the first `width`
    samples, and of the whole block."""
    from scipy.fft import rfft

    known = ~np.isnan(values)
    filled = np.where(known, values, 0.0)
    mean = filled.sum(axis=1, keepdims=True) / np.maximum(known.sum(axis=1, keepdims=True), 1)
    centred = np.where(known, filled - mean, 0.0)
    three = np.stack([known.astype(np.float64), centred, centred * centred])
    return np.conj(rfft(three[:, :, :width], size, axis=2)), rfft(three, size, axis=2)


def _of_known(short: Spectra, whole: Spectra, size: int, settings: Settings) -> Array:
    """r at the lags from 0 to L."""
    from scipy.fft import irfft

    order = ((0, 0), (1, 0), (0, 1), (2, 0), (0, 2), (1, 1))
    sums = irfft(np.stack([short[i] * whole[j] for i, j in order]), size, axis=2)[:, :, : settings.reach + 1]
    n, sx, sy, sxx, syy, sxy = (sums[k] for k in range(6))
    n = np.rint(n)
    with np.errstate(invalid="ignore", divide="ignore"):
        xx, yy = sxx - sx * sx / n, syy - sy * sy / n
        r = (sxy - sx * sy / n) / np.sqrt(xx * yy)
    enough = (2 * n >= settings.width) & (n > 2) & (xx > FLAT * sxx) & (yy > FLAT * syy)
    return np.where(enough, r, np.nan)


def scored(z: Array, settings: Settings) -> Scores:
    """Index, course and profile of a matrix of Z (windows × lags)."""
    if settings.absolute:
        z = np.abs(z)
    if not np.isnan(z).any():
        return Scores(float(z.mean()), z.mean(axis=1), z.mean(axis=0), z)
    known = ~np.isnan(z)
    full = np.where(known, z, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        overall = float(full.sum() / known.sum())
        return Scores(overall, full.sum(axis=1) / known.sum(axis=1), full.sum(axis=0) / known.sum(axis=0), z)


def measure(a: Blocks, b: Blocks, settings: Settings) -> Scores:
    return scored(fisher_z(correlations(a, b, settings)), settings)


def details(a: Blocks, b: Blocks, scores: Scores, settings: Settings) -> dict[str, Any]:
    """Moving together and against each other apart; who moves first; the best lag of each window."""
    z = scores.grid
    assert z is not None
    signed = fisher_z(correlations(a, b, settings)) if settings.absolute else z
    reach = settings.reach
    used = np.isfinite(scores.windows)
    together = scored(signed, replace(settings, absolute=False)).windows[used] > 0
    best = np.where(used, np.where(np.isnan(z), -np.inf, z).argmax(axis=1) - float(reach), np.nan)
    return {
        "in_phase": _mean(signed[signed >= 0]), "anti_phase": _mean(signed[signed < 0]),
        "share_positive_windows": _mean(together.astype(np.float64)),
        "first_leads": _mean(z[:, reach + 1 :]), "second_leads": _mean(z[:, :reach]), "lag_zero": _mean(z[:, reach]),
        "best_lags_s": best / settings.rate_hz,
    }  # fmt: skip


def _mean(values: Array) -> float | None:
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else None


WLCC = Method(
    "wlcc", "windowed lagged cross-correlation", prepare, measure, block_middles,
    {"window": 30.0, "step": 10.0, "max_lag": 5.0}, details=details,
)  # fmt: skip

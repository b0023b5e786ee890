"""Magnitude-squared coherence and phase in a band (Welch: Hann window, half overlapping segments).

Coherence |P_xy|²/(P_xx P_yy) with P averaged over segments, its mean over the band the index. Few segments make it
large by chance alone (1/number of segments): read it against surrogates. Each window's own value is the coherence of
its band, |Σ_f X*Y|²/(Σ|X|² Σ|Y|²).

Phase: arg Σ_f P_xy, as seconds at the band's mean frequency; **positive: the second person follows the first**; only
known up to one period of the band. Phase locking: |mean exp(i(φx − φy))| of the band-passed courses. Checked against
scipy.signal.coherence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.science.errors import BadInput
from accord.science.synchrony.scores import Method, Scores, not_too_many, starts
from accord.science.synchrony.settings import Settings

Array = NDArray[np.float64]
Spectra = NDArray[np.complex128]


@dataclass(frozen=True, slots=True)
class Bands:
    """Spectra of the segments in the band (segments × frequencies), and the course itself."""

    spectra: Spectra
    course: Array


def frequencies(settings: Settings) -> Array:
    """Frequencies (Hz) of the band that a segment resolves."""
    return np.asarray(np.fft.rfftfreq(settings.width, 1 / settings.rate_hz), np.float64)[_columns(settings)]


def prepare(x: Array, settings: Settings) -> Bands:
    """Segments with half of their samples known; what misses in them stands at their mean."""
    low, high = settings.band
    if not 0 <= low < high <= settings.rate_hz / 2:
        raise BadInput(
            f"The band {low:g} to {high:g} Hz does not lie between 0 and half the rate ({settings.rate_hz / 2:g} Hz).",
            cure="Give the lower limit first, and stay below half the rate.",
        )
    if not len(frequencies(settings)):
        raise BadInput(
            f"A window of {settings.window:g} s resolves no frequency between {low:g} and {high:g} Hz.",
            cure=f"Take a window of at least {2 / (high - low):.0f} s, or a wider band.",
        )
    first = starts(len(x), settings, reach=0)
    not_too_many(len(first), settings.width)
    cut = np.lib.stride_tricks.sliding_window_view(x, settings.width)[first]
    known = ~np.isnan(cut)
    with np.errstate(invalid="ignore", divide="ignore"):
        level = np.where(known, cut, 0.0).sum(axis=1, keepdims=True) / known.sum(axis=1, keepdims=True)
    around = np.where(known, cut - level, 0.0)
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(settings.width) / settings.width)
    spectra = np.fft.rfft(around * hann, axis=1)[:, _columns(settings)]
    spectra[2 * known.sum(axis=1) < settings.width] = np.nan
    return Bands(spectra, x)


def _columns(settings: Settings) -> NDArray[np.int64]:
    all_of_them = np.fft.rfftfreq(settings.width, 1 / settings.rate_hz)
    low, high = settings.band
    return np.flatnonzero((all_of_them >= low) & (all_of_them <= high) & (all_of_them > 0))


def measure(a: Bands, b: Bands, settings: Settings) -> Scores:
    cross = np.conj(a.spectra) * b.spectra
    usable = np.isfinite(cross.real).all(axis=1)
    power_a, power_b = np.abs(a.spectra) ** 2, np.abs(b.spectra) ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        windows = np.abs(cross.sum(axis=1)) ** 2 / (power_a.sum(axis=1) * power_b.sum(axis=1))
        mean = cross[usable].mean(axis=0) if usable.any() else np.full(cross.shape[1], np.nan)
        profile = np.abs(mean) ** 2 / (power_a[usable].mean(axis=0) * power_b[usable].mean(axis=0))
    return Scores(float(profile.mean()), windows, profile)


def details(a: Bands, b: Bands, scores: Scores, settings: Settings) -> dict[str, Any]:
    """Phase and phase locking of the band."""
    cross = (np.conj(a.spectra) * b.spectra)[np.isfinite((a.spectra * b.spectra).real).all(axis=1)]
    inside = frequencies(settings)
    weight = np.abs(cross.mean(axis=0))
    centre = float((inside * weight).sum() / weight.sum()) if weight.sum() > 0 else float(inside.mean())
    phase = float(np.angle(cross.mean(axis=0).sum()))
    return {
        "band_hz": settings.band, "frequencies_hz": inside, "centre_hz": centre, "phase_rad": phase,
        "phase_lag_s": -phase / (2 * np.pi * centre), "phase_locking": phase_locking(a.course, b.course, settings),
        "chance_level": 1 / max(len(cross), 1),
    }  # fmt: skip


def phase_locking(x: Array, y: Array, settings: Settings) -> float:
    """|mean exp(i(φx − φy))| of the analytic signals in the band, over the samples known on both sides."""
    known = ~(np.isnan(x) | np.isnan(y))
    one, other = (np.angle(_analytic(v, settings)) for v in (x, y))
    return float(np.abs(np.exp(1j * (one - other))[known].mean()))


def _analytic(x: Array, settings: Settings) -> Spectra:
    at, known = np.arange(len(x)), ~np.isnan(x)
    spectrum = np.fft.fft(np.interp(at, at[known], x[known]))
    frequency = np.fft.fftfreq(len(x), 1 / settings.rate_hz)
    low, high = settings.band
    return np.fft.ifft(np.where((frequency >= low) & (frequency <= high), 2 * spectrum, 0.0))


def times(n: int, settings: Settings) -> Array:
    """Middles (s) of the segments."""
    middles: Array = (starts(n, settings, reach=0).astype(np.float64) + settings.width / 2) / settings.rate_hz
    return middles


COHERENCE = Method(
    "coherence", "coherence in a band", prepare, measure, times,
    {"window": 60.0, "step": 30.0, "max_lag": 0.0}, one_sided=True, axis="frequency", details=details,
)  # fmt: skip

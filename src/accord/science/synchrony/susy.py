"""Surrogate synchrony, SUSY (Tschacher, Rees & Ramseyer 2014; Tschacher & Meier 2020; the form of R's SUSY 0.1.0).

The session is cut into n segments that follow each other (what is over is dropped). In a segment the
cross-correlation at lag k uses the mean and the SD of the *whole* segment and divides by its length, so that large
lags shrink towards zero; Fisher's Z (cut at ±10). Averaged over segments this gives Z(k); the same over all n(n − 1)
pairs of different segments gives the pseudo Z(k). **A positive lag says that the second person follows the first**
(in R's order of lags this is the negative side, `lead1`).

SUSY's own effect size divides by the SD over *lags* of the averaged pseudo course. It is in `details` under
`susy_effect_size`, as the program prints it; it is no test. `effect_size` and `p` of the result stand against whole
surrogate sessions instead. Checked against SUSY 0.1.0 to 1e-9 (tests/published/test_rmea_susy_dyadsync.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.science.synchrony.fisher import fisher_z, fisher_z_into
from accord.science.synchrony.scores import Chance, Method, Scores, segment_count, segment_middles
from accord.science.synchrony.settings import Settings
from accord.science.synchrony.wlcc import scored

Array = NDArray[np.float64]

MOST = 500  # segments of which all pairs are taken (250,000 pairs); of more, pairs near each other in turn
FLAT = 1e-12


def prepare(x: Array, settings: Settings) -> Array:
    """Segments (rows) with mean 0 and length 1. A missing sample counts as the segment's mean; a segment with less
    than half of its samples, or a flat one, is NaN."""
    width = settings.width
    count = segment_count(len(x), settings)
    cut = x[: count * width].reshape(count, width)
    known = ~np.isnan(cut)
    with np.errstate(invalid="ignore", divide="ignore"):
        level = np.where(known, cut, 0.0).sum(axis=1, keepdims=True) / known.sum(axis=1, keepdims=True)
        around = np.where(known, cut - level, 0.0)
        length = np.sqrt((around * around).sum(axis=1, keepdims=True))
        fit = (2 * known.sum(axis=1, keepdims=True) >= width) & (length > FLAT * np.abs(level) * np.sqrt(width))
        found: Array = np.where(fit, around / length, np.nan)
    return found


def correlations(a: Array, b: Array, settings: Settings) -> Array:
    """Cross-correlation of each segment with the one beside it: segments × lags from −L to L."""
    from scipy.fft import irfft, next_fast_len, rfft

    reach = settings.reach
    size = next_fast_len(settings.width + reach, real=True)
    r = irfft(np.conj(rfft(a, size, axis=1)) * rfft(b, size, axis=1), size, axis=1)
    return np.concatenate([r[:, size - reach :], r[:, : reach + 1]], axis=1)


def measure(a: Array, b: Array, settings: Settings) -> Scores:
    return scored(fisher_z(correlations(a, b, settings)), settings)


def every_pair(a: Array, b: Array, settings: Settings) -> Array:
    """Z of every segment of a with every segment of b: lags × segments of a × segments of b, signed."""
    reach, width = settings.reach, settings.width
    z = np.empty((2 * reach + 1, len(a), len(b)))
    for lag in range(-reach, reach + 1):
        left = a[:, max(-lag, 0) : width - max(lag, 0)]
        right = b[:, max(lag, 0) : width - max(-lag, 0)]
        np.matmul(left, right.T, out=z[lag + reach])
        fisher_z_into(z[lag + reach])
    return z


def shuffled(a: Array, b: Array, orders: NDArray[np.int64], settings: Settings) -> Chance | None:
    """The scores of many orders of b's segments at once, out of the table of all pairs; None where it is too large
    or has holes."""
    if len(a) > MOST or np.isnan(a).any() or np.isnan(b).any():
        return None
    z = every_pair(a, b, settings)
    if settings.absolute:
        np.abs(z, out=z)
    z = np.ascontiguousarray(z.transpose(1, 2, 0))
    rows = np.arange(len(a))
    profile, windows = np.empty((len(orders), z.shape[2])), z.mean(axis=2)[rows, orders]
    for order, found in zip(orders, profile, strict=True):
        found[:] = z[rows, order].mean(axis=0)
    return Chance(windows.mean(axis=1), windows, profile)


@dataclass(frozen=True, slots=True)
class Pseudo:
    """Mean Z over pseudo pairs at each lag, signed and |Z|, and how many pairs."""

    signed: Array
    absolute: Array
    pairs: int


def pseudo(a: Array, b: Array, settings: Settings) -> Pseudo:
    """All pairs of different segments; of more than 500 segments, each with its 500 neighbours (cyclic)."""
    usable = ~(np.isnan(a).any(axis=1) | np.isnan(b).any(axis=1))
    a, b = a[usable], b[usable]
    n = len(a)
    if n <= MOST:
        z = every_pair(a, b, settings)
        own = np.arange(n)
        diagonal = z[:, own, own]
        signed = z.sum(axis=(1, 2)) - diagonal.sum(axis=1)
        size = np.abs(z, out=z).sum(axis=(1, 2)) - np.abs(diagonal).sum(axis=1)
        pairs = n * (n - 1)
    else:
        signed, size, pairs = np.zeros(2 * settings.reach + 1), np.zeros(2 * settings.reach + 1), n * MOST
        for away in range(1, MOST + 1):
            z = fisher_z(correlations(a, np.roll(b, -away, axis=0), settings))
            signed, size = signed + z.sum(axis=0), size + np.abs(z).sum(axis=0)
    return Pseudo(signed / max(pairs, 1), size / max(pairs, 1), pairs)


def details(a: Array, b: Array, scores: Scores, settings: Settings) -> dict[str, Any]:
    """What SUSY prints, |Z| and signed, and moving together and against each other apart."""
    signed = fisher_z(correlations(a, b, settings))
    signed = signed[np.isfinite(signed).all(axis=1)]
    if len(signed) < 2:
        return {}
    chance = pseudo(a, b, settings)
    mean = signed.mean(axis=0)
    together, against = mean[mean >= 0], mean[mean < 0]
    found: dict[str, Any] = {
        "segments": len(signed), "pseudo_pairs": chance.pairs,
        "in_phase": float(together.mean()) if together.size else None, "in_phase_lags": int(together.size),
        "anti_phase": float(against.mean()) if against.size else None, "anti_phase_lags": int(against.size),
    }  # fmt: skip
    for name, real, drawn in (
        ("absolute", np.abs(signed).mean(axis=0), chance.absolute), ("signed", mean, chance.signed),
    ):  # fmt: skip
        found[name] = _printed(real, drawn, settings.reach)
    found["susy_effect_size"] = found["absolute" if settings.absolute else "signed"]["effect_size"]
    return found


def _printed(real: Array, drawn: Array, reach: int) -> dict[str, float | None]:
    """SUSY's line. `first_leads` are the positive lags (its lead1), `second_leads` the negative ones (lead2)."""
    spread = float(drawn.std(ddof=1)) if len(drawn) > 1 else 0.0
    parts = {"": slice(None), "first_leads_": slice(reach + 1, None), "second_leads_": slice(0, reach)}
    found: dict[str, float | None] = {}
    for name, part in parts.items():
        found[f"{name}z"] = float(real[part].mean()) if real[part].size else None
        found[f"{name}pseudo_z"] = float(drawn[part].mean()) if drawn[part].size else None
    for name, part in parts.items():
        gap = float(real[part].mean() - drawn[part].mean()) if real[part].size else None
        sd = float(drawn[part].std(ddof=1)) if drawn[part].size > 1 else 0.0
        found[f"{name}effect_size"] = gap / sd if gap is not None and sd > 0 else None
    found["sd_z"] = float(real.std(ddof=1)) if len(real) > 1 else None
    found["sd_pseudo_z"] = spread
    found["share_above_pseudo"] = float((real > drawn).mean())
    return found


SUSY = Method(
    "susy", "surrogate synchrony (SUSY)", prepare, measure, segment_middles,
    {"window": 30.0, "step": 30.0, "max_lag": 5.0},
    contiguous=True, details=details, shuffled=shuffled,
)  # fmt: skip

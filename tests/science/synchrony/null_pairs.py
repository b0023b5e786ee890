"""Pairs of people between whom nothing passes, as heart rates are: what a test of synchrony must not take for it."""

from __future__ import annotations

import numpy as np


def null_pairs(
    count: int, rng: np.random.Generator, *, minutes: float = 10, rate_hz: float = 2.0, fall: float = 8.0,
    settle_s: float = 300.0, talk: float = 0.0,
) -> np.ndarray:  # fmt: skip
    """count × 2 × samples. Each person by themselves: 1/f and AR(1) variation and breathing. In common: the same fall
    after arrival (`fall` beats over `settle_s`), and turns to speak, in which one's breath is slow and deep and the
    other's quick and shallow. `talk` beats more while speaking would couple the two (against each other), truly."""
    n = int(minutes * 60 * rate_hz)
    t = np.arange(n) / rate_hz
    speaking = np.stack([turns(count, t, rng), np.zeros((count, n), bool)], axis=1)
    speaking[:, 1] = ~speaking[:, 0]
    rate = np.where(speaking, 0.17, 0.26) + rng.normal(0, 0.025, (count, 2, 1)) + 0.03 * ar(count, n, 10, rate_hz, rng)
    phase = 2 * np.pi * (np.cumsum(rate, axis=2) / rate_hz + rng.random((count, 2, 1)))
    breath = np.where(speaking, 2.0, 1.2) * np.cos(phase)
    settling = fall * np.exp(-t / settle_s) - 2 * t / t[-1]
    own = 2.0 * pink(count, n, rate_hz, rng) + 1.5 * ar(count, n, 4, rate_hz, rng)
    return 70 + own + breath + settling + talk * speaking + rng.normal(0, 0.3, (count, 2, n))


def turns(count: int, t: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Who speaks: turns of 2 s and more, 17 s on average."""
    ends = np.cumsum(2 + rng.exponential(15, (count, int(t[-1] / 2) + 2)), axis=1)
    return np.stack([np.searchsorted(row, t) % 2 == 0 for row in ends])


def ar(count: int, n: int, seconds: float, rate_hz: float, rng: np.random.Generator) -> np.ndarray:
    """First order autoregression that forgets in so many seconds, SD 1."""
    from scipy.signal import lfilter

    keep = np.exp(-1 / (seconds * rate_hz))
    steps = rng.standard_normal((count, 2, n + int(10 * seconds * rate_hz)))
    return lfilter([np.sqrt(1 - keep**2)], [1, -keep], steps, axis=2)[..., -n:]


def pink(count: int, n: int, rate_hz: float, rng: np.random.Generator) -> np.ndarray:
    """1/f variation down to .003 Hz, SD 1."""
    frequency = np.fft.rfftfreq(n, 1 / rate_hz)
    size = np.where(frequency > 0, 1 / np.sqrt(np.maximum(frequency, 0.003)), 0)
    drawn = rng.standard_normal((count, 2, len(frequency), 2)) @ [1, 1j]
    found = np.fft.irfft(drawn * size, n, axis=2)
    return found / found.std(axis=2, keepdims=True)

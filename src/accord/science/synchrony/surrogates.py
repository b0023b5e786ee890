"""What the same two courses would give if nothing passed between them: five ways to make a partner who was not there.

* `segment-shuffle`: the second course cut into windows, these put together in another order. Keeps the values and the
  shape within a window. Does not remove a shared trend.
* `circular-shift`: the second course started elsewhere, its end joined to its start. Keeps everything but the timing.
  Does not remove a shared trend.
* `phase-randomised`: a course with the second one's spectrum and random phases. Keeps rhythm and autocorrelation. Does
  not remove a shared trend.
* `pseudo-sessions`: the same two people in different sessions. Keeps both people and the form of a session.
* `pseudo-dyads`: people of different sessions who never met. Keeps the form of a session.

The first three come from this one recording; they know nothing of what every session has in common (settling after
arrival), so the trend is taken out before. The last two need `others`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accord.science.errors import NotEstimable
from accord.science.synchrony.settings import Settings

Array = NDArray[np.float64]
Redraw = Callable[[Array, np.random.Generator, Settings], Array]


@dataclass(frozen=True, slots=True)
class Surrogate:
    """One way to draw; `redraw` is None where the partners are other recordings."""

    name: str
    label: str
    redraw: Redraw | None
    caution: str = ""


def _shuffled(y: Array, rng: np.random.Generator, settings: Settings) -> Array:
    """Segments of one window in another order, none left where it was; what is over stays at the end."""
    order = shuffle_order(len(y), rng, settings)
    end = len(order) * settings.width
    return np.concatenate([y[:end].reshape(len(order), settings.width)[order].ravel(), y[end:]])


def shuffle_order(samples: int, rng: np.random.Generator, settings: Settings) -> NDArray[np.int64]:
    """Which segment stands in each place."""
    count = samples // settings.width
    if count < 3:
        raise NotEstimable(
            f"The recording holds {count} windows of {settings.window:g} s: too few to shuffle.",
            cure="Take a shorter window, or the surrogate 'circular-shift'.",
        )
    return derangement(count, rng)


def derangement(count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """A random order in which nothing stays in its place, all such orders alike (redrawn until it fits: e times)."""
    places = np.arange(count)
    while True:
        order = rng.permutation(count)
        if not (order == places).any():
            return order


def _rolled(y: Array, rng: np.random.Generator, settings: Settings) -> Array:
    """Started elsewhere, at least a window and two largest lags from where it was, either way round."""
    away = settings.width + 2 * settings.reach
    if len(y) <= 2 * away:
        raise NotEstimable(
            f"The recording is too short to be shifted by more than {away / settings.rate_hz:g} s either way.",
            cure="Take a shorter window or lag, or compare with other sessions (others=…).",
        )
    return np.roll(y, int(rng.integers(away, len(y) - away + 1)))


def _rephased(y: Array, rng: np.random.Generator, settings: Settings) -> Array:
    """The same amplitude at every frequency, every phase drawn anew; gaps stay gaps."""
    known = ~np.isnan(y)
    at = np.arange(len(y))
    spectrum = np.fft.rfft(y if known.all() else np.interp(at, at[known], y[known]))
    turn = np.exp(2j * np.pi * rng.random(len(spectrum)))
    turn[0] = 1.0
    if len(y) % 2 == 0:
        turn[-1] = 1.0 if rng.random() < 0.5 else -1.0
    drawn = np.fft.irfft(spectrum * turn, len(y))
    return np.where(known, drawn, np.nan)


SURROGATES: dict[str, Surrogate] = {
    s.name: s
    for s in (
        Surrogate("segment-shuffle", "segments of the second course in another order", _shuffled,
                  "Segment shuffling does not remove a shared trend."),
        Surrogate("circular-shift", "the second course started elsewhere", _rolled,
                  "A shifted course does not remove a shared trend."),
        Surrogate("phase-randomised", "the second course's rhythm with random phases", _rephased,
                  "Random phases do not remove a shared trend."),
        Surrogate("pseudo-sessions", "the same two people in different sessions", None),
        Surrogate("pseudo-dyads", "people of different sessions who never met", None),
    )
}  # fmt: skip


def generator(seed: int, number: int) -> np.random.Generator:
    """The random numbers of surrogate `number`: the same wherever and in whatever order it is drawn."""
    return np.random.default_rng([seed, number])

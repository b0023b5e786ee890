"""The index in parts of a session: phases, every other stretch, and whether it rises from beginning to end."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from accord.science.errors import BadInput
from accord.science.synchrony.chance import against
from accord.science.synchrony.result import Part
from accord.science.synchrony.settings import Settings

Array = NDArray[np.float64]
UNIT_S = 600.0  # convergence is a change in ten minutes


def in_parts(
    phases: Sequence[tuple[str, float, float]], windows: Array, times: Array, surrogates: Array, *, one_sided: bool
) -> tuple[Part, ...]:
    """Mean of the windows whose middle lies in each phase (from ≤ t < to), against the same windows of surrogates."""
    return tuple(_part(name, start, end, windows, times, surrogates, one_sided) for name, start, end in phases)


def _part(
    name: str, start: float, end: float, windows: Array, times: Array, surrogates: Array, one_sided: bool
) -> Part:
    if not end > start:
        raise BadInput(f"The phase '{name}' ends ({end:g} s) before it starts ({start:g} s).", cure="Swap the two.")
    inside = (times >= start) & (times < end)
    known = np.isfinite(windows) & inside
    if not known.any():
        return Part(name, start, end, 0, None)
    real = float(windows[known].mean())
    chance = against(real, _means(surrogates[:, inside[: surrogates.shape[1]]]), one_sided=one_sided)
    return Part(name, start, end, int(known.sum()), real, chance.mean, chance.sd, chance.effect_size, chance.p)


def _means(rows: Array) -> Array:
    known = np.isfinite(rows)
    with np.errstate(invalid="ignore"):
        found: Array = np.where(known, rows, 0.0).sum(axis=1) / known.sum(axis=1)
    return found


def convergence(windows: Array, times: Array, surrogates: Array) -> Part:
    """Least-squares slope of the window values on time, in index per ten minutes, two-sided against surrogates'."""
    known = np.isfinite(windows)
    name, start, end = "convergence", float(times[0]), float(times[-1])
    if known.sum() < 3:
        return Part(name, start, end, int(known.sum()), None)
    real = _slope(windows, times)
    drawn = np.array([_slope(row, times[: len(row)]) for row in surrogates])
    chance = against(real, drawn, one_sided=False)
    return Part(name, start, end, int(known.sum()), real, chance.mean, chance.sd, chance.effect_size, chance.p)


def _slope(values: Array, times: Array) -> float:
    known = np.isfinite(values)
    if known.sum() < 3:
        return float("nan")
    t = times[known] - times[known].mean()
    return float(UNIT_S * (t @ values[known]) / (t @ t))


def alternating(windows: Array, settings: Settings) -> tuple[float | None, float | None]:
    """Mean of the windows of odd and of even stretches; a stretch is as long as a window with its lag, so that the
    two halves share few samples although windows overlap."""
    block = max(-(-(settings.width + settings.reach) // settings.shift), 1)
    even = (np.arange(len(windows)) // block) % 2 == 1
    known = np.isfinite(windows)
    halves = [windows[known & which] for which in (~even, even)]
    odd_mean, even_mean = (float(half.mean()) if half.size else None for half in halves)
    return odd_mean, even_mean

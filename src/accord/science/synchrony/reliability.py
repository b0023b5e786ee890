"""How well an index tells sessions apart: odd against even stretches of every session."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from accord.science.errors import NotEstimable
from accord.science.estimates.estimate import Estimate

FEWEST = 5


class Halves(Protocol):
    """A session's index in its odd and its even stretches: a `Synchrony`, or what was kept of one."""

    @property
    def odd(self) -> float | None: ...

    @property
    def even(self) -> float | None: ...


def odd_even_reliability(sessions: Sequence[Halves], *, level: float = 0.95) -> Estimate:
    """Correlation r over sessions of the index in odd and in even stretches, stepped up to the whole session:
    2r/(1 + r) (Spearman 1910, Brown 1910), its interval by Fisher's Z of r. An index that hardly varies between
    sessions has none, however well it was measured."""
    from scipy.special import ndtri

    halves = [(s.odd, s.even) for s in sessions if s.odd is not None and s.even is not None]
    if len(halves) < FEWEST:
        raise NotEstimable(
            f"{len(halves)} sessions have both halves; reliability needs {FEWEST}.", cure="Add sessions."
        )
    odd, even = np.array(halves, float).T
    if odd.std() == 0 or even.std() == 0:
        raise NotEstimable("The index is the same in every session.", cure="There is nothing to tell apart.")
    r = float(np.corrcoef(odd, even)[0, 1])
    half = float(ndtri(0.5 + level / 2)) / np.sqrt(max(len(halves) - 3, 1))
    low, high = (_stepped_up(float(np.tanh(np.arctanh(np.clip(r, -1 + 1e-12, 1 - 1e-12)) + d))) for d in (-half, half))
    return Estimate(
        "synchrony.reliability", "Odd-even reliability of synchrony", _stepped_up(r), low, high, n=len(halves),
        missing=len(sessions) - len(halves), method="odd against even stretches, Spearman-Brown",
    )  # fmt: skip


def _stepped_up(r: float) -> float:
    return 2 * r / (1 + r)

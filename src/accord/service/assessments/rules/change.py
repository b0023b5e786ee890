"""Whether one person's scores have changed by more than her own ordinary variation; in doubt nothing is claimed (C38).

What is ordinary comes from her own ratings once there are six (s² = Σ(x₍ᵢ₊₁₎ - xᵢ)² / (2(n - 1)), von Neumann 1941: a
slow change hardly widens it), drawn towards the published error of measurement where there is one (C26); before that
from the published error, SEM = SD √(1 - r), or from a published or agreed smallest change. Scores from demonstration
wording are judged by her own variation alone (C6).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from accord.science.instruments import Scale

ENOUGH = 6  # ratings for a variation of her own
SHRINK = 5  # the published error weighs as much as so many of her own steps
Z = 1.96
# Student's t, 97.5 %, for two thirds of n - 1 degrees of freedom: what an SD from successive differences is worth.
_T = {3: 3.18, 4: 2.78, 5: 2.57, 6: 2.45, 7: 2.36, 8: 2.31, 9: 2.26, 10: 2.23, 12: 2.18, 15: 2.13, 20: 2.09, 30: 2.04}

Kind = Literal["better", "worse", "same", "unknown", "first"]
Basis = Literal["own", "own and published", "published", "agreed", ""]


@dataclass(frozen=True, slots=True)
class Verdict:
    """`start` and `now` are what is compared; `limit` what a change must pass; `usual` how far two of her ratings
    usually lie apart. "unknown": nothing says what is ordinary; "first": one score alone."""

    kind: Kind
    n: int
    start: float
    now: float
    limit: float | None = None
    usual: float | None = None
    basis: Basis = ""


def own_variation(values: Sequence[float]) -> float | None:
    """The SD of one rating around a slow course, from successive differences; None for fewer than six."""
    if len(values) < ENOUGH:
        return None
    return math.sqrt(sum((b - a) ** 2 for a, b in pairwise(values)) / (2 * (len(values) - 1)))


def changed(values: Sequence[float], scale: Scale, *, demo: bool = False) -> Verdict:
    """The verdict on a series in the order of time. With six and more, the first two against the last two."""
    n = len(values)
    if n < 2:
        return Verdict("first", n, values[0] if values else math.nan, values[-1] if values else math.nan)
    own, error = own_variation(values), None if demo else _error(scale)
    if own is not None:
        start, now = sum(values[:2]) / 2, sum(values[-2:]) / 2
        sd, basis = _drawn(own, error, n)
        return _verdict(scale, n, start, now, max(_critical(n) * sd, _step(scale)), basis, usual=sd)
    start, now = values[0], values[-1]
    if error is not None:
        return _verdict(scale, n, start, now, Z * math.sqrt(2) * error, "published", usual=error)
    agreed = None if demo else _agreed(scale)
    if agreed is not None:
        return _verdict(scale, n, start, now, agreed, "agreed")
    return Verdict("unknown", n, start, now)


def _verdict(
    scale: Scale, n: int, start: float, now: float, limit: float, basis: Basis, usual: float | None = None
) -> Verdict:
    gained = (now - start) * (-1 if scale.direction == "higher_worse" else 1)
    kind: Kind = "same" if abs(gained) < limit else "better" if gained > 0 else "worse"
    return Verdict(kind, n, start, now, limit, usual, basis)


def _drawn(own: float, error: float | None, n: int) -> tuple[float, Basis]:
    if error is None:
        return own, "own"
    weight = (n - 1) / (n - 1 + SHRINK)
    return math.sqrt(weight * own**2 + (1 - weight) * error**2), "own and published"


def _critical(n: int) -> float:
    free = 2 * (n - 1) // 3
    return next((_T[step] for step in sorted(_T, reverse=True) if step <= free), _T[3])


def _step(scale: Scale) -> float:
    """Never less than a tenth of the range: ratings that never moved do not make a point of half a point."""
    return (scale.maximum - scale.minimum) / 10


def _error(scale: Scale) -> float | None:
    """The published error of one measurement."""
    known = scale.change.retest
    return known.sd * math.sqrt(1 - known.r) if known and known.sd is not None else None


def _agreed(scale: Scale) -> float | None:
    """A published smallest detectable change, or what services have agreed to call one; the larger of several."""
    known = scale.change.mdc or scale.change.conventions
    return max((one.value for one in known if one.unit == "points"), default=None)

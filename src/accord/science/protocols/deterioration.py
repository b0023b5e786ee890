"""Who is called worse (C16): the one definition of the rule, for the expected false alarms and for one person's scores.

A protocol nominates at most two scales. On each, worse = the change from the first measured occasion, turned so that a
positive number is worse. The rule holds when it lies beyond the scale's limit on so many occasions in a row of that
scale, or when it exceeds the one very large step once. Pure: no clock, no database.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accord.science.instruments import Scale
from accord.science.protocols.model import Protocol

RELIABLE = 1.96


@dataclass(frozen=True, slots=True)
class Limit:
    """How far a score must move on a scale before it counts: points, whose they are, the very large step if any.

    A service's convention counts from its number on; a measured limit must be exceeded.
    """

    ref: str
    points: float
    origin: str
    inclusive: bool
    occasions: int
    large: float | None


@dataclass(frozen=True, slots=True)
class Worse:
    """The rule holds on the newest occasion: the first score, those that it rests on, and which part of it."""

    limit: Limit
    first: float
    latest: tuple[float, ...]
    large_step: bool


def limit_of(protocol: Protocol, ref: str, scale: Scale) -> Limit | None:
    """The limit of a scale in this protocol; None where nothing founds one: then nothing is claimed.

    The protocol's named convention, else reliable change 1.96 SD √2 √(1 - r) from a retest that has r, its interval
    and an SD, else the scale's named convention.
    """
    clause = protocol.safety.deterioration
    occasions = clause.occasions if clause else 2
    large = clause.large_step * spread_of(protocol, ref, scale) if clause and clause.large_step is not None else None
    if clause and ref in clause.threshold:
        whose = clause.convention.get(ref, "not named")
        return Limit(ref, clause.threshold[ref], whose, True, occasions, large)
    retest = scale.change.retest
    if retest and retest.ci and retest.sd:
        points = RELIABLE * retest.sd * math.sqrt(2 * (1 - retest.r))
        origin = f"reliable change from {retest.type} r {retest.r:g} ({retest.interval}), SD {retest.sd:g}"
        return Limit(ref, points, origin, False, occasions, large)
    if scale.change.conventions and scale.change.conventions[0].unit == "points":
        convention = scale.change.conventions[0]
        return Limit(ref, convention.value, f"convention: {convention.source}", True, occasions, large)
    return None


def spread_of(protocol: Protocol, ref: str, scale: Scale) -> float:
    """The SD of a scale at the start: what the protocol simulates, else the retest's, else a fifth of the range."""
    if protocol.simulate and ref in protocol.simulate.scales:
        return protocol.simulate.scales[ref].sd
    retest = scale.change.retest
    return retest.sd if retest and retest.sd else scale.span / 5


def beyond(change: NDArray[np.floating], points: float, *, inclusive: bool = False) -> NDArray[np.bool_]:
    """Where a change reaches past the limit; both in the same unit."""
    return np.asarray(change >= points if inclusive else change > points)


def flagged(
    worse: NDArray[np.floating], points: float, *, occasions: int, large: float | None = None, inclusive: bool = False
) -> NDArray[np.bool_]:
    """Whether the rule held at least once: `worse` is (people, later occasions), improvement negative."""
    found = in_a_row(beyond(worse, points, inclusive=inclusive), occasions)
    return found if large is None else found | beyond(worse, large).any(axis=1)


def in_a_row(over: NDArray[np.bool_], occasions: int) -> NDArray[np.bool_]:
    """Whether so many occasions in a row are true, for each row."""
    if over.shape[1] < occasions:
        return np.zeros(over.shape[0], dtype=bool)
    runs = np.ones((over.shape[0], over.shape[1] - occasions + 1), dtype=bool)
    for shift in range(occasions):
        runs &= over[:, shift : shift + runs.shape[1]]
    return np.asarray(runs.any(axis=1))


def worse_now(values: Sequence[float], sign: int, limit: Limit) -> Worse | None:
    """The rule for one person on the newest of her measured occasions; `values` are her scores, the first one first.

    Occasions that were not answered are not among them: two in a row are two measured ones, as in the simulated rule.
    Raises nothing: fewer scores than the rule needs are no deterioration.
    """
    if sign == 0 or len(values) < 2:
        return None
    worse = -sign * (np.asarray(values[1:], dtype=float) - values[0])
    newest = worse[None, -limit.occasions :]
    if flagged(newest, limit.points, occasions=limit.occasions, inclusive=limit.inclusive)[0]:
        return Worse(limit, values[0], tuple(values[-limit.occasions :]), large_step=False)
    if flagged(worse[None, -1:], math.inf, occasions=1, large=limit.large)[0]:
        return Worse(limit, values[0], (values[-1],), large_step=True)
    return None


def no_better_now(values: Sequence[float], sign: int, limit: Limit) -> bool | None:
    """Whether the newest score is no better than the first, and within the limit of it: about the same so far.

    None where that cannot be said: fewer than two scores, or a scale without a direction.
    """
    if sign == 0 or len(values) < 2:
        return None
    better = sign * (values[-1] - values[0])
    return better <= 0 and not bool(beyond(np.asarray([-better]), limit.points, inclusive=limit.inclusive)[0])

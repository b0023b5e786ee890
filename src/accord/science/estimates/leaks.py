"""Predictors that know too much: measured when the outcome had begun, or telling it almost alone.

A predictor of completion that counts completed lessons predicts perfectly and is of no use. Such a one is flagged,
never left out in silence: what to do is for who knows how it was measured.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.auc import auc
from accord.science.estimates.fixed_effects import indicators

TOO_GOOD = 0.95


@dataclass(frozen=True, slots=True)
class Leak:
    """A predictor and why it is suspected."""

    name: str
    why: str


def leaks(
    outcome: ArrayLike,
    predictors: Mapping[str, ArrayLike],
    *,
    measured: Mapping[str, float] | None = None,
    outcome_starts: float | None = None,
) -> tuple[Leak, ...]:
    """Predictors `measured` (day) on or after `outcome_starts`, or whose AUC alone is above .95 (or below .05).

    Raises BadInput for a day of a predictor that is not there.
    """
    days = dict(measured or {})
    strange = sorted(set(days) - set(predictors))
    if strange:
        raise BadInput(f"There is no predictor {strange[0]!r}.", cure=f"There are: {', '.join(predictors)}.")
    found = []
    for name, values in predictors.items():
        if outcome_starts is not None and name in days and days[name] >= outcome_starts:
            found.append(Leak(name, f"measured on day {days[name]:g}, when the outcome had begun (day "
                                    f"{outcome_starts:g})"))  # fmt: skip
        alone = _alone(outcome, name, values)
        if max(alone, 1 - alone) > TOO_GOOD:
            found.append(Leak(name, f"tells the outcome almost alone (AUC {max(alone, 1 - alone):.2f})"))
    return tuple(found)


def _alone(outcome: ArrayLike, name: str, values: ArrayLike) -> float:
    """The AUC of a predictor alone; of words, the one of the level that tells most."""
    best = 0.5
    for _, column in indicators(name, np.asarray(values)):
        try:
            value = auc(outcome, column).value
        except NotEstimable:
            continue
        best = value if abs(value - 0.5) > abs(best - 0.5) else best
    return best


def leaks_said(found: tuple[Leak, ...]) -> str:
    """One sentence, or nothing."""
    if not found:
        return ""
    named = "; ".join(f"{leak.name}: {leak.why}" for leak in found)
    return f"Perhaps known only afterwards, so do not trust the figures before this is cleared: {named}."

"""What became of people after something was done for them, beside people in the same state for whom it was not.

Who gets it was chosen, and it can only be given to somebody who is still in the state: comparing all others would let
those who came back early count against it. So the others are taken on one day of the state (the landmark): the median
day on which it was given. Who was still in the state then and was seen for `within` days more is compared. That makes
the two alike in how long they had waited and in nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.science.errors import NotEstimable
from accord.science.estimates.proportions import RiskDifference, risk_difference


@dataclass(frozen=True, slots=True)
class Spells:
    """Times in a state, one a person or spell, in days from where the state began.

    `back`: when it ended by coming back (NaN: it has not); `seen`: until when the person was watched; `gone`: when she
    left for good (NaN: she has not). All (N,).
    """

    back: NDArray[np.float64]
    seen: NDArray[np.float64]
    gone: NDArray[np.float64]

    def outcome(self, at: ArrayLike, within: float) -> NDArray[np.float64]:
        """Per spell: 1 came back within so many days from `at` on, 0 did not, NaN: no longer in the state at `at`, or
        not watched long enough. Leaving for good before coming back is not coming back."""
        day = np.asarray(at, float)
        in_state = ~(self.back < day) & ~(self.gone <= day) & (self.seen >= day)
        came = (self.back <= day + within) & ~(self.gone < self.back)
        known = came | (self.seen >= day + within) | (self.gone <= day + within)
        return np.where(in_state & known, came.astype(float), np.nan)


@dataclass(frozen=True, slots=True)
class Landmark:
    """`day` of the state on which the others are taken; `difference` of the shares, first minus others; `left_out`
    are those for whom it was done and who were no longer in the state, or for whom it is too early to tell."""

    day: float
    difference: RiskDifference
    left_out: int


def landmark_comparison(
    given: Spells, given_at: ArrayLike, others: Spells, *, within: float = 14.0, who: ArrayLike | None = None
) -> Landmark:
    """Shares that came back within so many days, with Newcombe's limits of their difference.

    `given_at` (N,): the day of the state on which it was given; days before the state began, or after it had ended,
    are not counted. `who` (M,) names whose spell each of the others is: one of each person is counted, the first that
    can be; without it every spell is another person's. Raises NotEstimable when either side is empty. Pure: no draw,
    no clock.
    """
    at = np.asarray(given_at, float)
    first = given.outcome(at, within)
    known = np.isfinite(first) & (at >= 0)
    if not known.any():
        raise NotEstimable("Nobody for whom it was done has been seen long enough since.")
    day = float(np.floor(np.median(at[known])))
    second = others.outcome(day, within)
    rest = np.isfinite(second)
    if who is not None:
        first_of = np.zeros(len(rest), dtype=bool)
        first_of[np.flatnonzero(rest)[np.unique(np.asarray(who)[rest], return_index=True)[1]]] = True
        rest = first_of
    if not rest.any():
        raise NotEstimable(f"Nobody else was in the same state on day {day:.0f} and seen for {within:.0f} days more.")
    counts = [(int(values.sum()), len(values)) for values in (first[known], second[rest])]
    return Landmark(day, risk_difference(*counts), int((~known).sum()))

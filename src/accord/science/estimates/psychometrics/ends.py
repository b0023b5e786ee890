"""Floor and ceiling: how many stand at the ends of a scale, where worse or better can no longer be seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.proportions import Proportion, proportion

TOO_MANY = 0.15  # Terwee et al. 2007


@dataclass(frozen=True, slots=True)
class Ends:
    """Share at the lowest and at the highest possible score, with Wilson limits."""

    floor: Proportion
    ceiling: Proportion
    n: int
    missing: int

    @property
    def crowded(self) -> tuple[str, ...]:
        """The ends at which more than 15 % stand."""
        ends = (("floor", self.floor), ("ceiling", self.ceiling))
        return tuple(name for name, share in ends if share.value > TOO_MANY)

    def summary(self) -> str:
        said = f"{self.floor.value:.0%} at the lowest score, {self.ceiling.value:.0%} at the highest, of {self.n:,}."
        return f"{said} More than 15 % at the {' and the '.join(self.crowded)}." if self.crowded else said


def floor_and_ceiling(scores: ArrayLike, lowest: float, highest: float) -> Ends:
    """Of scores (N,), NaN missing, on a scale from `lowest` to `highest`. A score outside of it is refused."""
    x = np.asarray(scores, float)
    known = x[np.isfinite(x)]
    if not lowest < highest:
        raise BadInput("The lowest score lies below the highest.", cure="Give the ends of the scale.")
    if not len(known):
        raise NotEstimable("There are no scores.", cure="Score the questionnaire first.")
    outside = known[(known < lowest - 1e-9) | (known > highest + 1e-9)]
    if len(outside):
        raise BadInput(f"A score of {outside[0]:g} lies outside {lowest:g} to {highest:g} ({len(outside)} of them).",
                       cure="Check the scale's range and how it was scored.")  # fmt: skip
    at = [int((np.abs(known - end) < 1e-9).sum()) for end in (lowest, highest)]
    return Ends(proportion(at[0], len(known)), proportion(at[1], len(known)), len(known), len(x) - len(known))

"""How much of a change regression to the mean alone would make, in people who were chosen for a bad score.

With scores normal with mean μ and SD σ and correlation ρ between occasions, people above a cut-off c fall by
(1 - ρ) σ φ(z)/(1 - Φ(z)), z = (c - μ)/σ, without any treatment (Davis 1976; James 1973).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy import special

from accord.science.errors import BadInput


@dataclass(frozen=True, slots=True)
class RegressionToTheMean:
    """`expected` change towards the mean (positive), in the scale's points, and the share of an observed change."""

    expected: float
    chosen: float  # share of the population beyond the cut-off
    share_of_observed: float | None


def regression_to_the_mean(
    *, cutoff: float, mean: float, sd: float, correlation: float, above: bool = True, observed: float | None = None
) -> RegressionToTheMean:
    """`above`: chosen for scores above the cut-off. `observed`: a mean change towards the mean, to compare with."""
    if not sd > 0 or not -1 <= correlation <= 1:
        raise BadInput(
            f"SD {sd} and correlation {correlation} are not possible.", cure="SD above 0, |correlation| ≤ 1."
        )
    z = (cutoff - mean) / sd * (1 if above else -1)
    chosen = float(special.ndtr(-z))
    density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    expected = (1 - correlation) * sd * density / chosen
    share = expected / observed if observed else None
    return RegressionToTheMean(expected, chosen, share)

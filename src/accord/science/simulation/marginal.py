"""One scale at one time: a normal value turned into a score with ends, steps and skew, and fitted to what is wanted.

u is standard normal; y = m + s·g(u + shift) with g the identity or a shifted lognormal of variance 1; the score is y
rounded to the steps and cut at the ends. Because the score only moves where y crosses the middle between two steps, its
mean and variance are exact sums over normal probabilities; m, s and the shifts are found so that the *score* has the
mean, standard deviation and change that the protocol states.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.science.simulation.shape import Shape

Array = NDArray[Any]
Skew = Literal["none", "right", "left"]
SKEWNESS = 0.35  # log-SD of the shifted lognormal: skewness 1.1
_ROUNDS = 200
_FAR = 8.0


@dataclass(frozen=True)
class Marginal:
    """`mean` and `sd` are those of y, `baseline_mean` and `baseline_sd` those of the score."""

    shape: Shape
    mean: float
    sd: float
    skew: Skew
    baseline_mean: float
    baseline_sd: float

    def scores(self, u: Array) -> Array:
        """Scores of normal values (any array)."""
        y = self.mean + self.sd * stretched(u, self.skew)
        levels = np.rint((y - self.shape.minimum) / self.shape.step)
        np.clip(levels, 0, self.shape.levels - 1, out=levels)
        levels *= self.shape.step
        levels += self.shape.minimum
        return levels

    def expected(self, shifts: ArrayLike) -> Array:
        """The mean score of a person whose u is moved by each shift."""
        return _moments(self.shape, self.mean, self.sd, self.skew, np.asarray(shifts, float))[0]

    def shifts(self, changes: ArrayLike) -> Array:
        """The shift of u that changes the mean score by so many baseline SDs (positive = better). By bisection.

        A change that would leave the scale is taken as far as the scale goes, less a thousandth of its length. A score
        without a direction (a profile) leans the way severity does, so that better takes from it.
        """
        wanted = self.baseline_mean + (self.shape.sign or -1) * np.asarray(changes, float) * self.baseline_sd
        edge = 0.001 * (self.shape.maximum - self.shape.minimum)
        wanted = np.clip(wanted, self.shape.minimum + edge, self.shape.maximum - edge)
        low, high = np.full(wanted.shape, -_FAR), np.full(wanted.shape, _FAR)
        for _ in range(50):
            middle = (low + high) / 2
            above = self.expected(middle) > wanted
            low, high = np.where(above, low, middle), np.where(above, middle, high)
        return np.where(np.asarray(changes, float) == 0, 0.0, (low + high) / 2)


def fitted(shape: Shape, mean: float, sd: float, skew: Skew) -> Marginal:
    """m and s for which the score has this mean and SD; as near as the scale's ends allow."""
    m, s = mean, sd
    for _ in range(_ROUNDS):
        got_mean, got_sd = (float(value) for value in _moments(shape, m, s, skew, np.zeros(())))
        if abs(got_mean - mean) < 1e-9 * sd and abs(got_sd - sd) < 1e-9 * sd:
            break
        m += mean - got_mean
        s = min(s * sd / max(got_sd, 1e-6), 20 * sd)
    got_mean, got_sd = (float(value) for value in _moments(shape, m, s, skew, np.zeros(())))
    return Marginal(shape, m, s, skew, got_mean, got_sd)


def stretched(u: Array, skew: Skew) -> Array:
    """g(u): mean 0 and variance 1 for a standard normal u."""
    if skew == "none":
        return u
    side = 1.0 if skew == "right" else -1.0
    g: Array = side * np.expm1(side * SKEWNESS * u - SKEWNESS**2 / 2) / np.sqrt(np.expm1(SKEWNESS**2))
    return g


def _unstretched(x: Array, skew: Skew) -> Array:
    if skew == "none":
        return x
    side = 1.0 if skew == "right" else -1.0
    inside = 1 + side * x * np.sqrt(np.expm1(SKEWNESS**2))
    with np.errstate(divide="ignore"):
        logged: Array = np.log(np.maximum(inside, 0.0))
    return side * (logged + SKEWNESS**2 / 2) / SKEWNESS


def _moments(shape: Shape, m: float, s: float, skew: Skew, shifts: Array) -> tuple[Array, Array]:
    """Mean and SD of the score for each shift: sums of P(score above a step) over the steps."""
    from scipy.special import ndtr

    middles = shape.minimum + shape.step * (np.arange(shape.levels - 1) + 0.5)
    above = ndtr(shifts[..., None] - _unstretched((middles - m) / s, skew))
    first = above.sum(-1)
    second = (above * (2 * np.arange(shape.levels - 1) + 1)).sum(-1)
    return shape.minimum + shape.step * first, shape.step * np.sqrt(np.maximum(second - first**2, 0))

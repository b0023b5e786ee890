"""Weights for people who were observed, so that they stand for those who were not.

w = P(observed) / P(observed | covariates) (stabilised), by logistic regression; weights beyond the given quantiles are
drawn in. The weighted mean's standard error is the sandwich's with the weights' own estimation taken in: the influence
of the weights' coefficients is projected out (Lunceford & Davidian 2004), which without it would be too wide.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.contrast import Contrast, contrast
from accord.science.estimates.fixed_effects import fixed_effects
from accord.science.estimates.logistic import logistic

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Weights:
    """`weight` (N,), 0 for who was not observed; `effective` = (Σw)²/Σw²; `largest` before drawing in."""

    weight: Array
    probability: Array
    matrix: Array
    observed: NDArray[np.bool_]
    effective: float
    largest: float
    drawn_in: int

    def mean(self, outcome: ArrayLike, *, level: float = 0.95) -> Contrast:
        """Weighted mean of what was observed, for all."""
        y = np.asarray(outcome, float)
        if not np.isfinite(y[self.observed]).all():
            raise BadInput("Somebody called observed has no outcome.", cure="Make the weights from the outcome's gaps.")
        held = np.where(self.observed, y, 0.0)
        value = float(self.weight @ held / self.weight.sum())
        influence = self.weight * np.where(self.observed, y - value, 0.0)
        score = (self.observed - self.probability)[:, None] * self.matrix
        influence = influence - score @ np.linalg.lstsq(score, influence, rcond=None)[0]
        return contrast(value, math.sqrt(float(influence @ influence)) / float(self.weight.sum()), level=level)


def observation_weights(observed: ArrayLike, covariates: Mapping[str, ArrayLike], *, draw_in: float = 0.0) -> Weights:
    """`observed` (N,) yes or no; `covariates` complete, name -> N numbers or words; `draw_in` .01 = 1 % at each end."""
    seen = np.asarray(observed, bool)
    x = fixed_effects(covariates, len(seen))
    if not x.complete.all():
        raise BadInput("A covariate of the weights has gaps.", cure="Impute it first, or use another one.")
    if seen.all() or not seen.any():
        raise NotEstimable("Everybody or nobody was observed.", cure="No weights are needed, or none can be made.")
    model = logistic(seen.astype(float), covariates)
    probability = np.asarray(special.expit(x.matrix @ model.coefficients))
    weight = np.where(seen, seen.mean() / probability, 0.0)
    largest = float(weight.max())
    low, high = np.quantile(weight[seen], [draw_in, 1 - draw_in])
    drawn = seen & ((weight < low) | (weight > high))
    weight = np.where(seen, np.clip(weight, low, high), 0.0)
    effective = float(weight.sum() ** 2 / (weight**2).sum())
    return Weights(weight, probability, x.matrix, seen, effective, largest, int(drawn.sum()))

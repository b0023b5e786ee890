"""Estimated means of a mixed model at chosen values of its covariates, and the difference between two such means.

A mean is Σ w β with w the values asked for; a covariate that is not named is at its average over the rows of the fit,
and a column "a:b" is the product of what a and b are at. As emmeans does it for numeric covariates; checked against it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.science.errors import BadInput
from accord.science.estimates.contrast import Contrast
from accord.science.estimates.linear_mixed.fit import LinearMixed

Array = NDArray[Any]


def mean_at(model: LinearMixed, at: Mapping[str, float], *, level: float = 0.95) -> Contrast:
    """The estimated mean with covariates at `at` (name -> value; indicators of words are named "arm=new")."""
    return model.contrast(weights_at(model, at), level=level)


def difference_at(
    model: LinearMixed, at: Mapping[str, float], against: Mapping[str, float], *, level: float = 0.95
) -> Contrast:
    """mean(at) - mean(against)."""
    return model.contrast(weights_at(model, at) - weights_at(model, against), level=level)


def weights_at(model: LinearMixed, at: Mapping[str, float]) -> Array:
    """The weights (p,) of the mean at these values."""
    unknown = [name for name in at if name not in model.names]
    if unknown:
        raise BadInput(f"No effect {unknown[0]!r}.", cure=f"Use one of: {', '.join(model.names)}.")
    joint = model.working.joint[:, : len(model.names)]
    values = dict(zip(model.names, joint.mean(axis=0) @ np.linalg.inv(model.working.back), strict=True))
    values |= {name: float(value) for name, value in at.items()}
    for name in model.names:
        parts = name.split(":")
        if name not in at and len(parts) > 1 and all(part in values for part in parts):
            values[name] = float(np.prod([values[part] for part in parts]))
    return np.array([values[name] for name in model.names])

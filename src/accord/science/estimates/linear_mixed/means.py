"""Estimated means of a mixed model at chosen values of its covariates, and the difference between two such means.

A mean is Σ w β with w the values asked for; a covariate that is not named is at its average over the rows of the fit,
and a column "a:b" is the product of what a and b are at. Words ("arm=new") that are not named are averaged over the
rows as well, or, with `average="levels"`, over their levels in equal parts, as emmeans does. Naming one level of a
column of words puts its others at 0. Checked against emmeans.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from accord.science.errors import BadInput
from accord.science.estimates.contrast import Contrast
from accord.science.estimates.linear_mixed.fit import LinearMixed

Array = NDArray[Any]
Average = Literal["rows", "levels"]


def mean_at(
    model: LinearMixed, at: Mapping[str, float], *, average: Average = "rows", level: float = 0.95
) -> Contrast:  # fmt: skip
    """The estimated mean with covariates at `at` (name -> value; indicators of words are named "arm=new")."""
    return model.contrast(weights_at(model, at, average=average), level=level)


def difference_at(
    model: LinearMixed, at: Mapping[str, float], against: Mapping[str, float], *, average: Average = "rows",
    level: float = 0.95,
) -> Contrast:  # fmt: skip
    """mean(at) - mean(against)."""
    first, second = (weights_at(model, values, average=average) for values in (at, against))
    return model.contrast(first - second, level=level)


def weights_at(model: LinearMixed, at: Mapping[str, float], *, average: Average = "rows") -> Array:
    """The weights (p,) of the mean at these values."""
    unknown = [name for name in at if name not in model.names]
    if unknown:
        raise BadInput(f"No effect {unknown[0]!r}.", cure=f"Use one of: {', '.join(model.names)}.")
    joint = model.working.joint[:, : len(model.names)]
    values = dict(zip(model.names, joint.mean(axis=0) @ np.linalg.inv(model.working.back), strict=True))
    for indicators in _words(model):
        named = any(name in at for name in indicators)
        if named or average == "levels":
            share = 0.0 if named else 1 / (len(indicators) + 1)  # the level without an indicator counts as well
            values |= dict.fromkeys(indicators, share)
    values |= {name: float(value) for name, value in at.items()}
    for name in model.names:
        parts = name.split(":")
        if name not in at and len(parts) > 1 and all(part in values for part in parts):
            values[name] = float(np.prod([values[part] for part in parts]))
    return np.array([values[name] for name in model.names])


def _words(model: LinearMixed) -> list[list[str]]:
    """The indicators of each column of words."""
    columns: dict[str, list[str]] = {}
    for name in model.names:
        if "=" in name and ":" not in name:
            columns.setdefault(name.partition("=")[0], []).append(name)
    return list(columns.values())

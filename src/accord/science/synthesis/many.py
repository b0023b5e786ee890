"""Many outcomes pooled in one call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from accord.science.errors import BadInput, NotEstimable, Place
from accord.science.synthesis.batch import Fits, PooledRows, fit_rows, pooled_rows
from accord.science.synthesis.fitting import Prediction, Test, refuse_unknown
from accord.science.synthesis.model import LARGEST, WIDEST
from accord.science.synthesis.weighting import data


def pool_many(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    method: str = "REML",
    test: Test = "z",
    level: float = 0.95,
    labels: Sequence[Any] | None = None,
    prediction: Prediction = "metafor",
) -> PooledRows:
    """Pool every row of `yi` and `vi` (outcomes, k), NaN where a study lacks the outcome, as `pool` would one by one.

    An outcome with one study is that study (τ² unknown), one with none is NaN throughout. Labels name the outcomes.
    Raises BadInput for unlike shapes and for a variance that is not above zero, with row and column.
    """
    refuse_unknown(method, test, level, prediction)
    y, v = _table(yi), _table(vi)
    if y.shape != v.shape:
        raise BadInput(f"Effects {y.shape} and variances {v.shape} differ in shape.", cure="Give one variance each.")
    if not y.size:
        raise NotEstimable("There is nothing to pool.", cure="Give at least one outcome with one study.")
    names = tuple(map(str, labels)) if labels is not None else tuple(f"outcome {n}" for n in range(1, len(y) + 1))
    if len(names) != len(y):
        raise BadInput(f"{len(names)} labels for {len(y)} outcomes.", cure="Give one label for each outcome.")
    _refuse_variances(v, names)
    there = (np.abs(y) <= LARGEST) & np.isfinite(v)
    some = there.any(axis=1)
    ratio = np.where(there, v, 0.0).max(axis=1) / np.where(there, v, np.inf).min(axis=1)
    for row in np.flatnonzero(ratio > WIDEST).tolist():
        raise BadInput(
            f"The variances in {names[row]} differ {ratio[row]:.0e} times.", where=Place(row=row + 1),
            cure="Check the units: variances of studies do not differ so much.",
        )  # fmt: skip
    mask = np.where(some[:, None], there, True)
    d = data(np.where(there, y, 0.0), np.where(there, v, 1.0), np.ones((y.shape[1], 1)), mask.astype(float))
    fits = fit_rows(d, method, test)
    fits = Fits(*(np.where(_wide(some, part), part, np.nan) for part in fits))
    return pooled_rows(
        "outcome", names, there.sum(axis=1), fits, np.ones(1), method=method, test=test, level=level,
        prediction=prediction,
    )  # fmt: skip


def _table(values: ArrayLike) -> Any:
    try:
        array = np.asarray(values, float)
    except (TypeError, ValueError):
        raise BadInput("The table holds values that are no numbers.", cure="Give numbers, NaN where missing.") from None
    if array.ndim != 2:
        raise BadInput(f"A table of {array.ndim} dimensions.", cure="Give outcomes in rows, studies in columns.")
    return array


def _refuse_variances(v: Any, names: tuple[str, ...]) -> None:
    for row, column in np.argwhere((v < 1 / LARGEST) | (v > LARGEST)).tolist()[:1]:
        raise BadInput(
            f"The variance of study {column + 1} in {names[row]} is {v[row, column]:g}.", where=Place(row=row + 1),
            cure="A variance is finite and above zero: give SE², or leave the cell missing (NaN).",
        )  # fmt: skip


def _wide(some: Any, part: Any) -> Any:
    return some.reshape(-1, *[1] * (np.ndim(part) - 1))

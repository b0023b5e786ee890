"""The synthesis as it grew: each study added to those before it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.science.errors import BadInput, NotEstimable
from accord.science.synthesis.batch import PooledRows, fit_rows, pooled_rows
from accord.science.synthesis.pooled import Pooled
from accord.science.synthesis.weighting import data


def cumulative(pooled: Pooled, by: ArrayLike | None = None) -> PooledRows:
    """Pool the first study, the first two, … in the order of `by` (a year, say; ties stay as they stand; None: as they
    stand), one value for each study that is in `pooled`. Without moderators only.

    The first row is the first study itself (normal interval, τ² unknown). Looking again and again is not corrected
    for. Checked against metafor::cumul.
    """
    e = pooled.effects
    if e.p > 1:
        raise NotEstimable("A cumulative synthesis has no moderators.", cure="Pool without moderators first.")
    order = np.arange(e.k) if by is None else np.argsort(_keys(by, e.k), kind="stable")
    mask = np.tril(np.ones((e.k, e.k)))
    d = data(e.y[order], e.v[order], e.basis, mask)
    labels = tuple(e.labels[n] for n in order.tolist())
    return pooled_rows(
        "study added", labels, d.n.astype(int), fit_rows(d, pooled.method, pooled.test), np.ones(1),
        method=pooled.method, test=pooled.test, level=pooled.level, prediction=pooled.prediction_rule,
    )  # fmt: skip


def _keys(by: ArrayLike, k: int) -> NDArray[Any]:
    keys = np.asarray(by)
    if keys.shape != (k,):
        raise BadInput(f"{keys.size} values to order {k} studies by.", cure="Give one value for each study pooled.")
    return keys

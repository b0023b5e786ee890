"""Folds for cross-validation: dealt out within events and non-events, or whole groups at a time.

People of one therapist or site resemble each other. When some of them train and others test, a model may tell the
therapist and look as if it told the person; so groups are never split, in the outer folds and in the inner ones.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.science.errors import BadInput, NotEstimable

Array = NDArray[Any]


def random_folds(y: Array, folds: int, seed: int) -> NDArray[np.int64]:
    """Fold of each row, events and non-events dealt out evenly in a seeded order."""
    if folds < 2:
        raise BadInput("Cross-validation needs two folds.", cure="Give folds=2 or more.")
    rng = np.random.default_rng(seed)
    part = np.empty(len(y), dtype=np.int64)
    dealt = 0
    for value in (0, 1):
        rows = rng.permutation(np.flatnonzero(y == value))
        part[rows] = (dealt + np.arange(len(rows))) % folds
        dealt += len(rows)
    return part


def group_codes(groups: Array) -> NDArray[np.int64]:
    """Codes of at least two groups."""
    codes = np.unique(groups.astype(str), return_inverse=True)[1].ravel()
    if codes.max(initial=0) < 1:
        raise NotEstimable("There is one site only.", cure="Use random folds.")
    return np.asarray(codes, dtype=np.int64)


def grouped_folds(y: Array, codes: NDArray[np.int64], folds: int, seed: int) -> NDArray[np.int64]:
    """Whole groups to folds, the largest first, each to the fold with the fewest events so far, then people."""
    _, own = np.unique(codes, return_inverse=True)
    count = int(own.max()) + 1
    folds = min(folds, count)
    if folds < 2:
        raise NotEstimable("There is one group only.", cure="Use random folds.")
    size, events = np.bincount(own, minlength=count), np.bincount(own, weights=y, minlength=count)
    order = np.random.default_rng(seed).permutation(count)
    order = order[np.argsort(-size[order], kind="stable")]
    home = np.empty(count, dtype=np.int64)
    held, had = np.zeros(folds), np.zeros(folds)
    for group in order:
        home[group] = min(range(folds), key=lambda k: (had[k], held[k]))
        had[home[group]] += events[group]
        held[home[group]] += size[group]
    return np.asarray(home[own], dtype=np.int64)

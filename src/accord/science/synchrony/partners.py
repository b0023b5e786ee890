"""Pseudo pairs: people of one recording set beside those of another, roles kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.science.errors import NotEstimable
from accord.science.synchrony.series import series
from accord.science.synchrony.surrogates import generator

Array = NDArray[np.float64]
Numbers = tuple[int, int]
FEWEST = {"pseudo-sessions": 3, "pseudo-dyads": 10}  # recordings, this one included (C25)


def partners(
    a: Array, b: Array, others: Sequence[tuple[ArrayLike, ArrayLike]], *, kind: str, count: int, seed: int,
    prepare: Callable[[Array], Array], fits: Callable[[int], bool],
) -> list[tuple[Array, Array]]:  # fmt: skip
    """At most `count` pairs (first of one recording, second of another): those with a or b first, then the rest.

    Recordings that hold no window (`fits`) are left out. With n recordings there are n(n − 1); when that is more than
    `count`, the rest are drawn without replacement.
    """
    others = [(x, y) for x, y in others if fits(min(len(np.asarray(x)), len(np.asarray(y))))]
    if len(others) + 1 < FEWEST[kind]:
        raise NotEstimable(
            f"'{kind}' needs {FEWEST[kind]} recordings that hold a window; there are {len(others) + 1}.",
            cure="Use 'circular-shift' for a recording by itself.",
        )
    rest = range(1, len(others) + 1)
    own = [(0, j) for j in rest] + [(j, 0) for j in rest]
    chosen = _chosen(own, [(i, j) for i in rest for j in rest if i != j] if len(own) < count else [], count, seed)
    firsts: dict[int, Array | None] = {0: a}
    seconds: dict[int, Array | None] = {0: b}
    found = []
    for i, j in chosen:
        if i not in firsts:
            firsts[i] = _straight(others[i - 1][0], prepare)
        if j not in seconds:
            seconds[j] = _straight(others[j - 1][1], prepare)
        x, y = firsts[i], seconds[j]
        if x is not None and y is not None:
            found.append((x, y))
    return found


def _straight(x: ArrayLike, prepare: Callable[[Array], Array]) -> Array | None:
    """Another recording's course, None where it is flat or empty: that is no reason to leave this one out."""
    try:
        return prepare(series(x, "The course of another recording"))
    except NotEstimable:
        return None


def _chosen(own: list[Numbers], apart: list[Numbers], count: int, seed: int) -> list[Numbers]:
    rng = generator(seed, 0)
    if len(own) > count:
        return [own[i] for i in np.sort(rng.permutation(len(own))[:count])]
    more = np.sort(rng.permutation(len(apart))[: count - len(own)])
    return own + [apart[i] for i in more]

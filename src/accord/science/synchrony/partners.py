"""Pseudo pairs: people of one recording set beside those of another, roles kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.science.errors import NotEstimable
from accord.science.synchrony.series import series
from accord.science.synchrony.surrogates import generator

Array = NDArray[np.float64]
FEWEST = {"pseudo-sessions": 3, "pseudo-dyads": 10}  # recordings, this one included (C25)


def partners(
    a: Array, b: Array, others: Sequence[tuple[ArrayLike, ArrayLike]], *, kind: str, count: int, seed: int,
    prepare: Callable[[Array], Array],
) -> list[tuple[Array, Array]]:  # fmt: skip
    """At most `count` pairs (first of one recording, second of another): those with a or b first, then the rest.

    With n recordings there are n(n − 1); when that is more than `count`, the rest are drawn without replacement.
    """
    if len(others) + 1 < FEWEST[kind]:
        raise NotEstimable(
            f"'{kind}' needs {FEWEST[kind]} recordings; there are {len(others) + 1}.",
            cure="Use 'circular-shift' for a recording by itself.",
        )
    firsts = [a, *(prepare(series(x, "The first course of another recording")) for x, _ in others)]
    seconds = [b, *(prepare(series(y, "The second course of another recording")) for _, y in others)]
    rest = range(1, len(firsts))
    own = [(0, j) for j in rest] + [(j, 0) for j in rest]
    apart = [(i, j) for i in rest for j in rest if i != j]
    chosen = own + apart
    if len(chosen) > count:
        rng = generator(seed, 0)
        chosen = [chosen[i] for i in (rng.permutation(len(own))[:count])] if len(own) >= count else (
            own + [apart[i] for i in rng.permutation(len(apart))[: count - len(own)]])  # fmt: skip
    return [(firsts[i], seconds[j]) for i, j in chosen]

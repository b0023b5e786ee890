"""Turn effects so that a positive one is a benefit of the first group, by the direction of the scale."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from accord.science.errors import BadInput, Place
from accord.science.estimates.effect_sizes.values import Array, YiVi

DIRECTIONS = {"higher_better": 1.0, "higher_worse": -1.0}


def signs(direction: str | Sequence[str | None] | None, k: int) -> Array:
    """+1 for higher_better and where nothing is said, -1 for higher_worse; one word for all, or one a study."""
    words = [direction] * k if direction is None or isinstance(direction, str) else list(direction)
    if len(words) != k:
        raise BadInput(f"{len(words)} directions for {k} effects.", cure="Give one, or one for each effect.")
    return np.array([_sign(word, row) for row, word in enumerate(words, 1)])


def turned(effects: YiVi, direction: str | Sequence[str | None] | None) -> YiVi:
    """The effects times the sign of their scale's direction: positive is then a benefit of the first group.

    For a change within one group the same holds: post - pre of a scale where higher is worse is turned.
    """
    return YiVi(signs(direction, effects.yi.size).reshape(effects.yi.shape) * effects.yi, effects.vi)


def _sign(word: str | None, row: int) -> float:
    if word is None or word == "":
        return 1.0
    name = str(word).strip().lower().replace("-", "_").replace(" ", "_")
    if name not in DIRECTIONS:
        raise BadInput(
            f"The direction {word!r} is not known.", cure="Write higher_worse or higher_better.", where=Place(row=row)
        )
    return DIRECTIONS[name]


def majority(yi: Array) -> tuple[float, NDArray[np.bool_]]:
    """The sign that three quarters or more of the effects have (0: none has), and who has the other one."""
    found = yi[np.isfinite(yi) & (yi != 0)]
    if found.size < 4:
        return 0.0, np.zeros(yi.shape, bool)
    positive = float(np.mean(found > 0))
    sign = 1.0 if positive >= 0.75 else -1.0 if positive <= 0.25 else 0.0
    return sign, np.isfinite(yi) & (np.sign(yi) == -sign) & (sign != 0)

"""Adjusted p values for several tests: Bonferroni, Holm, Hochberg, and the false discovery rate.

An adjusted p at or below α is significant at that error rate. Holm needs no assumption; Hochberg holds for independent
or positively dependent tests; Benjamini-Hochberg controls the expected share of false ones among those declared;
Benjamini-Yekutieli does so under any dependence. Checked against R's p.adjust.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.science.errors import BadInput

Array = NDArray[Any]
Method = Literal["bonferroni", "holm", "hochberg", "benjamini-hochberg", "benjamini-yekutieli"]


def adjusted_p(p: ArrayLike, method: Method = "holm") -> Array:
    """Adjusted p values in the order given. A missing p (NaN) stays missing and does not count as a test."""
    if method not in _STEPS:
        raise BadInput(f"No method {method!r}.", cure=f"Use one of: {', '.join(_STEPS)}.")
    values = np.asarray(p, float)
    known = np.isfinite(values)
    if ((values[known] < 0) | (values[known] > 1)).any():
        raise BadInput("A p value lies outside 0 to 1.", cure="Give p values.")
    result = np.full(values.shape, np.nan)
    order = np.argsort(values[known], kind="stable")
    adjusted = np.empty(len(order))
    adjusted[order] = np.minimum(1, _STEPS[method](values[known][order]))
    result[known] = adjusted
    return result


def _holm(p: Array) -> Array:
    return np.maximum.accumulate(p * (len(p) - np.arange(len(p))))


def _hochberg(p: Array) -> Array:
    return np.minimum.accumulate((p * (len(p) - np.arange(len(p))))[::-1])[::-1]


def _benjamini_hochberg(p: Array) -> Array:
    return np.minimum.accumulate((p * len(p) / (1 + np.arange(len(p))))[::-1])[::-1]


def _benjamini_yekutieli(p: Array) -> Array:
    return _benjamini_hochberg(p * (1 / (1 + np.arange(len(p)))).sum())


_STEPS: dict[str, Callable[[Array], Array]] = {
    "bonferroni": lambda p: p * len(p),
    "holm": _holm,
    "hochberg": _hochberg,
    "benjamini-hochberg": _benjamini_hochberg,
    "benjamini-yekutieli": _benjamini_yekutieli,
}

"""Order statistics of all pairwise means, or all pairwise differences, without listing the pairs.

The k-th smallest is found by halving the interval of values and counting the pairs below in O(n log n), until the
counted set pins it to one floating-point value. So the Hodges-Lehmann estimate of 100,000 people takes seconds.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
_LIST_UP_TO = 2000


def kth_walsh_average(values: Array, k: int) -> float:
    """The k-th smallest (from 1) of (x_i + x_j)/2 over i ≤ j."""
    x = np.sort(values)
    if len(x) <= _LIST_UP_TO:
        i, j = np.triu_indices(len(x))
        return float(np.partition((x[i] + x[j]) / 2, k - 1)[k - 1])
    place = np.arange(len(x))

    def at_most(limit: float) -> int:
        reach = np.searchsorted(x, 2 * limit - x, side="right")
        return int(np.maximum(reach - place, 0).sum())

    return _bisect(at_most, float(x[0]), float(x[-1]), k)


def kth_difference(first: Array, second: Array, k: int) -> float:
    """The k-th smallest (from 1) of x_i - y_j over all pairs."""
    x, y = np.sort(first), np.sort(second)
    if len(x) * len(y) <= _LIST_UP_TO**2:
        return float(np.partition(np.subtract.outer(x, y).ravel(), k - 1)[k - 1])

    def at_most(limit: float) -> int:
        return int((len(y) - np.searchsorted(y, x - limit, side="left")).sum())

    return _bisect(at_most, float(x[0] - y[-1]), float(x[-1] - y[0]), k)


def _bisect(at_most: Any, low: float, high: float, k: int) -> float:
    """Smallest value with at least k pairs at or below it, to a relative 1e-13."""
    if at_most(low) >= k:
        return low
    while high - low > 1e-13 * max(abs(low), abs(high), 1e-300):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (low, middle) if at_most(middle) >= k else (middle, high)
    return high

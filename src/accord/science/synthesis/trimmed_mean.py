"""The mean effect of what is left after trimming: many fits of nearly the same studies, one after the other.

For REML, τ² is climbed to from the τ² of the fit before, by Newton's method on the restricted likelihood of one mean:

    score = Σw²r² − (Σw − Σw²/Σw),  w = 1/(v + τ²), r = y − ȳ_w

Where that does not end on a top, and for other methods, the general estimator does the work.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.science.synthesis.tau2 import ESTIMATORS
from accord.science.synthesis.weighting import data

Array = NDArray[Any]


def trimmed_mean(y: Array, v: Array, method: str, start: float) -> tuple[float, float]:
    """The mean and τ² of effects `y` with variances `v`; `start` is a τ² near by."""
    if len(y) == 1:
        return float(y[0]), 0.0
    tau2 = climbed(y, v, start) if method == "REML" else None
    if tau2 is None:
        tau2 = float(ESTIMATORS[method](data(y, v, np.ones((len(y), 1)))))
    w = 1 / (v + tau2)
    return float(w @ y) / float(w.sum()), tau2


def climbed(y: Array, v: Array, start: float) -> float | None:
    """The REML τ² on the hill of `start`; None when Newton's method does not settle on a top."""
    tau2 = start
    for _ in range(30):
        w = 1 / (v + tau2)
        w2 = w * w
        s1, s2, s3 = float(w.sum()), float(w2.sum()), float(w2 @ w)
        r = y - float(w @ y) / s1
        wr = w * r
        score = float(wr @ wr) - (s1 - s2 / s1)
        bent = (s2 - 2 * s3 / s1 + (s2 / s1) ** 2) - 2 * (float(w @ (wr * wr)) - float(w @ wr) ** 2 / s1)
        if bent >= 0:
            return None
        following = max(tau2 - score / bent, 0.0)
        if abs(following - tau2) <= 1e-10 * tau2 or (tau2 == following == 0):
            return following
        tau2 = following
    return None

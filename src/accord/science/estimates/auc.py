"""Area under the ROC curve: how often somebody with the event is ranked above somebody without it.

Standard error by DeLong, DeLong & Clarke-Pearson 1988, through midranks (O(n log n)); limits on the logit scale.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from accord.science.errors import NotEstimable
from accord.science.estimates.contrast import Contrast
from accord.science.estimates.interval import critical_value, two_sided_p
from accord.science.estimates.nonparametric import average_ranks


def auc(outcome: ArrayLike, score: ArrayLike, *, level: float = 0.95) -> Contrast:
    """AUC of `score` for `outcome` (0/1); p of "it is one half". A perfect AUC has limits from its own counts only."""
    y, s = np.asarray(outcome, float), np.asarray(score, float)
    known = np.isfinite(y) & np.isfinite(s)
    positive, negative = s[known & (y == 1)], s[known & (y == 0)]
    m, n = len(positive), len(negative)
    if m < 2 or n < 2:
        raise NotEstimable(
            f"An AUC needs two people with the event and two without; found {m} and {n}.", cure="Report the counts."
        )
    joint, _ = average_ranks(np.concatenate([positive, negative]))
    above = (joint[:m] - average_ranks(positive)[0]) / n
    below = 1 - (joint[m:] - average_ranks(negative)[0]) / m
    value = float(above.mean())
    se = math.sqrt(float(above.var(ddof=1)) / m + float(below.var(ddof=1)) / n)
    if value in (0.0, 1.0) or se == 0:
        return Contrast(value, se, None, value, value, 0.0 if value != 0.5 else 1.0)
    half = critical_value(level) * se / (value * (1 - value))
    low, high = (float(special.expit(special.logit(value) + side * half)) for side in (-1, 1))
    return Contrast(value, se, None, low, high, two_sided_p((value - 0.5) / se))

"""The log of the ratio of two means: only for scales with a true zero (C20), such as minutes or counts."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from accord.science.estimates.effect_sizes.values import YiVi, arrays, known, one_of, weighted_mean
from accord.science.estimates.hedges_g import pooled_sd


def ratio_of_means(
    m1i: ArrayLike, sd1i: ArrayLike, n1i: ArrayLike, m2i: ArrayLike, sd2i: ArrayLike, n2i: ArrayLike,
    *, vtype: Literal["LS", "HO", "AV", "AVHO"] = "LS",
) -> YiVi:  # fmt: skip
    """log(m1/m2); NaN where the means are not both above zero.

    * LS: s1²/(n1 m1²) + s2²/(n2 m2²) (Hedges et al. 1999, equation 1)
    * HO: the same with the pooled SD
    * AV: with the sample-size weighted mean coefficient of variation of each arm over all studies
    * AVHO: with one such mean over both arms

    Checked against metafor 3.8 escalc("ROM").
    """
    one_of("The variance", vtype, ("LS", "HO", "AV", "AVHO"))
    m1, sd1, n1, m2, sd2, n2 = arrays(m1i=m1i, sd1i=sd1i, n1i=n1i, m2i=m2i, sd2i=sd2i, n2i=n2i)
    above = (m1 > 0) & (m2 > 0)
    m1, m2 = np.where(above, m1, np.nan), np.where(above, m2, np.nan)
    if vtype == "HO":
        sd1 = sd2 = pooled_sd(sd1, n1, sd2, n2)
    cv1, cv2 = sd1 / m1, sd2 / m2
    if vtype == "AV":
        cv1, cv2 = np.full_like(cv1, weighted_mean(cv1, n1)), np.full_like(cv2, weighted_mean(cv2, n2))
    elif vtype == "AVHO":
        both = np.isfinite(cv1 * cv2 * n1 * n2)
        mean = weighted_mean(np.append(cv1[both], cv2[both]), np.append(n1[both], n2[both]))
        cv1 = cv2 = np.full_like(cv1, mean)
    return known(np.log(m1 / m2), cv1**2 / n1 + cv2**2 / n2)

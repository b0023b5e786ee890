"""Standardised mean differences of two independent groups, in the unit of a standard deviation.

Which standard deviation is part of the name, since d's of different standardisers are different quantities:

* SMD: the pooled SD. * SMDH: the root of the mean of the two variances, which are allowed to differ.
* SMD1, SMD1H (Glass): the SD of the second (control) group, with equal or with differing variances.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from accord.science.errors import BadInput
from accord.science.estimates.effect_sizes.correction import Correction, small_sample
from accord.science.estimates.effect_sizes.values import YiVi, arrays, known, one_of, weighted_mean
from accord.science.estimates.hedges_g import pooled_sd

VarianceType = Literal["LS", "LS2", "UB", "AV"]


def smd(
    m1i: ArrayLike, sd1i: ArrayLike, n1i: ArrayLike, m2i: ArrayLike, sd2i: ArrayLike, n2i: ArrayLike,
    *, vtype: VarianceType = "LS", correction: Correction = "exact",
) -> YiVi:  # fmt: skip
    """Hedges g: J(n1+n2-2)·(m1-m2)/s with the pooled SD s. Variances as in `smd_from_d`.

    Checked against metafor 3.8 escalc("SMD") on normand1999, all four variances.
    """
    m1, sd1, n1, m2, sd2, n2 = arrays(m1i=m1i, sd1i=sd1i, n1i=n1i, m2i=m2i, sd2i=sd2i, n2i=n2i)
    with np.errstate(divide="ignore", invalid="ignore"):
        d = (m1 - m2) / pooled_sd(sd1, n1, sd2, n2)
    return _corrected(d, n1, n2, n1 + n2 - 2, n1 + n2, vtype, correction)


def smd_from_d(
    cohens_d: ArrayLike, n1i: ArrayLike, n2i: ArrayLike,
    *, vtype: VarianceType = "LS", correction: Correction = "exact",
) -> YiVi:  # fmt: skip
    """Hedges g from Cohen's d (uncorrected, pooled SD) and the group sizes.

    With g = J·d, m = n1+n2-2, N = n1+n2:

    * LS: 1/n1 + 1/n2 + g²/(2N) (Hedges 1982, equation 8)
    * LS2: J²·(1/n1 + 1/n2 + d²/(2N)) (Borenstein 2009, equation 12.17)
    * UB: 1/n1 + 1/n2 + (1 - (m-2)/(m J²))·g², unbiased (Hedges 1983, equation 9); exact J only
    * AV: LS with the sample-size weighted mean of all g in the place of g, so that a study's weight hangs only on its
      size (needs all studies in one call)
    """
    d, n1, n2 = arrays(cohens_d=cohens_d, n1i=n1i, n2i=n2i)
    return _corrected(d, n1, n2, n1 + n2 - 2, n1 + n2, vtype, correction)


def smd1(
    m1i: ArrayLike, n1i: ArrayLike, m2i: ArrayLike, sd2i: ArrayLike, n2i: ArrayLike,
    *, vtype: VarianceType = "LS", correction: Correction = "exact",
) -> YiVi:  # fmt: skip
    """Glass's Δ: J(n2-1)·(m1-m2)/s2, divided by the SD of the second (control) group.

    Variances as in `smd_from_d`, with n2-1 degrees of freedom and n2 in the place of N. Checked against metafor 3.8.
    """
    m1, n1, m2, sd2, n2 = arrays(m1i=m1i, n1i=n1i, m2i=m2i, sd2i=sd2i, n2i=n2i)
    with np.errstate(divide="ignore", invalid="ignore"):
        d = (m1 - m2) / sd2
    return _corrected(d, n1, n2, n2 - 1, n2, vtype, correction)


def smd1h(
    m1i: ArrayLike, sd1i: ArrayLike, n1i: ArrayLike, m2i: ArrayLike, sd2i: ArrayLike, n2i: ArrayLike,
    *, correction: Correction = "exact",
) -> YiVi:  # fmt: skip
    """Glass's Δ where the variances differ: var = (s1²/s2²)/n1 + 1/n2 + g²/(2 n2). Checked against metafor 3.8."""
    m1, sd1, n1, m2, sd2, n2 = arrays(m1i=m1i, sd1i=sd1i, n1i=n1i, m2i=m2i, sd2i=sd2i, n2i=n2i)
    with np.errstate(divide="ignore", invalid="ignore"):
        g = small_sample(n2 - 1, correction) * (m1 - m2) / sd2
        return known(g, sd1**2 / sd2**2 / n1 + 1 / n2 + g**2 / (2 * n2))


def smdh(
    m1i: ArrayLike, sd1i: ArrayLike, n1i: ArrayLike, m2i: ArrayLike, sd2i: ArrayLike, n2i: ArrayLike,
    *, correction: Correction = "exact",
) -> YiVi:  # fmt: skip
    """Divided by the average SD: J(n1+n2-2)·(m1-m2)/s with s² = (s1²+s2²)/2, variances allowed to differ.

    var = J²·(g²(s1⁴/(n1-1) + s2⁴/(n2-1))/(8 s⁴) + (s1²/(n1-1) + s2²/(n2-1))/s²) (Bonett 2008, 2009). Checked against
    metafor 3.8 (vtype "LS"). Its "LS2" is not offered: there the variance changes with the unit of the scale.
    """
    m1, sd1, n1, m2, sd2, n2 = arrays(m1i=m1i, sd1i=sd1i, n1i=n1i, m2i=m2i, sd2i=sd2i, n2i=n2i)
    v1, v2 = sd1**2, sd2**2
    s2 = (v1 + v2) / 2
    factor = small_sample(n1 + n2 - 2, correction)
    with np.errstate(divide="ignore", invalid="ignore"):
        g = factor * (m1 - m2) / np.sqrt(s2)
        spread = g**2 * (v1**2 / (n1 - 1) + v2**2 / (n2 - 1)) / (8 * s2**2) + (v1 / (n1 - 1) + v2 / (n2 - 1)) / s2
        return known(g, factor**2 * spread)


def _corrected(d: Any, n1: Any, n2: Any, df: Any, size: Any, vtype: str, correction: Correction) -> YiVi:
    one_of("The variance", vtype, ("LS", "LS2", "UB", "AV"))
    factor = small_sample(df, correction)
    g = factor * d
    base = 1 / n1 + 1 / n2
    if vtype == "LS2":
        return known(g, factor**2 * (base + d**2 / (2 * size)))
    if vtype == "UB":
        if correction != "exact":
            raise BadInput("The unbiased variance (UB) goes with the exact correction only.", cure="Use LS, or exact.")
        return known(g, base + (1 - (df - 2) / (df * factor**2)) * g**2)
    shown = np.full_like(g, weighted_mean(g, n1 + n2)) if vtype == "AV" else g
    return known(g, base + shown**2 / (2 * size))

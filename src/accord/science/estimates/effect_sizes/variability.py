"""Whether one group spreads more than the other: log ratios of SDs and of coefficients of variation.

A treatment that helps some and not others makes the treated spread more, so these ask for differences in response.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from accord.science.estimates.effect_sizes.values import YiVi, arrays, known


def variability_ratio(sd1i: ArrayLike, n1i: ArrayLike, sd2i: ArrayLike, n2i: ArrayLike) -> YiVi:
    """log(s1/s2) + 1/(2(n1-1)) - 1/(2(n2-1)); var = 1/(2(n1-1)) + 1/(2(n2-1)) (Nakagawa et al. 2015).

    Checked against metafor 3.8 escalc("VR").
    """
    sd1, n1, sd2, n2 = arrays(sd1i=sd1i, n1i=n1i, sd2i=sd2i, n2i=n2i)
    with np.errstate(divide="ignore", invalid="ignore"):
        a, b = 1 / (2 * (n1 - 1)), 1 / (2 * (n2 - 1))
        return known(np.log(sd1 / sd2) + a - b, a + b)


def coefficient_of_variation_ratio(
    m1i: ArrayLike, sd1i: ArrayLike, n1i: ArrayLike, m2i: ArrayLike, sd2i: ArrayLike, n2i: ArrayLike
) -> YiVi:
    """The same of s/m, for scales with a true zero: adds s1²/(n1 m1²) + s2²/(n2 m2²) to the variance.

    Mean and variance are taken as independent (normal data). Checked against metafor 3.8 escalc("CVR").
    """
    m1, sd1, n1, m2, sd2, n2 = arrays(m1i=m1i, sd1i=sd1i, n1i=n1i, m2i=m2i, sd2i=sd2i, n2i=n2i)
    spread = variability_ratio(sd1, n1, sd2, n2)
    with np.errstate(divide="ignore", invalid="ignore"):
        return known(
            spread.yi - np.log(np.where((m1 > 0) & (m2 > 0), m1 / m2, np.nan)),
            spread.vi + sd1**2 / (n1 * m1**2) + sd2**2 / (n2 * m2**2),
        )

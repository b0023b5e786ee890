"""The raw difference of two means, in the unit of the scale."""

from __future__ import annotations

from typing import Literal

from numpy.typing import ArrayLike

from accord.science.estimates.effect_sizes.values import YiVi, arrays, known, one_of
from accord.science.estimates.hedges_g import pooled_sd


def mean_difference(
    m1i: ArrayLike, sd1i: ArrayLike, n1i: ArrayLike, m2i: ArrayLike, sd2i: ArrayLike, n2i: ArrayLike,
    *, vtype: Literal["LS", "HO"] = "LS",
) -> YiVi:  # fmt: skip
    """m1 - m2; only for studies on one and the same scale.

    LS: s1²/n1 + s2²/n2. HO: s²(1/n1 + 1/n2) with the pooled SD s (Borenstein 2009, equations 12.5 and 12.3). Checked
    against metafor 3.8 escalc("MD").
    """
    one_of("The variance", vtype, ("LS", "HO"))
    m1, sd1, n1, m2, sd2, n2 = arrays(m1i=m1i, sd1i=sd1i, n1i=n1i, m2i=m2i, sd2i=sd2i, n2i=n2i)
    if vtype == "HO":
        return known(m1 - m2, pooled_sd(sd1, n1, sd2, n2) ** 2 * (1 / n1 + 1 / n2))
    return known(m1 - m2, sd1**2 / n1 + sd2**2 / n2)

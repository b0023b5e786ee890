"""Two groups of whom a paper reports the mean change and the SD of the change, not the scores themselves.

A difference of changes divided by the SD of the change is another quantity than one divided by the SD of the scores
(they agree at r = .5 only): hence two names, and no silent mixture.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from accord.science.estimates.effect_sizes.correction import Correction, small_sample
from accord.science.estimates.effect_sizes.mean_difference import mean_difference
from accord.science.estimates.effect_sizes.standardised import VarianceType, smd
from accord.science.estimates.effect_sizes.values import YiVi, arrays, known
from accord.science.estimates.hedges_g import pooled_sd


def change_difference(
    mc1i: ArrayLike, sdc1i: ArrayLike, n1i: ArrayLike, mc2i: ArrayLike, sdc2i: ArrayLike, n2i: ArrayLike
) -> YiVi:
    """change1 - change2 in the unit of the scale: an unbiased MD too, so it may be pooled with MD of one scale."""
    mc1, sdc1, n1, mc2, sdc2, n2 = arrays(mc1i=mc1i, sdc1i=sdc1i, n1i=n1i, mc2i=mc2i, sdc2i=sdc2i, n2i=n2i)
    return mean_difference(mc1, sdc1, n1, mc2, sdc2, n2)


def smd_of_changes(
    mc1i: ArrayLike, sdc1i: ArrayLike, n1i: ArrayLike, mc2i: ArrayLike, sdc2i: ArrayLike, n2i: ArrayLike,
    *, vtype: VarianceType = "LS", correction: Correction = "exact",
) -> YiVi:  # fmt: skip
    """Hedges g of two groups' changes, divided by the pooled SD of the change. Not to be pooled with SMD of scores."""
    mc1, sdc1, n1, mc2, sdc2, n2 = arrays(mc1i=mc1i, sdc1i=sdc1i, n1i=n1i, mc2i=mc2i, sdc2i=sdc2i, n2i=n2i)
    return smd(mc1, sdc1, n1, mc2, sdc2, n2, vtype=vtype, correction=correction)


def smd_of_scores_from_changes(
    mc1i: ArrayLike, sdc1i: ArrayLike, n1i: ArrayLike, mc2i: ArrayLike, sdc2i: ArrayLike, n2i: ArrayLike,
    ri: ArrayLike, *, correction: Correction = "exact",
) -> YiVi:  # fmt: skip
    """The same turned into the SD of the scores: s = s_change/√(2(1-r)); may be pooled with SMD.

    g = J(n1+n2-2)·(change1 - change2)/s; var = 2(1-r)(1/n1 + 1/n2) + g²/(2(n1+n2)) (Borenstein et al. 2009, chapter 4).
    Like variances before and after are assumed; r is the pre-post correlation. NaN at r = 1.
    """
    mc1, sdc1, n1, mc2, sdc2, n2, r = arrays(mc1i=mc1i, sdc1i=sdc1i, n1i=n1i, mc2i=mc2i, sdc2i=sdc2i, n2i=n2i, ri=ri)
    with np.errstate(divide="ignore", invalid="ignore"):
        sd = pooled_sd(sdc1, n1, sdc2, n2) / np.sqrt(2 * (1 - r))
        g = small_sample(n1 + n2 - 2, correction) * (mc1 - mc2) / sd
    return known(g, 2 * (1 - r) * (1 / n1 + 1 / n2) + g**2 / (2 * (n1 + n2)))

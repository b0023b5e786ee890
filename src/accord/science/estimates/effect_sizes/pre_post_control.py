"""Change in a treated group against change in a control group, both measured before and after (Morris 2008)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from accord.science.estimates.effect_sizes.correction import Correction, small_sample
from accord.science.estimates.effect_sizes.values import YiVi, arrays, known
from accord.science.estimates.effect_sizes.within import d_baseline
from accord.science.estimates.hedges_g import pooled_sd


def d_ppc1(
    m_pre1: ArrayLike, sd_pre1: ArrayLike, m_post1: ArrayLike, n1i: ArrayLike,
    m_pre2: ArrayLike, sd_pre2: ArrayLike, m_post2: ArrayLike, n2i: ArrayLike,
    r1i: ArrayLike, r2i: ArrayLike, *, correction: Correction = "exact",
) -> YiVi:  # fmt: skip
    """The difference of two standardised changes, each by its own baseline SD; the variances add up (Becker 1988).

    Checked against metafor 3.8: the difference of two escalc("SMCR") on Morris's five studies.
    """
    a = d_baseline(m_pre1, sd_pre1, m_post1, n1i, r1i, correction=correction)
    b = d_baseline(m_pre2, sd_pre2, m_post2, n2i, r2i, correction=correction)
    return known(a.yi - b.yi, a.vi + b.vi)


def d_ppc2(
    m_pre1: ArrayLike, sd_pre1: ArrayLike, m_post1: ArrayLike, n1i: ArrayLike,
    m_pre2: ArrayLike, sd_pre2: ArrayLike, m_post2: ArrayLike, n2i: ArrayLike,
    ri: ArrayLike, *, correction: Correction = "exact",
) -> YiVi:  # fmt: skip
    """J·((post1 - pre1) - (post2 - pre2))/s with the pooled baseline SD s and J(n1+n2-2) (Morris 2008, equation 8).

    var = J²·h·(m/(m-2))·(1 + g²/h) - g², with h = 2(1-r)(1/n1 + 1/n2) and m = n1+n2-2 (his equation 25). `ri` is one
    pre-post correlation of both arms. Morris used the approximate J. Values checked against his Table 5, the variance
    against that of many samples.
    """
    pre1, sd1, post1, n1, pre2, sd2, post2, n2, r = arrays(
        m_pre1=m_pre1, sd_pre1=sd_pre1, m_post1=m_post1, n1i=n1i, m_pre2=m_pre2, sd_pre2=sd_pre2, m_post2=m_post2,
        n2i=n2i, ri=ri,
    )  # fmt: skip
    m = np.where(n1 + n2 > 4, n1 + n2 - 2, np.nan)
    factor = small_sample(m, correction)
    h = 2 * (1 - r) * (1 / n1 + 1 / n2)
    with np.errstate(divide="ignore", invalid="ignore"):
        g = factor * ((post1 - pre1) - (post2 - pre2)) / pooled_sd(sd1, n1, sd2, n2)
        return known(g, factor**2 * m / (m - 2) * (h + g**2) - g**2)


def pooled_correlation(r1i: ArrayLike, n1i: ArrayLike, r2i: ArrayLike, n2i: ArrayLike) -> np.ndarray:
    """One pre-post correlation of two arms: their mean in Fisher's z, weighted by n - 3, turned back."""
    r1, n1, r2, n2 = arrays(r1i=r1i, n1i=n1i, r2i=r2i, n2i=n2i)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = ((n1 - 3) * np.arctanh(r1) + (n2 - 3) * np.arctanh(r2)) / (n1 + n2 - 6)
    return np.asarray(np.tanh(z))

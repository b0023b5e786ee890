"""Change of one group over time: raw, standardised by three different SDs, and as a ratio of means.

Which SD a change is divided by is part of its name (C19), as in `estimates/hedges_g.py`, whose formulas these are:

* d_baseline (SMCR): the SD at baseline. * d_av (SMCRP): the root of the mean of both variances.
* d_z (SMCC): the SD of the change itself. It grows without bound as r nears 1: never pool it with the others.

All but d_z of reported change scores hang on the pre-post correlation r. Where a paper gives none, an assumed r is to
be stated and varied: `correlation_range`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from accord.science.estimates.effect_sizes.correction import Correction, small_sample
from accord.science.estimates.effect_sizes.values import Array, YiVi, arrays, known
from accord.science.estimates.hedges_g import Standardiser, within_df, within_sd, within_variance

CORRELATIONS = (0.3, 0.5, 0.7)


def d_baseline(
    m_pre: ArrayLike, sd_pre: ArrayLike, m_post: ArrayLike, ni: ArrayLike, ri: ArrayLike,
    *, correction: Correction = "exact",
) -> YiVi:  # fmt: skip
    """J(n-1)·(post - pre)/s_pre; var = 2(1-r)/n + g²/(2n) (Becker 1988). Like variances before and after are assumed.

    Checked against metafor 3.8 escalc("SMCR").
    """
    m1, sd1, m2, n, r = arrays(m_pre=m_pre, sd_pre=sd_pre, m_post=m_post, ni=ni, ri=ri)
    return _standardised("baseline", m1, sd1, m2, sd1, n, r, correction)


def d_baseline_heteroscedastic(
    m_pre: ArrayLike, sd_pre: ArrayLike, m_post: ArrayLike, sd_post: ArrayLike, ni: ArrayLike, ri: ArrayLike,
    *, correction: Correction = "exact",
) -> YiVi:  # fmt: skip
    """The same value with a variance that lets the SDs differ: J²(s_change²/(s_pre²(n-1)) + g²/(2(n-1))).

    Bonett (2008). Checked against metafor 3.8 escalc("SMCRH").
    """
    m1, sd1, m2, sd2, n, r = arrays(m_pre=m_pre, sd_pre=sd_pre, m_post=m_post, sd_post=sd_post, ni=ni, ri=ri)
    factor = small_sample(n - 1, correction)
    with np.errstate(divide="ignore", invalid="ignore"):
        g = factor * (m2 - m1) / sd1
        change = within_sd("change", sd1, sd2, r) ** 2
        return known(g, factor**2 * (change / (sd1**2 * (n - 1)) + g**2 / (2 * (n - 1))))


def d_average(
    m_pre: ArrayLike, sd_pre: ArrayLike, m_post: ArrayLike, sd_post: ArrayLike, ni: ArrayLike, ri: ArrayLike,
    *, correction: Correction = "exact",
) -> YiVi:  # fmt: skip
    """J(m)·(post - pre)/√((s_pre²+s_post²)/2), m = 2(n-1)/(1+r²); var = 2(1-r)/n + g²(1+r²)/(4n).

    Cousineau (2020) for the degrees of freedom. metafor 3.8 has no such measure (4.x: SMCRP); the variance is held
    against that of many samples.
    """
    m1, sd1, m2, sd2, n, r = arrays(m_pre=m_pre, sd_pre=sd_pre, m_post=m_post, sd_post=sd_post, ni=ni, ri=ri)
    return _standardised("average", m1, sd1, m2, sd2, n, r, correction)


def d_z(
    m_pre: ArrayLike, sd_pre: ArrayLike, m_post: ArrayLike, sd_post: ArrayLike, ni: ArrayLike, ri: ArrayLike,
    *, correction: Correction = "exact",
) -> YiVi:  # fmt: skip
    """J(n-1)·(post - pre)/s_change, s_change² = s_pre² + s_post² - 2 r s_pre s_post; var = 1/n + g²/(2n).

    Checked against metafor 3.8 escalc("SMCC").
    """
    m1, sd1, m2, sd2, n, r = arrays(m_pre=m_pre, sd_pre=sd_pre, m_post=m_post, sd_post=sd_post, ni=ni, ri=ri)
    return _standardised("change", m1, sd1, m2, sd2, n, r, correction)


def d_z_from_change(
    m_change: ArrayLike, sd_change: ArrayLike, ni: ArrayLike, *, correction: Correction = "exact"
) -> YiVi:
    """d_z from the mean and SD of the change itself, which need no correlation. Checked against SMCC with that SD."""
    mean, sd, n = arrays(m_change=m_change, sd_change=sd_change, ni=ni)
    with np.errstate(divide="ignore", invalid="ignore"):
        g = small_sample(n - 1, correction) * mean / sd
    return known(g, within_variance("change", g, n, None))


def d_z_from_t(ti: ArrayLike, ni: ArrayLike, *, correction: Correction = "exact") -> YiVi:
    """d_z from a paired t: t/√n (positive t: the later mean is higher)."""
    t, n = arrays(ti=ti, ni=ni)
    return d_z_from_change(t / np.sqrt(n), np.ones_like(t), n, correction=correction)


def mean_change(
    m_pre: ArrayLike, sd_pre: ArrayLike, m_post: ArrayLike, sd_post: ArrayLike, ni: ArrayLike, ri: ArrayLike
) -> YiVi:
    """post - pre in the unit of the scale; var = s_change²/n. Checked against metafor 3.8 escalc("MC")."""
    m1, sd1, m2, sd2, n, r = arrays(m_pre=m_pre, sd_pre=sd_pre, m_post=m_post, sd_post=sd_post, ni=ni, ri=ri)
    return known(m2 - m1, within_sd("change", sd1, sd2, r) ** 2 / n)


def ratio_of_means_change(
    m_pre: ArrayLike, sd_pre: ArrayLike, m_post: ArrayLike, sd_post: ArrayLike, ni: ArrayLike, ri: ArrayLike
) -> YiVi:
    """log(post/pre) for scales with a true zero; var = cv1²/n + cv2²/n - 2 r cv1 cv2/n. metafor 3.8: ROMC."""
    m1, sd1, m2, sd2, n, r = arrays(m_pre=m_pre, sd_pre=sd_pre, m_post=m_post, sd_post=sd_post, ni=ni, ri=ri)
    above = (m1 > 0) & (m2 > 0)
    m1, m2 = np.where(above, m1, np.nan), np.where(above, m2, np.nan)
    return known(np.log(m2 / m1), within_sd("change", sd1 / m1, sd2 / m2, r) ** 2 / n)


def correlation_from_change_sd(sd_pre: ArrayLike, sd_post: ArrayLike, sd_change: ArrayLike) -> Array:
    """r = (s_pre² + s_post² - s_change²)/(2 s_pre s_post); NaN where that lies outside -1 to 1 (a wrong SD)."""
    sd1, sd2, sd = arrays(sd_pre=sd_pre, sd_post=sd_post, sd_change=sd_change)
    with np.errstate(divide="ignore", invalid="ignore"):
        r = (sd1**2 + sd2**2 - sd**2) / (2 * sd1 * sd2)
        return np.where(np.abs(r) <= 1, r, np.nan)


def correlation_range(
    measure: Callable[..., YiVi], *columns: ArrayLike, correlations: Sequence[float] = CORRELATIONS, **options: Any
) -> dict[float, YiVi]:
    """The measure under each assumed correlation: `correlation_range(d_average, m_pre, sd_pre, m_post, sd_post, n)`.

    The values of d_baseline do not move, only its variances; those of d_av hardly, those of d_z much.
    """
    return {r: measure(*columns, ri=r, **options) for r in correlations}


def _standardised(
    standardiser: Standardiser, m1: Array, sd1: Array, m2: Array, sd2: Array, n: Array, r: Array, correction: Correction
) -> YiVi:
    with np.errstate(divide="ignore", invalid="ignore"):
        d = (m2 - m1) / within_sd(standardiser, sd1, sd2, r)
    g = small_sample(within_df(standardiser, n, r), correction) * d
    return known(g, within_variance(standardiser, g, n, r))

"""Correlations as effects: raw, corrected for bias, and Fisher's z."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from accord.science.estimates.effect_sizes.values import YiVi, arrays, known, one_of, weighted_mean


def raw_correlation(ri: ArrayLike, ni: ArrayLike, *, vtype: Literal["LS", "AV"] = "LS") -> YiVi:
    """r; LS: (1-r²)²/(n-1); AV: with the sample-size weighted mean r of all studies. Checked against metafor 3.8."""
    one_of("The variance", vtype, ("LS", "AV"))
    r, n = arrays(ri=ri, ni=ni)
    n = np.where(n > 3, n, np.nan)
    shown = np.full_like(r, weighted_mean(r, n)) if vtype == "AV" else r
    return known(r, (1 - shown**2) ** 2 / (n - 1))


def unbiased_correlation(ri: ArrayLike, ni: ArrayLike, *, vtype: Literal["LS", "UB", "AV"] = "LS") -> YiVi:
    """r·F(½, ½; (n-2)/2; 1-r²), without the slight bias of r towards zero (Olkin & Pratt 1958, equation 2.3).

    LS and AV as for r, with the corrected value; UB: the unbiased variance (Hedges 1989, with the exact F). Needs
    n > 4. Checked against metafor 3.8 escalc("UCOR").
    """
    one_of("The variance", vtype, ("LS", "UB", "AV"))
    r, n = arrays(ri=ri, ni=ni)
    n = np.where(n > 4, n, np.nan)
    y = r * special.hyp2f1(0.5, 0.5, (n - 2) / 2, 1 - r**2)
    if vtype == "UB":
        square = 1 - (n - 3) / (n - 2) * (1 - r**2) * special.hyp2f1(1, 1, n / 2, 1 - r**2)
        return known(y, y**2 - square)
    shown = np.full_like(y, weighted_mean(y, n)) if vtype == "AV" else y
    return known(y, (1 - shown**2) ** 2 / (n - 1))


def fisher_z(ri: ArrayLike, ni: ArrayLike) -> YiVi:
    """artanh(r); var = 1/(n-3). Needs n > 3 and |r| < 1. Checked against metafor 3.8 escalc("ZCOR")."""
    r, n = arrays(ri=ri, ni=ni)
    with np.errstate(divide="ignore", invalid="ignore"):
        return known(np.arctanh(r), 1 / np.where(n > 3, n - 3, np.nan))

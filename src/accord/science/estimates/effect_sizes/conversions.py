"""From one kind of effect to another and back: d, r, Fisher's z, log odds ratio. Each names what it assumes.

Every function takes effects and variances and gives both, by the delta method where there is no closed form. There and
back again returns the effect that went in; a chain of conversions is no better than its weakest assumption.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from accord.science.errors import BadInput
from accord.science.estimates.effect_sizes.values import Array, YiVi, arrays, known, one_of

# SDs of the standard logistic distribution, and the factor that fits the normal best (Cox & Snell 1989).
LOGISTIC = math.pi / math.sqrt(3)
COX = 1.65

Assumption = Literal["logistic", "normal"]


def d_to_log_odds(di: ArrayLike, vi: ArrayLike, *, assumption: Assumption = "logistic") -> YiVi:
    """log OR = c·d, var c²·v; c = π/√3 if the outcome is logistic in each group (Hasselblad & Hedges 1995; Chinn 2000),
    1.65 if it is normal (Cox & Snell 1989). Any cut of the outcome then gives the same odds ratio, nearly."""
    d, v = arrays(di=di, vi=vi)
    c = _factor(assumption)
    return known(c * d, c**2 * v)


def log_odds_to_d(yi: ArrayLike, vi: ArrayLike, *, assumption: Assumption = "logistic") -> YiVi:
    """d = log OR/c, var v/c²: the way back of `d_to_log_odds`. metafor 3.8 on tables: OR2DL, OR2DN."""
    y, v = arrays(yi=yi, vi=vi)
    c = _factor(assumption)
    return known(y / c, v / c**2)


def d_to_r(di: ArrayLike, vi: ArrayLike, n1i: ArrayLike, n2i: ArrayLike) -> YiVi:
    """r = d/√(d² + a), a = (n1+n2)²/(n1·n2); var a²v/(d² + a)³ (Borenstein et al. 2009, equations 7.7 to 7.9).

    The point-biserial r of a group of n1 and one of n2; with equal groups a = 4.
    """
    d, v, n1, n2 = arrays(di=di, vi=vi, n1i=n1i, n2i=n2i)
    a = (n1 + n2) ** 2 / (n1 * n2)
    return known(d / np.sqrt(d**2 + a), a**2 * v / (d**2 + a) ** 3)


def r_to_d(ri: ArrayLike, vi: ArrayLike, n1i: ArrayLike = 1.0, n2i: ArrayLike = 1.0) -> YiVi:
    """d = r·√a/√(1-r²), var a·v/(1-r²)³, a as in `d_to_r` (sizes 1 and 1: equal groups, a = 4; equations 7.5, 7.6).

    For a correlation of two measured variables it assumes that one is cut in the middle to make the groups.
    """
    r, v, n1, n2 = arrays(ri=ri, vi=vi, n1i=n1i, n2i=n2i)
    a = (n1 + n2) ** 2 / (n1 * n2)
    with np.errstate(divide="ignore", invalid="ignore"):
        return known(r * np.sqrt(a) / np.sqrt(1 - r**2), a * v / (1 - r**2) ** 3)


def r_to_z(ri: ArrayLike, vi: ArrayLike) -> YiVi:
    """Fisher's z = artanh(r), var v/(1-r²)². From r and n take `fisher_z`, whose variance is exacter."""
    r, v = arrays(ri=ri, vi=vi)
    with np.errstate(divide="ignore", invalid="ignore"):
        return known(np.arctanh(r), v / (1 - r**2) ** 2)


def z_to_r(zi: ArrayLike, vi: ArrayLike) -> YiVi:
    """r = tanh(z), var v·(1-r²)²; turn limits back one by one with np.tanh, not through this variance."""
    z, v = arrays(zi=zi, vi=vi)
    r = np.tanh(z)
    return known(r, v * (1 - r**2) ** 2)


def log_odds_to_r(
    yi: ArrayLike, vi: ArrayLike, n1i: ArrayLike, n2i: ArrayLike, *, assumption: Assumption = "logistic"
) -> YiVi:
    """Through d: both assumptions together."""
    d = log_odds_to_d(yi, vi, assumption=assumption)
    return d_to_r(d.yi, d.vi, n1i, n2i)


def r_to_log_odds(
    ri: ArrayLike, vi: ArrayLike, n1i: ArrayLike = 1.0, n2i: ArrayLike = 1.0, *, assumption: Assumption = "logistic"
) -> YiVi:
    """Through d: both assumptions together."""
    d = r_to_d(ri, vi, n1i, n2i)
    return d_to_log_odds(d.yi, d.vi, assumption=assumption)


def risk_from_odds_ratio(log_odds: ArrayLike, control_risk: ArrayLike) -> Array:
    """The risk in the first group that a log odds ratio implies where a share `control_risk` of the second has it.

    odds1 = exp(y)·q/(1-q). The assumed control risk belongs beside every risk ratio, difference or NNT made of it.
    """
    y, q = arrays(yi=log_odds, control_risk=control_risk)
    if ((q <= 0) | (q >= 1)).any():
        raise BadInput("A control risk lies between 0 and 1.", cure="Give a share such as 0.3.")
    odds = np.exp(y) * q / (1 - q)
    return np.asarray(odds / (1 + odds))


def _factor(assumption: str) -> float:
    one_of("The assumption", assumption, ("logistic", "normal"))
    return LOGISTIC if assumption == "logistic" else COX

"""Two groups with an outcome of yes or no: log odds ratio, log risk ratio, risk difference and their relatives.

`ai` of `n1i` people in the first group have the event, `ci` of `n2i` in the second. Limits of one risk difference that
hold for small counts, and the number needed to treat in Altman's notation, are in `estimates/proportions.py` and
`estimates/nnt.py`; here are the values and variances that pooling needs.
"""

from __future__ import annotations

import math
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from accord.science.errors import BadInput
from accord.science.estimates.effect_sizes.values import Array, YiVi, arrays, known, one_of, weighted_mean

To = Literal["only0", "all", "if0all", "none"]


class Cells(NamedTuple):
    """Events and non-events of both groups, after what was added to zero cells."""

    a: Array
    b: Array
    c: Array
    d: Array

    @property
    def n1(self) -> Array:
        return self.a + self.b

    @property
    def n2(self) -> Array:
        return self.c + self.d


def cells(
    ai: ArrayLike, n1i: ArrayLike, ci: ArrayLike, n2i: ArrayLike,
    *, add: float = 0.5, to: To = "only0", drop00: bool = False,
) -> Cells:  # fmt: skip
    """The four cells, with `add` put into every cell of a table: `only0` those with a zero cell, `if0all` all if one
    has a zero cell, `all`, `none`. `drop00` makes tables with no events, or only events, in both groups missing.

    Raises BadInput for more events than people.
    """
    one_of("Adding to", to, ("only0", "all", "if0all", "none"))
    a, n1, c, n2 = arrays(ai=ai, n1i=n1i, ci=ci, n2i=n2i)
    if (a > n1).any() or (c > n2).any():
        row = int(np.flatnonzero((a > n1) | (c > n2))[0])
        raise BadInput(
            f"Study {row + 1} has more events than people: {a.flat[row]:g} of {n1.flat[row]:g} and "
            f"{c.flat[row]:g} of {n2.flat[row]:g}.",
            cure="Give events (ai, ci) and all people of the group (n1i, n2i).",
        )
    four = np.array([a, n1 - a, c, n2 - c])
    zero = (four == 0).any(axis=0)
    if drop00:
        alike = ((four[0] == 0) & (four[2] == 0)) | ((four[1] == 0) & (four[3] == 0))
        four = np.where(alike, np.nan, four)
    where = {"only0": zero, "all": True, "none": False, "if0all": bool(zero.any())}[to]
    return Cells(*(four + add * np.asarray(where, float)))


def odds_ratio(ai: ArrayLike, n1i: ArrayLike, ci: ArrayLike, n2i: ArrayLike, **zeros: Any) -> YiVi:
    """log(ad/bc); var = 1/a + 1/b + 1/c + 1/d. `zeros` are add, to, drop00 of `cells`. Checked against metafor 3.8."""
    t = cells(ai, n1i, ci, n2i, **zeros)
    with np.errstate(divide="ignore", invalid="ignore"):
        return known(np.log(t.a / t.b) - np.log(t.c / t.d), 1 / t.a + 1 / t.b + 1 / t.c + 1 / t.d)


def risk_ratio(ai: ArrayLike, n1i: ArrayLike, ci: ArrayLike, n2i: ArrayLike, **zeros: Any) -> YiVi:
    """log((a/n1)/(c/n2)); var = 1/a - 1/n1 + 1/c - 1/n2. Checked against metafor 3.8."""
    t = cells(ai, n1i, ci, n2i, **zeros)
    with np.errstate(divide="ignore", invalid="ignore"):
        return known(np.log(t.a / t.n1) - np.log(t.c / t.n2), 1 / t.a - 1 / t.n1 + 1 / t.c - 1 / t.n2)


def risk_differences(
    ai: ArrayLike, n1i: ArrayLike, ci: ArrayLike, n2i: ArrayLike,
    *, vtype: Literal["LS", "UB", "AV"] = "LS", **zeros: Any,
) -> YiVi:  # fmt: skip
    """a/n1 - c/n2, a share between -1 and 1.

    LS: p1q1/n1 + p2q2/n2; UB: the same over n-1; AV: LS with the weighted mean share of each arm over all studies.
    Checked against metafor 3.8 escalc("RD"). For the limits of one study use `proportions.risk_difference`.
    """
    one_of("The variance", vtype, ("LS", "UB", "AV"))
    t = cells(ai, n1i, ci, n2i, **zeros)
    p1, p2 = t.a / t.n1, t.c / t.n2
    s1, s2 = p1, p2
    if vtype == "AV":
        s1, s2 = np.full_like(p1, weighted_mean(p1, t.n1)), np.full_like(p2, weighted_mean(p2, t.n2))
    less = 1 if vtype == "UB" else 0
    with np.errstate(divide="ignore", invalid="ignore"):
        return known(p1 - p2, s1 * (1 - s1) / (t.n1 - less) + s2 * (1 - s2) / (t.n2 - less))


def peto_odds_ratio(ai: ArrayLike, n1i: ArrayLike, ci: ArrayLike, n2i: ArrayLike, **zeros: Any) -> YiVi:
    """Peto's log odds ratio (observed - expected)/V of rare events; var = 1/V (Yusuf et al. 1985).

    V = (a+c)(b+d)·n1·n2/(N²(N-1)). Checked against metafor 3.8 escalc("PETO").
    """
    t = cells(ai, n1i, ci, n2i, **zeros)
    n = t.n1 + t.n2
    events = t.a + t.c
    with np.errstate(divide="ignore", invalid="ignore"):
        v = events * (n - events) * t.n1 * t.n2 / (n**2 * (n - 1))
        return known((t.a - events * t.n1 / n) / v, 1 / v)


def arcsine_difference(ai: ArrayLike, n1i: ArrayLike, ci: ArrayLike, n2i: ArrayLike) -> YiVi:
    """asin√p1 - asin√p2; var = 1/(4 n1) + 1/(4 n2): needs nothing added to zero cells (Rücker et al. 2009).

    Half of Cohen's h. Checked against metafor 3.8 escalc("AS").
    """
    t = cells(ai, n1i, ci, n2i, to="none")
    return known(np.arcsin(np.sqrt(t.a / t.n1)) - np.arcsin(np.sqrt(t.c / t.n2)), 1 / (4 * t.n1) + 1 / (4 * t.n2))


def probit_difference(ai: ArrayLike, n1i: ArrayLike, ci: ArrayLike, n2i: ArrayLike, **zeros: Any) -> YiVi:
    """Φ⁻¹(p1) - Φ⁻¹(p2), an SMD if a normal outcome was cut in two (Sánchez-Meca et al. 2003).

    var = Σ 2π·p·q·exp(z²)/n. Checked against metafor 3.8 escalc("PBIT").
    """
    t = cells(ai, n1i, ci, n2i, **zeros)
    p1, p2 = t.a / t.n1, t.c / t.n2
    z1, z2 = special.ndtri(p1), special.ndtri(p2)
    with np.errstate(over="ignore", invalid="ignore"):
        v = 2 * math.pi * (p1 * (1 - p1) * np.exp(z1**2) / t.n1 + p2 * (1 - p2) * np.exp(z2**2) / t.n2)
        return known(z1 - z2, v)

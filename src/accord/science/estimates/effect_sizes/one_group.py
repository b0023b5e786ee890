"""One group's share or mean as an effect: how many finish, how many drop out, where people start."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from accord.science.errors import BadInput
from accord.science.estimates.effect_sizes.values import Array, YiVi, arrays, known, one_of


def share(xi: ArrayLike, ni: ArrayLike, *, add: float = 0.5) -> YiVi:
    """x/n; var = p(1-p)/n, with `add` to both cells where one is zero. Limits of one share: `proportions.proportion`.

    Checked against metafor 3.8 escalc("PR").
    """
    x, n = _counts(xi, ni, add)
    p = x / n
    return known(p, p * (1 - p) / n)


def log_odds_of_share(xi: ArrayLike, ni: ArrayLike, *, add: float = 0.5) -> YiVi:
    """log(x/(n-x)); var = 1/x + 1/(n-x). Checked against metafor 3.8 escalc("PLO")."""
    x, n = _counts(xi, ni, add)
    with np.errstate(divide="ignore", invalid="ignore"):
        return known(np.log(x / (n - x)), 1 / x + 1 / (n - x))


def arcsine_of_share(xi: ArrayLike, ni: ArrayLike) -> YiVi:
    """asin√(x/n); var = 1/(4n); nothing is added to zeros. Checked against metafor 3.8 escalc("PAS")."""
    x, n = _counts(xi, ni, 0.0)
    return known(np.arcsin(np.sqrt(x / n)), 1 / (4 * n))


def mean(mi: ArrayLike, sdi: ArrayLike, ni: ArrayLike, *, scale: Literal["raw", "log"] = "raw") -> YiVi:
    """m with s²/n, or log(m) with s²/(n m²) for scales with a true zero. metafor 3.8: MN, MNLN."""
    one_of("The scale", scale, ("raw", "log"))
    m, sd, n = arrays(mi=mi, sdi=sdi, ni=ni)
    if scale == "raw":
        return known(m, sd**2 / n)
    m = np.where(m > 0, m, np.nan)
    return known(np.log(m), sd**2 / (n * m**2))


def _counts(xi: ArrayLike, ni: ArrayLike, add: float) -> tuple[Array, Array]:
    x, n = arrays(xi=xi, ni=ni)
    if (x > n).any():
        row = int(np.flatnonzero(x > n)[0])
        raise BadInput(
            f"Study {row + 1}: {x.flat[row]:g} of {n.flat[row]:g} people.", cure="Give between 0 and n events."
        )
    edge = np.where((x == 0) | (x == n), add, 0.0)
    return x + edge, n + 2 * edge

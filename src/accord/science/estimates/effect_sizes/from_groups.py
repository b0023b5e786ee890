"""Correlations and log odds ratios from the means of two groups: one variable has two values, the other many."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from accord.science.estimates.effect_sizes.conversions import d_to_log_odds
from accord.science.estimates.effect_sizes.standardised import smd
from accord.science.estimates.effect_sizes.values import Array, YiVi, arrays, known, one_of


def point_biserial(
    m1i: ArrayLike, sd1i: ArrayLike, n1i: ArrayLike, m2i: ArrayLike, sd2i: ArrayLike, n2i: ArrayLike,
    *, vtype: Literal["ST", "CS"] = "ST",
) -> YiVi:  # fmt: skip
    """r = d/√(d² + h), h = m/n1 + m/n2, m = n1+n2-2: the correlation of group and outcome.

    ST (group sizes fixed by design, as in a trial): h²/(h+d²)³·(1/n1 + 1/n2 + d²/(2N)).
    CS (one sample, groups as they fell): (1-r²)²(N r²/(4 n1 n2) + (2-3r²)/(2N)). Checked against metafor 3.8 ("RPB").
    """
    one_of("The sampling", vtype, ("ST", "CS"))
    d, n1, n2, h = _uncorrected(m1i, sd1i, n1i, m2i, sd2i, n2i)
    n, r = n1 + n2, d / np.sqrt(d**2 + h)
    if vtype == "ST":
        return known(r, h**2 / (h + d**2) ** 3 * (1 / n1 + 1 / n2 + d**2 / (2 * n)))
    return known(r, (1 - r**2) ** 2 * (n * r**2 / (4 * n1 * n2) + (2 - 3 * r**2) / (2 * n)))


def biserial(m1i: ArrayLike, sd1i: ArrayLike, n1i: ArrayLike, m2i: ArrayLike, sd2i: ArrayLike, n2i: ArrayLike) -> YiVi:
    """The correlation of the outcome with a normal variable that was cut in two to make the groups.

    √(pq)/φ(z)·r with p = n1/N, z = Φ⁻¹(1-p); variance of Soper (1914) as in Jacobs & Viechtbauer (2017). May pass 1.
    Checked against metafor 3.8 escalc("RBIS").
    """
    d, n1, n2, h = _uncorrected(m1i, sd1i, n1i, m2i, sd2i, n2i)
    n = n1 + n2
    p, q = n1 / n, n2 / n
    z = special.ndtri(q)
    f = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    r = np.sqrt(p * q) / f * d / np.sqrt(d**2 + h)
    s = np.clip(r, -1, 1)
    v = (p * q / f**2 - (1.5 + (1 - p * z / f) * (1 + q * z / f)) * s**2 + s**4) / (n - 1)
    return known(r, v)


def log_odds_from_groups(
    m1i: ArrayLike, sd1i: ArrayLike, n1i: ArrayLike, m2i: ArrayLike, sd2i: ArrayLike, n2i: ArrayLike,
    *, assumption: Literal["logistic", "normal"] = "logistic",
) -> YiVi:  # fmt: skip
    """Cohen's d (uncorrected) turned into a log odds ratio; see `conversions`. metafor 3.8: D2ORL and D2ORN."""
    d, n1, n2, _ = _uncorrected(m1i, sd1i, n1i, m2i, sd2i, n2i)
    return d_to_log_odds(d, 1 / n1 + 1 / n2 + d**2 / (2 * (n1 + n2)), assumption=assumption)


def _uncorrected(*columns: ArrayLike) -> tuple[Array, Array, Array, Array]:
    m1, sd1, n1, m2, sd2, n2 = arrays(**dict(zip(("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i"), columns, strict=True)))
    d = smd(m1, sd1, n1, m2, sd2, n2, correction="none").yi
    m = n1 + n2 - 2
    return d, n1, n2, m / n1 + m / n2

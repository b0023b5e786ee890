"""Hedges g from what papers report instead of means: t, F with one degree of freedom, or a p value.

t carries the direction; F and p do not, so that the direction has to be given: 1 where the first group is higher, -1
where it is lower. Holds for tests of two independent groups without covariates; with covariates the SD is another.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from accord.science.errors import BadInput
from accord.science.estimates.effect_sizes.standardised import smd_from_d
from accord.science.estimates.effect_sizes.values import Array, YiVi, arrays


def smd_from_t(ti: ArrayLike, n1i: ArrayLike, n2i: ArrayLike, **options: Any) -> YiVi:
    """d = t·√(1/n1 + 1/n2), then as `smd_from_d` (options vtype, correction). Exact for the pooled t test."""
    t, n1, n2 = arrays(ti=ti, n1i=n1i, n2i=n2i)
    return smd_from_d(t * np.sqrt(1 / n1 + 1 / n2), n1, n2, **options)


def smd_from_f(fi: ArrayLike, signi: ArrayLike, n1i: ArrayLike, n2i: ArrayLike, **options: Any) -> YiVi:
    """|t| = √F of a comparison of two groups (one numerator degree of freedom)."""
    f, sign, n1, n2 = arrays(fi=fi, signi=signi, n1i=n1i, n2i=n2i)
    return smd_from_t(sign * np.sqrt(f), n1, n2, **options)


def smd_from_p(
    pi: ArrayLike, signi: ArrayLike, n1i: ArrayLike, n2i: ArrayLike, *, tails: int = 2, **options: Any
) -> YiVi:
    """|t| is the quantile of t(n1+n2-2) at p. A p given as "< .05" is a limit, not a value: it must not be used here.

    `tails=1` for a one-sided p in the direction given.
    """
    p, sign, n1, n2 = arrays(pi=pi, signi=signi, n1i=n1i, n2i=n2i)
    return smd_from_t(sign * t_from_p(p, n1 + n2 - 2, tails=tails), n1, n2, **options)


def t_from_p(pi: ArrayLike, df: ArrayLike, *, tails: int = 2) -> Array:
    """The t whose upper tail is p/tails; negative for a one-sided p above one half."""
    if tails not in (1, 2):
        raise BadInput(f"A test has 1 or 2 tails, not {tails}.", cure="Give tails=1 or tails=2.")
    (p,) = arrays(pi=pi)
    return np.asarray(-special.stdtrit(np.asarray(df, float), p / tails))

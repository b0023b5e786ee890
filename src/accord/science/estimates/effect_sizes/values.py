"""What a number in each role may be, and arrays made of them.

Roles are metafor's names, since every meta-analyst knows them: m1i, sd1i, n1i of the first group, ai and n1i of a 2x2
table, ri and ni of a correlation; and names of our own where it has none or the same for two things: m_pre, sd_post.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.science.errors import BadInput, Place

Array = NDArray[np.float64]


class YiVi(NamedTuple):
    """Effects and their sampling variances, one of each a study; NaN where a value is missing."""

    yi: Array
    vi: Array


class Rule(NamedTuple):
    """What values a role may have, as a test and in words."""

    allowed: Callable[[Array], NDArray[np.bool_]]
    words: str


# The order matters: the first pattern that fits a role is its rule.
RULES: dict[str, Rule] = {
    r"vi|sei": Rule(lambda x: x > 0, "above zero"),
    r"sd.*": Rule(lambda x: x >= 0, "zero or more"),
    r"n\d?i": Rule(lambda x: x >= 1, "1 or more"),
    r"[abcxf]i": Rule(lambda x: x >= 0, "zero or more"),
    r"r\d?i": Rule(lambda x: np.abs(x) <= 1, "between -1 and 1"),
    r"pi": Rule(lambda x: (x > 0) & (x <= 1), "above 0 and at most 1"),
    r"signi": Rule(lambda x: np.isin(x, (-1.0, 1.0)), "1 or -1"),
    r"ratio.*": Rule(lambda x: x > 0, "above zero"),
}


def rule(role: str) -> Rule | None:
    """The rule of a role; None where any number is allowed (a mean, a t)."""
    return next((found for pattern, found in RULES.items() if re.fullmatch(pattern, role)), None)


def impossible(role: str, values: Array) -> NDArray[np.bool_]:
    """Which values are not allowed in this role: infinite, or against its rule. NaN is missing, which is allowed."""
    found = rule(role)
    against = np.isinf(values)
    if found is not None:
        against |= ~found.allowed(values)
    return against & ~np.isnan(values)


def arrays(**columns: ArrayLike) -> tuple[Array, ...]:
    """The columns as float arrays of one common shape, checked against the rules of their roles.

    Raises BadInput with the position of the first impossible value, or when lengths differ.
    """
    found = {role: np.asarray(values, float) for role, values in columns.items()}
    for role, values in found.items():
        wrong = np.flatnonzero(impossible(role, values))
        if wrong.size:
            raise wrong_value(role, float(values.ravel()[wrong[0]]), int(wrong[0]) + 1)
    try:
        return tuple(np.broadcast_arrays(*found.values()))
    except ValueError:
        lengths = ", ".join(f"{role} {values.size}" for role, values in found.items())
        raise BadInput(f"The columns differ in length: {lengths}.", cure="Give one value a study in each.") from None


def wrong_value(role: str, value: float, row: int) -> BadInput:
    found = rule(role)
    words = found.words if found else "a finite number"
    return BadInput(f"{role} is {value:g}; it must be {words}.", cure="Correct the value.", where=Place(row=row))


def one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    """Refuse a word that is not among those allowed."""
    if value not in allowed:
        raise BadInput(f"{name} {value!r} is not offered here.", cure=f"Choose {', '.join(allowed)}.")


def known(yi: Any, vi: Any) -> YiVi:
    """Both as arrays; where one of them is not finite (a log of zero, an SD of zero) both are NaN."""
    y, v = np.broadcast_arrays(np.asarray(yi, float), np.asarray(vi, float))
    usable = np.isfinite(y) & np.isfinite(v)
    return YiVi(np.where(usable, y, np.nan), np.where(usable, v, np.nan))


def weighted_mean(values: Array, weights: Array) -> float:
    """The mean over all studies, weighted by size, of those that have both."""
    both = np.isfinite(values) & np.isfinite(weights)
    if not both.any():
        return float("nan")
    return float(np.sum(weights[both] * values[both]) / np.sum(weights[both]))

"""A long table (one row per person and visit) as the matrix that models of repeated outcomes take, with its refusals.

Two rows of one person at one visit are an error of the data, never averaged. Visits that are numbers (days, weeks) are
sorted by size; visits that are words keep the order given, since "post" before "pre" is what letters would make of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.science.errors import BadInput, NotEstimable

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class RepeatedOutcome:
    """`values` (N, T), NaN where there is none; `people` (N,) labels; `visits` (T,) as words; `first` (N,) the row of
    the long table in which each person comes first."""

    values: Array
    people: tuple[str, ...]
    visits: tuple[str, ...]
    first: NDArray[np.int64]

    def of_person(self, column: ArrayLike) -> Array:
        """A column of the long table that is one per person (arm, age): its value in each person's first row."""
        return np.asarray(column)[self.first]


def repeated_outcome(
    person: Sequence[Any] | ArrayLike,
    visit: Sequence[Any] | ArrayLike,
    outcome: ArrayLike,
    *,
    visits: Sequence[Any] | None = None,
    least: int = 2,
) -> RepeatedOutcome:
    """Lay out. `visits` gives the order; it must be given when visits are words. `least` visits are asked for.

    Raises BadInput for repeated rows, a visit that is not in the order, and an outcome or a time in words.
    """
    who, when, y = np.asarray(person), np.asarray(visit), _numbers(outcome)
    if not len(who) == len(when) == len(y):
        raise BadInput(
            f"{len(who)} people, {len(when)} visits and {len(y)} outcomes.", cure="Give one of each per row."
        )
    labels, first, rows = np.unique(who.astype(str), return_index=True, return_inverse=True)
    order, columns = _columns(when, visits)
    place = rows * len(order) + columns
    _, where, count = np.unique(place, return_index=True, return_counts=True)
    if (count > 1).any():
        k = int(where[count > 1][0])
        raise BadInput(
            f"{int((count > 1).sum())} people and visits have several rows, first {who[k]} at {_word(when[k])}.",
            cure="Keep one row of each; rows that are equal are copies, others need a decision.",
        )
    values = np.full(len(labels) * len(order), np.nan)
    values[place] = y
    matrix = values.reshape(len(labels), len(order))
    _refuse_empty(matrix, order, least)
    return RepeatedOutcome(matrix, tuple(labels.tolist()), tuple(_word(v) for v in order), first)


def _numbers(outcome: ArrayLike) -> Array:
    try:
        return np.asarray(outcome, float)
    except (TypeError, ValueError):
        raise BadInput("The outcome holds words.", cure="Score it first; missing values are empty.") from None


def _columns(when: Array, visits: Sequence[Any] | None) -> tuple[list[Any], NDArray[np.int64]]:
    if visits is None and when.dtype.kind not in "iuf":
        raise BadInput(
            f"The time column is text ({str(when[0])!r} and others)." if len(when) else "There are no rows.",
            cure="Turn it into numbers (days or weeks), or name the visits in their order.",
        )
    if when.dtype.kind == "f" and not np.isfinite(when).all():
        raise BadInput(f"{int((~np.isfinite(when)).sum())} rows have no time.", cure="Leave these rows out first.")
    order = list(np.unique(when).tolist()) if visits is None else list(visits)
    at = {value: k for k, value in enumerate(order)}
    strange = [value for value in when.tolist() if value not in at]
    if strange:
        raise BadInput(f"A row is of visit {strange[0]!r}.", cure=f"Use one of: {', '.join(map(str, order))}.")
    return order, np.array([at[value] for value in when.tolist()], dtype=np.int64)


def _word(visit: Any) -> str:
    return f"{visit:g}" if isinstance(visit, (float, np.floating)) else str(visit)


def _refuse_empty(values: Array, order: list[Any], least: int) -> None:
    seen = np.isfinite(values).any(axis=0)
    if not seen.any():
        raise NotEstimable("The outcome is missing for everybody.", cure="Check the outcome's column.")
    if seen.sum() < least:
        raise NotEstimable(
            f"Values were taken at {int(seen.sum())} of {len(order)} visits; {least} are needed to speak of change.",
            cure="Describe the one visit, or compare arms there by analysis of covariance.",
        )

"""What varies at random: a factor (people, therapists) with an intercept and slopes, and how factors lie to another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.clusters import nested_clusters

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Factor:
    """A grouping factor: N labels, and name -> N values of each covariate whose slope differs between its levels."""

    labels: Sequence[Any] | ArrayLike
    slopes: Mapping[str, ArrayLike] = field(default_factory=dict)
    intercept: bool = True
    correlated: bool = True


@dataclass(frozen=True, slots=True)
class Level:
    """A factor made ready: `labels` of its levels, `codes` (N,), `columns` (N, q) divided by `scale` (q,).

    `places` are the (row, column) positions of the Cholesky factor's free elements, in the order of lme4's theta.
    """

    name: str
    terms: tuple[str, ...]
    labels: tuple[str, ...]
    codes: NDArray[np.int64]
    count: int
    columns: Array
    scale: Array
    places: tuple[tuple[int, int], ...]

    @property
    def size(self) -> int:
        return len(self.terms)

    def factor_matrix(self, values: Array) -> Array:
        """L (…, q, q) from its free elements (…, len(places))."""
        matrix = np.zeros((*values.shape[:-1], self.size, self.size), dtype=values.dtype)
        rows, columns = zip(*self.places, strict=True)
        matrix[..., list(rows), list(columns)] = values
        return matrix

    def symmetric(self, values: Array) -> Array:
        """A covariance matrix from its free elements (the same positions)."""
        lower = self.factor_matrix(values)
        return lower + np.swapaxes(lower, -1, -2) * (1 - np.eye(self.size))

    def free(self, matrix: Array) -> Array:
        return np.array([matrix[place] for place in self.places])


def levels_of(factors: Mapping[str, Factor], keep: NDArray[np.bool_]) -> tuple[list[Level], bool]:
    """The factors innermost (most levels) first, and whether each lies wholly within the next."""
    levels = [_level(name, factor, keep) for name, factor in factors.items()]
    levels.sort(key=lambda level: -level.count)
    return levels, all(within(*pair) for pair in pairwise(levels))


def complete(factors: Mapping[str, Factor], n: int) -> NDArray[np.bool_]:
    """Rows in which every slope's covariate has a value."""
    rows = np.ones(n, bool)
    for name, factor in factors.items():
        for term, values in factor.slopes.items():
            column = _numbers(name, term, values)
            if column.shape != (n,):
                raise BadInput(f"The slope {term!r} of {name} has {column.size} values for {n} rows.",
                               cure="Give one value per row.")  # fmt: skip
            rows &= np.isfinite(column)
    return rows


def _numbers(name: str, term: str, values: ArrayLike) -> Array:
    column = np.asarray(values)
    if column.dtype.kind not in "iufb":
        raise BadInput(
            f"The slope {term!r} of {name} is text, not numbers.", cure="Turn the column into numbers (days, weeks)."
        )
    return column.astype(float)


def _level(name: str, factor: Factor, keep: NDArray[np.bool_]) -> Level:
    labels = np.asarray(factor.labels)
    if labels.shape != keep.shape:
        raise BadInput(f"{name} has {labels.size} labels for {keep.size} rows.", cure="Give one label per row.")
    nested = nested_clusters({name: labels[keep]})
    codes = nested.codes[0]
    terms = (("intercept",) if factor.intercept else ()) + tuple(factor.slopes)
    if not terms:
        raise BadInput(f"Nothing varies between the levels of {name}.", cure="Give it an intercept or a slope.")
    ones = [np.ones(len(codes))] if factor.intercept else []
    columns = np.column_stack([*ones, *(np.asarray(values, float)[keep] for values in factor.slopes.values())])
    scale = np.sqrt((columns**2).mean(axis=0))
    for term, size, column in zip(terms, scale, columns.T, strict=True):
        if not size > 0 or (term != "intercept" and factor.intercept and np.ptp(column) == 0):
            raise NotEstimable(f"{term!r} does not vary, so no slope of it can.", cure=f"Leave {term} out of {name}.")
    count = int(codes.max()) + 1
    if count < 2:
        raise NotEstimable(f"There is one {name} only.", cure=f"Leave {name} out of the model.")
    if count * len(terms) >= len(codes):
        raise NotEstimable(
            f"{count} {name} with {len(terms)} random terms each leave nothing over in {len(codes)} rows.",
            cure=f"Leave out a slope of {name}, or {name}.",
        )
    q = len(terms)
    places = tuple((r, c) for c in range(q) for r in range(c, q) if factor.correlated or r == c)
    return Level(name, terms, nested.labels[0], codes, count, columns / scale, scale, places)


def within(inner: Level, outer: Level) -> bool:
    """Whether each level of `inner` lies in one of `outer`."""
    pairs = np.unique(inner.codes * outer.count + outer.codes)
    return len(pairs) == inner.count

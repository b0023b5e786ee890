"""The matrix of fixed effects from named columns: numbers as they are, words as indicators without the first level."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.science.errors import BadInput, NotEstimable

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class FixedEffects:
    """`matrix` (N, p) with NaN where a column is missing, `names` its columns."""

    matrix: Array
    names: tuple[str, ...]

    @property
    def complete(self) -> NDArray[np.bool_]:
        rows: NDArray[np.bool_] = np.asarray(np.isfinite(self.matrix).all(axis=1))
        return rows

    def kept(self, rows: NDArray[np.bool_]) -> FixedEffects:
        return FixedEffects(self.matrix[rows], self.names)


def fixed_effects(
    columns: Mapping[str, ArrayLike], n: int, *, intercept: bool = True, reference: Mapping[str, str] | None = None
) -> FixedEffects:
    """Columns of length `n`. `reference` names the level of a column of words that gets no indicator."""
    parts: list[Array] = [np.ones(n)] if intercept else []
    names: list[str] = ["intercept"] if intercept else []
    for name, given in columns.items():
        values = np.asarray(given)
        if values.shape != (n,):
            raise BadInput(f"Column {name!r} has {values.size} values for {n} rows.", cure="Give one value per row.")
        for label, column in indicators(name, values, (reference or {}).get(name)):
            parts.append(column)
            names.append(label)
    return FixedEffects(np.column_stack(parts) if parts else np.zeros((n, 0)), tuple(names))


def indicators(name: str, values: Array, reference: str | None = None) -> list[tuple[str, Array]]:
    """A column of numbers as itself; a column of words as 0/1 columns. An empty word (None) is missing."""
    if values.dtype.kind in "iufb":
        return [(name, values.astype(float))]
    missing = np.array([v is None or v == "" or v != v for v in values.tolist()])
    words = np.where(missing, "", values).astype(str)
    levels = sorted(set(words[~missing].tolist()))
    first = reference if reference is not None else (levels[0] if levels else "")
    if reference is not None and reference not in levels:
        raise BadInput(f"{name!r} has no level {reference!r}.", cure=f"Use one of: {', '.join(levels)}.")
    return [
        (f"{name}={level}", np.where(missing, np.nan, (words == level).astype(float)))
        for level in levels
        if level != first
    ]


def refuse_aliased(normal: Array, names: tuple[str, ...]) -> None:
    """Say which columns carry nothing, or cannot be told apart, from X'X or X'V⁻¹X."""
    size = np.sqrt(np.maximum(np.diagonal(normal), 0))
    empty = [name for name, s in zip(names, size, strict=True) if not s > 1e-10 * size.max()]
    if empty:
        raise NotEstimable(f"No values carry {', '.join(empty)}.", cure="Leave out that visit, arm or covariate.")
    values, vectors = np.linalg.eigh(normal / np.outer(size, size))
    if values[0] < 1e-11:
        share = np.abs(vectors[:, 0])
        tied = [name for name, s in zip(names, share, strict=True) if s > 0.1 * share.max()]
        raise NotEstimable(f"These effects cannot be told apart: {', '.join(tied)}.", cure="Leave one of them out.")

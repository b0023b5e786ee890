"""What goes into a pool: effects, their variances, moderators, names; checked once, then handed on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.science.errors import BadInput, Finding, NotEstimable, Place
from accord.science.estimates.fixed_effects import fixed_effects, refuse_aliased

Array = NDArray[Any]
Moderators = Mapping[str, ArrayLike]
WIDEST = 1e12  # ratio of variances beyond which sums lose the smaller weights
LARGEST = 1e60  # beyond it squares of weights leave the range of floating-point numbers


@dataclass(frozen=True, slots=True)
class Effects:
    """`y` and `v` (k,), the moderators' matrix `x` (k, p) with its `names`, one label a study.

    `basis` is x with orthonormal columns and `back` takes coefficients of the basis to those of x: all sums run over
    the basis, so that a year of 1948 costs no digits. With no moderators both are a column of ones and [[1]].
    `kept` are the rows of what was given that could be used; `warnings` say what was left out; `named` is False where
    no labels were given.
    """

    y: Array
    v: Array
    x: Array
    names: tuple[str, ...]
    labels: tuple[str, ...]
    basis: Array
    back: Array
    kept: Array
    warnings: tuple[Finding, ...] = ()
    named: bool = True

    @property
    def k(self) -> int:
        return len(self.y)

    @property
    def p(self) -> int:
        return self.x.shape[1]

    def part(self, rows: Array) -> Effects:
        """The same model for some of the studies."""
        return _with_basis(
            self.y[rows], self.v[rows], self.x[rows], self.names,
            tuple(label for label, row in zip(self.labels, rows.tolist(), strict=True) if row),
            self.kept[rows], (),
        )  # fmt: skip


def effects(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    mods: Moderators | None = None,
    labels: Sequence[Any] | None = None,
    reference: Mapping[str, str] | None = None,
    intercept: bool = True,
) -> Effects:
    """Check and arrange. Rows that lack an effect, a variance or a moderator are left out with a warning.

    Raises BadInput for text that is no number, unequal lengths, a variance that is not above zero, infinite values;
    NotEstimable for no study at all, fewer studies than coefficients, and moderators that cannot be told apart.
    """
    y, v = numbers(yi, "effect"), numbers(vi, "variance")
    if len(y) != len(v):
        raise BadInput(f"{len(y)} effects but {len(v)} variances.", cure="Give one variance for each effect.")
    names = study_labels(labels, len(y))
    refuse_bad_values(y, v, names)
    if mods:
        fixed = fixed_effects(mods, len(y), reference=reference, intercept=intercept)
        x, terms = fixed.matrix, fixed.names
    else:
        x, terms = np.ones((len(y), 1)), ("intercept",)
    kept = np.isfinite(y) & np.isfinite(v)
    if mods:
        kept &= np.isfinite(x).all(axis=1)
    warnings = () if kept.all() else (_left_out(names, kept),)
    if warnings:
        y, v, x = y[kept], v[kept], x[kept]
        names = tuple(name for name, keep in zip(names, kept.tolist(), strict=True) if keep)
    if not len(y):
        raise NotEstimable("There is no study to pool.", cure="Give at least one effect with its variance.")
    if v.max() > WIDEST * v.min():
        raise BadInput(
            f"The variance of {names[int(v.argmax())]} is {v.max() / v.min():.0e} times that of "
            f"{names[int(v.argmin())]}.",
            cure="Check the units: variances of studies do not differ so much.",
        )
    return _with_basis(y, v, x, terms, names, np.flatnonzero(kept), warnings, labels is not None)


def numbers(values: ArrayLike, what: str) -> Array:
    """One dimension of floats; None and empty words are missing (NaN)."""
    array = np.asarray(values)
    if array.ndim != 1:
        raise BadInput(
            f"The {what}s have {array.ndim} dimensions.", cure="Give one list, or use pool_many for several outcomes."
        )
    if array.dtype.kind in "iuf":
        return array.astype(float)
    return np.array([_number(value, row, what) for row, value in enumerate(array.tolist(), 1)], float)


def study_labels(labels: Sequence[Any] | None, k: int) -> tuple[str, ...]:
    if labels is None:
        return tuple(f"study {n}" for n in range(1, k + 1))
    if len(labels) != k:
        raise BadInput(f"{len(labels)} labels for {k} effects.", cure="Give one label for each effect.")
    return tuple(map(str, labels))


def refuse_bad_values(y: Array, v: Array, labels: tuple[str, ...]) -> None:
    """Stop at the first variance that is not above zero, and at values too large or small to be in any unit."""
    for row in np.flatnonzero(v <= 0).tolist():
        raise BadInput(
            f"The variance of {labels[row]} is {v[row]:g}.", where=Place(row=row + 1),
            cure="A variance is above zero: give SE² (not the SE's sign or a rounded 0), or leave the study out.",
        )  # fmt: skip
    for row in np.flatnonzero((np.abs(y) > LARGEST) | (v > LARGEST) | (v < 1 / LARGEST)).tolist():
        raise BadInput(
            f"The effect ({y[row]:g}) or variance ({v[row]:g}) of {labels[row]} is too large or too small.",
            where=Place(row=row + 1),
            cure="Give numbers in a sensible unit (an empty cell of a 2x2 table needs a correction), or leave it out.",
        )  # fmt: skip


def _with_basis(
    y: Array, v: Array, x: Array, names: tuple[str, ...], labels: tuple[str, ...], kept: Array,
    warnings: tuple[Finding, ...], named: bool = True,
) -> Effects:  # fmt: skip
    if x.shape[1] == 1 and (x == 1).all():
        return Effects(y, v, x, names, labels, x, np.ones((1, 1)), kept, warnings, named)
    if len(y) < x.shape[1]:
        raise NotEstimable(
            f"{len(y)} studies for {x.shape[1]} coefficients.", cure="Use fewer moderators or join levels."
        )
    refuse_aliased(x.T @ x, names)
    basis, r = np.linalg.qr(x)
    return Effects(y, v, x, names, labels, basis, np.linalg.inv(r), kept, warnings, named)


def _number(value: Any, row: int, what: str) -> float:
    if value is None or value == "":
        return float("nan")
    try:
        return float(value)
    except (TypeError, ValueError):
        cure = "Give numbers only."
        if isinstance(value, str) and "," in value:
            cure = "Decimal commas? Read the file with a decimal comma, or write 0.35 for 0,35."
        raise BadInput(f"The {what} {value!r} is not a number.", where=Place(row=row), cure=cure) from None


def _left_out(labels: tuple[str, ...], kept: Array) -> Finding:
    names = [label for label, keep in zip(labels, kept.tolist(), strict=True) if not keep]
    shown = ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
    return Finding(
        what=f"{len(names)} of {len(labels)} rows left out, because a value is missing: {shown}.",
        cure="Fill in the effect, its variance and the moderators, or leave the row out yourself.",
        warning=True, rule="missing",
    )  # fmt: skip

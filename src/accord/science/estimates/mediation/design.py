"""Who enters a mediation and in which columns: treatment, covariates, mediators, outcome; what is refused and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.fixed_effects import fixed_effects, refuse_aliased

Array = NDArray[Any]
_SAME = 0.99999  # a correlation at which two columns are one
_SPARE = 3  # rows that must be left over for a residual


@dataclass(frozen=True, slots=True)
class Design:
    """`z` (n, p): intercept, treatment, covariates, mediators, outcome; `names` of its columns; NaN where missing.

    `mediators` are the places of the mediators; the outcome is the last column.
    """

    z: Array
    names: tuple[str, ...]
    mediators: tuple[int, ...]
    rows: int
    missing: int
    clusters: Array | None = None

    @property
    def outcome(self) -> int:
        return len(self.names) - 1

    @property
    def before(self) -> tuple[int, ...]:
        """What stands before every mediator: intercept, treatment, covariates."""
        return tuple(range(self.mediators[0]))

    @property
    def n(self) -> int:
        return int(self.z.shape[0])


def design(
    treatment: ArrayLike,
    mediators: Mapping[str, ArrayLike],
    outcome: ArrayLike,
    covariates: Mapping[str, ArrayLike] | None = None,
    clusters: ArrayLike | None = None,
    *,
    complete: bool = True,
) -> Design:
    """The columns, checked. With `complete` only rows without gaps; else rows with a treatment and all covariates.

    Raises BadInput for columns that cannot be what they are said to be, NotEstimable where nothing can be told.
    """
    y = _numbers("The outcome", outcome)
    n = len(y)
    x = _numbers("The treatment", treatment, n)
    if not mediators:
        raise BadInput("No mediator was given.", cure="Name at least one.")
    columns = {name: _numbers(f"The mediator {name}", values, n) for name, values in mediators.items()}
    wide = fixed_effects(covariates or {}, n, intercept=False)
    z = np.column_stack([np.ones(n), x, wide.matrix, *columns.values(), y])
    names = ("intercept", "treatment", *wide.names, *columns, "outcome")
    first = 2 + len(wide.names)
    full = np.isfinite(z)
    keep = full.all(axis=1) if complete else full[:, :first].all(axis=1) & full[:, first:].any(axis=1)
    groups = None if clusters is None else np.asarray(clusters)[keep]
    made = Design(
        z[keep], names, tuple(range(first, first + len(columns))), n, int(n - keep.sum()), groups
    )  # fmt: skip
    _refuse(made)
    return made


def _numbers(what: str, values: ArrayLike, n: int | None = None) -> Array:
    found = np.asarray(values)
    if found.ndim != 1 or found.dtype.kind not in "iufb":
        raise BadInput(f"{what} holds words.", cure="Give numbers, for a treatment 0 and 1.")
    if n is not None and len(found) != n:
        raise BadInput(f"{what} has {len(found)} values for {n} people.", cure="Give one value for each person.")
    return found.astype(float)


def _refuse(made: Design) -> None:
    if made.n < len(made.names) + _SPARE:
        raise NotEstimable(
            f"{made.n} people with all values are too few for {len(made.names)} columns.",
            cure="Use fewer mediators or covariates, or impute what is missing first.",
        )
    spread = np.nanstd(made.z[:, 1:], axis=0)
    for name, sd in zip(made.names[1:], spread, strict=True):
        if not sd > 0:
            raise NotEstimable(f"The {_what(name)} has one value only.", cure=_flat_cure(name))
    y = made.z[:, made.outcome]
    for place in made.mediators:
        both = np.isfinite(made.z[:, place]) & np.isfinite(y)
        if both.sum() > 2 and abs(float(np.corrcoef(made.z[both, place], y[both])[0, 1])) > _SAME:
            raise BadInput(
                f"The mediator {made.names[place]} is the outcome itself, or a multiple of it.",
                cure="Take a mediator that was measured separately and before the outcome.",
            )
    known = made.z[np.isfinite(made.z).all(axis=1)][:, :-1]
    refuse_aliased(known.T @ known, made.names[:-1])


def _what(name: str) -> str:
    return name if name in ("treatment", "outcome") else f"column {name}"


def _flat_cure(name: str) -> str:
    if name == "treatment":
        return "Mediation needs a contrast: two arms, or two levels. In a single arm ask for process and outcome."
    return "Leave it out."

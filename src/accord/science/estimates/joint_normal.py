"""Multiple imputation of several columns from one joint normal model, given the complete ones.

y_i ~ N(B'z_i, V): the columns with gaps together, z an intercept and all complete columns (words as indicators). By
data augmentation, as `imputation.impute` does for the visits of one outcome. Values may lie outside a scale's range and
between its points: that does no harm to means and regressions, and it does to shares below a cut-off (use
`chained_equations` with pmm for those). Checked against mice's "norm", which has the same limit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.fixed_effects import fixed_effects, refuse_aliased
from accord.science.estimates.imputation import draws, fill, groups

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class JointlyImputed:
    """`sets` (m) of complete columns under their names; `missing` values of each column that had gaps."""

    sets: tuple[dict[str, Array], ...]
    missing: dict[str, int]
    seed: int

    @property
    def method(self) -> str:
        return f"{len(self.sets)} sets from a joint normal model of {', '.join(self.missing)} (seed {self.seed})"


def impute_jointly(
    columns: Mapping[str, ArrayLike], *, sets: int = 20, seed: int = 1, warm_up: int = 300, thin: int = 25
) -> JointlyImputed:
    """Impute every gap. `columns` name -> N numbers (NaN missing), or N words without gaps."""
    given = {name: np.asarray(values) for name, values in columns.items()}
    made = {name: fixed_effects({name: values}, len(values), intercept=False) for name, values in given.items()}
    holed = [name for name, part in made.items() if not part.complete.all()]
    for name in holed:
        _refuse(name, given[name])
    if not holed:
        raise BadInput("No column has gaps.", cure="Analyse the columns as they are.")
    n = len(given[holed[0]])
    whole = fixed_effects({name: given[name] for name in given if name not in holed}, n)
    y = np.column_stack([given[name].astype(float) for name in holed])
    if n <= len(whole.names) + len(holed):
        raise NotEstimable(f"{n} people are too few for {len(given)} columns.", cure="Use fewer columns.")
    refuse_aliased(whole.matrix.T @ whole.matrix, whole.names)
    # Columns of size one, so that no unit spoils another's rounding.
    centre, size = np.nanmean(y, axis=0), np.nanstd(y, axis=0)
    if not (size > 0).all():
        flat = holed[int(np.argmin(size))]
        raise NotEstimable(f"{flat} has one value only.", cure="Leave the column out.")
    scaled, seen = (y - centre) / size, np.isfinite(y)
    patterns = groups(seen)
    random = np.random.default_rng(seed)
    done = []
    for slopes, covariance in draws(scaled, whole.matrix, seen, patterns, sets, warm_up, thin, random):
        full = fill(scaled, whole.matrix @ slopes, covariance, patterns, random)
        full = np.where(seen, y, centre + size * full)
        done.append({name: full[:, holed.index(name)] if name in holed else given[name] for name in given})
    return JointlyImputed(tuple(done), {n: int((~seen[:, k]).sum()) for k, n in enumerate(holed)}, seed)


def _refuse(name: str, values: Array) -> None:
    if values.dtype.kind not in "iufb":
        raise BadInput(f"{name} holds words and has gaps.", cure="Impute it by chained equations.")
    if not np.isfinite(values.astype(float)).any():
        raise NotEstimable(f"{name} is missing for everybody.", cure="Leave the column out.")

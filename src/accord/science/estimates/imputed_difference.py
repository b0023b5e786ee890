"""The difference between two arms over imputed outcomes, and how bad those who left must have been to undo it.

Analysis of covariance (one variance) at one visit in each imputation, pooled. The tipping point adds `delta` to what
was imputed after leaving in the first arm, more and more, until the interval of the difference includes zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.contrast import Contrast
from accord.science.estimates.estimate import Estimate
from accord.science.estimates.imputation import Imputed
from accord.science.estimates.multiple_imputation import Pooled, pool

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class TippingPoint:
    """The pooled difference under each delta, and the first delta at which its interval includes zero (None: none)."""

    deltas: tuple[float, ...]
    differences: tuple[Contrast, ...]
    tips_at: float | None
    text: str


def imputed_difference(
    imputed: Imputed, *, of: str, against: str, visit: str, delta: float = 0.0, level: float = 0.95
) -> Pooled:
    """Adjusted difference `of` minus `against` at `visit`, pooled. `delta` is added to what was imputed in arm `of`
    after leaving."""
    for name in (of, against):
        if name not in imputed.arms:
            raise BadInput(f"No arm {name!r}.", cure=f"Use one of: {', '.join(imputed.arms)}.")
    if visit not in imputed.visits:
        raise BadInput(f"No visit {visit!r}.", cure=f"Use one of: {', '.join(imputed.visits)}.")
    at = imputed.visits.index(visit)
    both = (imputed.arm == of) | (imputed.arm == against)
    treated = imputed.arm[both] == of
    y = imputed.values[:, both, at] + delta * (imputed.after_leaving[both, at] & treated)
    x = np.column_stack([np.ones(int(both.sum())), treated, imputed.design[both][:, len(imputed.arms) :]])
    q, r = np.linalg.qr(x)
    if np.abs(np.diagonal(r)).min() < 1e-10 * np.abs(np.diagonal(r)).max():
        raise NotEstimable("The covariates follow from each other.", cure="Leave one of them out.")
    turned = y @ q
    left = ((y - turned @ q.T) ** 2).sum(axis=1) / (len(x) - x.shape[1])
    back = np.linalg.inv(r)
    return pool(turned @ back[1], left * float(back[1] @ back[1]), df_complete=len(x) - x.shape[1], level=level)


def tipping_point(
    imputed: Imputed, *, of: str, against: str, visit: str, deltas: Sequence[float], level: float = 0.95
) -> TippingPoint:
    """The same imputations under each of `deltas` (given from mild to severe, in points of the scale)."""
    found = tuple(
        imputed_difference(imputed, of=of, against=against, visit=visit, delta=delta, level=level).contrast
        for delta in deltas
    )
    includes = [c.ci_low <= 0 <= c.ci_high for c in found]
    tips = deltas[includes.index(True)] if True in includes else None
    if tips is None:
        text = f"The difference stays apart from zero up to a delta of {deltas[-1]:g} points."
    elif includes[0]:
        text = "The difference includes zero without any delta."
    else:
        text = f"The interval includes zero once those who left {of!r} are taken to be {tips:g} points different."
    return TippingPoint(tuple(deltas), found, tips, text)


def difference_estimate(pooled: Pooled, imputed: Imputed, id: str, label: str, **context: Any) -> Estimate:
    """As an `Estimate` that names the strategy."""
    towards = f" towards {imputed.reference!r}" if imputed.reference else ""
    method = f"multiple imputation ({imputed.strategy}{towards}), analysis of covariance, seed {imputed.seed}"
    return pooled.estimate(
        id, label, **{"n": int(imputed.people.sum()), "missing": imputed.missing, "method": method, **context}
    )

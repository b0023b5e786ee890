"""Actor and partner: two people who both rate, patient and therapist (Kenny, Kashy and Cook 2006).

    y_p = d_p + a_p x_p + p_p x_t + e_p          y_t = d_t + a_t x_t + p_t x_p + e_t

a is what goes along with one's own rating (actor), p with the other's (partner); the errors of a pair go together. Both
equations have the same predictors, so that least squares gives what generalised least squares would. Both are fitted as
one regression of stacked rows, with errors over pairs, or over therapists where patients share one (CR2,
Bell-McCaffrey df), so that "alike for both" can be tested. Slopes are checked against nlme::gls, errors by simulation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.cluster_robust import cluster_robust
from accord.science.estimates.estimate import Estimate
from accord.science.estimates.fixed_effects import fixed_effects

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class ActorPartner:
    """`effects` by name ("patient actor", "patient partner" …), the pair's residual correlation, and whether the two
    actor (and partner) effects differ."""

    effects: dict[str, Estimate]
    differences: dict[str, Estimate]
    residual_correlation: float
    pairs: int
    missing: int
    names: tuple[str, str]

    @property
    def estimates(self) -> list[Estimate]:
        return [*self.effects.values(), *self.differences.values()]

    def summary(self) -> str:
        said = "; ".join(
            f"{name} {one.value:.3g} ({one.ci_low:.3g} to {one.ci_high:.3g})" for name, one in self.effects.items()
        )
        return (
            f"{said}. {self.pairs:,} pairs; what is left of the two goes together by {self.residual_correlation:.2f}."
        )


def actor_partner(
    predictors: tuple[ArrayLike, ArrayLike],
    outcomes: tuple[ArrayLike, ArrayLike],
    *,
    names: tuple[str, str] = ("patient", "therapist"),
    covariates: Mapping[str, ArrayLike] | None = None,
    clusters: Sequence[Any] | ArrayLike | None = None,
    level: float = 0.95,
    unit: str = "",
) -> ActorPartner:
    """`predictors` and `outcomes` of the two, one value a pair; pairs with a gap are left out and counted."""
    x = [np.asarray(values, float) for values in predictors]
    y = [np.asarray(values, float) for values in outcomes]
    if len({len(values) for values in (*x, *y)}) > 1:
        raise BadInput("The columns differ in length.", cure="Give one value of each for every pair.")
    keep = np.isfinite(np.column_stack([*x, *y])).all(axis=1)
    if keep.sum() < 6:
        raise NotEstimable(f"{int(keep.sum())} pairs are too few.", cure="Have at least six, better forty.")
    for name, values in zip(names, x, strict=True):
        if not values[keep].std() > 0:
            raise NotEstimable(f"The rating of the {name} has one value only.", cure="There is nothing to relate.")
    n = int(keep.sum())
    more = fixed_effects({name: np.asarray(values)[keep] for name, values in (covariates or {}).items()}, n,
                         intercept=False)  # fmt: skip
    groups = np.arange(n) if clusters is None else np.asarray(clusters)[keep]
    one, zero = np.ones(n), np.zeros(n)
    columns = {"other equation": np.concatenate([zero, one])}
    for k, name in enumerate(names):
        for kind, values in (("actor", x[k][keep]), ("partner", x[1 - k][keep])):
            columns[f"{name} {kind}"] = np.concatenate([values, zero] if k == 0 else [zero, values])
        for label, values in zip(more.names, more.matrix.T, strict=True):
            columns[f"{name} {label}"] = np.concatenate([values, zero] if k == 0 else [zero, values])
    fitted = cluster_robust(
        np.concatenate([values[keep] for values in y]), np.concatenate([groups, groups]), fixed=columns
    )
    over = "pairs" if clusters is None else "clusters"
    method = f"both equations in one regression, {fitted.method}, errors over {over}"
    context: dict[str, Any] = {"n": n, "missing": int((~keep).sum()), "unit": unit, "method": method}
    effects = {
        f"{name} {kind}": fitted.coefficient(f"{name} {kind}", level=level).estimate(
            f"dyad.{name.replace(' ', '_')}.{kind}", f"{name}, {kind}", **context
        )
        for name in names
        for kind in ("actor", "partner")
    }
    differences = {}
    for kind in ("actor", "partner"):
        weights = np.zeros(len(fitted.names))
        weights[fitted.names.index(f"{names[0]} {kind}")] = 1.0
        weights[fitted.names.index(f"{names[1]} {kind}")] = -1.0
        found = fitted.contrast(weights, level=level)
        differences[kind] = found.estimate(f"dyad.difference.{kind}", f"{kind}: {names[0]} less {names[1]}", **context)
    full = np.column_stack([one, x[0][keep], x[1][keep], more.matrix])
    rest = [values[keep] - full @ np.linalg.lstsq(full, values[keep], rcond=None)[0] for values in y]
    together = float(np.corrcoef(rest[0], rest[1])[0, 1])
    return ActorPartner(effects, differences, together, n, int((~keep).sum()), names)

"""Does a difference between arms vary with something known before? Interaction, and where it is apart from zero.

    y = b0 + b1·arm + b2·m + b3·arm·m + covariates;  the difference at m is b1 + b3·m

Limits at each m by least squares with HC2 (or, over clusters, CR2) errors and Satterthwaite df. The Johnson-Neyman
region holds the values of m, within those seen, where the 95 % interval leaves zero out. Its limits are pointwise: it
says where these data show a difference, not for whom treatment works. Only for moderators named beforehand (C27).
Checked against R (clubSandwich and uniroot).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.cluster_robust import ClusterRobust, cluster_robust
from accord.science.estimates.contrast import Contrast
from accord.science.estimates.estimate import Estimate
from accord.science.figures.bubble import LinePoint
from accord.science.figures.varying_effect import VaryingEffect

_STEPS = 80
_FEWEST = 5


@dataclass(frozen=True, slots=True)
class Moderation:
    """`interaction`: change of the difference for one more of the moderator. `apart`: the Johnson-Neyman region within
    the values seen (`seen`), as stretches; empty where no difference is shown at any value."""

    interaction: Estimate
    line: tuple[LinePoint, ...]
    apart: tuple[tuple[float, float], ...]
    seen: tuple[float, float]
    n: int
    missing: int
    method: str
    fitted: ClusterRobust

    def at(self, value: float, *, level: float = 0.95) -> Contrast:
        """The difference between the arms at a value of the moderator."""
        return _difference(self.fitted, value, level)

    def summary(self) -> str:
        """Whether the difference varies, and where it is shown."""
        i = self.interaction
        shown = i.ci_low is not None and i.ci_high is not None and (i.ci_low > 0 or i.ci_high < 0)
        limits = f"{i.value:.3g} per unit (95 % {i.ci_low:.3g} to {i.ci_high:.3g})"
        first = f"The difference varies with it: {limits}." if shown else (
            f"That the difference varies with it is not shown: {limits}.")  # fmt: skip
        if not self.apart:
            return f"{first} At no value seen is a difference apart from zero."
        where = " and ".join(f"{low:.4g} to {high:.4g}" for low, high in self.apart)
        seen = f"(seen: {self.seen[0]:g} to {self.seen[1]:g})"
        return f"{first} A difference is apart from zero at values of {where} {seen}."

    def plot(
        self, *, title: str = "How the difference varies", moderator: str = "moderator", effect: str = "difference",
        invented: bool = False,
    ) -> VaryingEffect:  # fmt: skip
        note = f"n = {self.n:,}, {self.missing:,} left out. Intervals are for one value at a time. {self.method}."
        return VaryingEffect(title, self.summary(), self.line, moderator, effect, self.apart, note, invented)

    def _repr_html_(self) -> str:
        return f"<p>{self.summary()}</p>{self.plot().svg()}"


def moderation(
    outcome: ArrayLike,
    treated: ArrayLike,
    moderator: ArrayLike,
    *,
    covariates: Mapping[str, ArrayLike] | None = None,
    clusters: ArrayLike | None = None,
    unit: str = "",
) -> Moderation:
    """`outcome` (N,), `treated` 1 or 0, `moderator` a number known before treatment. Complete cases, the rest counted.

    Raises BadInput for a moderator that is the outcome or the arm, NotEstimable for one that does not vary or too few
    people in an arm.
    """
    y, arm, m = (np.asarray(one, float) for one in (outcome, treated, moderator))
    keep = np.isfinite(y) & np.isfinite(arm) & np.isfinite(m)
    _refuse(y[keep], arm[keep], m[keep])
    columns = {"treated": arm, "moderator": m, "product": arm * m, **(covariates or {})}
    fitted = cluster_robust(np.where(keep, y, np.nan), clusters, fixed=columns)
    low, high = float(m[keep].min()), float(m[keep].max())
    grid = np.linspace(low, high, _STEPS + 1)
    found = [_difference(fitted, value) for value in grid.tolist()]
    line = tuple(LinePoint(x, c.value, c.ci_low, c.ci_high) for x, c in zip(grid.tolist(), found, strict=True))
    method = f"interaction, {fitted.method}; complete cases"
    interaction = fitted.coefficient("product").estimate(
        "moderation.interaction", "change of the difference per unit", n=fitted.rows, missing=fitted.missing, unit=unit,
        method=method,
    )  # fmt: skip
    return Moderation(
        interaction, line, _region(fitted, line), (low, high), fitted.rows, fitted.missing, method, fitted
    )


def _refuse(y: np.ndarray, arm: np.ndarray, m: np.ndarray) -> None:
    if not np.isin(arm, (0, 1)).all():
        raise BadInput("The arm is 1 or 0.", cure="Code it as 1 and 0.")
    if min((arm == 1).sum(), (arm == 0).sum()) < _FEWEST:
        raise NotEstimable(f"An arm has fewer than {_FEWEST} people with outcome and moderator.",
                           cure="Report the difference without moderators.")  # fmt: skip
    if np.ptp(m) == 0:
        raise NotEstimable("The moderator does not vary.", cure="Leave it out.")
    for other, name in ((y, "outcome"), (arm, "arm")):
        if np.array_equal(m, other):
            raise BadInput(f"The moderator is the {name}.", cure="Give something known before treatment.")


def _difference(fitted: ClusterRobust, value: float, level: float = 0.95) -> Contrast:
    weights = np.zeros(len(fitted.names))
    weights[fitted.names.index("treated")], weights[fitted.names.index("product")] = 1.0, value
    return fitted.contrast(weights, level=level)


def _region(fitted: ClusterRobust, line: tuple[LinePoint, ...]) -> tuple[tuple[float, float], ...]:
    """Stretches where the interval leaves zero out, their ends found by halving."""
    shown = [p.low > 0 or p.high < 0 for p in line]
    found: list[tuple[float, float]] = []
    start: float | None = line[0].x if shown[0] else None
    for k in range(1, len(line)):
        if shown[k] == shown[k - 1]:
            continue
        edge = _edge(fitted, line[k - 1].x, line[k].x, shown[k - 1])
        if shown[k]:
            start = edge
        elif start is not None:
            found.append((start, edge))
            start = None
    return tuple([*found, (start, line[-1].x)] if start is not None else found)


def _edge(fitted: ClusterRobust, left: float, right: float, before: bool) -> float:
    for _ in range(60):
        middle = (left + right) / 2
        c = _difference(fitted, middle)
        if (c.ci_low > 0 or c.ci_high < 0) == before:
            left = middle
        else:
            right = middle
    return (left + right) / 2

"""Adjusted difference between arms at one time-point: analysis of covariance.

outcome = arm + baseline + covariates. The difference is that of two arms alike in the covariates. Standard errors allow
for unequal variances (HC2 with Bell-McCaffrey df) by default, for clusters (CR2) where they are given, or follow the
classical model of one variance.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.cluster_robust import ClusterRobust, cluster_robust
from accord.science.estimates.contrast import Contrast, contrast
from accord.science.estimates.estimate import Estimate
from accord.science.estimates.fixed_effects import fixed_effects
from accord.science.estimates.showing import contrast_forest, html, in_words
from accord.science.figures import Forest

Errors = Literal["robust", "classical"]


@dataclass(frozen=True, slots=True)
class AdjustedDifference:
    """`difference` of arm minus against; adjusted `means` at the average of the covariates; counts per arm."""

    arm: str
    against: str
    difference: Contrast
    means: dict[str, Contrast]
    n: dict[str, int]
    missing: int
    residual_sd: float
    method: str

    def estimate(self, id: str, label: str, *, sign: int = 1, **context: Any) -> Estimate:
        return self.difference.turned(sign).estimate(
            id, label, **{"n": sum(self.n.values()), "missing": self.missing, "method": self.method, **context}
        )

    def summary(self) -> str:
        """The adjusted difference and both means."""
        means = "; ".join(f"{arm} {in_words(c, p=False)}, n = {self.n[arm]}" for arm, c in self.means.items())
        return (
            f"{self.arm} - {self.against}: {in_words(self.difference)}. Adjusted means: {means}. "
            f"{self.missing:,} people left out; {self.method}."
        )

    def plot(self) -> Forest:
        """Both adjusted means with their limits."""
        return contrast_forest(self.means, "Adjusted means", self.summary(), "units of the outcome")

    def _repr_html_(self) -> str:
        return html(self)


def ancova(
    outcome: ArrayLike,
    arm: Sequence[str] | ArrayLike,
    *,
    of: str,
    against: str,
    covariates: Mapping[str, ArrayLike] | None = None,
    cluster: Sequence[Any] | ArrayLike | None = None,
    errors: Errors = "robust",
    level: float = 0.95,
) -> AdjustedDifference:
    """Fit on the people of the two arms that have the outcome and all covariates; the others are counted."""
    y, arms = np.asarray(outcome, float), np.asarray(arm).astype(str)
    both = (arms == of) | (arms == against)
    for name in (of, against):
        if not (np.isfinite(y) & (arms == name)).any():
            raise NotEstimable(f"Arm {name!r} has no outcomes.", cure="Check the arm's name and the outcome's column.")
    columns: dict[str, ArrayLike] = {"arm": (arms[both] == of).astype(float)}
    columns |= {name: np.asarray(values)[both] for name, values in (covariates or {}).items()}
    groups = None if cluster is None else np.asarray(cluster)[both]
    if errors == "classical" and groups is not None:
        raise BadInput("Classical standard errors know no clusters.", cure="Use errors='robust' with clusters.")
    fit = cluster_robust(y[both], groups, fixed=columns)
    used, average = _used(y[both], columns)
    weights = np.zeros(len(fit.names))
    weights[0], weights[2:] = 1.0, average
    arm_weight = np.eye(len(fit.names))[1]
    ask = _classical(fit, level) if errors == "classical" else lambda w: fit.contrast(w, level=level)
    counts = {name: int((arms[both][used] == name).sum()) for name in (of, against)}
    return AdjustedDifference(
        arm=of, against=against, difference=ask(arm_weight), n=counts, missing=fit.missing,
        means={against: ask(weights), of: ask(weights + arm_weight)}, residual_sd=fit.residual_sd,
        method="analysis of covariance, " + ("classical t" if errors == "classical" else fit.method),
    )  # fmt: skip


def _used(y: Any, columns: Mapping[str, ArrayLike]) -> tuple[Any, Any]:
    """Which rows entered, and the mean of each covariate column over them."""
    x = fixed_effects(columns, len(y))
    keep = np.isfinite(y) & x.complete
    return keep, x.matrix[keep][:, 2:].mean(axis=0)


def _classical(fit: ClusterRobust, level: float) -> Any:
    def ask(weights: Any) -> Contrast:
        se = fit.residual_sd * math.sqrt(float(weights @ fit.bread @ weights))
        return contrast(float(weights @ fit.coefficients), se, fit.rows - len(fit.names), level=level)

    return ask

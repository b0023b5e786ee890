"""What each study's own true effect most likely is, given all the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from accord.science.estimates.interval import critical_value
from accord.science.figures import Forest, ForestRow
from accord.science.figures.numbers import number
from accord.science.synthesis.pooled import Pooled
from accord.science.synthesis.wording import notebook_html

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class ShrunkenEffects:
    """One place a study: the estimate, its standard error and limits, and `share`, the weight λ of its own data."""

    labels: tuple[str, ...]
    estimate: Array
    se: Array
    low: Array
    high: Array
    share: Array

    def table(self) -> pl.DataFrame:
        columns = {name: getattr(self, name) for name in ("estimate", "se", "low", "high", "share")}
        return pl.DataFrame({"study": list(self.labels), **columns})

    def to_dict(self) -> dict[str, Any]:
        return self.table().to_dict(as_series=False)

    def summary(self) -> str:
        least, most = int(np.argmin(self.estimate)), int(np.argmax(self.estimate))
        return (
            f"Drawn towards what all studies show, the effects run from {number(self.estimate[least])} "
            f"({self.labels[least]}) to {number(self.estimate[most])} ({self.labels[most]})."
        )

    def plot(self, *, title: str = "Effects drawn towards the whole", measure: str = "effect") -> Forest:
        rows = [ForestRow(r["study"], r["estimate"], r["low"], r["high"]) for r in self.table().iter_rows(named=True)]
        return Forest(title=title, description=self.summary(), rows=rows, measure=measure)

    def _repr_html_(self) -> str:
        return notebook_html(self)


def shrunken_effects(pooled: Pooled) -> ShrunkenEffects:
    """Empirical Bayes estimates (BLUPs) of x_i'β + u_i, with the quantiles of the fit.

    λ y_i + (1-λ) x_i b with λ = τ²/(τ² + v_i); se² = λ v_i + (1-λ)² x_i cov(b) x_i'. Checked against metafor::blup.
    """
    e = pooled.effects
    tau2 = 0.0 if np.isnan(pooled.tau2) else pooled.tau2
    share = tau2 / (tau2 + e.v)
    fitted = e.x @ pooled.coefficients
    variance = np.einsum("ka,ab,kb->k", e.x, pooled.covariance, e.x)
    value = share * e.y + (1 - share) * fitted
    se = np.sqrt(share * e.v + (1 - share) ** 2 * variance)
    half = critical_value(pooled.level, pooled.df) * se
    return ShrunkenEffects(e.labels, value, se, value - half, value + half, share)

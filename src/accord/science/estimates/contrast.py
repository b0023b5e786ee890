"""One coefficient, or one linear combination of coefficients, with its t (or z) inference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from accord.science.estimates.estimate import Estimate
from accord.science.estimates.interval import wald


@dataclass(frozen=True, slots=True)
class Contrast:
    """Value, standard error, degrees of freedom (None: normal), interval and two-sided p."""

    value: float
    se: float
    df: float | None
    ci_low: float
    ci_high: float
    p: float

    def estimate(self, id: str, label: str, **context: Any) -> Estimate:
        """The same as an `Estimate`; `context` is n, missing, scale, unit, method, note."""
        return Estimate(
            id=id, label=label, value=self.value, ci_low=self.ci_low, ci_high=self.ci_high, se=self.se, df=self.df,
            p=self.p, **context,
        )  # fmt: skip

    def turned(self, sign: int) -> Contrast:
        """The same with the direction turned when `sign` is -1."""
        if sign > 0:
            return self
        return Contrast(-self.value, self.se, self.df, -self.ci_high, -self.ci_low, self.p)


def contrast(value: float, se: float, df: float | None = None, *, level: float = 0.95) -> Contrast:
    """value ± quantile(df) · se."""
    low, high, p = wald(value, se, df, level)
    return Contrast(value, se, df, low, high, p)

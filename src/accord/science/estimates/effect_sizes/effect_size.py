"""One study's effect, as an object that says what it is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.effect_sizes.direction import turned
from accord.science.estimates.effect_sizes.measures import measure_named
from accord.science.estimates.estimate import Estimate
from accord.science.estimates.interval import wald
from accord.science.figures import Forest, ForestRow


@dataclass(frozen=True, slots=True)
class EffectSize:
    """`yi` with its sampling variance `vi`, in the unit of `measure` (a name of MEASURES); `n` people carry it."""

    yi: float
    vi: float
    measure: str
    n: int | None = None
    label: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        if not self.vi > 0:
            raise BadInput(f"The variance of an effect is above zero, not {self.vi:g}.", cure="Give SE².")

    @property
    def se(self) -> float:
        return math.sqrt(self.vi)

    def estimate(self, id: str, *, level: float = 0.95) -> Estimate:
        """With its normal interval and p, in the unit it is pooled in."""
        low, high, p = wald(self.yi, self.se, level=level)
        known = measure_named(self.measure)
        return Estimate(
            id=id, label=self.label or known.label, value=self.yi, ci_low=low, ci_high=high, se=self.se, p=p, n=self.n,
            unit=known.unit, method=known.label, note=self.note,
        )  # fmt: skip

    def to_dict(self) -> dict[str, Any]:
        return {
            "label": self.label, "measure": self.measure, "yi": self.yi, "vi": self.vi, "se": self.se, "n": self.n,
            "note": self.note,
        }  # fmt: skip

    def table(self) -> pl.DataFrame:
        return pl.DataFrame([self.to_dict()])

    def summary(self) -> str:
        """One sentence with the interval; a log of a ratio is turned back."""
        known = measure_named(self.measure)
        low, high, _ = wald(self.yi, self.se)
        people = f", {self.n} people" if self.n is not None else ""
        name = f"{self.label}: " if self.label else ""
        if known.log:
            y, a, b = (math.exp(value) for value in (self.yi, low, high))
            back = known.label.removeprefix("log ")
            return f"{name}{back} {y:.2f} (95 % interval {a:.2f} to {b:.2f}{people})."
        return f"{name}{known.label} {self.yi:.2f} {known.unit} (95 % interval {low:.2f} to {high:.2f}{people})."

    def plot(self) -> Forest:
        known = measure_named(self.measure)
        low, high, _ = wald(self.yi, self.se)
        row = ForestRow(self.label or known.label, self.yi, low, high, n=self.n)
        return Forest("One effect", self.summary(), [row], f"{known.label} ({known.unit})")

    def _repr_html_(self) -> str:
        return f"<p>{self.summary()}</p>{self.plot().svg()}"


def effect_size(
    measure: str,
    *,
    label: str = "",
    direction: str | None = None,
    correlation: float | None = None,
    note: str = "",
    options: dict[str, Any] | None = None,
    **values: ArrayLike,
) -> EffectSize:
    """One study's effect from its numbers: `effect_size("SMD", m1i=20, sd1i=5, n1i=40, m2i=23, sd2i=6, n2i=38)`.

    `direction` turns it so that positive is a benefit of the first group. Raises NotEstimable where a value is missing
    or does not allow the effect (one person in a group, an SD of zero).
    """
    chosen = measure_named(measure)
    found = turned(chosen(values, correlation=correlation, **(options or {})), direction if chosen.turns else None)
    if found.yi.size != 1:
        raise BadInput(f"{found.yi.size} effects where one was asked for.", cure="Use MEASURES for many studies.")
    y, v = float(found.yi.ravel()[0]), float(found.vi.ravel()[0])
    if not (math.isfinite(y) and v > 0):
        raise NotEstimable(f"{chosen.name} cannot be had from these values.", cure="Look for missing values and SD 0.")
    size = float(chosen.size(values, 1)[0])
    if chosen.assumes_correlation and correlation is not None:
        note = " ".join([note, f"Pre-post correlation of {correlation:g} assumed."]).strip()
    return EffectSize(y, v, chosen.name, None if np.isnan(size) else int(size), label, note)

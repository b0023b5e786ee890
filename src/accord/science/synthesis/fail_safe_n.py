"""Rosenthal's fail-safe N (1979): how many unseen studies with a mean z of 0 would take significance away.

    N = (Σ z_i)² / z_α² − k,  z = y / √v,  z_α the one-sided quantile; rounded up, not below 0

It says nothing about the size of the effect, ignores differences between studies, and assumes that what is unseen shows
exactly nothing; the Cochrane Handbook advises against it. It is here because reviews report it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import ArrayLike
from scipy import special

from accord.science.errors import BadInput, Finding
from accord.science.figures import BarRow, Bars
from accord.science.synthesis.model import effects
from accord.science.synthesis.wording import notebook_html, p_text, plural


@dataclass(frozen=True)
class FailSafeN:
    """`n` studies; `z` and one-sided `p` of all studies together (Stouffer); Rosenthal's own mark is 5k + 10."""

    n: int
    k: int
    alpha: float
    z: float
    p: float
    warnings: tuple[Finding, ...]

    def table(self) -> pl.DataFrame:
        return pl.DataFrame({"n": [self.n], "k": [self.k], "alpha": [self.alpha], "z": [self.z], "p": [self.p]})

    def to_dict(self) -> dict[str, Any]:
        values = {"n": self.n, "k": self.k, "alpha": self.alpha, "z": self.z, "p": self.p}
        return {**values, "warnings": [finding.to_dict() for finding in self.warnings]}

    def summary(self) -> str:
        missing = plural(self.n, "unseen study", "unseen studies")
        text = (
            f"Fail-safe N (Rosenthal): {missing} with no effect at all would bring the joint test of these {self.k} "
            f"({p_text(self.p)}) to p = {self.alpha:g}; Rosenthal's mark is {5 * self.k + 10}. The number says nothing "
            "about the size of the effect and should not be read as proof against bias."
        )
        return " ".join([text, *map(str, self.warnings)])

    def plot(self, *, title: str = "Fail-safe N") -> Bars:
        """The studies there are, the unseen ones it would take, and Rosenthal's mark."""
        rows = [
            BarRow("studies pooled", self.k), BarRow("unseen studies it would take", self.n),
            BarRow("Rosenthal's mark", 5 * self.k + 10),
        ]  # fmt: skip
        return Bars(title=title, description=self.summary(), rows=rows, measure="studies")

    def _repr_html_(self) -> str:
        return notebook_html(self)


def fail_safe_n(yi: ArrayLike, vi: ArrayLike, *, alpha: float = 0.05, labels: Sequence[Any] | None = None) -> FailSafeN:
    """`alpha` is one-sided; effects in either direction count (the sign of the sum does not matter).

    Checked against fsn() of metafor 3.8.
    """
    if not 0 < alpha < 0.5:
        raise BadInput(f"alpha = {alpha} is no one-sided level.", cure="Use 0.05.")
    e = effects(yi, vi, labels=labels)
    z = float((e.y / np.sqrt(e.v)).sum()) / math.sqrt(e.k)
    critical = float(special.ndtri(alpha))
    n = max(0, math.ceil(e.k * (z / critical) ** 2 - e.k))
    return FailSafeN(n, e.k, alpha, z, float(special.ndtr(-abs(z))), e.warnings)

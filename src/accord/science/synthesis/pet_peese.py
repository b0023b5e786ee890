"""PET-PEESE (Stanley & Doucouliagos 2014): the effect that a regression predicts for a study without sampling error.

PET regresses effects on standard errors, PEESE on variances; both take the intercept. PET is nearly unbiased when there
is no effect and too low when there is one, so PEESE is taken when PET shows an effect (one-sided p below .05, in the
direction of the plain mean), else PET. Misleading with few studies, much heterogeneity, or studies of one size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from accord.science.errors import BadInput, Finding
from accord.science.estimates.contrast import Contrast
from accord.science.figures import Forest
from accord.science.figures.numbers import number
from accord.science.synthesis.egger import Form, SmallStudyRegression, contrast_values, egger
from accord.science.synthesis.model import effects
from accord.science.synthesis.pictures import beside
from accord.science.synthesis.wording import notebook_html, p_text


@dataclass(frozen=True)
class PetPeese:
    """Both regressions; `chosen` is "PET" or "PEESE", `estimate` its intercept with interval."""

    k: int
    pet: SmallStudyRegression
    peese: SmallStudyRegression
    chosen: str
    warnings: tuple[Finding, ...]

    @property
    def estimate(self) -> Contrast:
        return (self.peese if self.chosen == "PEESE" else self.pet).limit

    def table(self) -> pl.DataFrame:
        """One row a coefficient of each regression."""
        rows = [
            {"model": model, "term": term, **contrast_values(value)}
            for model, line in (("PET", self.pet), ("PEESE", self.peese))
            for term, value in (("intercept", line.limit), (line.predictor, line.slope))
        ]
        return pl.DataFrame(rows, schema_overrides={"df": pl.Float64})

    def to_dict(self) -> dict[str, Any]:
        return {
            "k": self.k, "chosen": self.chosen, **contrast_values(self.estimate), "pet": self.pet.to_dict(),
            "peese": self.peese.to_dict(), "warnings": [finding.to_dict() for finding in self.warnings],
        }  # fmt: skip

    def summary(self) -> str:
        value = self.estimate
        text = (
            f"PET-PEESE ({self.k} studies): a study without sampling error is predicted to show {number(value.value)} "
            f"({number(value.ci_low)} to {number(value.ci_high)}, {p_text(value.p)}), by {self.chosen}. This "
            "extrapolates beyond all studies; read it beside the other adjustments, not instead of the pool."
        )
        return " ".join([text, *map(str, self.warnings)])

    def plot(self, *, title: str = "PET-PEESE", measure: str = "effect") -> Forest:
        """Both regressions' effect of a study without error; the chosen one is the diamond."""
        rows = [("PET", self.pet.limit), ("PEESE", self.peese.limit)]
        return beside(title, self.summary(), rows, measure=measure, summary=self.chosen)

    def _repr_html_(self) -> str:
        return notebook_html(self)


def pet_peese(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    form: Form = "rma",
    method: str = "REML",
    alpha: float = 0.05,
    level: float = 0.95,
    labels: Sequence[Any] | None = None,
) -> PetPeese:
    """`form` rma: random effects, z; lm: least squares with weights 1/v and a free residual variance, t (Stanley's).

    `alpha` is the one-sided level at which PET opens the way to PEESE. Raises as `egger`. Checked against metafor 3.8
    with moderators sqrt(vi) and vi.
    """
    if not 0 < alpha < 1:
        raise BadInput(f"alpha = {alpha} is no probability.", cure="Use 0.05.")
    lines: list[SmallStudyRegression] = []
    predictors: tuple[Literal["se", "variance"], ...] = ("se", "variance")
    for predictor in predictors:
        lines.append(egger(yi, vi, form=form, predictor=predictor, method=method, level=level, labels=labels))
    pet, peese = lines
    e = effects(yi, vi, labels=labels)
    direction = np.sign((e.y / e.v).sum())
    shown = direction * pet.limit.value > 0 and pet.limit.p / 2 < alpha
    return PetPeese(e.k, pet, peese, "PEESE" if shown else "PET", pet.warnings)

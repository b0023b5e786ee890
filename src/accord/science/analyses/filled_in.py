"""Missing outcomes filled in many times, from a person's other values or from how far she came, and pooled.

People without a baseline are left out, as in the other sensitivity analyses. Twenty sets; the model takes people as
independent: it asks what the missing values may be, not what sharing a therapist does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.science.analyses.models import covariates
from accord.science.analyses.plan import Outcome
from accord.science.analyses.study import Mask, Study
from accord.science.errors import NotEstimable
from accord.science.estimates.chained_equations import impute_chained
from accord.science.estimates.completion_replacement import completion_replacement
from accord.science.estimates.fixed_effects import fixed_effects, refuse_aliased
from accord.science.estimates.multiple_imputation import Pooled, pool

Array = NDArray[Any]
FILLED_IN = {
    "chained-equations": "missing values imputed from all others",
    "completion-replaced": "missing values imputed by lessons completed",
}
_SETS = 20


@dataclass(frozen=True)
class FilledIn:
    """`sets` (m, N) of the outcome, turned so that higher is better, as `baseline` (N,) is; `given` the covariates."""

    sets: Array
    baseline: Array
    given: dict[str, Array]
    kept: Mask
    missing: int
    method: str

    @property
    def n(self) -> int:
        return self.sets.shape[1]

    def change(self) -> Pooled:
        """Mean improvement since baseline."""
        changes = self.sets - self.baseline
        return pool(changes.mean(axis=1), changes.var(axis=1, ddof=1) / self.n, df_complete=self.n - 1)

    def difference(self, first: Array) -> Pooled:
        """The first side less the other, adjusted for baseline and covariates. `first` as it was handed in."""
        treated = first[self.kept].astype(float)
        x = fixed_effects({"side": treated, "baseline": self.baseline, **self.given}, self.n)
        normal = x.matrix.T @ x.matrix
        refuse_aliased(normal, x.names)
        inverse = np.linalg.inv(normal)
        slopes = self.sets @ x.matrix @ inverse
        df = self.n - len(x.names)
        left = ((self.sets - slopes @ x.matrix.T) ** 2).sum(axis=1) / df
        return pool(slopes[:, 1], left * inverse[1, 1], df_complete=df)


def outcomes_filled_in(
    study: Study, outcome: Outcome, rows: Mask, at: str, rule: str, *, first: Array | None = None
) -> FilledIn:
    """By the rule of `FILLED_IN`. `first` says who of `rows` is on the first side. Raises NotEstimable where nobody's
    value is missing, or where there is nothing to foretell it from."""
    sign = outcome.facts.sign
    baseline = sign * study.values(outcome, outcome.baseline)[rows]
    kept = np.isfinite(baseline)
    gaps = int((~np.isfinite(study.values(outcome, at)[rows][kept])).sum())
    if not gaps:
        raise NotEstimable("Nobody's value is missing, so there is nothing to vary.", cure="The estimate stands.")
    if kept.sum() - gaps < 3:
        raise NotEstimable("There are too few values at this time-point.", cure="Report the observed means.")
    given = {name: np.asarray(values)[kept] for name, values in covariates(study, rows).items()}
    side = {} if first is None else {"side": first[kept].astype(float)}
    known = {"baseline": baseline[kept], **side, **given}
    if rule == "chained-equations":
        sets, method = _chained(study, outcome, rows, kept, at, known)
    else:
        sets, method = _by_completion(study, outcome, rows, kept, at, known)
    return FilledIn(sets, baseline[kept], given, kept, gaps, method)


def _chained(
    study: Study, outcome: Outcome, rows: Mask, kept: Mask, at: str, known: dict[str, Array]
) -> tuple[Array, str]:
    """From all visits of the outcome that have enough values; predictive mean matching."""
    matrix = outcome.facts.sign * study.scores.matrix(outcome.ref, outcome.informant, outcome.later)[rows][kept]
    visits = {
        f"at {visit}": matrix[:, k] for k, visit in enumerate(outcome.later) if np.isfinite(matrix[:, k]).sum() > 2
    }
    found = impute_chained(
        {**known, **visits}, kinds=dict.fromkeys(visits, "pmm"), sets=_SETS, seed=study.seed
    )  # fmt: skip
    method = f"{_SETS} sets by chained equations (predictive mean matching), seed {study.seed}"
    return np.array([one[f"at {at}"] for one in found.sets]), method


def _by_completion(
    study: Study, outcome: Outcome, rows: Mask, kept: Mask, at: str, known: dict[str, Array]
) -> tuple[Array, str]:
    done, offered = (study.people.numbers(name)[rows][kept] for name in ("lessons_completed", "lessons_total"))
    share = np.clip(done / offered, 0, 1)
    if not np.isfinite(share).all():
        raise NotEstimable("It is not known which lessons were completed.", cure="Add the table of lessons.")
    y = outcome.facts.sign * study.values(outcome, at)[rows][kept]
    rest = {name: values for name, values in known.items() if name != "baseline"}
    found = completion_replacement(y, known["baseline"], share, covariates=rest, sets=_SETS, seed=study.seed)
    return found.sets, f"{_SETS} sets from baseline and share of lessons completed, seed {study.seed}"

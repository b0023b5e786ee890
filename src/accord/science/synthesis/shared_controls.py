"""Two treatment arms against one control group: the same people must not count twice (C22).

`find_shared_controls` finds such rows by their numbers. Then either

* split the control group (Cochrane Handbook 23.3.4): each of m comparisons gets n/m of its people (and events), means
  and SDs as they are; effects and variances are computed from the split numbers. Simple, and cautious; or
* model it: all rows keep their effects, and their sampling errors the covariance that the shared group gives them
  (Gleser & Olkin 2009): 1/n_c + g_i g_j / (2N) for standardised differences, N the people of all arms; the variance of
  the control group's own part for differences, log ratios and log odds. The matrix goes into `three_level`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from accord.science.errors import BadInput, Finding
from accord.science.synthesis.model import numbers, refuse_bad_values, study_labels
from accord.science.synthesis.wording import notebook_html, plural

Array = NDArray[Any]


@dataclass(frozen=True)
class SharedControls:
    """`groups` of rows (from 0) that share one control group each, among `k` rows; `labels` the study of each group."""

    k: int
    groups: tuple[tuple[int, ...], ...]
    labels: tuple[str, ...]

    @property
    def sharing(self) -> Array:
        """How many comparisons use each row's control group: 1 where it is the row's own (k,)."""
        count = np.ones(self.k, dtype=int)
        for rows in self.groups:
            count[list(rows)] = len(rows)
        return count

    @property
    def studies(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.labels))

    def split(self, counts: ArrayLike) -> Array:
        """People (or events) of the control group, divided among the comparisons that use it (k,)."""
        values = numbers(counts, "count")
        if len(values) != self.k:
            raise BadInput(f"{len(values)} counts for {self.k} rows.", cure="Give one count for each row.")
        divided: Array = values / self.sharing
        return divided

    def findings(self) -> list[Finding]:
        """One warning a study."""
        return [
            Finding(
                what=f"{study}: {plural(self.labels.count(study), 'control group is', 'control groups are')} used by "
                "more than one comparison; the same people count twice.",
                cure="Split the control group, or model the covariance (shared_control_covariance).",
                warning=True, rule="C22",
            )
            for study in self.studies
        ]  # fmt: skip

    def table(self) -> pl.DataFrame:
        """One row a shared control group; `rows` counted from 1."""
        return pl.DataFrame({
            "study": list(self.labels), "comparisons": [len(rows) for rows in self.groups],
            "rows": [", ".join(str(row + 1) for row in rows) for rows in self.groups],
        }, schema={"study": pl.String, "comparisons": pl.Int64, "rows": pl.String})  # fmt: skip

    def to_dict(self) -> dict[str, Any]:
        return {"k": self.k, "groups": [[row + 1 for row in rows] for rows in self.groups], "labels": list(self.labels)}

    def summary(self) -> str:
        if not self.groups:
            return "No control group is used twice."
        return (
            f"{plural(len(self.groups), 'control group', 'control groups')} of "
            f"{plural(len(self.studies), 'study', 'studies')} ({', '.join(self.studies)}) "
            f"{'is' if len(self.groups) == 1 else 'are'} used by more than one comparison."
        )

    def _repr_html_(self) -> str:
        return notebook_html(self)


def find_shared_controls(
    study: Sequence[Any] | ArrayLike, control: Mapping[str, ArrayLike], *, same: Mapping[str, ArrayLike] | None = None
) -> SharedControls:
    """Rows of one study whose control groups show the same numbers.

    `control`: what is known of the control group (n, mean, sd, or events, n); all must agree and none be missing.
    `same`: what else must agree (outcome, instrument, time). Two rows with one study, outcome and time and the same
    control mean and SD to all digits are one group of people in all but freak cases; look at the table.
    """
    if not control:
        raise BadInput("Nothing is said of the control groups.", cure="Give their n, mean and SD, or events and n.")
    names = study_labels(list(np.asarray(study).tolist()), np.asarray(study).size)
    columns = {**control, **(same or {})}
    values = {name: np.asarray(column).tolist() for name, column in columns.items()}
    for name, column in values.items():
        if len(column) != len(names):
            raise BadInput(f"Column {name!r} has {len(column)} values for {len(names)} rows.", cure="One a row.")
    found: dict[tuple[Any, ...], list[int]] = {}
    for row, label in enumerate(names):
        key = tuple(values[name][row] for name in columns)
        if not any(_unknown(values[name][row]) for name in control):
            found.setdefault((label, *key), []).append(row)
    groups = {key: rows for key, rows in found.items() if len(rows) > 1}
    return SharedControls(
        len(names), tuple(tuple(rows) for rows in groups.values()), tuple(str(key[0]) for key in groups)
    )


def shared_control_covariance(
    yi: ArrayLike,
    vi: ArrayLike,
    shared: SharedControls,
    *,
    n_treatment: ArrayLike | None = None,
    n_control: ArrayLike | None = None,
    control_variance: ArrayLike | None = None,
) -> Array:
    """The sampling covariance matrix (k, k) for `three_level`: `vi` on the diagonal, zero where nothing is shared.

    Standardised differences: give `n_treatment` and `n_control`. Else `control_variance`, what the control group adds
    to each variance: sd²/n (mean difference), 1/events − 1/n (log risk ratio), 1/events + 1/(n − events) (log odds
    ratio).
    Raises BadInput when neither is given. Missing effects stay missing, to be left out by `three_level`.
    """
    y, v = numbers(yi, "effect"), numbers(vi, "variance")
    if not len(y) == len(v) == shared.k:
        raise BadInput(f"{len(y)} effects and {len(v)} variances for {shared.k} rows.", cure="Give one of each a row.")
    refuse_bad_values(y, v, study_labels(None, len(y)))
    matrix = np.diag(v)
    part = _control_part(shared, y, n_treatment, n_control, control_variance)
    for rows in shared.groups:
        block = part(list(rows))
        np.fill_diagonal(block, v[list(rows)])
        matrix[np.ix_(rows, rows)] = block
    return matrix


def _control_part(
    shared: SharedControls, y: Array, n_treatment: ArrayLike | None, n_control: ArrayLike | None,
    control_variance: ArrayLike | None,
) -> Any:  # fmt: skip
    if control_variance is not None:
        own = numbers(control_variance, "variance of the control group")
        return lambda rows: np.full((len(rows), len(rows)), own[rows].mean())
    if n_treatment is None or n_control is None:
        raise BadInput(
            "The covariance of a shared control group needs numbers of people.",
            cure="Give n_treatment and n_control (standardised differences), or control_variance.",
        )
    treated, controls = numbers(n_treatment, "number of people"), numbers(n_control, "number of people")

    def standardised(rows: list[int]) -> Array:
        everybody = treated[rows].sum() + controls[rows[0]]
        block: Array = 1 / controls[rows[0]] + np.outer(y[rows], y[rows]) / (2 * everybody)
        return block

    return standardised


def _unknown(value: Any) -> bool:
    return value is None or value == "" or value != value

"""Fixed effects for repeated outcomes: which mean each arm has at each visit, and which covariates adjust it.

A design says, for person i and visit t, x_it = M_t' z_i: a person's own values z_i (arm, baseline, covariates) and a
map M_t for each visit. Kept in this form a model of 100,000 people needs no long table: cross-products of z are enough.
Covariates are centred at their mean over people, so that the coefficient of "arm at visit" is the adjusted mean itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.science.errors import BadInput
from accord.science.estimates.fixed_effects import indicators

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class RepeatedDesign:
    """`people` (N, a) holds z, `maps` (T, a, p) the M_t, `cells` (arms, T, p) the weights of each adjusted mean."""

    people: Array
    maps: Array
    names: tuple[str, ...]
    arms: tuple[str, ...]
    visits: tuple[str, ...]
    cells: Array

    def mean(self, arm: str, visit: str) -> Array:
        """Weights (p,) of the adjusted mean of `arm` at `visit`, covariates at their average."""
        return self.cells[_index(self.arms, arm, "arm"), _index(self.visits, visit, "visit")]

    def difference(self, arm: str, against: str, visit: str) -> Array:
        """Weights of mean(arm, visit) - mean(against, visit)."""
        return self.mean(arm, visit) - self.mean(against, visit)

    def change(self, arm: str, visit: str, since: str) -> Array:
        """Weights of mean(arm, visit) - mean(arm, since)."""
        return self.mean(arm, visit) - self.mean(arm, since)

    def rows(self) -> Array:
        """The design as (N, T, p), for tests and small data."""
        return np.einsum("na,tap->ntp", self.people, self.maps)


def visit_design(
    arm: Sequence[str] | ArrayLike,
    visits: Sequence[str],
    *,
    arms: Sequence[str] | None = None,
    covariates: Mapping[str, ArrayLike] | None = None,
    by_visit: Sequence[str] | None = None,
) -> RepeatedDesign:
    """A free mean for each arm at each visit, plus covariates (baseline among them).

    `covariates`: name -> N numbers, or N words (then indicators without the first level). A covariate's slope differs
    by visit when it is in `by_visit` (None: all of them), else one slope serves all visits. For the usual analysis of
    a trial give the baseline as a covariate; the outcome then holds the visits after it.
    """
    labels, order = _arm_codes(arm, arms)
    columns, column_names, source = _covariate_columns(covariates or {}, len(labels))
    varying = set(covariates or {}) if by_visit is None else set(by_visit)
    people = np.column_stack([labels[:, None] == np.arange(len(order)), *columns]).astype(float)
    entries: list[tuple[str, list[tuple[int, int]]]] = [
        (f"{a}:{v}", [(t, k)]) for k, a in enumerate(order) for t, v in enumerate(visits)
    ]
    entries += _covariate_entries(column_names, source, varying, len(order), visits)
    cells = np.zeros((len(order), len(visits), len(entries)))
    for k in range(len(order)):
        for t in range(len(visits)):
            cells[k, t, k * len(visits) + t] = 1
    return _build(people, entries, order, visits, cells)


def constrained_baseline_design(
    arm: Sequence[str] | ArrayLike,
    visits: Sequence[str],
    *,
    arms: Sequence[str] | None = None,
    covariates: Mapping[str, ArrayLike] | None = None,
    by_visit: Sequence[str] | None = None,
) -> RepeatedDesign:
    """Baseline as the first visit with one mean for all arms (cLDA, Liang & Zeger 2000), then a mean per arm and visit.

    Randomised arms have one baseline mean by design; who has only a baseline, or only later values, still counts.
    With one arm this is the model of change from baseline. Interface as `visit_design`; `visits[0]` is the baseline.
    """
    labels, order = _arm_codes(arm, arms)
    columns, column_names, source = _covariate_columns(covariates or {}, len(labels))
    varying = set(covariates or {}) if by_visit is None else set(by_visit)
    people = np.column_stack([labels[:, None] == np.arange(len(order)), *columns]).astype(float)
    entries: list[tuple[str, list[tuple[int, int]]]] = [(visits[0], [(0, k) for k in range(len(order))])]
    entries += [(f"{a}:{v}", [(t, k)]) for k, a in enumerate(order) for t, v in enumerate(visits) if t > 0]
    entries += _covariate_entries(column_names, source, varying, len(order), visits)
    cells = np.zeros((len(order), len(visits), len(entries)))
    cells[:, 0, 0] = 1
    for k in range(len(order)):
        for t in range(1, len(visits)):
            cells[k, t, 1 + k * (len(visits) - 1) + t - 1] = 1
    return _build(people, entries, order, visits, cells)


def free_design(rows: ArrayLike, names: Sequence[str], visits: Sequence[str]) -> RepeatedDesign:
    """Any design given as rows (N, T, p), time-varying covariates included. It has no arms: contrasts are weights."""
    x = np.asarray(rows, float)
    if x.ndim != 3 or x.shape[1] != len(visits) or x.shape[2] != len(names):
        raise BadInput(
            f"A free design is (people, {len(visits)} visits, {len(names)} columns); found {x.shape}.",
            cure="Give one row per person and visit, also for visits without an outcome.",
        )
    n, t, p = x.shape
    maps = np.zeros((t, t * p, p))
    for visit in range(t):
        maps[visit, visit * p : (visit + 1) * p] = np.eye(p)
    return RepeatedDesign(x.reshape(n, t * p), maps, tuple(names), (), tuple(visits), np.zeros((0, t, p)))


def _index(words: tuple[str, ...], word: str, what: str) -> int:
    if word not in words:
        raise BadInput(f"No {what} {word!r}.", cure=f"Use one of: {', '.join(words)}.")
    return words.index(word)


def _arm_codes(arm: Sequence[str] | ArrayLike, arms: Sequence[str] | None) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    words = np.asarray(arm).astype(str)
    order = tuple(arms) if arms is not None else tuple(np.unique(words).tolist())
    unknown = sorted(set(words.tolist()) - set(order))
    if unknown:
        raise BadInput(f"Unknown arm {unknown[0]!r}.", cure=f"Use one of: {', '.join(order)}.")
    codes = {word: k for k, word in enumerate(order)}
    return np.array([codes[word] for word in words.tolist()]), order


def _covariate_columns(covariates: Mapping[str, ArrayLike], n: int) -> tuple[list[Array], list[str], list[str]]:
    columns: list[Array] = []
    names: list[str] = []
    source: list[str] = []
    for name, given in covariates.items():
        values = np.asarray(given)
        if len(values) != n:
            raise BadInput(f"Covariate {name!r} has {len(values)} values for {n} people.", cure="Give one per person.")
        for label, column in indicators(name, values):
            columns.append(column - np.nanmean(column))
            names.append(label)
            source.append(name)
    return columns, names, source


def _covariate_entries(
    names: list[str], source: list[str], varying: set[str], first: int, visits: Sequence[str]
) -> list[tuple[str, list[tuple[int, int]]]]:
    entries: list[tuple[str, list[tuple[int, int]]]] = []
    for k, (name, origin) in enumerate(zip(names, source, strict=True), start=first):
        if origin in varying:
            entries += [(f"{name}:{v}", [(t, k)]) for t, v in enumerate(visits)]
        else:
            entries.append((name, [(t, k) for t in range(len(visits))]))
    return entries


def _build(
    people: Array,
    entries: list[tuple[str, list[tuple[int, int]]]],
    arms: Sequence[str],
    visits: Sequence[str],
    cells: Array,
) -> RepeatedDesign:
    maps = np.zeros((len(visits), people.shape[1], len(entries)))
    for column, (_, places) in enumerate(entries):
        for visit, value in places:
            maps[visit, value, column] = 1
    return RepeatedDesign(people, maps, tuple(name for name, _ in entries), tuple(arms), tuple(visits), cells)

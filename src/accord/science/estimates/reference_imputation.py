"""What a contrast becomes when those who left did as the comparison arm did (jump to reference), or worse by δ.

Conditional-mean imputation (Wolbers et al. 2022): with the means and covariance of a repeated-measures model by arm,
a missing value is its expectation given the person's observed values, where

* missing at random:      all means are those of the own arm;
* jump to reference:      after the last observed visit the means are those of the reference arm;
* δ:                      imputed values of the first arm are made worse by δ points.

The completed values at the visit are compared by analysis of covariance (arm, baseline, covariates). Everything is
deterministic; the standard error is that of the jackknife over people, over clusters where they are given, or over 200
groups of people where there are more than 300. The estimate is linear in δ, and so is every replicate: the δ at which
the interval first holds zero is the root of a quadratic.

Checked against an R script that does the same with nlme::gls and lm (tests/published/r).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.science.estimates.contrast import Contrast, contrast
from accord.science.estimates.interval import critical_value
from accord.science.estimates.mmrm import mmrm
from accord.science.estimates.repeated_design import visit_design

Array = NDArray[np.float64]
Strategy = Literal["missing at random", "jump to reference"]
_MOST_UNITS, _GROUPS = 300, 200


@dataclass(frozen=True, slots=True)
class ReferenceImputed:
    """First minus second at a visit. `tipping` is the δ at which the interval first holds zero (None: no such δ, or it
    holds zero already); `imputed` counts imputed values (first, second)."""

    contrast: Contrast
    tipping: float | None
    strategy: Strategy
    imputed: tuple[int, int]
    n: tuple[int, int]
    units: int

    @property
    def method(self) -> str:
        return (
            f"{self.strategy}, conditional-mean imputation, analysis of covariance, jackknife over {self.units} units"
        )


def reference_imputed(
    outcome: ArrayLike,
    baseline: ArrayLike,
    first: ArrayLike,
    visits: tuple[str, ...],
    at: str,
    *,
    strategy: Strategy,
    covariates: Mapping[str, ArrayLike] | None = None,
    cluster: ArrayLike | None = None,
    sign: int = 1,
    level: float = 0.95,
) -> ReferenceImputed:
    """`outcome` (N, T) after baseline, `baseline` (N,), `first` (N,) True for the first side. `sign` turns the scale:
    the contrast and δ are in points of improvement. People without a baseline or any outcome are left out."""
    y, b = sign * np.asarray(outcome, float), np.asarray(baseline, float)
    side = np.asarray(first, dtype=bool)
    keep = np.isfinite(b) & np.isfinite(y).any(axis=1)
    y, b, side = y[keep], b[keep], side[keep]
    given = {name: np.asarray(values)[keep] for name, values in (covariates or {}).items()}
    units = _units(None if cluster is None else np.asarray(cluster, dtype=object)[keep], len(y))
    problem = _Problem(y, b, side, given, visits, visits.index(at), strategy)
    value, slope = problem.solve(np.ones(len(y), dtype=bool))
    left_out = [problem.solve(units != unit) for unit in range(int(units.max()) + 1)]
    values, slopes = (np.array(column) for column in zip(*left_out, strict=True))
    count = len(values)
    factor = (count - 1) / count
    dv, ds = values - values.mean(), slopes - slopes.mean()
    variance = factor * np.array([dv @ dv, dv @ ds, ds @ ds])
    df = float(count - 2)
    missing = ~np.isfinite(y[:, problem.at])
    return ReferenceImputed(
        contrast=contrast(value, math.sqrt(variance[0]), df, level=level),
        tipping=_tipping(value, slope, variance, critical_value(level, df)), strategy=strategy,
        imputed=(int((missing & side).sum()), int((missing & ~side).sum())), n=(int(side.sum()), int((~side).sum())),
        units=count,
    )  # fmt: skip


@dataclass(frozen=True)
class _Problem:
    y: Array
    baseline: Array
    first: NDArray[np.bool_]
    covariates: dict[str, NDArray[Any]]
    visits: tuple[str, ...]
    at: int
    strategy: Strategy

    def solve(self, rows: NDArray[np.bool_]) -> tuple[float, float]:
        """The contrast on these people, and what one point of δ takes from it."""
        y, first = self.y[rows], self.first[rows]
        arms = np.where(first, "first", "second")
        given = {name: values[rows] for name, values in self.covariates.items()} | {"baseline": self.baseline[rows]}
        design = visit_design(arms, self.visits, arms=("first", "second"), covariates=given, by_visit=["baseline"])
        model = mmrm(y, design, df="satterthwaite")
        own = np.einsum("na,tap,p->nt", design.people, design.maps, model.coefficients)
        other = own + np.array(
            [(design.mean("second", v) - design.mean("first", v)) @ model.coefficients for v in self.visits]
        )
        filled = self._filled(y, own, other, first, model.covariance)
        missing = ~np.isfinite(y[:, self.at])
        x = np.column_stack([first, np.ones(len(y)), design.people[:, 2:]]).astype(float)
        target = np.column_stack([filled, missing & first])
        solution = np.linalg.lstsq(x, target, rcond=None)[0][0]
        return float(solution[0]), float(solution[1])

    def _filled(self, y: Array, own: Array, other: Array, first: NDArray[np.bool_], v: Array) -> Array:
        """The value at the visit, observed or expected."""
        seen = np.isfinite(y)
        filled = y[:, self.at].copy()
        last = np.where(seen, np.arange(y.shape[1]), -1).max(axis=1)
        jumps = first & (last < self.at) if self.strategy == "jump to reference" else np.zeros(len(y), dtype=bool)
        centre = np.where(jumps, other[:, self.at], own[:, self.at])
        patterns, which = np.unique(seen, axis=0, return_inverse=True)
        for k, pattern in enumerate(patterns):
            if pattern[self.at]:
                continue
            rows = np.flatnonzero(which.ravel() == k)
            slope = np.linalg.solve(v[np.ix_(pattern, pattern)], v[pattern, self.at])
            residual = y[np.ix_(rows, pattern)] - own[np.ix_(rows, pattern)]
            filled[rows] = centre[rows] + residual @ slope
        return filled


def _units(cluster: NDArray[Any] | None, n: int) -> NDArray[np.int64]:
    if cluster is not None:
        words = np.array([str(v) if v is not None else f" {k}" for k, v in enumerate(cluster.tolist())])
        codes = np.unique(words, return_inverse=True)[1].ravel()
        if codes.max() < _MOST_UNITS:
            return codes.astype(np.int64)
    if n <= _MOST_UNITS:
        return np.arange(n)
    return np.arange(n) % _GROUPS


def _tipping(value: float, slope: float, variance: Array, quantile: float) -> float | None:
    """The smallest δ > 0 with value − slope·δ = quantile·se(δ); None when the interval holds zero already or never."""
    if value - quantile * math.sqrt(variance[0]) <= 0 or slope <= 0:
        return None
    a = slope**2 - quantile**2 * variance[2]
    b = -2 * (value * slope - quantile**2 * variance[1])
    c = value**2 - quantile**2 * variance[0]
    roots = np.roots([a, b, c]) if a else np.array([-c / b])
    positive = sorted(float(r.real) for r in roots if abs(r.imag) < 1e-9 and r.real > 0)
    return positive[0] if positive else None

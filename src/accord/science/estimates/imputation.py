"""Imputing repeated outcomes from a multivariate normal model, under an assumption about those who left.

Model: y_i = B'z_i + e_i, e_i ~ N(0, V) unstructured, z_i arm, baseline and covariates, each with its own slope at each
visit. Parameters are drawn by data augmentation with the flat prior |V|^(-(T+1)/2): impute given (B, V), draw V from an
inverse Wishart, B given V from a normal; the chain is thinned. Given a draw, who left the study after visit L is
imputed from a mean that the strategy names (Carpenter, Roger & Kenward 2013):

* missing-at-random: the own arm's mean throughout
* jump-to-reference: the own arm's mean up to L, the reference arm's after
* copy-reference: the reference arm's mean throughout (also for what was seen)
* copy-increments: after L the own mean at L plus the reference arm's change since L
* last-mean-carried-forward: the own mean at L after L

Values missing before L are always imputed as missing at random, as are all of the reference arm. Rubin's variance for
reference-based strategies keeps the information of the trial as it was planned (it is not the repeated-sampling
variance, which would be smaller).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.repeated_design import visit_design

Array = NDArray[Any]
Strategy = Literal[
    "missing-at-random", "jump-to-reference", "copy-reference", "copy-increments", "last-mean-carried-forward"
]


@dataclass(frozen=True, slots=True)
class Imputed:
    """`values` (M, N, T) complete outcomes; `after_leaving` (N, T) marks what was imputed after the last value seen.

    `people` says which rows of the input entered (with baseline and covariates); `design` (N, a) is z.
    """

    values: Array
    after_leaving: NDArray[np.bool_]
    design: Array
    arm: NDArray[np.str_]
    arms: tuple[str, ...]
    visits: tuple[str, ...]
    people: NDArray[np.bool_]
    strategy: Strategy
    reference: str | None
    missing: int
    seed: int


def impute(
    outcome: ArrayLike,
    arm: Sequence[str] | ArrayLike,
    visits: Sequence[str],
    *,
    covariates: Mapping[str, ArrayLike] | None = None,
    strategy: Strategy = "missing-at-random",
    reference: str | None = None,
    imputations: int = 50,
    seed: int = 20_240_119,
    warm_up: int = 300,
    thin: int = 25,
) -> Imputed:
    """Complete the outcome `imputations` times. `covariates` (baseline among them) must be there for whoever enters."""
    if strategy not in _MEANS:
        raise BadInput(f"No strategy {strategy!r}.", cure=f"Use one of: {', '.join(_MEANS)}.")
    y = np.asarray(outcome, float)
    words = np.asarray(arm).astype(str)
    plan = visit_design(words, visits, covariates=covariates)
    if strategy != "missing-at-random" and reference not in plan.arms:
        raise BadInput(f"{strategy} needs a reference arm.", cure=f"Use one of: {', '.join(plan.arms)}.")
    people = np.asarray(np.isfinite(plan.people).all(axis=1))
    y, z, words = y[people], plan.people[people], words[people]
    seen = np.isfinite(y)
    _check(seen, z, visits, plan.arms, words)
    other = z.copy()
    if reference is not None:
        other[:, : len(plan.arms)] = np.array(plan.arms) == reference
    rng = np.random.default_rng(seed)
    last = np.where(seen.any(axis=1), y.shape[1] - 1 - np.argmax(seen[:, ::-1], axis=1), -1)
    moved = np.asarray(words != reference)
    patterns = groups(seen)
    values = np.empty((imputations, *y.shape))
    for k, (slopes, covariance) in enumerate(draws(y, z, seen, patterns, imputations, warm_up, thin, rng)):
        own = z @ slopes
        means = np.where(moved[:, None], _MEANS[strategy](own, other @ slopes, last), own)
        values[k] = fill(y, means, covariance, patterns, rng)
    gone = ~seen & (np.arange(y.shape[1]) > last[:, None])
    return Imputed(
        values, gone, z, words, plan.arms, tuple(visits), people, strategy, reference, int((~seen).sum()), seed
    )


def _at_random(own: Array, reference: Array, last: Array) -> Array:
    return own


def _jump(own: Array, reference: Array, last: Array) -> Array:
    return np.where(np.arange(own.shape[1]) > last[:, None], reference, own)


def _copy(own: Array, reference: Array, last: Array) -> Array:
    """Only for those who left: who has the last visit keeps the own mean."""
    return np.where((last < own.shape[1] - 1)[:, None], reference, own)


def _increments(own: Array, reference: Array, last: Array) -> Array:
    rows = np.arange(len(own))
    start = np.where(last >= 0, own[rows, last] - reference[rows, last], 0.0)
    return np.where(np.arange(own.shape[1]) > last[:, None], reference + start[:, None], own)


def _carried(own: Array, reference: Array, last: Array) -> Array:
    at_last = np.where(last >= 0, own[np.arange(len(own)), last], own[:, 0])
    return np.where(np.arange(own.shape[1]) > last[:, None], at_last[:, None], own)


_MEANS: dict[str, Callable[[Array, Array, Array], Array]] = {
    "missing-at-random": _at_random,
    "jump-to-reference": _jump,
    "copy-reference": _copy,
    "copy-increments": _increments,
    "last-mean-carried-forward": _carried,
}


def groups(seen: Array) -> list[tuple[Array, Array, Array]]:
    """People by pattern: which rows, which visits seen, which not. Those with all visits need nothing."""
    found, codes = np.unique(seen, axis=0, return_inverse=True)
    codes = codes.ravel()
    return [
        (np.flatnonzero(codes == k), np.flatnonzero(pattern), np.flatnonzero(~pattern))
        for k, pattern in enumerate(found)
        if not pattern.all()
    ]


def fill(
    y: Array, means: Array, covariance: Array, groups: list[tuple[Array, Array, Array]], rng: np.random.Generator
) -> Array:
    """Draw the missing values given those seen."""
    full = y.copy()
    for rows, there, gone in groups:
        across = covariance[np.ix_(gone, there)]
        weights = np.linalg.solve(covariance[np.ix_(there, there)], across.T).T if len(there) else across
        left = covariance[np.ix_(gone, gone)] - weights @ across.T
        noise = rng.standard_normal((len(rows), len(gone))) @ np.linalg.cholesky((left + left.T) / 2).T
        shift = (y[np.ix_(rows, there)] - means[np.ix_(rows, there)]) @ weights.T
        full[np.ix_(rows, gone)] = means[np.ix_(rows, gone)] + shift + noise
    return full


def draws(
    y: Array, z: Array, seen: Array, groups: list[tuple[Array, Array, Array]], count: int, warm_up: int, thin: int,
    rng: np.random.Generator,
) -> list[tuple[Array, Array]]:  # fmt: skip
    """Draws of (B (a, T), V) by data augmentation."""
    people, visits = y.shape
    q, r = np.linalg.qr(z)
    slopes, covariance = _start(y, z, seen)
    kept: list[tuple[Array, Array]] = []
    for step in range(warm_up + thin * count):
        full = fill(y, z @ slopes, covariance, groups, rng)
        turned = q.T @ full
        error = full - q @ turned
        covariance = _inverse_wishart(error.T @ error, people - z.shape[1], rng)
        noise = rng.standard_normal((z.shape[1], visits)) @ np.linalg.cholesky(covariance).T
        slopes = np.linalg.solve(r, turned + noise)
        if step >= warm_up and (step - warm_up) % thin == thin - 1:
            kept.append((slopes, covariance))
    return kept


def _start(y: Array, z: Array, seen: Array) -> tuple[Array, Array]:
    """Least squares visit by visit, variances only."""
    fits = [np.linalg.lstsq(z[s], y[s, t], rcond=None)[0] for t, s in enumerate(seen.T)]
    slopes = np.column_stack(fits)
    error = np.where(seen, y - z @ slopes, 0.0)
    return slopes, np.diag(np.maximum((error**2).sum(axis=0) / seen.sum(axis=0), 1e-12))


def _inverse_wishart(squares: Array, df: int, rng: np.random.Generator) -> Array:
    """One draw by Bartlett's decomposition: V⁻¹ = C A A' C' with C C' = squares⁻¹."""
    size = len(squares)
    lower = np.tril(rng.standard_normal((size, size)), -1)
    lower[np.diag_indices(size)] = np.sqrt(rng.chisquare(df - np.arange(size)))
    root = np.linalg.cholesky(squares)
    half = np.linalg.solve(lower, root.T)
    result: Array = half.T @ half
    return result


def _check(seen: Array, z: Array, visits: Sequence[str], arms: tuple[str, ...], words: Array) -> None:
    if seen.shape[1] != len(visits):
        raise BadInput(f"The outcome has {seen.shape[1]} columns for {len(visits)} visits.", cure="Name each visit.")
    for arm in arms:
        for t, visit in enumerate(visits):
            found = int(seen[words == arm, t].sum())
            if found < 2:
                raise NotEstimable(
                    f"Arm {arm!r} has {found} values at {visit}: nothing to impute from.", cure="Leave that visit out."
                )
    if len(z) <= z.shape[1] + seen.shape[1]:
        raise NotEstimable(f"{len(z)} people are too few for this imputation model.", cure="Use fewer covariates.")

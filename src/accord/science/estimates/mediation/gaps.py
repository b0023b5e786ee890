"""Mediation with gaps in mediators and outcome, by full information maximum likelihood (FIML).

Given intercept, treatment and covariates z (complete), mediators and outcome together v_i ~ N(B'z_i, V); every person
enters with what she answered (missing at random). B and V are found by EM from the cross-products of each pattern of
gaps; the slopes of the paths are functions of them; their covariance comes from the observed information by the delta
method. Checked against lavaan (missing = "fiml"): slopes, standard errors and log-likelihood.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.interval import critical_value
from accord.science.estimates.mediation.design import Design, design
from accord.science.estimates.mediation.fit import PathFit, spread
from accord.science.estimates.mediation.indirect import Mediation, assembled
from accord.science.estimates.mediation.limits import percentile
from accord.science.estimates.mediation.paths import Coefficients, chains

Array = NDArray[Any]
_STEPS, _CLOSE = 5000, 1e-10


@dataclass(frozen=True, slots=True)
class Pattern:
    """People with the same gaps: which columns they have, how many they are, their cross-products of [z, v]."""

    seen: Array
    n: int
    zz: Array
    zv: Array
    vv: Array


def mediate_with_gaps(
    treatment: ArrayLike,
    mediators: Mapping[str, ArrayLike],
    outcome: ArrayLike,
    *,
    covariates: Mapping[str, ArrayLike] | None = None,
    serial: bool = False,
    limits: Literal["monte-carlo", "delta"] = "monte-carlo",
    draws: int = 20_000,
    seed: int = 1,
    level: float = 0.95,
    unit: str = "",
) -> Mediation:
    """As `mediate`, with everybody who has treatment, covariates and at least one of the other columns."""
    if limits not in ("monte-carlo", "delta"):
        raise BadInput(f"There are no limits {limits!r} for data with gaps.", cure="Use monte-carlo or delta.")
    made = design(treatment, mediators, outcome, covariates, complete=False)
    every = chains(made, serial=serial)
    fitted, log_likelihood, gaps = _fit(made, serial)
    value = spread(fitted.theta(), fitted.found.into.shape, every)
    if limits == "delta":
        se = fitted.delta(every)
        half = critical_value(level) * se
        ends = (value - half, value + half, se)
    else:
        theta = np.random.default_rng(seed).multivariate_normal(fitted.theta(), fitted.covariance, draws, method="eigh")
        found = spread(theta, fitted.found.into.shape, every)
        ends = (*percentile(found, level), found.std(axis=0, ddof=1))
    how = "delta method" if limits == "delta" else f"Monte Carlo, {draws:,} draws, seed {seed}"
    method = f"full information maximum likelihood, {'serial' if serial else 'parallel'} paths, {how}"
    note = f"{gaps} people have gaps; log-likelihood {log_likelihood:.2f}."
    return assembled(made, every, fitted, value, ends, method, note, unit, level)


def _fit(made: Design, serial: bool) -> tuple[PathFit, float, int]:
    first = made.mediators[0]
    z, v = made.z[:, :first], made.z[:, first:]
    centre, size = np.nanmean(v, axis=0), np.nanstd(v, axis=0)
    scaled, q = (v - centre) / size, v.shape[1]
    x_size = np.concatenate([[1.0], z[:, 1:].std(axis=0)])
    x_centre = np.concatenate([[0.0], z[:, 1:].mean(axis=0)])
    zs = (z - x_centre) / x_size
    patterns = patterns_of(zs, scaled)
    slopes, cov = _em(patterns, zs, q)
    packed = _pack(slopes, cov)
    information = _information(patterns, packed, zs.shape[1], q)
    try:
        covariance = np.linalg.inv(information)
    except np.linalg.LinAlgError:
        raise NotEstimable("Too few people share what the paths need.", cure="Use fewer mediators.") from None
    # Back in the units of the data: a slope is its standardised one times size of `of` over size of `on`.
    sizes = np.concatenate([size, [x_size[1]]])

    def theta(values: Array) -> Array:
        found = _coefficients(*_unpack(values, zs.shape[1], q), serial, sizes)
        return np.concatenate([found.into.ravel(), found.onto])

    step = 1e-5
    jacobian = np.stack([
        (theta(packed + step * unit) - theta(packed - step * unit)) / (2 * step) for unit in np.eye(len(packed))
    ])  # fmt: skip
    found = _coefficients(slopes, cov, serial, sizes)
    log_likelihood = sum(likelihood(one, slopes, cov) for one in patterns)
    # The likelihood of the data is that of the standardised ones divided by the sizes of the values that are there.
    log_likelihood -= float((np.isfinite(v) * np.log(size)).sum())
    k = q - 1
    fitted = PathFit(found, jacobian.T @ covariance @ jacobian, (None,) * k, None)
    return fitted, log_likelihood, int((~np.isfinite(v)).any(axis=1).sum())


def patterns_of(z: Array, v: Array) -> list[Pattern]:
    keys, place = np.unique(np.isfinite(v), axis=0, return_inverse=True)
    made = []
    for number, seen in enumerate(keys):
        rows = place.ravel() == number
        zr, vr = z[rows], v[rows][:, seen]
        made.append(Pattern(np.flatnonzero(seen), int(rows.sum()), zr.T @ zr, zr.T @ vr, vr.T @ vr))
    return made


def _em(patterns: list[Pattern], z: Array, q: int) -> tuple[Array, Array]:
    """(B (p, q), V (q, q)): each step fills in what is expected, then regresses."""
    total = np.linalg.inv(z.T @ z)
    slopes, cov, n = np.zeros((z.shape[1], q)), np.eye(q), len(z)
    for _ in range(_STEPS):
        zv, vv = np.zeros((z.shape[1], q)), np.zeros((q, q))
        for one in patterns:
            o = one.seen
            weight = np.linalg.solve(cov[np.ix_(o, o)], cov[o]).T  # (q, |o|): v from what is seen
            shift = slopes - slopes[:, o] @ weight.T
            # E[v] = weight v_o + shift' z, for everybody of the pattern at once.
            ev = one.zv @ weight.T + one.zz @ shift
            left = cov - weight @ cov[o]
            mixed = weight @ one.zv.T @ shift
            zv += ev
            vv += weight @ one.vv @ weight.T + mixed + mixed.T + shift.T @ one.zz @ shift + one.n * left
        new = total @ zv
        moved = (vv - zv.T @ new - new.T @ zv + new.T @ (z.T @ z) @ new) / n
        change = max(float(np.abs(new - slopes).max()), float(np.abs(moved - cov).max()))
        slopes, cov = new, (moved + moved.T) / 2
        if change < _CLOSE:
            break
    return slopes, cov


def likelihood(one: Pattern, slopes: Array, cov: Array) -> float:
    o = one.seen
    v, b = cov[np.ix_(o, o)], slopes[:, o]
    rest = one.vv - b.T @ one.zv - one.zv.T @ b + b.T @ one.zz @ b
    log_size = np.linalg.slogdet(v)[1]
    return -0.5 * float(one.n * (len(o) * np.log(2 * np.pi) + log_size) + np.trace(np.linalg.solve(v, rest)))


def _score(patterns: list[Pattern], packed: Array, p: int, q: int) -> Array:
    """The gradient of the log-likelihood in B (row by row) and the lower half of V."""
    slopes, cov = _unpack(packed, p, q)
    by_slopes, by_cov = np.zeros((p, q)), np.zeros((q, q))
    for one in patterns:
        o = one.seen
        inverse, b = np.linalg.inv(cov[np.ix_(o, o)]), slopes[:, o]
        rest = one.vv - b.T @ one.zv - one.zv.T @ b + b.T @ one.zz @ b
        by_slopes[:, o] += (one.zv - one.zz @ b) @ inverse
        by_cov[np.ix_(o, o)] += 0.5 * (inverse @ rest @ inverse - one.n * inverse)
    rows, columns = np.tril_indices(q)
    twice = np.where(rows == columns, 1.0, 2.0)
    return np.concatenate([by_slopes.ravel(), twice * by_cov[rows, columns]])


def _information(patterns: list[Pattern], packed: Array, p: int, q: int) -> Array:
    """Minus the second derivatives, by central differences of the gradient."""
    step = 1e-5
    made = np.stack([
        (_score(patterns, packed + step * unit, p, q) - _score(patterns, packed - step * unit, p, q)) / (2 * step)
        for unit in np.eye(len(packed))
    ])  # fmt: skip
    return -(made + made.T) / 2


def _pack(slopes: Array, cov: Array) -> Array:
    return np.concatenate([slopes.ravel(), cov[np.tril_indices(len(cov))]])


def _unpack(packed: Array, p: int, q: int) -> tuple[Array, Array]:
    cov = np.zeros((q, q))
    cov[np.tril_indices(q)] = packed[p * q :]
    return packed[: p * q].reshape(p, q), cov + np.tril(cov, -1).T


def _coefficients(slopes: Array, cov: Array, serial: bool, sizes: Array) -> Coefficients:
    """The paths' slopes from B and V; column 1 of z is the treatment, the last of v the outcome. `sizes` of v, then of
    the treatment."""
    k = len(cov) - 1
    treated = slopes[1]
    into = np.zeros((k, k + 1))
    for j in range(k):
        before = list(range(j)) if serial else []
        into[j, 0], into[j, 1 : 1 + len(before)] = _on(cov, treated, before, j, sizes)
    direct, on_mediators = _on(cov, treated, list(range(k)), k, sizes)
    total = np.asarray(treated[k] * sizes[k] / sizes[-1])
    return Coefficients(into, np.concatenate([[direct], on_mediators]), total)


def _on(cov: Array, treated: Array, on: list[int], of: int, sizes: Array) -> tuple[float, Array]:
    slope = np.linalg.solve(cov[np.ix_(on, on)], cov[on, of]) if on else np.zeros(0)
    direct = treated[of] - slope @ treated[on]
    return float(direct * sizes[of] / sizes[-1]), slope * sizes[of] / sizes[on]

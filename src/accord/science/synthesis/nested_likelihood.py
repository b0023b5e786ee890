"""Restricted (or full) likelihood of effects in studies, maximised over its two variances by Newton's method.

With P = V⁻¹ − V⁻¹X(X'V⁻¹X)⁻¹X'V⁻¹ and J the derivative of V (ones within studies; the identity):

    score_j = −½ tr(P J_j) + ½ y'P J_j P y
    expected information_ij = ½ tr(P J_i P J_j), observed = y'P J_i P J_j P y − expected

All traces come from V⁻¹X, V⁻²X and sums over studies; nothing N by N is formed. Full likelihood: V⁻¹ for P in the
traces.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.science.errors import NotEstimable
from accord.science.synthesis.nested_covariance import Inverse, Nesting, Sampling, inverse

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class NestedData:
    """Effects (N), design (N, p), sampling covariance; rows sorted by study."""

    y: Array
    x: Array
    sampling: Sampling
    nest: Nesting
    restricted: bool = True


@dataclass(frozen=True, slots=True)
class NestedFit:
    """At `variances` (between, within): coefficients, their covariance, Py, log likelihood and its derivatives."""

    variances: Array
    coefficients: Array
    covariance: Array
    weighted_x: Array
    weighted_residual: Array
    log_likelihood: float
    score: Array
    expected: Array
    observed: Array
    weights: Inverse


def evaluate(data: NestedData, variances: Array) -> NestedFit:
    """The likelihood and its derivatives at one pair of variances."""
    n, p = data.x.shape
    weights = inverse(data.sampling, data.nest, *variances)
    solved = weights.times(np.column_stack([data.x, data.y, np.ones(n)]))
    wx, ones = solved[:, :p], solved[:, -1]
    covariance = np.linalg.inv(data.x.T @ wx)
    coefficients = covariance @ (data.x.T @ solved[:, p])
    py = solved[:, p] - wx @ coefficients
    score, expected, observed = _derivatives(data, weights, wx, ones, covariance, py)
    value = -0.5 * (n * math.log(2 * math.pi) + weights.log_determinant + float((data.y - data.x @ coefficients) @ py))
    if data.restricted:
        half = np.linalg.slogdet(data.x.T @ data.x)[1] + np.linalg.slogdet(covariance)[1]
        value += 0.5 * (float(half) + p * math.log(2 * math.pi))
    return NestedFit(
        variances, coefficients, covariance, wx, py, value, score, expected, observed, weights
    )  # fmt: skip


def _derivatives(
    data: NestedData, weights: Inverse, wx: Array, ones: Array, c: Array, py: Array
) -> tuple[Array, Array, Array]:
    nest = data.nest
    own, per_study, residuals = nest.sums(ones), nest.sums(wx), nest.sums(py)
    trace, squared = weights.traces()
    quadratic = np.array([residuals @ residuals, py @ py])
    twice = weights.times(np.column_stack([wx, residuals[nest.study], py]))
    wwx = twice[:, : wx.shape[1]]
    traces = np.array([own.sum(), trace])
    mixed = float(ones @ ones)
    second = np.array([[own @ own, mixed], [mixed, squared]])
    if data.restricted:
        a, b = c @ (per_study.T @ per_study), c @ (wx.T @ wx)
        projected = per_study @ c
        traces -= [np.trace(a), np.trace(b)]
        both = np.trace(a @ b) - 2 * (nest.sums(wwx) * projected).sum()
        second += np.array([
            [np.trace(a @ a) - 2 * own @ (projected * per_study).sum(axis=1), both],
            [both, np.trace(b @ b) - 2 * np.trace(c @ (wx.T @ wwx))],
        ])  # fmt: skip
    q = np.column_stack([residuals[nest.study], py])
    shift = wx.T @ q
    information = q.T @ twice[:, wx.shape[1] :] - shift.T @ c @ shift
    return 0.5 * (quadratic - traces), second / 2, information - second / 2


def maximise(data: NestedData, *, start: Array | None = None, held: tuple[bool, bool] = (False, False)) -> NestedFit:
    """Newton steps with halving; a variance that wants below zero stays at zero. `held` keeps one where it starts."""
    fit = evaluate(data, _start(data) if start is None else np.asarray(start, float))
    scale = float(np.var(data.y)) + float(np.mean(data.sampling.variances))
    for _ in range(200):
        free = ((fit.variances > 0) | (fit.score > 0)) & ~np.array(held)
        step = _step(fit, free)
        following = _halved(data, fit, step)
        if following is None or np.abs(following.variances - fit.variances).max() <= 1e-11 * scale:
            return following or fit
        fit = following
    raise NotEstimable("The variances of the model did not converge.", cure="Look for effects far from all others.")


def _start(data: NestedData) -> Array:
    residual = data.y - data.x @ np.linalg.lstsq(data.x, data.y, rcond=None)[0]
    excess = float(residual @ residual) / max(len(data.y) - data.x.shape[1], 1) - float(
        np.mean(data.sampling.variances)
    )
    return np.full(2, max(excess, 0.1 * float(np.mean(data.sampling.variances))) / 2)


def _step(fit: NestedFit, free: Array) -> Array:
    """Newton where the observed information is positive definite, Fisher scoring elsewhere."""
    step = np.zeros(2)
    if not free.any():
        return step
    part = np.ix_(free, free)
    observed = fit.observed[part]
    definite = np.linalg.eigvalsh(observed)[0] > 1e-3 * np.linalg.eigvalsh(fit.expected[part])[0]
    step[free] = np.linalg.solve(observed if definite else fit.expected[part], fit.score[free])
    return step


def _halved(data: NestedData, fit: NestedFit, step: Array) -> NestedFit | None:
    """The first of the steps 1, ½, ¼ … that does not lower the likelihood; None when none does."""
    for power in range(30):
        candidate = np.maximum(fit.variances + step * 0.5**power, 0.0)
        following = evaluate(data, candidate)
        if following.log_likelihood >= fit.log_likelihood - 1e-11 * abs(fit.log_likelihood):
            return following
    return None

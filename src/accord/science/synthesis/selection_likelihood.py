"""Likelihood of the three-parameter selection model with its first and second derivatives, and its maximum.

y_i ~ N(μ, s_i), s_i = v_i + τ², seen with relative probability 1 when y_i > c √v_i and δ = e^η when not:

    log L = Σ log φ(y_i; μ, s_i) + η · #(not significant) − Σ log A_i
    A_i = Φ(a_i) + δ (1 − Φ(a_i)),  a_i = (μ − c √v_i)/√s_i

Newton's method in (μ, τ², η), from several starts because the likelihood may have several tops; τ² not below 0. With
studies on both sides of the step log L falls without end as η goes to ±∞, so there is a top.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

from accord.science.errors import NotEstimable

Array = NDArray[Any]


class Selection(NamedTuple):
    """Effects turned so that the favoured direction is up; `c` the normal quantile of the step."""

    y: Array
    v: Array
    c: float

    @property
    def favoured(self) -> Array:
        seen: Array = self.y > self.c * np.sqrt(self.v)
        return seen


class Top(NamedTuple):
    """Where a likelihood is highest: (μ, τ², η), its value and minus its second derivatives."""

    at: Array
    value: float
    information: Array


def derivatives(model: Selection, at: Array) -> tuple[float, Array, Array]:
    """log L, its gradient (3) and Hessian (3, 3)."""
    mu, tau2, eta = at.tolist()
    s, away, delta = model.v + tau2, model.y - mu, math.exp(eta)
    a = (mu - model.c * np.sqrt(model.v)) / np.sqrt(s)
    density = np.exp(-(a**2) / 2) / math.sqrt(2 * math.pi)
    below = special.ndtr(-a)
    total = special.ndtr(a) + delta * below
    value = -0.5 * float((np.log(2 * math.pi * s) + away**2 / s).sum())
    hidden = len(model.y) - int(model.favoured.sum())
    value += eta * hidden - float(np.log(total).sum())
    first = np.array([1 / np.sqrt(s), -a / (2 * s)])
    slope = density * (1 - delta) / total
    ratio = np.stack([slope * first[0], slope * first[1], delta * below / total])
    gradient = np.array([(away / s).sum(), ((away**2 / s - 1) / (2 * s)).sum(), hidden]) - ratio.sum(axis=1)
    hessian = ratio @ ratio.T
    curved = -a * slope
    cross = -delta * density / total
    second = np.empty((3, 3))
    second[0, 0] = (curved * first[0] ** 2).sum()
    second[0, 1] = second[1, 0] = (curved * first[0] * first[1] - slope / (2 * s**1.5)).sum()
    second[1, 1] = (curved * first[1] ** 2 + slope * 0.75 * a / s**2).sum()
    second[2, :2] = second[:2, 2] = (cross * first).sum(axis=1)
    second[2, 2] = ratio[2].sum()
    hessian -= second
    hessian[0, 0] -= (1 / s).sum()
    hessian[1, 1] += (0.5 / s**2 - away**2 / s**3).sum()
    hessian[0, 1] -= (away / s**2).sum()
    hessian[1, 0] = hessian[0, 1]
    return value, gradient, hessian


def without_selection(model: Selection) -> Top:
    """The maximum with δ = 1: random effects by full maximum likelihood."""
    start = np.array([float(np.mean(model.y)), float(np.var(model.y)), 0.0])
    low = np.array([float((model.y / model.v).sum() / (1 / model.v).sum()), 0.0, 0.0])
    return max((_climb(model, at, (True, True, False)) for at in (start, low)), key=lambda top: top.value)


def with_selection(model: Selection) -> Top:
    """The highest of the maxima met from starts on both sides of δ = 1."""
    plain = without_selection(model)
    spread = max(float(np.sqrt(plain.at[1])), float(np.sqrt(np.median(model.v))))
    starts = [
        np.array([plain.at[0] + shift * spread, max(plain.at[1], 0.1 * spread**2), eta])
        for shift, eta in ((0.0, 0.0), (-0.5, -2.0), (-1.5, -4.0), (0.5, 2.0), (1.5, 4.0))
    ]
    return max((_climb(model, start, (True, True, True)) for start in starts), key=lambda top: top.value)


def _climb(model: Selection, start: Array, moving: tuple[bool, bool, bool]) -> Top:
    at = start.copy()
    value, gradient, hessian = derivatives(model, at)
    for _ in range(200):
        free = np.array(moving)
        free[1] &= bool(at[1] > 0 or gradient[1] > 0)
        step = np.zeros(3)
        step[free] = _uphill(gradient[free], hessian[np.ix_(free, free)])
        step *= min(1.0, 2 / max(abs(step[2]), 1e-300))
        for power in range(40):
            following = at + step * 0.5**power
            following[1] = max(following[1], 0.0)
            new = derivatives(model, following)
            if new[0] >= value - 1e-13 * abs(value):
                break
        else:
            return Top(at, value, -hessian)
        moved = np.abs(following - at).max()
        at, (value, gradient, hessian) = following, new
        if moved < 1e-9:
            return Top(at, value, -hessian)
    raise NotEstimable("The selection model did not converge.", cure="Report trim and fill or PET-PEESE instead.")


def _uphill(gradient: Array, hessian: Array) -> Array:
    """Newton's step with the curvature made negative where it is not, scaled to the size of each parameter."""
    scale = 1 / np.sqrt(np.maximum(np.abs(np.diagonal(hessian)), 1e-12))
    values, vectors = np.linalg.eigh(hessian * np.outer(scale, scale))
    step: Array = scale * (vectors @ ((vectors.T @ (scale * gradient)) / np.maximum(np.abs(values), 1e-3)))
    return step

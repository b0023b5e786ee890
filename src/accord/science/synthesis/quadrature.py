"""Integrals over (0, 1) of a bounded function given by its logarithm, in panels of about equal mass."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

NODES, WEIGHTS = np.polynomial.legendre.leggauss(16)
SCAN = 600
TAILS = (1e-12, 1e-9, 1e-6, 1e-4, 1e-3, 0.01)


@dataclass(frozen=True)
class Panels:
    """`edges` of the panels with the share of the integral up to each; `points` and `weights` (sum 1) inside them;
    `log_total` the log of the integral."""

    log_function: Callable[[Array], Array]
    edges: Array
    shares: Array
    points: Array
    weights: Array
    log_total: float

    def quantile(self, probability: float) -> float:
        """The point below which that share of the integral lies, by integration up to it within its panel."""
        from scipy.optimize import brentq

        panel = int(np.clip(np.searchsorted(self.shares, probability) - 1, 0, len(self.edges) - 2))
        start, end = float(self.edges[panel]), float(self.edges[panel + 1])

        def excess(u: float) -> float:
            points, weights = _legendre(np.array([start, u]))
            part = float(weights @ np.exp(self.log_function(points) - self.log_total))
            return float(self.shares[panel]) + part - probability

        if excess(end) <= 0:
            return end
        return float(brentq(excess, start, end, xtol=1e-15, rtol=1e-13))


def panels(log_function: Callable[[Array], Array]) -> Panels:
    """Scan, cut (0, 1) where the scan puts equal shares and at the tails, and integrate with 16 nodes a panel."""
    edges = _cuts(log_function)
    points, widths = _legendre(edges)
    logs = log_function(points)
    top = float(logs.max())
    values = widths * np.exp(logs - top)
    total = float(values.sum())
    shares = np.concatenate([[0.0], np.cumsum(values.reshape(-1, len(NODES)).sum(axis=1)) / total])
    return Panels(log_function, edges, shares, points, values / total, top + math.log(total))


def _cuts(log_function: Callable[[Array], Array]) -> Array:
    """Edges by the mass of a scan on the logit scale, which sees both ends of (0, 1)."""
    logits = np.linspace(-32, 32, SCAN)
    u = 1 / (1 + np.exp(-logits))
    u = u[u < 1]
    logs = log_function(u) + np.log(u) + np.log1p(-u)
    mass = np.exp(logs - logs.max())
    share = np.cumsum(mass) / mass.sum()
    wanted = np.unique(np.concatenate([TAILS, np.linspace(0.02, 0.98, 25), 1 - np.array(TAILS)]))
    inner = np.interp(wanted, share, u)
    return np.unique(np.concatenate([[0.0], inner, [1.0]]))


def _legendre(edges: Array) -> tuple[Array, Array]:
    half = np.diff(edges)[:, None] / 2
    points = edges[:-1, None] + half * (1 + NODES)
    return points.ravel(), (half * WEIGHTS).ravel()

"""Tests in an order or with weights: the graph of Bretz, Maurer, Brannath and Posch (2009), and what it makes easy.

Every test has a share of α; once rejected it hands its share on along its arrows. Fixed sequence, fallback, Holm and
parallel gatekeeping are graphs; serial gatekeeping opens a family when all of the one before are rejected. The error
rate of the whole is held strongly, under any dependence, since each is a closed test of weighted Bonferroni tests: that
is how it is checked (all intersections, one by one), beside hand-worked examples.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.science.errors import BadInput
from accord.science.estimates.multiplicity import adjusted_p

Array = NDArray[Any]
_ROUND = 1e-12


@dataclass(frozen=True, slots=True)
class Graph:
    """`weights` (m,) shares of α, at most one together; `arrows` (m, m) what a rejected test hands on, rows to 1."""

    weights: Array
    arrows: Array

    def __post_init__(self) -> None:
        w, g = self.weights, self.arrows
        if g.shape != (len(w), len(w)):
            raise BadInput(f"{len(w)} weights and arrows of shape {g.shape}.", cure="Give an m by m table of arrows.")
        if (w < 0).any() or w.sum() > 1 + 1e-9:
            raise BadInput("The weights are negative or sum to more than one.", cure="Share out one α, no more.")
        if (g < 0).any() or (g.sum(axis=1) > 1 + 1e-9).any() or np.diagonal(g).any():
            raise BadInput("A test hands on more than it has, or to itself.", cure="Arrows of each test sum to one.")


def graph_adjusted_p(p: ArrayLike, graph: Graph) -> Array:
    """Adjusted p values (m,): a test is rejected at level α when its adjusted p is at most α (algorithm 2, 2009).

    A test without a p value (NaN) is never rejected: its share of α is not handed on. A test that no share reaches
    has an adjusted p of 1.
    """
    values = _checked(p, len(graph.weights))
    w, g = graph.weights.astype(float).copy(), graph.arrows.astype(float).copy()
    open_ = np.isfinite(values)
    result = np.where(open_, 1.0, np.nan)
    largest = 0.0
    while open_.any():
        ratio = np.full(len(w), np.inf)
        reached = open_ & (w > _ROUND)
        ratio[reached] = values[reached] / w[reached]
        j = int(np.argmin(ratio))
        if not np.isfinite(ratio[j]):
            break
        largest = max(largest, float(ratio[j]))
        result[j] = min(1.0, largest)
        open_[j] = False
        w, g = _without(w, g, j)
    return result


def _without(w: Array, g: Array, j: int) -> tuple[Array, Array]:
    """The graph when test j is rejected."""
    new_w = w + w[j] * g[j]
    new_w[j] = 0.0
    left = 1 - g[:, j] * g[j, :]  # less what would come back to the giver
    with np.errstate(divide="ignore", invalid="ignore"):
        new = np.where(left[:, None] > _ROUND, (g + np.outer(g[:, j], g[j])) / left[:, None], 0.0)
    new[j, :] = 0.0
    new[:, j] = 0.0
    np.fill_diagonal(new, 0.0)
    return new_w, new


def fixed_sequence(m: int) -> Graph:
    """All of α on the first; each hands it to the next."""
    return fallback(np.eye(m)[0] if m else np.zeros(0))


def fallback(weights: ArrayLike) -> Graph:
    """Each test has its own share, and hands what it has to the next (Wiens 2003)."""
    w = np.asarray(weights, float)
    return Graph(w, np.eye(len(w), k=1))


def holm_graph(weights: ArrayLike) -> Graph:
    """Weighted Holm: a rejected test's share goes to the others in proportion to their weights."""
    w = np.asarray(weights, float)
    m = len(w)
    rest = np.tile(w, (m, 1)) * (1 - np.eye(m))
    total = rest.sum(axis=1, keepdims=True)
    return Graph(w, np.divide(rest, total, out=np.zeros((m, m)), where=total > 0))


def parallel_gatekeeping(sizes: Sequence[int]) -> Graph:
    """Families in order (Dmitrienko, Offen & Westfall 2003, Bonferroni-based): a rejected test of a family hands its
    share in equal parts to the next; within the last family by Holm. One rejection opens the next family."""
    m = sum(sizes)
    ends = np.cumsum([0, *sizes])
    w, g = np.zeros(m), np.zeros((m, m))
    w[: sizes[0]] = 1 / sizes[0]
    for k, size in enumerate(sizes):
        own = slice(ends[k], ends[k + 1])
        if k + 1 < len(sizes):
            g[own, ends[k + 1] : ends[k + 2]] = 1 / sizes[k + 1]
        elif size > 1:
            g[own, own] = (1 - np.eye(size)) / (size - 1)
    return Graph(w, g)


def serial_gatekeeping(families: Sequence[ArrayLike]) -> list[Array]:
    """Adjusted p values of families in order, Holm within each; a family counts only when all before are rejected
    (Maurer, Hothorn & Lehmacher 1995): max(own Holm, the largest of the families before). A missing p shuts the gate.
    """
    found, gate = [], 0.0
    for family in families:
        values = np.asarray(family, float)
        own = np.maximum(adjusted_p(values, "holm"), gate)
        found.append(own)
        gate = max(gate, 1.0 if np.isnan(values).any() else float(own.max(initial=0.0)))
    return found


def _checked(p: ArrayLike, m: int) -> Array:
    values = np.asarray(p, float)
    if values.shape != (m,):
        raise BadInput(f"{values.size} p values for {m} weights.", cure="Give one p value for each test.")
    known = np.isfinite(values)
    if ((values[known] < 0) | (values[known] > 1)).any():
        raise BadInput("A p value lies outside 0 to 1.", cure="Give p values.")
    return values

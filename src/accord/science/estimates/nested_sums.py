"""Cross-products of a model with random intercepts in nested clusters: all that its likelihood needs of the data.

With ratios λ_k = σ_k²/σ_e² the inverse of V/σ_e² is applied level by level, innermost first. A cluster c that carries
the sum s_c of its rows and the weight m_c contributes

    Z'Z ← Z'Z - λ/(1+λ m_c) s_c s_c',   log|V| ← log|V| + log(1+λ m_c),

and hands s_c/(1+λ m_c) and m_c/(1+λ m_c) to the cluster that contains it. The ratios may be complex: an imaginary step
of 1e-30 gives first derivatives exact to rounding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class NestedSums:
    """`total` (q, q) of all rows [X, y]; per innermost cluster `sums` (G, q) and `sizes` (G,).

    `starts[k]` are where the clusters of level k+1 begin among those of level k (both sorted alike).
    """

    rows: int
    total: Array
    sums: Array
    sizes: Array
    starts: tuple[NDArray[np.int64], ...]

    @property
    def levels(self) -> int:
        return len(self.starts) + 1


def nested_sums(joint: Array, codes: Sequence[NDArray[np.int64]]) -> NestedSums:
    """`joint` (N, q) = [X, y]; `codes` outermost first, as `clusters.nested_clusters` gives them."""
    inner = codes[-1]
    order = np.argsort(inner, kind="stable")
    first = np.flatnonzero(np.diff(inner[order], prepend=-1))
    sums = np.add.reduceat(joint[order], first, axis=0)
    sizes = np.diff(first, append=len(order)).astype(float)
    starts = []
    lower = order[first]
    for outer in codes[-2::-1]:
        begin = np.flatnonzero(np.diff(outer[lower], prepend=-1))
        starts.append(begin)
        lower = lower[begin]
    return NestedSums(len(joint), joint.T @ joint, sums, sizes, tuple(starts))


def weighted_products(sums: NestedSums, ratios: Array) -> tuple[Array, Any]:
    """[X y]'(V/σ²)⁻¹[X y] and log|V/σ²| at ratios given innermost first."""
    s, m = sums.sums, sums.sizes
    product: Array = sums.total
    log_det: Any = 0.0
    for level, ratio in enumerate(ratios):
        grown = 1 + ratio * m
        product = product - (s * (ratio / grown)[:, None]).T @ s
        log_det = log_det + np.log(grown).sum()
        if level < len(sums.starts):
            s = np.add.reduceat(s / grown[:, None], sums.starts[level], axis=0)
            m = np.add.reduceat(m / grown, sums.starts[level])
    return product, log_det


def products_at(sums: NestedSums, thetas: Array) -> tuple[Array, Array]:
    """[X y]'V⁻¹[X y] and log|V| at each of many θ = (σ_e², innermost σ², …), along the leading axis."""
    found = [weighted_products(sums, theta[1:] / theta[0]) for theta in thetas]
    products = np.stack([product / theta[0] for (product, _), theta in zip(found, thetas, strict=True)])
    return products, np.array([size for _, size in found]) + sums.rows * np.log(thetas[:, 0])

"""Shrunken effects of single clusters (EBLUP) with standard errors.

Each effect is drawn towards zero by how little its cluster says: û = λ r/(1 + λ n) for one level, r the sum of the
residuals of n people. Whoever shows them says that people were not assigned at random (C18).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.science.errors import BadInput
from accord.science.estimates.mixed_model import MixedModel
from accord.science.estimates.nested_sums import weighted_products

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class ClusterEffects:
    """Effects in the order of `labels`. `se` counts the uncertainty of the fixed effects, `se_given_fixed`
    does not (lme4's condVar)."""

    level: str
    labels: tuple[str, ...]
    effects: Array
    se: Array
    se_given_fixed: Array
    sizes: Array


def cluster_effects(model: MixedModel, name: str) -> ClusterEffects:
    """EBLUPs of one level. Checked against lme4::ranef and its condVar."""
    if name not in model.levels:
        raise BadInput(f"No level {name!r}.", cure=f"Use one of: {', '.join(model.levels)}.")
    sums, ratios = model.sums, model.ratios
    carried: list[tuple[Array, Array]] = [(sums.sums, sums.sizes)]
    for level, begin in enumerate(sums.starts):
        s, m = carried[-1]
        grown = 1 + ratios[level] * m
        carried.append((np.add.reduceat(s / grown[:, None], begin, axis=0), np.add.reduceat(m / grown, begin)))
    wanted = model.levels[::-1].index(name)
    above = np.zeros((1, sums.sums.shape[1]))
    above_variance = np.zeros(1)
    inherit = np.zeros(len(carried[-1][1]), dtype=int)
    for level in range(sums.levels - 1, wanted - 1, -1):
        s, m = carried[level]
        share = ratios[level] / (1 + ratios[level] * m)
        own = share[:, None] * (s - m[:, None] * above[inherit])
        variance = share + (share * m) ** 2 * above_variance[inherit]
        if level > wanted:
            kept = 1 - share * m
            above, above_variance = above[inherit] + own, share + kept**2 * above_variance[inherit]
            begin = sums.starts[level - 1]
            inherit = np.repeat(np.arange(len(begin)), np.diff(begin, append=len(carried[level - 1][1])))
    product, _ = weighted_products(sums, ratios)
    p = len(model.names)
    inverse = np.linalg.inv(product[:p, :p])
    beta = inverse @ product[:p, p]
    residual = float(product[p, p] - product[:p, p] @ beta) / (sums.rows - p)
    unit = np.sqrt(model.variances["residual"] / residual)
    fixed = np.einsum("ja,ab,jb->j", own[:, :p], inverse, own[:, :p])
    sizes = sums.sizes
    for begin in sums.starts[:wanted]:
        sizes = np.add.reduceat(sizes, begin)
    return ClusterEffects(
        level=name, labels=model.labels[name], effects=unit * (own[:, p] - own[:, :p] @ beta), sizes=sizes,
        se=np.sqrt(model.variances["residual"] * (variance + fixed)),
        se_given_fixed=np.sqrt(model.variances["residual"] * variance),
    )  # fmt: skip

"""The paths of a mediation, and their coefficients from cross-products.

Parallel: each mediator on treatment (and covariates); the outcome on treatment and all mediators. Path x → M_k → y has
the effect a_k b_k. Serial: each mediator also on those before it; every increasing chain x → M_i → … → M_j → y is a
path, its effect the product of its coefficients. The paths add up to the total effect minus the direct one.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.science.errors import BadInput
from accord.science.estimates.mediation.design import Design
from accord.science.estimates.mediation.moments import slopes

Array = NDArray[Any]
MOST_IN_A_ROW = 4


@dataclass(frozen=True, slots=True)
class Coefficients:
    """`into` (…, k, k+1): the slopes into mediator j: of the treatment (column 0) and of mediator i (column 1+i);
    `onto` (…, k+1): the slopes of the outcome on the treatment and on each mediator; `total` (…): on the treatment
    alone (with covariates)."""

    into: Array
    onto: Array
    total: Array


def chains(design: Design, *, serial: bool) -> list[tuple[int, ...]]:
    """Every path as the numbers of its mediators (0, 1 …) in order."""
    k = len(design.mediators)
    if not serial:
        return [(j,) for j in range(k)]
    if k > MOST_IN_A_ROW:
        raise BadInput(f"{k} mediators in a row make {2**k - 1} paths.", cure=f"Take at most {MOST_IN_A_ROW}.")
    return [chain for length in range(1, k + 1) for chain in combinations(range(k), length)]


def coefficients(design: Design, sums: Array, *, serial: bool) -> Coefficients:
    """From cross-products (…, p, p) of the design's columns."""
    places, before = list(design.mediators), list(design.before)
    k = len(places)
    into = np.zeros((*sums.shape[:-2], k, k + 1))
    if serial:
        for j, place in enumerate(places):
            found = slopes(sums, [*before, *places[:j]], [place])[..., 0]
            into[..., j, 0] = found[..., 1]
            into[..., j, 1 : 1 + j] = found[..., len(before) :]
    else:
        into[..., :, 0] = slopes(sums, before, places)[..., 1, :]
    outcome = slopes(sums, [*before, *places], [design.outcome])[..., 0]
    onto = np.concatenate([outcome[..., 1:2], outcome[..., len(before) :]], axis=-1)
    return Coefficients(into, onto, slopes(sums, before, [design.outcome])[..., 1, 0])


def effect(found: Coefficients, chain: tuple[int, ...]) -> Array:
    """The product along one path."""
    product = found.into[..., chain[0], 0]
    for before, after in pairwise(chain):
        product = product * found.into[..., after, 1 + before]
    return product * found.onto[..., 1 + chain[-1]]


def effects(found: Coefficients, every: list[tuple[int, ...]]) -> Array:
    """(…, paths + 3): each path, their sum, the direct and the total effect."""
    along = np.stack([effect(found, chain) for chain in every], axis=-1)
    return np.concatenate(
        [along, along.sum(axis=-1, keepdims=True), found.onto[..., :1], found.total[..., None]], axis=-1
    )

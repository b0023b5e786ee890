"""[X y]'V⁻¹[X y] and log|V| of a mixed model, from cross-products that are made once.

In units of the residual variance V = I + Σ Z_k (I ⊗ Δ_k) Z_k'. A block with Z'Z = A and Z'R = S (R: all that is to its
right) is eliminated by

    R'R ← R'R - S'K S,   K = Δ (I + A Δ)⁻¹,   log|V| ← log|V| + log|I + A Δ|,

innermost factor first, for all its levels at once. With one factor, levels that share A (people seen at the same
visits) share K, and Σ S'K S is a contraction with sums that are made once: a fit to a million rows then costs as much
as one to a hundred. A crossed factor is one wide block with Δ repeated along its diagonal.

Everything may be complex (an imaginary step of 1e-30 gives first derivatives exact to rounding), and many Δ are taken
at once along a leading axis: an optimiser's value and gradient are one call.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from accord.science.errors import NotEstimable
from accord.science.estimates.linear_mixed.factors import Level

Array = NDArray[Any]
MAXIMUM_SUMS = 2_000_000  # numbers (16 MB) up to which the sums of every level are kept
_AT_ONCE = 512
MAXIMUM_CROSSED = 3000  # columns of the crossed factors but the largest: a dense matrix of that width is solved


class Products(Protocol):
    """What a likelihood needs: `at(Δ of each factor (…, q, q))` -> (product (…, r, r), log determinant (…))."""

    @property
    def rows(self) -> int: ...

    def at(self, relative: Sequence[Array]) -> tuple[Array, Any]: ...


@dataclass(frozen=True, slots=True)
class PatternProducts:
    """One factor with its cross-products A: `patterns` (K, q, q), `counts` (K,) of levels that share one, and `sums`
    (K, q, q, r, r) of S S'. Also for levels that are all their own pattern, as long as the sums are small."""

    rows: int
    total: Array
    patterns: Array
    counts: Array
    sums: Array

    def at(self, relative: Sequence[Array]) -> tuple[Array, Any]:
        (delta,) = relative
        delta = delta[..., None, :, :]
        inverse, log_det = _inverse_and_log_det(np.eye(delta.shape[-1]) + self.patterns @ delta)
        kernels = delta @ inverse
        taken = np.tensordot(kernels, self.sums, axes=((-3, -2, -1), (0, 1, 2)))
        return self.total - taken, (self.counts * log_det).sum(axis=-1)


@dataclass(frozen=True, slots=True)
class ChainProducts:
    """Factors each within the next, or crossed ones as wide blocks.

    `inner_products` (G, q, q) and `inner_sums` (G, q, r) of the innermost factor; `base` (H, r, r) summed in the next
    factor's levels; `starts` where those begin; `widths` (terms, repeats) of the blocks to the right.
    """

    rows: int
    inner_products: Array
    inner_sums: Array
    base: Array
    starts: tuple[NDArray[np.int64], ...]
    repeats: tuple[int, ...]
    counts: Array | None = None  # where levels of one outer cluster share A: how many, and inner_sums is then S S'

    def at(self, relative: Sequence[Array]) -> tuple[Array, Any]:
        if max(self.repeats) > 1 and relative[0].ndim > 2:
            each = [self.at(one) for one in zip(*relative, strict=True)]
            return np.stack([product for product, _ in each]), np.array([log_det for _, log_det in each])
        a, s, base = self.inner_products, self.inner_sums, self.base
        log_det: Any = 0.0
        for k, small in enumerate(relative):
            delta = (np.kron(np.eye(self.repeats[k]), small) if self.repeats[k] > 1 else small)[..., None, :, :]
            grown = np.eye(delta.shape[-1]) + a @ delta
            if k == 0 and self.counts is not None:
                inverse, own = _inverse_and_log_det(grown)
                taken = np.einsum("...gab,gabrs->...grs", delta @ inverse, s, optimize=True)
                own = own * self.counts
            elif delta.shape[-1] <= 2:
                inverse, own = _inverse_and_log_det(grown)
                taken = np.swapaxes(s, -1, -2) @ (delta @ inverse @ s)
            else:
                own = _log_det(grown)
                taken = np.swapaxes(s, -1, -2) @ (delta @ np.linalg.solve(grown, s))
            log_det = log_det + own.sum(axis=-1)
            rest = base - np.add.reduceat(taken, self.starts[k], axis=-3)
            if k + 1 == len(relative):
                return rest[..., 0, :, :], log_det
            width = relative[k + 1].shape[-1] * self.repeats[k + 1]
            a, s, base = rest[..., :width, :width], rest[..., :width, width:], rest[..., width:, width:]
            base = np.add.reduceat(base, self.starts[k + 1], axis=-3)
        raise AssertionError("a mixed model has a random factor")


def products(joint: Array, levels: list[Level], nested: bool) -> Products:
    """Make the cross-products. `joint` (N, p + 1) = [X, y]; `levels` innermost first."""
    if len(levels) == 1:
        return _single(joint, levels[0])
    return _chain(joint, levels) if nested else _crossed(joint, levels)


def _single(joint: Array, level: Level) -> Products:
    a, s, _ = _inner(level, joint)
    rounded = np.round(a[:, *np.tril_indices(level.size)], 12)
    order = np.lexsort(rounded.T)
    changes = np.any(np.diff(rounded[order], axis=0) != 0, axis=1)
    r, q = joint.shape[1], level.size
    if changes.sum() + 1 > len(a) / 2:
        if len(a) * (q * r) ** 2 <= MAXIMUM_SUMS:
            each = np.einsum("gar,gbs->gabrs", s, s)
            return PatternProducts(len(joint), joint.T @ joint, a, np.ones(len(a)), each)
        whole = (joint.T @ joint)[None]
        return ChainProducts(len(joint), a, s, whole, (np.zeros(1, np.int64),), (1,))
    starts = np.concatenate([[0], np.flatnonzero(changes) + 1])
    ordered = s[order]
    sums = np.empty((len(starts), q, q, r, r))
    for k, (first, last) in enumerate(zip(starts, [*starts[1:], len(order)], strict=True)):
        flat = ordered[first:last].reshape(last - first, q * r)
        sums[k] = (flat.T @ flat).reshape(q, r, q, r).transpose(0, 2, 1, 3)
    counts = np.diff(np.append(starts, len(order)))
    return PatternProducts(len(joint), joint.T @ joint, a[order][starts], counts, sums)


def _inner(level: Level, rest: Array) -> tuple[Array, Array, NDArray[np.int64]]:
    """Z'Z (G, q, q) and Z'[rest] (G, q, r) of each level of a factor, and the order of rows by it."""
    order = np.argsort(level.codes, kind="stable")
    first = np.flatnonzero(np.diff(level.codes[order], prepend=-1))
    z, right = level.columns[order], rest[order]
    a = np.add.reduceat(z[:, :, None] * z[:, None, :], first, axis=0)
    s = np.stack([np.add.reduceat(z[:, k, None] * right, first, axis=0) for k in range(level.size)], axis=1)
    return a, s, order


def _chain(joint: Array, levels: list[Level]) -> ChainProducts:
    """Nested factors: codes of each level are re-made so that an outer level's members lie together."""
    codes = _nested_codes(levels)
    inner = Level(**{**_fields(levels[0]), "codes": codes[0]})
    rest = np.column_stack([*(level.columns for level in levels[1:]), joint])
    a, s, order = _inner(inner, rest)
    firsts = np.flatnonzero(np.diff(codes[0][order], prepend=-1))
    outer = codes[1][order]
    begin_rows = np.flatnonzero(np.diff(outer, prepend=-1))
    ordered = rest[order]
    spans = zip(begin_rows, [*begin_rows[1:], len(ordered)], strict=True)
    base = np.stack([ordered[i:j].T @ ordered[i:j] for i, j in spans])
    starts, lower = [], order[firsts]
    for own in [*codes[1:], np.zeros_like(codes[0])]:
        begin = np.flatnonzero(np.diff(own[lower], prepend=-1))
        starts.append(begin)
        lower = lower[begin]
    shared = _shared_in(a, s, codes[1][order][firsts])
    if shared is None:
        return ChainProducts(len(joint), a, s, base, tuple(starts), (1,) * len(levels))
    a, s, counts, starts[0] = shared
    return ChainProducts(len(joint), a, s, base, tuple(starts), (1,) * len(levels), counts)


def _shared_in(
    a: Array, s: Array, outer: NDArray[np.int64]
) -> tuple[Array, Array, Array, NDArray[np.int64]] | None:  # fmt: skip
    """The innermost levels gathered by outer cluster and pattern A: A, ΣSS', how many, where outer clusters begin."""
    q, r = s.shape[1:]
    rounded = np.round(a[:, *np.tril_indices(q)], 12)
    order = np.lexsort((*rounded.T, outer))
    changes = np.any(np.diff(rounded[order], axis=0) != 0, axis=1) | (np.diff(outer[order]) != 0)
    begin = np.concatenate([[0], np.flatnonzero(changes) + 1])
    if len(begin) * (q * r) ** 2 > MAXIMUM_SUMS:
        return None
    ordered, sums = s[order], np.empty((len(begin), q, q, r, r))
    for low in range(0, len(begin), _AT_ONCE):
        ends = begin[low : low + _AT_ONCE + 1]
        last = ends[-1] if len(ends) > _AT_ONCE else len(order)
        part = ordered[ends[0] : last]
        each = np.einsum("gar,gbs->gabrs", part, part)
        sums[low : low + _AT_ONCE] = np.add.reduceat(each, begin[low : low + _AT_ONCE] - ends[0], axis=0)
    counts = np.diff(np.append(begin, len(order))).astype(float)
    first = np.flatnonzero(np.diff(outer[order][begin], prepend=-1))
    return a[order][begin], sums, counts, first


def _nested_codes(levels: list[Level]) -> list[NDArray[np.int64]]:
    """Codes sorted by the outer factors first, so that reduceat can sum a level's members."""
    codes = [levels[-1].codes]
    for level in reversed(levels[:-1]):
        joint = codes[0] * level.count + level.codes
        codes.insert(0, np.unique(joint, return_inverse=True)[1].astype(np.int64))
    return codes


def _crossed(joint: Array, levels: list[Level]) -> ChainProducts:
    width = sum(level.count * level.size for level in levels[1:])
    if width > MAXIMUM_CROSSED:
        raise NotEstimable(
            f"The crossed factors have {width} random effects beside the largest factor; "
            f"{MAXIMUM_CROSSED} can be done.",
            cure="Leave out a slope, or take the smaller factor as fixed.",
        )
    rest = np.column_stack([*(_wide(level) for level in levels[1:]), joint])
    a, s, _ = _inner(levels[0], rest)
    one = np.zeros(1, np.int64)
    repeats = (1, *(level.count for level in levels[1:]))
    return ChainProducts(len(joint), a, s, (rest.T @ rest)[None], (one,) * len(levels), repeats)


def _wide(level: Level) -> Array:
    wide = np.zeros((len(level.codes), level.count * level.size))
    rows = np.arange(len(level.codes))
    for k in range(level.size):
        wide[rows, level.codes * level.size + k] = level.columns[:, k]
    return wide


def _fields(level: Level) -> dict[str, Any]:
    return {name: getattr(level, name) for name in Level.__slots__}


def _inverse_and_log_det(matrices: Array) -> tuple[Array, Any]:
    """Of many small matrices at once; one and two dimensions by their closed forms, which is what people's intercepts
    and slopes need."""
    if matrices.shape[-1] == 1:
        return 1 / matrices, np.log(matrices[..., 0, 0])
    if matrices.shape[-1] > 2:
        return np.linalg.inv(matrices), _log_det(matrices)
    a, b, c, d = matrices[..., 0, 0], matrices[..., 0, 1], matrices[..., 1, 0], matrices[..., 1, 1]
    determinant = a * d - b * c
    inverse = np.empty_like(matrices)
    inverse[..., 0, 0], inverse[..., 0, 1], inverse[..., 1, 0], inverse[..., 1, 1] = d, -b, -c, a
    # Far from any maximum rounding can make it negative: NaN, which the optimiser takes for a wall.
    with np.errstate(invalid="ignore", divide="ignore"):
        return inverse / determinant[..., None, None], np.log(determinant)


def _log_det(matrices: Array) -> Any:
    sign, size = np.linalg.slogdet(matrices)
    return size + np.log(sign) if np.iscomplexobj(matrices) else size

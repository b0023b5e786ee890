"""A weighted fit at given weights, one or many at a time, and the sums that the estimators of τ² are made of.

Notation: y = Xβ + u + e, var(e_i) = v_i, var(u) = τ², W = diag(w), P = W - WX(X'WX)⁻¹X'W. All arrays may carry
leading axes (outcomes, deleted studies, permutations, points of a grid); the last one is the study. X is given by an
orthonormal basis shared by all. A study that takes no part has weight 0.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


class Data(NamedTuple):
    """`y`, `v` (…, k); `basis` (k, p) and its `products` (k, p²); `mask` (…, k) of 0 and 1, or None for all ones; `n`
    (…) the number of studies that take part."""

    y: Array
    v: Array
    basis: Array
    products: Array
    mask: Array | None
    n: Array

    @property
    def p(self) -> int:
        return self.basis.shape[1]

    @property
    def part(self) -> Array | float:
        return 1.0 if self.mask is None else self.mask

    def weights(self, tau2: Array | float) -> Array:
        w: Array = 1.0 / (self.v + np.asarray(tau2)[..., None])
        return w if self.mask is None else w * self.mask

    def expanded(self) -> Data:
        """With one more axis before the study, for a grid of τ²."""
        mask = None if self.mask is None else self.mask[..., None, :]
        return Data(self.y[..., None, :], self.v[..., None, :], self.basis, self.products, mask, self.n[..., None])


def data(y: Array, v: Array, basis: Array, mask: Array | None = None) -> Data:
    k, p = basis.shape
    products = (basis[:, :, None] * basis[:, None, :]).reshape(k, p * p)
    n = np.asarray(float(k)) if mask is None else mask.sum(axis=-1)
    return Data(y, v, basis, products, mask, n)


class Fit(NamedTuple):
    """Weighted least squares: weights, coefficients on the basis, their covariance (X'WX)⁻¹, residuals."""

    w: Array
    b: Array
    bread: Array
    residual: Array

    @property
    def rss(self) -> Array:
        """y'Py."""
        total: Array = (self.w * self.residual**2).sum(axis=-1)
        return total


def fit(d: Data, w: Array) -> Fit:
    bread = inverse(d, w)
    sums = across(w * d.y, d.basis)
    b = bread[..., 0] * sums if d.p == 1 else (bread * sums[..., None, :]).sum(axis=-1)
    return Fit(w, b, bread, d.y - (b * d.basis[:, 0] if d.p == 1 else b @ d.basis.T))


def across(a: Array, columns: Array) -> Array:
    """a (…, k) times columns (k, c), as one product of two matrices."""
    if a.ndim < 3:
        return a @ columns
    return (a.reshape(-1, a.shape[-1]) @ columns).reshape(*a.shape[:-1], columns.shape[1])


def normal(d: Data, w: Array) -> Array:
    """X'WX (…, p, p)."""
    p = d.p
    return across(w, d.products).reshape(*w.shape[:-1], p, p)


def inverse(d: Data, w: Array) -> Array:
    a = normal(d, w)
    return 1.0 / a if d.p == 1 else np.linalg.inv(a)


def trace_p(d: Data, f: Fit, e: Array | float = 1.0) -> Array:
    """tr(P E) for a diagonal E."""
    total: Array = (f.w * e).sum(axis=-1) - _trace(f.bread, normal(d, f.w**2 * e))
    return total


def trace_pp(d: Data, f: Fit, e: Array | float = 1.0, g: Array | float = 1.0) -> Array:
    """tr(P E P G) for diagonals E and G."""
    w2 = f.w**2
    first = _product(f.bread, normal(d, w2 * e))
    second = first if e is g else _product(f.bread, normal(d, w2 * g))
    third = normal(d, w2 * f.w * e * g)
    total: Array = (w2 * e * g).sum(axis=-1) - 2 * _trace(f.bread, third) + _trace(first, second)
    return total


def traces(d: Data, f: Fit) -> tuple[Array, Array]:
    """tr P and tr PP in one go."""
    w2 = f.w * f.w
    first = _product(f.bread, normal(d, w2))
    third = normal(d, w2 * f.w)
    diagonal = first[..., 0, 0] if d.p == 1 else np.trace(first, axis1=-2, axis2=-1)
    return f.w.sum(axis=-1) - diagonal, w2.sum(axis=-1) - 2 * _trace(f.bread, third) + _trace(first, first)


def quadratics(d: Data, f: Fit) -> tuple[Array, Array]:
    """y'PPy and y'PPPy: minus the first derivative of y'Py in τ², and half its second."""
    u = f.w * f.residual
    square = u * u
    c = across(f.w * u, d.basis)
    if d.p == 1:
        inner = c[..., 0] ** 2 * f.bread[..., 0, 0]
    else:
        inner = (c[..., :, None] * f.bread * c[..., None, :]).sum(axis=(-2, -1))
    return square.sum(axis=-1), (f.w * square).sum(axis=-1) - inner


def log_determinant(bread: Array) -> Array:
    """log |X'WX| from its inverse."""
    if bread.shape[-1] == 1:
        return -np.log(bread[..., 0, 0])
    return -np.linalg.slogdet(bread)[1]


def _product(a: Array, b: Array) -> Array:
    return a * b if a.shape[-1] == 1 else a @ b


def _trace(a: Array, b: Array) -> Array:
    """tr(AB)."""
    if a.shape[-1] == 1:
        return (a * b)[..., 0, 0]
    total: Array = (a * np.swapaxes(b, -1, -2)).sum(axis=(-2, -1))
    return total

"""The variance between studies, τ²: eight estimators, each for one data set or for many at a time.

| name | estimator | equation |
|---|---|---|
| REML, ML | (restricted) maximum likelihood | score(τ²) = 0, the highest of all maxima, not below 0 |
| PM, EB | Paule & Mandel 1982, empirical Bayes (Morris 1983): one equation | y'P(τ²)y = k - p |
| DL | DerSimonian & Laird 1986 | (Q - (k-p)) / tr P(0) |
| HE | Hedges & Olkin 1985 | (y'P₁y - tr(P₁V)) / (k-p), P₁ unweighted |
| HS | Hunter & Schmidt 2004 | (Q - k) / Σ1/v |
| SJ | Sidik & Jonkman 2005 | τ₀² y'P(τ₀²)y / (k-p), τ₀² = Σ(y-ȳ)²/k |
| FE | fixed (equal) effects | 0 |

Negative values are set to 0. Large-sample standard errors as in Viechtbauer 2005. Checked against metafor 3.8 with its
stopping rules made tight: its defaults leave τ² about 3e-5 (relative) from the maximum.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.science.synthesis.weighting import (
    Data,
    Fit,
    fit,
    inverse,
    log_determinant,
    quadratics,
    trace_p,
    trace_pp,
    traces,
)

Array = NDArray[Any]

GRID = 16
PLACES = np.linspace(-1 / (GRID - 2), 1.0, GRID)  # the first is put to τ² = 0
STEPS = 80


def reml(d: Data) -> Array:
    return _highest(d, restricted=True)


def ml(d: Data) -> Array:
    return _highest(d, restricted=False)


def paule_mandel(d: Data) -> Array:
    return where_rss_is(d, d.n - d.p)


def dersimonian_laird(d: Data) -> Array:
    f = fit(d, d.weights(0.0))
    return _not_negative((f.rss - (d.n - d.p)) / trace_p(d, f))


def hedges_olkin(d: Data) -> Array:
    f = _unweighted(d)
    return _not_negative((f.rss - trace_p(d, f, d.v)) / (d.n - d.p))


def hunter_schmidt(d: Data) -> Array:
    f = fit(d, d.weights(0.0))
    return _not_negative((f.rss - d.n) / f.w.sum(axis=-1))


def sidik_jonkman(d: Data) -> Array:
    start = crude_variance(d)
    return _not_negative(start * fit(d, d.weights(start)).rss / (d.n - d.p))


def none(d: Data) -> Array:
    return np.zeros(np.broadcast_shapes(d.y.shape[:-1], np.shape(d.n)))


ESTIMATORS: dict[str, Callable[[Data], Array]] = {
    "REML": reml, "ML": ml, "PM": paule_mandel, "EB": paule_mandel, "DL": dersimonian_laird, "HE": hedges_olkin,
    "HS": hunter_schmidt, "SJ": sidik_jonkman, "FE": none,
}  # fmt: skip


def standard_error(d: Data, method: str, tau2: Array, at: Fit | None = None) -> Array:
    """Large-sample standard error of τ², NaN for FE. `at` is the fit at τ² where it is at hand."""
    if method == "FE":
        return np.full(np.shape(tau2), np.nan)
    df = d.n - d.p
    if method in ("REML", "ML", "PM", "EB"):
        f = at or fit(d, d.weights(tau2))
        if method == "REML":
            # Rounding makes the trace negative when variances are ten powers apart: then there is no standard error.
            information = traces(d, f)[1]
            return np.sqrt(2 / np.where(information > 0, information, np.nan))
        if method == "ML":
            return np.sqrt(2 / (f.w**2).sum(axis=-1))
        return np.sqrt(2 / df) * d.n / f.w.sum(axis=-1)
    if method in ("DL", "HS"):
        f = fit(d, d.weights(0.0))
        trace = trace_p(d, f)
        spread = 2 * df + 4 * tau2 * trace + 2 * tau2**2 * trace_pp(d, f)
        return np.sqrt(spread) / (trace if method == "DL" else f.w.sum(axis=-1))
    f, scale = (_unweighted(d), 1.0) if method == "HE" else _started(d)
    spread = 2 * trace_pp(d, f, d.v, d.v) + 4 * tau2 * trace_pp(d, f, d.v) + 2 * tau2**2 * trace_pp(d, f)
    return scale * np.sqrt(spread) / df


def log_likelihood(d: Data, tau2: Array | float, *, restricted: bool, f: Fit | None = None) -> Array:
    """ℓ at τ², constants included; restricted with + ½ log|X'X| (REML does not change when X is scaled)."""
    f = f or fit(d, d.weights(tau2))
    logs = np.log(d.v + np.asarray(tau2)[..., None])
    spread = (logs if d.mask is None else logs * d.mask).sum(axis=-1)
    size = d.n - d.p if restricted else d.n
    ll: Array = -0.5 * (size * np.log(2 * np.pi) + spread + f.rss)
    if not restricted:
        return ll
    return ll - 0.5 * log_determinant(f.bread) + 0.5 * log_determinant(inverse(d, d.part + 0 * f.w))


def where_rss_is(d: Data, target: Array | float) -> Array:
    """The τ² at which y'P(τ²)y equals `target`, or 0 when it is already below at 0.

    y'Py falls in τ²; 1/y'Py is nearly a straight line, so Newton's method on it needs few steps. A step that leaves
    the bracket is halved.
    """
    low = np.zeros(np.broadcast_shapes(d.y.shape[:-1], np.shape(d.n), np.shape(target)))
    with np.errstate(divide="ignore", invalid="ignore"):
        high = np.maximum(_unweighted(d).rss / target, 0.0)
        high = np.where(np.isfinite(high), high, 0.0)
    t = low
    for _ in range(STEPS):
        f = fit(d, d.weights(t))
        rss = f.rss
        above = rss > target
        low, high = np.where(above, t, low), np.where(above, high, t)
        slope = quadratics(d, f)[0]
        with np.errstate(divide="ignore", invalid="ignore"):
            step = (rss / target - 1) * rss / slope
        t, done = _moved(t, step, low, high)
        if done:
            break
    return t


def crude_variance(d: Data) -> Array:
    """Σ(y - ȳ)²/k: the starting value of Sidik and Jonkman."""
    mean = (d.part * d.y).sum(axis=-1) / d.n
    total: Array = (d.part * (d.y - mean[..., None]) ** 2).sum(axis=-1) / d.n
    return total


def _highest(d: Data, *, restricted: bool) -> Array:
    """The τ² with the highest likelihood: the best point of a grid, then Newton's method within its neighbours.

    The score is below zero beyond τ² = ½(s² + √(s⁴ + 4 s² max v)), s² = y'P₁y/(k-p), since P ≤ 1/τ² and
    tr P ≥ (k-p)/(τ² + max v): there the grid may end.
    """
    grid = _grid(d, restricted=restricted)
    low, t, high = _bracket(grid, _heights(d, grid, restricted))
    if t.ndim == 0 and d.p == 1 and d.mask is None:
        return np.asarray(_climb_one(d, float(low), float(t), float(high), restricted))
    for _ in range(STEPS):
        score, slope, expected = _score(d, t, restricted=restricted)
        rising = score > 0
        low, high = np.where(rising, t, low), np.where(rising, high, t)
        with np.errstate(divide="ignore", invalid="ignore"):
            step = np.where(slope < 0, -score / slope, score / expected)
        t, done = _moved(t, step, low, high)
        if done:
            break
    return t


def _climb_one(d: Data, low: float, t: float, high: float, restricted: bool) -> float:
    """The same climb for one data set and one coefficient, with dot products: a third of the time."""
    for _ in range(STEPS):
        score, slope, expected = _score_one(d, t, restricted)
        if not expected > 0:  # variances so large that their squares overflow
            return t
        low, high = (t, high) if score > 0 else (low, t)
        there = t + (-score / slope if slope < 0 else score / expected)
        inside = low <= there <= high
        there = there if inside else 0.5 * (low + high)
        if (inside and abs(there - t) <= 1e-6 * there) or high - low <= 1e-14 * high:
            return there
        t = there
    return t


def _score_one(d: Data, t: float, restricted: bool) -> tuple[float, float, float]:
    """`_score` in plain numbers, for 1-D data and p = 1."""
    q = d.basis[:, 0]
    w = 1.0 / (d.v + t)
    wq = w * q
    one = wq.dot(q)
    u = w * (d.y - q * (wq.dot(d.y) / one))
    wu = w * u
    second, third = u.dot(u), wu.dot(u) - wu.dot(q) ** 2 / one
    trace, traces_two = w.sum(), w.dot(w)
    if restricted:
        two, three = wq.dot(wq), (w * wq).dot(wq)
        trace -= two / one
        traces_two += (two / one) ** 2 - 2 * three / one
    return float(0.5 * (second - trace)), float(0.5 * traces_two - third), float(0.5 * traces_two)


def _bracket(grid: Array, heights: Array) -> tuple[Array, Array, Array]:
    """The neighbours of the highest point, and between them the top of the parabola through the three (on the log
    scale), or the point itself at 0 and at the end."""
    best = np.argmax(heights, axis=-1)
    first = np.arange(best.size) * GRID + best.reshape(-1)
    left, right = first - (best > 0).reshape(-1), first + (best < GRID - 1).reshape(-1)
    points, tops = grid.reshape(-1), heights.reshape(-1)
    low, t, high = points[left], points[first], points[right]
    down, up = tops[first] - tops[left], tops[first] - tops[right]
    bent = (low > 0) & (right > first) & (down + up > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        move = np.where(bent, 0.5 * (down - up) / (down + up), 0.0)
        t = np.where(bent, t * (high / t) ** move, t)
    return low.reshape(best.shape), t.reshape(best.shape), high.reshape(best.shape)


def _heights(d: Data, grid: Array, restricted: bool) -> Array:
    """The log-likelihood on the grid (up to a constant), a few columns at a time: the work stays in the cache."""
    wide = d.expanded()
    width = max(1, 60_000 // max(grid.size // GRID * d.y.shape[-1], 1))
    parts = [_height(wide, grid[..., start : start + width], restricted) for start in range(0, GRID, width)]
    return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=-1)


def _height(d: Data, t: Array, restricted: bool) -> Array:
    w = d.weights(t)
    f = fit(d, w)
    logs = -np.log(w) if d.mask is None else np.log(d.v + t[..., None]) * d.mask
    spread = logs.sum(axis=-1)
    height: Array = -(spread + f.rss)
    return height - log_determinant(f.bread) if restricted else height


def _score(d: Data, t: Array, *, restricted: bool) -> tuple[Array, Array, Array]:
    """First and second derivative of the log-likelihood, and the expected information."""
    f = fit(d, d.weights(t))
    second, third = quadratics(d, f)
    if restricted:
        one, two = traces(d, f)
    else:
        one, two = f.w.sum(axis=-1), (f.w**2).sum(axis=-1)
    return 0.5 * (second - one), 0.5 * two - third, 0.5 * two


def _grid(d: Data, *, restricted: bool) -> Array:
    """0 and then evenly on the log scale from a thousandth of the smallest variance to the bound."""
    size = np.maximum(d.n - d.p, 1.0) if restricted else d.n
    s2 = _unweighted(d).rss / size
    if d.mask is None:
        top, bottom = d.v.max(axis=-1), d.v.min(axis=-1)
    else:
        top = np.where(d.mask > 0, d.v, 0.0).max(axis=-1)
        bottom = np.where(d.mask > 0, d.v, np.inf).min(axis=-1)
    high = 0.5 * (s2 + np.sqrt(s2**2 + 4 * s2 * top))
    high = np.maximum(high, 1e-8 * bottom)
    low = np.minimum(1e-3 * bottom, 1e-3 * high)
    grid = low[..., None] * (high / low)[..., None] ** PLACES
    grid[..., 0] = 0.0
    return grid


def _moved(t: Array, step: Array, low: Array, high: Array) -> tuple[Array, bool]:
    """The next point, halving the bracket where the step leaves it; True when no point moves any more: a last step of
    Newton's of 1e-6 leaves an error of about its square."""
    there = t + step
    inside = (there >= low) & (there <= high)
    there = np.where(inside, there, 0.5 * (low + high))
    still = inside & (np.abs(there - t) <= 1e-6 * there)
    return there, bool(np.all(still | (high - low <= 1e-14 * high)))


def _unweighted(d: Data) -> Fit:
    return fit(d, np.broadcast_to(np.asarray(d.part, float), np.broadcast_shapes(d.y.shape, np.shape(d.part))))


def _started(d: Data) -> tuple[Fit, Array]:
    start = crude_variance(d)
    return fit(d, d.weights(start)), start


def _not_negative(t: Array) -> Array:
    return np.maximum(t, 0.0)

"""The share of variance between clusters (intraclass correlation), its interval and its test.

share = σ_level² / (all variances together). One level: the interval is exact under normality for any cluster sizes and
covariates (the pivot of Wald 1940; Seely & El-Bassiouni 1983; Harville & Fenech 1985): with K = Z'(I - H_X)Z = UΔU',
t = Δ^(-1/2) U'Z'(I - H_X)y has independent elements of variance σ_e²(1 + λΔ_i), so that

    G(λ) = [Σ t_i²/(1 + λΔ_i) / r] / [SSE / f]  ~  F(r, f),  falling in λ,

SSE and f from clusters as fixed effects. Several levels: profile of the restricted likelihood. Coverage measured by
simulation is written in docs/explanation/estimates.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.estimate import Estimate
from accord.science.estimates.mixed_model import MixedModel, best_ratios, mixture_p, restricted_deviance
from accord.science.estimates.nested_sums import NestedSums

Array = NDArray[Any]
Method = Literal["exact", "profile"]
_LARGEST_EXACT = 1500


@dataclass(frozen=True, slots=True)
class VarianceShare:
    """`share` of the variance at `level` with its interval; `p` of "there is none" (mixture of χ², or exact F)."""

    level: str
    share: float
    ci_low: float
    ci_high: float
    variance: float
    p: float
    clusters: int
    rows: int
    boundary: bool
    method: str

    def estimate(self, id: str, label: str, **context: Any) -> Estimate:
        note = context.pop("note", "")
        if self.boundary:
            note = f"{note} The variance between clusters is estimated as zero.".strip()
        return Estimate(
            id=id, label=label, value=self.share, ci_low=self.ci_low, ci_high=self.ci_high, p=self.p,
            n=self.clusters, method=self.method, note=note, **context,
        )  # fmt: skip


def variance_share(model: MixedModel, name: str, *, method: Method | None = None, level: float = 0.95) -> VarianceShare:
    """The share of `name` among all variances of the model. `method` None: exact with one level, else profile."""
    if name not in model.levels:
        raise BadInput(f"No level {name!r}.", cure=f"Use one of: {', '.join(model.levels)}.")
    exact = model.sums.levels == 1 and len(model.sums.sizes) <= _LARGEST_EXACT if method is None else method == "exact"
    if exact and model.sums.levels > 1:
        raise BadInput("The exact interval is for one level of clusters.", cure="Use method='profile'.")
    k = model.levels[::-1].index(name)
    total = sum(model.variances.values())
    if exact:
        low, high, p = exact_share(model.sums, level)
        how = "exact F interval of the variance ratio (Harville & Fenech)"
    else:
        low, high, p = profile_share(model.sums, k, model.ratios, level)
        how = "profile of the restricted likelihood, mixture χ² test"
    return VarianceShare(
        level=name, share=model.variances[name] / total, ci_low=low, ci_high=high, variance=model.variances[name],
        p=p, clusters=model.clusters[name], rows=model.rows, boundary=name in model.boundary,
        method=f"share of variance, REML; {how}",
    )  # fmt: skip


def exact_share(sums: NestedSums, level: float = 0.95) -> tuple[float, float, float]:
    """Limits of the share and the exact p of "the share is zero", one level of clusters."""
    sizes, contrasts, within, r, f = canonical(sums)

    def statistic(ratio: float) -> float:
        return float((contrasts / (1 + ratio * sizes)).sum()) / r / within

    def limit(quantile: float) -> float:
        if statistic(0.0) <= quantile:
            return 0.0
        high = 1.0
        while statistic(high) > quantile:
            high *= 8
        return float(optimize.brentq(lambda v: statistic(v) - quantile, 0, high, xtol=1e-14))

    tail = (1 - level) / 2
    low, high = (limit(float(special.fdtri(r, f, q))) for q in (1 - tail, tail))
    return low / (1 + low), high / (1 + high), float(special.fdtrc(r, f, statistic(0.0)))


def canonical(sums: NestedSums) -> tuple[Array, Array, float, int, int]:
    """Δ_i, t_i², the mean square within, r and f. X is orthonormal in `sums`, and y is free of it."""
    p = sums.total.shape[0] - 1
    k = np.diag(sums.sizes) - sums.sums[:, :p] @ np.linalg.solve(sums.total[:p, :p], sums.sums[:, :p].T)
    values, vectors = np.linalg.eigh(k)
    real = values > 1e-9 * values[-1]
    values = values[real]
    contrasts = (vectors[:, real].T @ sums.sums[:, p]) ** 2 / values
    r, f = len(values), sums.rows - p - len(values)
    if r < 1 or f < 1:
        raise NotEstimable(
            "No clusters, or no members, are left over after the fixed effects.", cure="Use fewer fixed effects."
        )
    within = (float(sums.total[p, p]) - float(contrasts.sum())) / f
    if not within > 0:
        raise NotEstimable("Within clusters the outcome does not vary.", cure="Check the outcome's column.")
    return values, contrasts, within, r, f


def profile_share(sums: NestedSums, k: int, ratios: Array, level: float = 0.95) -> tuple[float, float, float]:
    """Limits where the restricted deviance, minimised over the rest, has risen by the χ²(1) quantile; mixture p."""
    lowest = float(restricted_deviance(sums, ratios))
    best = float(ratios[k] / (1 + ratios.sum()))
    rise = float(special.chdtri(1, 1 - level))

    def risen(share: float) -> float:
        return _deviance_at_share(sums, k, share) - lowest - rise

    zero = risen(0.0)
    low = 0.0 if zero <= 0 else float(optimize.brentq(risen, 0.0, best, xtol=1e-7))
    far = best + (1 - best) * 0.5
    while risen(far) < 0 and far < 1 - 1e-9:
        far += (1 - far) * 0.5
    high = float(optimize.brentq(risen, best, far, xtol=1e-7))
    return low, high, mixture_p(zero + rise)


def _deviance_at_share(sums: NestedSums, k: int, share: float) -> float:
    """Lowest restricted deviance with σ_k² / total = share; the other ratios are free."""
    if sums.levels == 1:
        return float(restricted_deviance(sums, np.array([share / (1 - share)])))
    if share == 0:
        return float(restricted_deviance(sums, best_ratios(sums, {k: 0.0})))
    others = [j for j in range(sums.levels) if j != k]

    def at(roots: Array) -> float:
        ratios = np.zeros(sums.levels)
        ratios[others] = np.asarray(roots) ** 2
        ratios[k] = share / (1 - share) * (1 + ratios.sum())
        return float(restricted_deviance(sums, ratios))

    if len(others) == 1:
        # The lowest point is flat: a root within 1e-4 gives the deviance to about 1e-7.
        for low, high in ((0.0, 1.5), (1.0, 30.0)):
            fit = optimize.minimize_scalar(
                lambda v: at(np.array([v])), bounds=(low, high), method="bounded", options={"xatol": 1e-4}
            )
            if fit.x < 0.95 * high:
                break
        return float(fit.fun)
    return float(optimize.minimize(at, np.full(len(others), 0.3), method="Nelder-Mead", options={"fatol": 1e-9}).fun)

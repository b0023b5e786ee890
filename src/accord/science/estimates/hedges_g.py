"""Standardised mean differences with Hedges' correction: between two groups, and within one group over time.

Every result names its standardiser, since two d's with different standard deviations are different quantities (C19):

* between:     (mean1 - mean2) / pooled SD
* d_baseline:  mean change / SD at baseline (Becker's standardised mean change)
* d_av:        mean change / root of the mean of the two variances
* d_z:         mean change / SD of the change

The caller turns the direction with `sign` (+1 where higher is better, -1 where higher is worse), so that a positive
value is an improvement, or a difference in favour of the first group.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, special

from accord.science.errors import NotEstimable
from accord.science.estimates.estimate import Estimate
from accord.science.estimates.interval import wald

Interval = Literal["normal", "noncentral-t"]
Standardiser = Literal["baseline", "average", "change"]

_NAMES: dict[Standardiser, str] = {"baseline": "d_baseline", "average": "d_av", "change": "d_z"}


@dataclass(frozen=True, slots=True)
class StandardisedDifference:
    """A standardised difference: `d` uncorrected, `g` = `correction`·d, with the standard error and interval of g.

    `standardiser` says which SD it was divided by, `sd` is its value, `n` holds the group sizes (one for a change).
    """

    g: float
    d: float
    se: float
    ci_low: float
    ci_high: float
    correction: float
    sd: float
    standardiser: str
    n: tuple[int, ...]
    missing: int
    correlation: float | None
    method: str

    def estimate(self, id: str, label: str, *, scale: str | None = None, note: str = "") -> Estimate:
        return Estimate(
            id=id, label=label, value=self.g, ci_low=self.ci_low, ci_high=self.ci_high, se=self.se, n=sum(self.n),
            missing=self.missing, scale=scale, unit="SD", method=self.method, note=note,
        )  # fmt: skip


def hedges_correction(df: float) -> float:
    """J(df) = Γ(df/2) / (√(df/2) Γ((df-1)/2)), the exact factor that removes the bias of d (Hedges 1981).

    Close to 1 - 3/(4 df - 1). Needs df > 1. Checked against metafor 3.8.
    """
    if df <= 1:
        raise NotEstimable(
            "Hedges' correction needs at least two degrees of freedom.", cure="Give more than two people in all."
        )
    return float(correction_factor(df))


def correction_factor(df: ArrayLike) -> NDArray[np.float64]:
    """J(df) for any shape of `df`; NaN where df is not above 1."""
    m = np.asarray(df, float)
    m = np.where(m > 1, m, np.nan)
    factor: NDArray[np.float64] = np.exp(special.gammaln(m / 2) - 0.5 * np.log(m / 2) - special.gammaln((m - 1) / 2))
    return factor


def pooled_sd(sd1: Any, n1: Any, sd2: Any, n2: Any) -> Any:
    """√(((n1-1)s1² + (n2-1)s2²)/(n1+n2-2)), for numbers and arrays."""
    return np.sqrt(((n1 - 1) * sd1**2 + (n2 - 1) * sd2**2) / (n1 + n2 - 2))


def within_sd(standardiser: Standardiser, before: Any, after: Any, r: Any) -> Any:
    """The SD that a change is divided by (numbers or arrays): at baseline, the average of both, or of the change."""
    variances = {
        "baseline": before**2,
        "average": (before**2 + after**2) / 2,
        "change": before**2 + after**2 - 2 * r * before * after,
    }
    if standardiser not in variances:
        raise NotEstimable(f"No standardiser {standardiser!r}.", cure="Use baseline, average or change.")
    return np.sqrt(np.maximum(variances[standardiser], 0.0))


def within_df(standardiser: Standardiser, n: Any, r: Any) -> Any:
    """Degrees of freedom of that SD: n - 1, or 2(n-1)/(1+r²) for the average of two correlated variances."""
    return 2 * (n - 1) / (1 + r**2) if standardiser == "average" else n - 1


def within_variance(standardiser: Standardiser, g: Any, n: Any, r: Any) -> Any:
    """The large-sample variance of a standardised change `g` (numbers or arrays)."""
    if standardiser == "change":
        return 1 / n + g**2 / (2 * n)
    shrink = (1 + r**2) / 2 if standardiser == "average" else 1.0
    return 2 * (1 - r) / n + shrink * g**2 / (2 * n)


def hedges_g(
    first: ArrayLike, second: ArrayLike, *, sign: int = 1, interval: Interval = "normal", level: float = 0.95
) -> StandardisedDifference:
    """Hedges g between two independent groups from their values (NaN is missing): sign·(first - second) / pooled SD."""
    a, b = _observed(first), _observed(second)
    if min(len(a), len(b)) < 2:
        raise NotEstimable(
            f"Hedges g needs two values in each group; found {len(a)} and {len(b)}.",
            cure="Report the values themselves, or join small groups.",
        )
    missing = int(np.size(first) - len(a) + np.size(second) - len(b))
    result = hedges_g_from_summary(
        (a.mean(), b.mean()), (a.std(ddof=1), b.std(ddof=1)), (len(a), len(b)), sign=sign, interval=interval,
        level=level,
    )  # fmt: skip
    return replace(result, missing=missing)


def hedges_g_from_summary(
    means: tuple[float, float],
    sds: tuple[float, float],
    n: tuple[int, int],
    *,
    sign: int = 1,
    interval: Interval = "normal",
    level: float = 0.95,
) -> StandardisedDifference:
    """Hedges g between two groups from means, SDs and sizes.

    d = (m1 - m2)/s, s² = ((n1-1)s1² + (n2-1)s2²)/(n1+n2-2); g = J(n1+n2-2)·d; var(g) = 1/n1 + 1/n2 + g²/(2(n1+n2))
    (the large-sample form, metafor's vtype "LS"). `interval="normal"`: g ± z·se. `interval="noncentral-t"`: the exact
    limits of δ under normality and equal variances, by inverting the noncentral t distribution of d/√(1/n1+1/n2);
    they are limits of δ itself and so are not multiplied by J. Checked against metafor::escalc on normand1999.
    """
    df = n[0] + n[1] - 2
    sd = float(pooled_sd(sds[0], n[0], sds[1], n[1]))
    _refuse_no_variance(sd, "The groups have no variance")
    d = sign * (means[0] - means[1]) / sd
    correction = hedges_correction(df)
    g = correction * d
    se = math.sqrt(1 / n[0] + 1 / n[1] + g**2 / (2 * (n[0] + n[1])))
    if interval == "noncentral-t":
        root = math.sqrt(1 / n[0] + 1 / n[1])
        low, high = (root * limit for limit in noncentral_t_limits(d / root, df, level))
    else:
        low, high, _ = wald(g, se, level=level)
    return StandardisedDifference(
        g=g, d=d, se=se, ci_low=low, ci_high=high, correction=correction, sd=sd, standardiser="pooled SD", n=n,
        missing=0, correlation=None, method=f"Hedges g (pooled SD, exact J), {interval} interval",
    )  # fmt: skip


def hedges_g_within(
    baseline: ArrayLike,
    post: ArrayLike,
    *,
    sign: int = 1,
    standardiser: Standardiser = "baseline",
    correlation: float | None = None,
    level: float = 0.95,
) -> StandardisedDifference:
    """Standardised change of one group from paired values; who lacks one of the two is left out and counted.

    `correlation` replaces the observed pre-post r of those with both values (for a sensitivity range).
    """
    before, after = np.asarray(baseline, float), np.asarray(post, float)
    both = np.isfinite(before) & np.isfinite(after)
    before, after = before[both], after[both]
    if len(before) < 3:
        raise NotEstimable(
            f"A standardised change needs three people with both values; found {len(before)}.",
            cure="Report the values themselves.",
        )
    sd_before, sd_after = before.std(ddof=1), after.std(ddof=1)
    _refuse_no_variance(min(sd_before, sd_after), "The values before or after have no variance")
    r = float(np.corrcoef(before, after)[0, 1]) if correlation is None else correlation
    result = hedges_g_within_from_summary(
        (before.mean(), after.mean()), (sd_before, sd_after), len(before), r, sign=sign, standardiser=standardiser,
        level=level,
    )  # fmt: skip
    whose = "of completers" if correlation is None else "assumed"
    return replace(result, missing=int((~both).sum()), method=result.method[:-1] + f" {whose})")


def hedges_g_within_from_summary(
    means: tuple[float, float],
    sds: tuple[float, float],
    n: int,
    correlation: float,
    *,
    sign: int = 1,
    standardiser: Standardiser = "baseline",
    level: float = 0.95,
) -> StandardisedDifference:
    """Standardised change (after - before) from means, SDs, n and the pre-post correlation r.

    * baseline (d_baseline): g = J(n-1)·change/s_before; var = 2(1-r)/n + g²/(2n)                  (metafor SMCR)
    * average  (d_av):       g = J(m)·change/√((s1²+s2²)/2), m = 2(n-1)/(1+r²);
                             var = 2(1-r)/n + g²(1+r²)/(4n)                                       (metafor SMCRP)
    * change   (d_z):        g = J(n-1)·change/s_change; var = 1/n + g²/(2n)                       (metafor SMCC)

    Normal interval. The first two variances rest on r and on like variances before and after.
    """
    sd = float(within_sd(standardiser, *sds, correlation))
    _refuse_no_variance(sd, f"The {standardiser} standard deviation is zero")
    d = sign * (means[1] - means[0]) / sd
    correction = hedges_correction(within_df(standardiser, n, correlation))
    g = correction * d
    se = math.sqrt(within_variance(standardiser, g, n, correlation))
    low, high, _ = wald(g, se, level=level)
    name = _NAMES[standardiser]
    return StandardisedDifference(
        g=g, d=d, se=se, ci_low=low, ci_high=high, correction=correction, sd=sd, standardiser=name, n=(n,), missing=0,
        correlation=correlation, method=f"Hedges g within ({name}, exact J, r = {correlation:.2f})",
    )  # fmt: skip


def within_sensitivity(
    baseline: ArrayLike,
    post: ArrayLike,
    *,
    sign: int = 1,
    correlations: Sequence[float] = (0.3, 0.5, 0.7),
    level: float = 0.95,
) -> list[StandardisedDifference]:
    """d_baseline under each assumed pre-post correlation: the value stays, the interval moves (C19)."""
    return [hedges_g_within(baseline, post, sign=sign, correlation=r, level=level) for r in correlations]


def standardised_effect(
    effect: float,
    se: float,
    *,
    sd: float,
    sd_n: int,
    df: float | None = None,
    sign: int = 1,
    level: float = 0.95,
) -> StandardisedDifference:
    """A model's adjusted change or contrast divided by a baseline SD that was itself estimated from `sd_n` people.

    d = effect/SD; var(d) = (se/SD)² + d²/(2(sd_n-1)) (delta method; the SD and the effect taken as independent, which
    holds for normal data). No small-sample factor: the model's effect is not a difference of two raw means. Interval
    by t(df) where the model gives df.
    """
    _refuse_no_variance(sd, "The baseline standard deviation is zero")
    if sd_n < 2:
        raise NotEstimable("A standard deviation needs two people.", cure="Give the baseline of at least two people.")
    d = sign * effect / sd
    error = math.hypot(se / sd, d / math.sqrt(2 * (sd_n - 1)))
    low, high, _ = wald(d, error, df, level)
    return StandardisedDifference(
        g=d, d=d, se=error, ci_low=low, ci_high=high, correction=1.0, sd=sd, standardiser="baseline SD", n=(sd_n,),
        missing=0, correlation=None, method="model effect / baseline SD, delta-method interval",
    )  # fmt: skip


def noncentral_t_limits(t: float, df: float, level: float = 0.95) -> tuple[float, float]:
    """The noncentralities whose t distributions have `t` at their upper and lower tail: exact limits of δ√n."""
    tail = (1 - level) / 2
    reach = 10 + abs(t) / math.sqrt(df) * 10

    def noncentrality(target: float) -> float:
        return float(
            optimize.brentq(lambda nc: float(special.nctdtr(df, nc, t)) - target, t - reach, t + reach, xtol=1e-12)
        )

    return noncentrality(1 - tail), noncentrality(tail)


def _observed(values: ArrayLike) -> NDArray[np.float64]:
    array = np.asarray(values, float).ravel()
    return array[np.isfinite(array)]


def _refuse_no_variance(sd: float, what: str) -> None:
    if not sd > 0:
        raise NotEstimable(f"{what}, so nothing can be standardised by it.", cure="Report the difference itself.")

"""Power from formulas: the check of a simulation, and the first guess before one.

Two means, n_1 and n_2 people, difference d in SDs, two-sided α, non-central t with n_1 + n_2 - 2 df:

    power = P(|t(df, d √(n_1 n_2 / (n_1 + n_2)))| > t_{1-α/2}(df))

Adjusting for a baseline that correlates r with the outcome leaves the SD √(1 - r²); people in clusters of size m with
share ρ of the variance count as n / (1 + (m - 1) ρ), and the df are those of the clusters. Checked against R's
power.t.test (strict = TRUE) and power.prop.test.
"""

from __future__ import annotations

import math

from scipy import special

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.interval import critical_value

MOST = 1_000_000


def power_of_two_means(
    n_1: float,
    n_2: float,
    d: float,
    *,
    alpha: float = 0.05,
    baseline_correlation: float = 0.0,
    cluster_size: float = 1.0,
    cluster_share: float = 0.0,
) -> float:
    """Power to find a difference of `d` SDs between two arms at one time-point."""
    _check(alpha, baseline_correlation, cluster_share)
    if n_1 < 2 or n_2 < 2:
        raise NotEstimable(f"{n_1:g} and {n_2:g} people cannot be compared.", cure="Give at least 2 an arm.")
    inflate = 1 + (cluster_size - 1) * cluster_share
    sd = math.sqrt(1 - baseline_correlation**2)
    size = abs(d) / sd * math.sqrt(n_1 * n_2 / (n_1 + n_2) / inflate)
    units = (n_1 + n_2) / cluster_size if cluster_share > 0 and cluster_size > 1 else n_1 + n_2
    df = units - 2 - (1 if baseline_correlation else 0)
    if df < 1:
        raise NotEstimable(f"{units:g} clusters leave no degrees of freedom.", cure="Plan more clusters.")
    return two_sided(size, df, alpha)


def power_of_one_mean(
    n: float,
    d: float,
    *,
    alpha: float = 0.05,
    cluster_size: float = 1.0,
    cluster_share: float = 0.0,
    clusters: float | None = None,
) -> float:
    """Power to find a mean change of `d` SDs of the change in one group: no comparison, no effect of treatment.

    With `clusters` (therapists) the df are theirs, however small their share is.
    """
    _check(alpha, share=cluster_share)
    if n < 2:
        raise NotEstimable(f"{n:g} people have no spread.", cure="Give at least 2.")
    if clusters is not None and clusters < 2:
        raise NotEstimable("One cluster has no spread.", cure="Plan at least 2, better 10.")
    inflate = 1 + max(cluster_size - 1, 0) * cluster_share
    return two_sided(abs(d) * math.sqrt(n / inflate), (n if clusters is None else clusters) - 1, alpha)


def power_of_two_shares(n_1: float, n_2: float, p_1: float, p_2: float, *, alpha: float = 0.05) -> float:
    """Power to find two shares different, normal approximation with the pooled share under no difference."""
    _check(alpha)
    for p in (p_1, p_2):
        if not 0 < p < 1:
            raise BadInput(f"A share of {p:g} cannot be planned for.", cure="Give shares between 0 and 1.")
    pooled = (n_1 * p_1 + n_2 * p_2) / (n_1 + n_2)
    under = math.sqrt(pooled * (1 - pooled) * (1 / n_1 + 1 / n_2))
    true = math.sqrt(p_1 * (1 - p_1) / n_1 + p_2 * (1 - p_2) / n_2)
    z, far = critical_value(1 - alpha), abs(p_1 - p_2)
    return float(special.ndtr((far - z * under) / true) + special.ndtr((-far - z * under) / true))


def people_for_two_means(
    d: float, *, power: float = 0.8, alpha: float = 0.05, baseline_correlation: float = 0.0
) -> int:
    """The smallest equal number an arm that reaches `power`."""
    if not 0 < power < 1:
        raise BadInput(f"A power of {power:g} cannot be reached.", cure="Give one between 0 and 1, usually 0.8 or 0.9.")
    if d == 0:
        raise NotEstimable("No difference is found by no number of people.", cure="Give the smallest one that matters.")
    low, high = 2, 4
    while power_of_two_means(high, high, d, alpha=alpha, baseline_correlation=baseline_correlation) < power:
        low, high = high, high * 2
        if high > MOST:
            raise NotEstimable(f"More than {MOST:,} people an arm.", cure="Ask for a larger difference.")
    while high - low > 1:
        middle = (low + high) // 2
        reached = power_of_two_means(middle, middle, d, alpha=alpha, baseline_correlation=baseline_correlation) >= power
        low, high = (low, middle) if reached else (middle, high)
    return high


def two_sided(size: float, df: float, alpha: float) -> float:
    """P(|t| > critical) for a t with non-centrality `size`."""
    limit = critical_value(1 - alpha, df)
    upper, lower = 1 - float(special.nctdtr(df, size, limit)), float(special.nctdtr(df, size, -limit))
    # Far out the series of the non-central t gives up; there the power is one to all digits.
    return upper + lower if math.isfinite(upper + lower) else float(special.ndtr(size - limit))


def _check(alpha: float, correlation: float = 0.0, share: float = 0.0) -> None:
    if not 0 < alpha < 1:
        raise BadInput(f"An alpha of {alpha:g} is no error rate.", cure="Give one between 0 and 1, usually 0.05.")
    if not -1 < correlation < 1:
        raise BadInput(f"A correlation of {correlation:g} cannot be.", cure="Give one between -1 and 1.")
    if not 0 <= share < 1:
        raise BadInput(f"A cluster share of {share:g} cannot be.", cure="Give one from 0 to below 1.")

"""Rank tests with estimates: paired (Wilcoxon, sign) and between two groups (Mann-Whitney).

p values are exact up to 49 values without ties or zeros, else normal with correction for ties and continuity, as in R's
wilcox.test. The Hodges-Lehmann estimate and its limits are order statistics of the pairwise means or differences at the
ranks that the same distribution gives; for exact cases they equal R's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from accord.science.errors import NotEstimable
from accord.science.estimates.estimate import Estimate
from accord.science.estimates.interval import critical_value
from accord.science.estimates.walsh import kth_difference, kth_walsh_average

Array = NDArray[Any]
_EXACT_BELOW = 50


@dataclass(frozen=True, slots=True)
class RankTest:
    """`value` is the Hodges-Lehmann estimate (a pseudo-median, or shift) with its limits; `rank_biserial` from -1 to 1.

    `confidence` is the level that discrete ranks allow (exact) or the level asked for (normal).
    """

    value: float
    ci_low: float
    ci_high: float
    p: float
    statistic: float
    rank_biserial: float
    n: tuple[int, ...]
    missing: int
    exact: bool
    confidence: float
    method: str

    def estimate(self, id: str, label: str, **context: Any) -> Estimate:
        return Estimate(
            id=id, label=label, value=self.value, ci_low=self.ci_low, ci_high=self.ci_high, p=self.p, n=sum(self.n),
            **{"missing": self.missing, "method": self.method,
               "note": f"rank-biserial correlation {self.rank_biserial:.2f}", **context},
        )  # fmt: skip


def signed_rank(before: ArrayLike, after: ArrayLike, *, sign: int = 1, level: float = 0.95) -> RankTest:
    """Wilcoxon's signed-rank test of sign·(after - before), zeros left out of the test (not of the estimate).

    rank_biserial = (sum of positive ranks - sum of negative ranks) / sum of ranks (Kerby 2014).
    """
    first, second = np.asarray(before, float), np.asarray(after, float)
    known = np.isfinite(first) & np.isfinite(second)
    change = sign * (second[known] - first[known])
    moved = change[change != 0]
    if len(moved) == 0:
        raise NotEstimable("Nobody's value changed.", cure="Report the values themselves.")
    ranks, ties = average_ranks(np.abs(moved))
    positive = float(ranks[moved > 0].sum())
    n, whole = len(moved), float(ranks.sum())
    exact = n < _EXACT_BELOW and ties == 0 and n == len(change)
    if exact:
        table = signed_rank_distribution(n)
        p = _exact_p(table, round(positive))
        low_rank, confidence = _exact_rank(table, level)
    else:
        variance = n * (n + 1) * (2 * n + 1) / 24 - ties / 48
        p = _normal_p(positive - n * (n + 1) / 4, variance)
        m = len(change)
        spread = m * (m + 1) * (2 * m + 1) / 24
        low_rank, confidence = _normal_rank(m * (m + 1) / 4, spread, level), level
    pairs = len(change) * (len(change) + 1) // 2
    value = _middle(lambda k: kth_walsh_average(change, k), pairs)
    return RankTest(
        value=value, ci_low=kth_walsh_average(change, low_rank),
        ci_high=kth_walsh_average(change, pairs + 1 - low_rank),
        p=p, statistic=positive, rank_biserial=2 * positive / whole - 1, n=(len(change),), missing=int((~known).sum()),
        exact=exact, confidence=confidence,
        method=f"Wilcoxon signed-rank ({'exact' if exact else 'normal'}), Hodges–Lehmann estimate",
    )  # fmt: skip


def mann_whitney(first: ArrayLike, second: ArrayLike, *, sign: int = 1, level: float = 0.95) -> RankTest:
    """Mann-Whitney test of sign·(first - second). rank_biserial = 2U/(n1 n2) - 1 (Cureton, Wendt)."""
    a, b = (sign * values[np.isfinite(values)] for values in (np.asarray(first, float), np.asarray(second, float)))
    if min(len(a), len(b)) < 1:
        raise NotEstimable("One of the two groups has no values.", cure="Check the groups.")
    n1, n2 = len(a), len(b)
    ranks, ties = average_ranks(np.concatenate([a, b]))
    u = float(ranks[:n1].sum()) - n1 * (n1 + 1) / 2
    exact = max(n1, n2) < _EXACT_BELOW and ties == 0
    total = n1 + n2
    variance = n1 * n2 / 12 * (total + 1 - ties / (total * (total - 1)))
    if exact:
        table = rank_sum_distribution(n1, n2)
        p = _exact_p(table, round(u))
        low_rank, confidence = _exact_rank(table, level)
    else:
        if not variance > 0:
            raise NotEstimable("All values are the same.", cure="Report the value.")
        p = _normal_p(u - n1 * n2 / 2, variance)
        low_rank, confidence = _normal_rank(n1 * n2 / 2, n1 * n2 * (total + 1) / 12, level), level
    value = _middle(lambda k: kth_difference(a, b, k), n1 * n2)
    return RankTest(
        value=value, ci_low=kth_difference(a, b, low_rank), ci_high=kth_difference(a, b, n1 * n2 + 1 - low_rank), p=p,
        statistic=u, rank_biserial=2 * u / (n1 * n2) - 1, n=(n1, n2),
        missing=int(np.size(first) - n1 + np.size(second) - n2), exact=exact, confidence=confidence,
        method=f"Mann–Whitney ({'exact' if exact else 'normal'}), Hodges–Lehmann shift",
    )  # fmt: skip


def average_ranks(values: Array) -> tuple[Array, float]:
    """Ranks from 1, ties sharing their mean, and Σ(t³ - t) over groups of ties."""
    _, codes, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks = (last - (counts - 1) / 2)[codes]
    return ranks, float((counts.astype(float) ** 3 - counts).sum())


def signed_rank_distribution(n: int) -> Array:
    """Probability of each sum of positive ranks 0 … n(n+1)/2 when all signs are equally likely."""
    table = np.ones(1)
    for rank in range(1, n + 1):
        table = (np.pad(table, (0, rank)) + np.pad(table, (rank, 0))) / 2
    return table


def rank_sum_distribution(n1: int, n2: int) -> Array:
    """Probability of each U = 0 … n1·n2 under no difference, by where the largest value stands: in the first group it
    adds n2 to U, in the second nothing."""
    row = [np.ones(1)] * (n2 + 1)
    for i in range(1, n1 + 1):
        new = [np.ones(1)]
        for j in range(1, n2 + 1):
            table = np.zeros(i * j + 1)
            table[j:] = row[j] * (i / (i + j))
            table[: len(new[-1])] += new[-1] * (j / (i + j))
            new.append(table)
        row = new
    return row[n2]


def _exact_p(table: Array, statistic: int) -> float:
    lower, upper = float(table[: statistic + 1].sum()), float(table[statistic:].sum())
    return min(1.0, 2 * min(lower, upper))


def _exact_rank(table: Array, level: float) -> tuple[int, float]:
    """The rank of the lower limit and the confidence it has, by the largest tail that stays below (1 - level)/2."""
    below = np.cumsum(table)
    rank = max(int(np.searchsorted(below, (1 - level) / 2, side="left")), 1)
    return rank, float(1 - 2 * below[rank - 1])


def _normal_rank(mean: float, variance: float, level: float) -> int:
    return max(math.floor(mean - critical_value(level) * math.sqrt(variance)), 1)


def _normal_p(distance: float, variance: float) -> float:
    z = max(abs(distance) - 0.5, 0.0) / math.sqrt(variance)
    return float(min(1.0, 2 * special.ndtr(-z)))


def _middle(kth: Any, count: int) -> float:
    if count % 2:
        return float(kth((count + 1) // 2))
    return float(kth(count // 2) + kth(count // 2 + 1)) / 2

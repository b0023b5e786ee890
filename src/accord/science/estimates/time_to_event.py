"""Time to drop-out: Kaplan-Meier, the log-rank test and Cox's regression (ties by Efron).

People who stayed are censored at their last day. Checked against R's survival (survfit with log-log limits, survdiff,
coxph).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.contrast import Contrast, contrast
from accord.science.estimates.fixed_effects import fixed_effects, refuse_aliased
from accord.science.estimates.interval import critical_value
from accord.science.estimates.showing import coefficient_forest, coefficients_in_words, html
from accord.science.figures import Forest, Step, SurvivalCurve, SurvivalCurves

Array = NDArray[Any]
_NO_LIMIT = 12.0  # a log hazard ratio per SD that no data can hold apart from infinity


@dataclass(frozen=True, slots=True)
class Survival:
    """Kaplan-Meier's curve: at each `time` with an event `at_risk`, `events`, `stay` = S(t) and its log-log limits.
    `last` is the longest time observed, with an event or without."""

    time: Array
    at_risk: NDArray[np.int64]
    events: NDArray[np.int64]
    stay: Array
    low: Array
    high: Array
    n: int
    last: float

    @property
    def median(self) -> float | None:
        return self.quantile(0.5)

    def quantile(self, share: float) -> float | None:
        """The time by which this share has left: the first t with S(t) ≤ 1 − share, None when it is never reached.

        Where S(t) is 1 − share exactly, the middle of that step, as R's `quantile.survfit` has it (checked there).
        """
        return self._reaches(self.stay, 1 - share)

    def quantile_limits(self, share: float) -> tuple[float | None, float | None]:
        """Limits of `quantile`: where the lower and the upper limit of the curve come down to 1 − share."""
        return self._reaches(self.low, 1 - share), self._reaches(self.high, 1 - share)

    def _reaches(self, curve: Array, level: float) -> float | None:
        below = np.flatnonzero(curve <= level + 1e-9)
        if not len(below):
            return None
        k = int(below[0])
        if abs(curve[k] - level) > 1e-9:
            return float(self.time[k])
        further = np.flatnonzero(curve[k:] < level - 1e-9)
        until = self.time[k + further[0]] if len(further) else self.last
        return float((self.time[k] + until) / 2)

    def summary(self) -> str:
        """How many left, how many were still there at the end, and the median time."""
        median = "not reached" if self.median is None else f"{self.median:g}"
        return (
            f"{int(self.events.sum()):,} of {self.n:,} people left; {100 * self.stay[-1]:.0f} % were still there "
            "after the "
            f"last of them, at {self.time[-1]:g}. Median time {median}. Kaplan–Meier, log–log limits."
        )

    def plot(self) -> SurvivalCurves:
        """The curve with its limits."""
        return survival_curves({"everybody": self}, words=self.summary())

    def _repr_html_(self) -> str:
        return html(self)


@dataclass(frozen=True, slots=True)
class LogRank:
    """χ² with (arms - 1) df; `expected` events per arm if all arms left alike."""

    chi_square: float
    df: int
    p: float
    observed: dict[str, int]
    expected: dict[str, float]


@dataclass(frozen=True, slots=True)
class Cox:
    """Log hazard ratios (named), their covariance, and the partial log-likelihood."""

    names: tuple[str, ...]
    coefficients: Array
    covariance: Array
    log_likelihood: float
    n: int
    events: int
    missing: int

    def coefficient(self, name: str, *, level: float = 0.95) -> Contrast:
        """One log hazard ratio with normal inference; exp() of value and limits is the hazard ratio."""
        if name not in self.names:
            raise BadInput(f"No effect {name!r}.", cure=f"Use one of: {', '.join(self.names)}.")
        k = self.names.index(name)
        return contrast(float(self.coefficients[k]), math.sqrt(self.covariance[k, k]), level=level)

    def summary(self) -> str:
        """Hazard ratios: above one, people leave sooner."""
        return (
            f"Hazard ratios of leaving: {coefficients_in_words(self, ratio=True)} {self.events:,} of {self.n:,} people "
            f"left, {self.missing:,} were left out; Cox regression, ties by Efron."
        )

    def plot(self) -> Forest:
        """The hazard ratios with their limits."""
        return coefficient_forest(self, "Hazard ratios of leaving", self.summary(), "hazard ratio", ratio=True)

    def _repr_html_(self) -> str:
        return html(self)


def survival_curves(arms: Mapping[str, Survival], *, title: str = "Who stayed", words: str = "") -> SurvivalCurves:
    """The curves of several arms in one picture."""
    curves = []
    for name, one in arms.items():
        columns = zip(one.time, one.stay, one.low, one.high, one.at_risk, strict=True)
        steps = [Step(float(t), float(s), float(low), float(high), int(n)) for t, s, low, high, n in columns]
        curves.append(SurvivalCurve(name, steps, one.n, float(one.time[-1])))
    said = words or "; ".join(f"{name}: {one.summary()}" for name, one in arms.items())
    return SurvivalCurves(title, said, curves, time="time")


def survival(time: ArrayLike, left: ArrayLike, *, level: float = 0.95) -> Survival:
    """`time` (N,) days observed, `left` (N,) whether she left then (1) or was still there (0)."""
    t, d, _ = _events(time, left)
    moments, events = np.unique(t[d], return_counts=True)
    if not len(moments):
        raise NotEstimable("Nobody left.", cure="Report that everybody stayed, with the number of people.")
    at_risk = len(t) - np.searchsorted(np.sort(t), moments, side="left")
    stay = np.cumprod(1 - events / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.cumsum(events / (at_risk * (at_risk - events)))
        width = critical_value(level) * np.sqrt(variance) / np.log(stay)
        low, high = stay ** np.exp(-width), stay ** np.exp(width)
    return Survival(moments, at_risk, events, stay, low, high, len(t), float(t.max()))


def log_rank(time: ArrayLike, left: ArrayLike, arm: ArrayLike) -> LogRank:
    """Whether arms leave at the same rate. Needs two arms or more and one event or more."""
    t, d, keep = _events(time, left)
    arms, codes = np.unique(np.asarray(arm).astype(str)[keep], return_inverse=True)
    if len(arms) < 2 or not d.any():
        raise NotEstimable("There is nothing to compare.", cure="Two arms and at least one person who left are needed.")
    moments = np.unique(t[d])
    at_risk = np.stack([(t[None, codes == k] >= moments[:, None]).sum(axis=1) for k in range(len(arms))], axis=1)
    events = np.stack([((t == m) & d) @ np.eye(len(arms))[codes] for m in moments])
    n, total = at_risk.sum(axis=1), events.sum(axis=1)
    share = at_risk / n[:, None]
    expected = (total[:, None] * share).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(n > 1, total * (n - total) / (n - 1), 0.0)
    spread = np.diag((factor[:, None] * share).sum(axis=0)) - (
        factor[:, None, None] * share[:, :, None] * share[:, None, :]
    ).sum(axis=0)
    gap = (events.sum(axis=0) - expected)[:-1]
    chi = float(gap @ np.linalg.solve(spread[:-1, :-1], gap))
    df = len(arms) - 1
    names = [str(name) for name in arms]
    return LogRank(
        chi, df, float(special.chdtrc(df, chi)), dict(zip(names, events.sum(axis=0).astype(int).tolist(), strict=True)),
        dict(zip(names, expected.tolist(), strict=True)),
    )  # fmt: skip


def cox(time: ArrayLike, left: ArrayLike, fixed: Mapping[str, ArrayLike]) -> Cox:
    """Log hazard ratios of named covariates. Raises NotEstimable when one tells apart who left."""
    t_all = np.asarray(time, float)
    x = fixed_effects(fixed, len(t_all), intercept=False)
    keep = np.isfinite(t_all) & np.isfinite(np.asarray(left, float)) & x.complete
    t, d, _ = _events(t_all[keep], np.asarray(left, float)[keep])
    if not d.any():
        raise NotEstimable("Nobody left.", cure="Report that everybody stayed, with the number of people.")
    order = np.lexsort((~d, -t))  # later first, so that cumulative sums are risk sets
    t, d = t[order], d[order]
    matrix = x.matrix[keep][order]
    centre, scale = matrix.mean(axis=0), matrix.std(axis=0)
    refuse_aliased((matrix - centre).T @ (matrix - centre), x.names)
    matrix = (matrix - centre) / scale
    beta, value = np.zeros(matrix.shape[1]), -math.inf
    for _ in range(50):
        found, gradient, information = _partial(t, d, matrix, beta)
        step = np.linalg.solve(information, gradient)
        beta, done, value = beta + np.clip(step, -2, 2), float(np.abs(step).max()) < 1e-10, found
        if done or np.abs(beta).max() > _NO_LIMIT:
            break
    if np.abs(beta).max() > _NO_LIMIT:
        raise NotEstimable(
            "A covariate tells apart who left, so its hazard ratio has no finite estimate.",
            cure="Leave that covariate out, or join its rare values with others.",
        )
    covariance = np.linalg.inv(_partial(t, d, matrix, beta)[2]) / np.outer(scale, scale)
    return Cox(x.names, beta / scale, covariance, value, len(t), int(d.sum()), int((~keep).sum()))


def _partial(t: Array, d: NDArray[np.bool_], x: Array, beta: Array) -> tuple[float, Array, Array]:
    """Efron's partial log-likelihood, gradient and information; rows run from the latest time to the earliest."""
    risk = np.exp(x @ beta)
    sums, firsts = np.cumsum(risk), np.cumsum(risk[:, None] * x, axis=0)
    seconds = np.cumsum(risk[:, None, None] * x[:, :, None] * x[:, None, :], axis=0)
    value, gradient, information = 0.0, np.zeros(len(beta)), np.zeros((len(beta), len(beta)))
    for moment in np.unique(t[d]):
        last = int(np.searchsorted(-t, -moment, side="right")) - 1
        tied = d & (t == moment)
        m = int(tied.sum())
        own, own_x = risk[tied].sum(), (risk[tied, None] * x[tied]).sum(axis=0)
        own_xx = (risk[tied, None, None] * x[tied][:, :, None] * x[tied][:, None, :]).sum(axis=0)
        value += float((x[tied] @ beta).sum())
        gradient += x[tied].sum(axis=0)
        for part in np.arange(m) / m:
            total = sums[last] - part * own
            mean = (firsts[last] - part * own_x) / total
            value -= math.log(total)
            gradient -= mean
            information += (seconds[last] - part * own_xx) / total - np.outer(mean, mean)
    return value, gradient, information


def _events(time: ArrayLike, left: ArrayLike) -> tuple[Array, NDArray[np.bool_], NDArray[np.bool_]]:
    t, d = np.asarray(time, float), np.asarray(left, float)
    keep = np.isfinite(t) & np.isfinite(d)
    if not keep.any():
        raise NotEstimable("No person has a time and an end.", cure="Check the columns of time and of leaving.")
    if (t[keep] < 0).any():
        raise BadInput("A time is negative.", cure="Count days from the start of observation.")
    if not np.isin(d[keep], (0, 1)).all():
        raise BadInput("Whether somebody left is not 0 or 1.", cure="Use 1 for left, 0 for still there.")
    return t[keep], d[keep] == 1, keep

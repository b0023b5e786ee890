"""Many fits at once (studies left out, studies added, outcomes, permutations): the sums of weighting.py with an axis
more. A row that cannot be fitted is NaN."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import special

from accord.science.figures import Forest, ForestRow
from accord.science.figures.numbers import number
from accord.science.synthesis.prediction import prediction_convention
from accord.science.synthesis.tau2 import ESTIMATORS
from accord.science.synthesis.weighting import Data, fit, trace_p
from accord.science.synthesis.wording import notebook_html

Array = NDArray[Any]


class Fits(NamedTuple):
    """One row a fit: τ², coefficients on the basis `b` (m, p), `covariance` (m, p, p), the Hartung-Knapp factor
    `scale`, residual `df`, Q and the typical variance."""

    tau2: Array
    b: Array
    covariance: Array
    scale: Array
    df: Array
    q: Array
    typical: Array


def fit_rows(d: Data, method: str, test: str) -> Fits:
    """Fit every row. With no degree of freedom left τ² is NaN (taken as 0 for the coefficients), Q 0; where all effects
    are the same the Hartung-Knapp interval would have no width, and the covariance is NaN."""
    shape = np.broadcast_shapes(d.y.shape[:-1], np.shape(d.n))
    df = np.broadcast_to(d.n - d.p, shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        tau2 = np.where(df > 0, ESTIMATORS[method](d), 0.0)
        at, fixed = fit(d, d.weights(tau2)), fit(d, d.weights(0.0))
        scale = np.ones(shape) if test == "z" else np.where(df > 0, at.rss / df, 1.0)
        scale = np.maximum(scale, 1.0) if test == "knha-truncated" else np.where(scale < 1e-20, np.nan, scale)
        typical = df / trace_p(d, fixed)
    return Fits(
        np.where(df > 0, tau2, np.nan), at.b, scale[..., None, None] * at.bread, scale, df,
        np.where(df > 0, fixed.rss, 0.0), typical,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class PooledRows:
    """Several syntheses as columns (one array each, one place a row): what `what` says, under `labels`.

    `k` studies, the mean effect with its limits and p, τ², I² and H² (per cent; ratio), Q with its p, the prediction
    interval. NaN where a row could not be had.
    """

    what: str
    labels: tuple[str, ...]
    k: Array
    estimate: Array
    se: Array
    ci_low: Array
    ci_high: Array
    p: Array
    tau2: Array
    i2: Array
    h2: Array
    q: Array
    q_p: Array
    pi_low: Array
    pi_high: Array
    pi_convention: str
    method: str
    test: str
    level: float
    said: str

    def columns(self) -> dict[str, Array]:
        names = ("k", "estimate", "se", "ci_low", "ci_high", "p", "tau2", "i2", "q", "q_p", "pi_low", "pi_high", "h2")
        return {name: getattr(self, name) for name in names}

    def table(self) -> pl.DataFrame:
        return pl.DataFrame({self.what: list(self.labels), **self.columns()}, nan_to_null=True)

    def to_dict(self) -> dict[str, Any]:
        """Lists by column, with None for what could not be had."""
        lists = {name: _plain(values) for name, values in self.columns().items()}
        return {
            "what": self.what, "labels": list(self.labels), **lists, "method": self.method, "test": self.test,
            "level": self.level, "pi_convention": self.pi_convention,
        }  # fmt: skip

    def row(self, label: str) -> Mapping[str, Any]:
        """One row by its label."""
        place = self.labels.index(label)
        return {name: values[place].item() for name, values in self.columns().items()}

    def summary(self) -> str:
        return self.said

    def plot(self, *, title: str = "", measure: str = "effect") -> Forest:
        """One row of a forest each."""
        rows = [
            ForestRow(label, self.estimate[n].item(), self.ci_low[n].item(), self.ci_high[n].item())
            for n, label in enumerate(self.labels)
        ]
        return Forest(title=title or f"Pooled effect by {self.what}", description=self.said, rows=rows, measure=measure)

    def _repr_html_(self) -> str:
        return notebook_html(self)


def pooled_rows(
    what: str, labels: tuple[str, ...], k: Array, fits: Fits, at: Array, *, method: str, test: str, level: float,
    prediction: str,
) -> PooledRows:  # fmt: skip
    """The rows of `fits`, as the effect at `at` (p,) on the basis."""
    estimate = fits.b @ at
    se = np.sqrt(np.einsum("a,...ab,b->...", at, fits.covariance, at))
    df = np.where(fits.df > 0, fits.df, np.nan)
    half = quantile(level, test, df)
    with np.errstate(invalid="ignore", divide="ignore"):
        statistic = np.abs(estimate / se)
        p = 2 * special.ndtr(-statistic)
        if test != "z":
            p = np.where(np.isnan(df), p, 2 * special.stdtr(df, -statistic))
        spread = np.sqrt(se**2 + fits.tau2)
        reach = quantile(level, "knha", df - 1, strict=True) if prediction == "cochrane" else half
        if method == "FE":
            i2, h2 = 100 * np.maximum(0, (fits.q - df) / np.maximum(fits.q, 1e-300)), fits.q / df
            spread = np.full_like(spread, np.nan)
        else:
            i2, h2 = 100 * fits.tau2 / (fits.tau2 + fits.typical), fits.tau2 / fits.typical + 1
    convention, _ = prediction_convention(prediction, test, 3, 1)
    return PooledRows(
        what=what, labels=labels, k=k, estimate=estimate, se=se, ci_low=estimate - half * se,
        ci_high=estimate + half * se, p=p, tau2=fits.tau2, i2=i2, h2=h2, q=fits.q, q_p=special.chdtrc(df, fits.q),
        pi_low=estimate - reach * spread, pi_high=estimate + reach * spread, pi_convention=convention, method=method,
        test=test, level=level, said=_said(what, labels, estimate, level),
    )  # fmt: skip


def quantile(level: float, test: str, df: Array, *, strict: bool = False) -> Array:
    """The normal quantile, or t(df); where there is no df the normal one (NaN when `strict`)."""
    normal = special.ndtri(0.5 + level / 2)
    if test == "z":
        return np.full(np.shape(df), normal)
    good = df >= 1
    with np.errstate(invalid="ignore"):
        t = special.stdtrit(np.where(good, df, 1.0), 0.5 + level / 2)
    return np.where(good, t, np.nan if strict else normal)


def _said(what: str, labels: tuple[str, ...], estimate: Array, level: float) -> str:
    good = np.flatnonzero(np.isfinite(estimate))
    if not len(good):
        return f"No {what} could be pooled."
    least, most = good[np.argmin(estimate[good])], good[np.argmax(estimate[good])]
    left = f" {len(labels) - len(good)} could not be pooled." if len(good) < len(labels) else ""
    return (
        f"By {what} the pooled effect runs from {number(estimate[least])} ({labels[least]}) to "
        f"{number(estimate[most])} ({labels[most]}), over {len(good)} rows with {100 * level:g} % intervals.{left}"
    )


def _plain(values: Array) -> list[Any]:
    return [None if isinstance(value, float) and not np.isfinite(value) else value for value in values.tolist()]

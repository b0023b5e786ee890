"""Fit one outcome: fixed or random effects, with or without moderators."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from accord.science.errors import BadInput, Finding, NotEstimable
from accord.science.estimates.interval import critical_value, two_sided_p
from accord.science.synthesis import tau2 as estimators
from accord.science.synthesis.checks import check_effects
from accord.science.synthesis.heterogeneity import heterogeneity
from accord.science.synthesis.model import Effects, Moderators, effects
from accord.science.synthesis.pooled import TESTS, Pooled
from accord.science.synthesis.prediction import PREDICTIONS, prediction_convention, prediction_interval
from accord.science.synthesis.weighting import Data, Fit, data, fit

Array = NDArray[Any]
Test = Literal["z", "knha", "knha-truncated"]
Prediction = Literal["metafor", "cochrane"]
NAN = float("nan")


def pool(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    mods: Moderators | None = None,
    method: str = "REML",
    test: Test = "z",
    level: float = 0.95,
    labels: Sequence[Any] | None = None,
    prediction: Prediction = "metafor",
    reference: Mapping[str, str] | None = None,
    intercept: bool = True,
    measure: str | None = None,
) -> Pooled:
    """Pool k effects `yi` with variances `vi` (k,), or regress them on moderators.

    `mods`: name -> values (numbers as they are; words become indicators against the first level, or against
    `reference[name]`). `method`: REML, ML, DL, PM, EB, SJ, HS, HE or FE. `prediction` "metafor": normal quantiles with
    test z, t(k-p) with Hartung-Knapp; "cochrane": t(k-p-1), which is t(k-2) without moderators (Higgins, Thompson &
    Spiegelhalter 2009). `measure` (such as SMD) lets implausibly large standardised effects be flagged.

    I² = τ²/(τ² + v̄), v̄ = (k-p)/tr P(0) (with fixed effects (Q-(k-p))/Q), H² = τ²/v̄ + 1; Q = y'P(0)y against
    χ²(k-p); R² = 100·(τ² without moderators - τ²)/τ² without, not below 0.

    One study gives its own effect and normal interval, τ² and prediction unknown, and a warning. Raises BadInput and
    NotEstimable as `effects` says. Sources: Viechtbauer 2010; checked against metafor 3.8 (tests/published).
    """
    refuse_unknown(method, test, level, prediction)
    e = effects(yi, vi, mods=mods, labels=labels, reference=reference, intercept=intercept)
    return pool_effects(
        e, method=method, test=test, level=level, prediction=prediction,
        warnings=(*e.warnings, *check_effects(e, measure=measure)),
    )  # fmt: skip


def pool_effects(
    e: Effects, *, method: str = "REML", test: str = "z", level: float = 0.95, prediction: str = "metafor",
    warnings: tuple[Finding, ...] = (),
) -> Pooled:  # fmt: skip
    """The same for effects that were checked already."""
    d = data(e.y, e.v, e.basis)
    df = e.k - e.p
    if df == 0 and e.p > 1:
        raise NotEstimable(f"{e.k} studies for {e.p} coefficients leave nothing to judge them by.",
                           cure="Use fewer moderators or join levels.")  # fmt: skip
    tau2 = float(estimators.ESTIMATORS[method](d)) if df else 0.0
    at = fit(d, d.weights(tau2))
    scale = hartung_knapp(float(at.rss), df, test)
    if scale < 1e-20:
        raise NotEstimable(
            "All effects are the same, so the Hartung-Knapp interval would have no width.",
            cure='Use test="knha-truncated" or test="z".',
        )
    b = e.back @ at.b
    covariance = scale * (e.back @ at.bread @ e.back.T)
    t_df = None if test == "z" or not df else float(df)
    middle = e.x.mean(axis=0)
    estimate, se = float(middle @ b), math.sqrt(float(middle @ covariance @ middle))
    half = critical_value(level, t_df) * se
    spread = heterogeneity(d, tau2, method)
    convention, pi_df = prediction_convention(prediction, test, e.k, e.p)
    low, high = prediction_interval(estimate, se, tau2 if df and method != "FE" else NAN, level, pi_df)
    tau2_without = _without_moderators(e, method)
    qm, qm_df, qm_p = _moderators(e, b, covariance, t_df)
    return Pooled(
        k=e.k, estimate=estimate, se=se, ci_low=estimate - half, ci_high=estimate + half, statistic=estimate / se,
        df=t_df, p=two_sided_p(estimate / se, t_df), tau2=tau2 if df else NAN,
        se_tau2=float(estimators.standard_error(d, method, np.asarray(tau2), at)) if df else NAN,
        i2=spread.i2, h2=spread.h2, q=spread.q, q_df=df, q_p=spread.p, pi_low=low, pi_high=high,
        pi_convention=convention, method=method, test=test, level=level, names=e.names, coefficients=b,
        covariance=covariance, qm=qm, qm_df=qm_df, qm_p=qm_p, r2=_r2(e, d, method, tau2, tau2_without),
        tau2_without=tau2_without, log_likelihood=_log_likelihood(e, d, at, tau2, method), scale=scale, effects=e,
        warnings=(*warnings, *_few(e, test), *_narrow(test, scale, level, t_df)),
    )  # fmt: skip


def refit(pooled: Pooled, rows: Array) -> Pooled:
    """The same model for the studies where `rows` is True."""
    return pool_effects(
        pooled.effects.part(rows), method=pooled.method, test=pooled.test, level=pooled.level,
        prediction=pooled.prediction_rule,
    )  # fmt: skip


def hartung_knapp(rss: float, df: int, test: str) -> float:
    """What (X'WX)⁻¹ is multiplied by: y'Py/(k-p), or 1 with test "z" and where one study stands alone."""
    if test == "z" or not df:
        return 1.0
    s2 = rss / df
    return max(s2, 1.0) if test == "knha-truncated" else s2


def refuse_unknown(method: str, test: str, level: float, prediction: str) -> None:
    for what, value, allowed in (
        ("method", method, estimators.ESTIMATORS), ("test", test, TESTS), ("prediction", prediction, PREDICTIONS),
    ):  # fmt: skip
        if value not in allowed:
            raise BadInput(f"There is no {what} {value!r}.", cure=f"Use one of: {', '.join(allowed)}.")
    if not 0 < level < 1:
        raise BadInput(f"A level of {level:g} is not between 0 and 1.", cure="Give for example 0.95.")


def _few(e: Effects, test: str) -> tuple[Finding, ...]:
    if e.k > 1:
        return ()
    note = " Hartung-Knapp needs two: the interval is normal." if test != "z" else ""
    return (Finding(
        what=f"There is one study ({e.labels[0]}): nothing is pooled, τ² cannot be known.{note}",
        cure="Report the study itself.", warning=True, rule="one study",
    ),)  # fmt: skip


def _narrow(test: str, scale: float, level: float, df: float | None) -> tuple[Finding, ...]:
    """Hartung and Knapp's interval may come out narrower than the normal one when effects agree better than chance."""
    if test != "knha" or math.sqrt(scale) * critical_value(level, df) >= critical_value(level):
        return ()
    return (Finding(
        what="The Hartung-Knapp interval is narrower than the normal one, since the studies agree better than chance.",
        cure='Use test="knha-truncated".', warning=True, rule="narrow",
    ),)  # fmt: skip


def _without_moderators(e: Effects, method: str) -> float:
    """τ² by the same method with an intercept alone."""
    if e.p == 1 or method == "FE":
        return NAN
    return float(estimators.ESTIMATORS[method](data(e.y, e.v, np.ones((e.k, 1)))))


def _r2(e: Effects, d: Data, method: str, tau2: float, without: float) -> float:
    """Per cent of τ² that the moderators take away; with fixed effects the adjusted R² of the weighted regression."""
    if e.p == 1 or "intercept" not in e.names:
        return NAN
    if method == "FE":
        w = 1 / e.v
        total = float((w * (e.y - (w @ e.y) / w.sum()) ** 2).sum())
        rest = float(fit(d, w).rss)
        return max(0.0, 100 * (1 - (rest / (e.k - e.p)) / (total / (e.k - 1)))) if total > 0 else NAN
    return max(0.0, 100 * (without - tau2) / without) if without > 0 else 0.0


def _moderators(
    e: Effects, b: Array, covariance: Array, df: float | None
) -> tuple[float, tuple[int, float | None], float]:
    """Wald test of all terms but the intercept (of the intercept when there is nothing else): χ²(m), or F(m, k-p)."""
    tested = [n for n, name in enumerate(e.names) if name != "intercept"] or [0]
    m = len(tested)
    if m == 1:
        q = float(b[tested[0]] ** 2 / covariance[tested[0], tested[0]])
    else:
        q = float(b[tested] @ np.linalg.solve(covariance[np.ix_(tested, tested)], b[tested]))
    if df is None:
        return q, (m, None), float(special.chdtrc(m, q))
    return q / m, (m, df), float(special.fdtrc(m, df, q / m))


def _log_likelihood(e: Effects, d: Data, f: Fit, tau2: float, method: str) -> float:
    """Restricted for REML, full for all others; with the ½ log|X'X| that metafor adds (0 on the basis)."""
    if e.k == e.p and method == "REML":
        return NAN
    return float(estimators.log_likelihood(d, tau2, restricted=method == "REML", f=f))

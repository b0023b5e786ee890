"""What one study does to the whole: each left out in turn, all fits solved together.

Symbols of the row of study i: (-i) without it, h its leverage in the full model, s² the Hartung-Knapp factor (1 with
test z), x_i its moderators.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import special

from accord.science.errors import BadInput, NotEstimable
from accord.science.figures import Forest, ForestRow
from accord.science.figures.numbers import number
from accord.science.synthesis.batch import Fits, PooledRows, fit_rows, pooled_rows
from accord.science.synthesis.fitting import refit
from accord.science.synthesis.pooled import Pooled
from accord.science.synthesis.weighting import Data, data, inverse
from accord.science.synthesis.wording import notebook_html, plural

Array = NDArray[Any]
Rule = Literal["interval", "rstudent", "influence"]

MEASURES = ("rstudent", "dffits", "cook_d", "cov_r", "tau2_deleted", "q_deleted", "hat", "weight")
RULES: dict[str, str] = {
    "interval": "the interval of the study lies wholly outside that of the pooled effect",
    "rstudent": "the studentised deleted residual is beyond the limit",
    "influence": "DFFITS, Cook's distance, leverage or a DFBETAS is beyond its bound",
}


@dataclass(frozen=True, slots=True)
class Influence:
    """One place a study in every array; `dfbetas` (k, terms). NaN where the model without the study cannot be fitted.

    `influential`: |DFFITS| > 3√(p/(k-p)), or the χ²(p) probability of Cook's distance above .5, or leverage above
    3p/k, or any |DFBETAS| above 1 (metafor's bounds).
    """

    labels: tuple[str, ...]
    names: tuple[str, ...]
    rstudent: Array
    dffits: Array
    cook_d: Array
    cov_r: Array
    tau2_deleted: Array
    q_deleted: Array
    hat: Array
    weight: Array
    dfbetas: Array
    influential: NDArray[np.bool_]

    def table(self) -> pl.DataFrame:
        columns = {name: getattr(self, name) for name in MEASURES}
        betas = {f"dfbetas_{name}": self.dfbetas[:, n] for n, name in enumerate(self.names)}
        return pl.DataFrame(
            {"study": list(self.labels), **columns, **betas, "influential": self.influential}, nan_to_null=True
        )

    def to_dict(self) -> dict[str, Any]:
        return self.table().to_dict(as_series=False)

    def summary(self) -> str:
        names = [label for label, yes in zip(self.labels, self.influential.tolist(), strict=True) if yes]
        far = int(np.nanargmax(np.abs(self.rstudent)))
        found = f"{plural(len(names), 'study is', 'studies are')} influential: {', '.join(names)}."
        return (
            f"{found if names else 'No study is influential.'} The furthest from what the others predict is "
            f"{self.labels[far]} ({number(self.rstudent[far])} standard errors)."
        )

    def plot(self, *, title: str = "How far each study is from what the others predict") -> Forest:
        """The studentised deleted residuals as a row plot."""
        rows = [
            ForestRow(label, _known(value), note="influential" if yes else "")
            for label, value, yes in zip(
                self.labels, self.rstudent.tolist(), self.influential.tolist(), strict=True
            )
        ]  # fmt: skip
        return Forest(
            title=title, description=self.summary(), rows=rows, measure="standard errors", left="lower", right="higher"
        )

    def _repr_html_(self) -> str:
        return notebook_html(self)


def influence(pooled: Pooled) -> Influence:
    """The influence set of Viechtbauer & Cheung 2010 (k >= 3).

    * rstudent = (y_i - x_i b(-i)) / √(s²(-i)(v_i + τ²(-i)) + x_i cov(b(-i)) x_i')
    * DFFITS = (x_i b - x_i b(-i)) / √(s²(-i) h_i (v_i + τ²(-i)))
    * Cook's distance = (b - b(-i))' cov(b)⁻¹ (b - b(-i)); covratio = |cov(b(-i))| / |cov(b)|
    * DFBETAS = (b - b(-i)) / √(s²(-i) diag (X'W(-i)X)⁻¹), W(-i) = 1/(v + τ²(-i)) over all studies
    * τ² and Q without the study; leverage h; weight in per cent.

    Checked against metafor::influence (REML, PM, FE; z and Hartung-Knapp; with and without moderators).
    """
    _, fits, good = _left_out(pooled)
    e, f, back = pooled.effects, pooled.fit, pooled.effects.back
    without, full = fits.covariance, pooled.scale * f.bread
    predicted = (e.basis * fits.b).sum(axis=1)
    variance = np.einsum("ka,kab,kb->k", e.basis, without, e.basis)
    tau2 = np.nan_to_num(fits.tau2)
    own = fits.scale * (e.v + tau2)
    hat = f.w * np.einsum("ka,ab,kb->k", e.basis, f.bread, e.basis)
    moved = f.b - fits.b
    whole = inverse(data(e.y, e.v, e.basis), 1 / (e.v + tau2[:, None]))
    beta_variance = np.einsum("ra,kab,rb->kr", back, whole, back)
    cook = np.einsum("ka,ab,kb->k", moved, np.linalg.inv(full), moved)
    result = {
        "rstudent": (e.y - predicted) / np.sqrt(own + variance),
        "dffits": (e.basis * moved).sum(axis=1) / np.sqrt(own * hat),
        "cook_d": cook,
        "cov_r": np.linalg.det(without) / np.linalg.det(full),
        "tau2_deleted": tau2,
        "q_deleted": fits.q,
    }
    result = {name: np.where(good, values, np.nan) for name, values in result.items()}
    dfbetas = np.where(good[:, None], (moved @ back.T) / np.sqrt(fits.scale[:, None] * beta_variance), np.nan)
    return Influence(
        labels=e.labels, names=e.names, hat=hat, weight=pooled.weights, dfbetas=dfbetas, **result,
        influential=_influential(result["dffits"], cook, hat, dfbetas, e.k, e.p),
    )  # fmt: skip


def leave_one_out(pooled: Pooled) -> PooledRows:
    """The synthesis without each study in turn (without moderators: the mean; with: the effect at their mean)."""
    d, fits, good = _left_out(pooled)
    e = pooled.effects
    rows = pooled_rows(
        "study left out", e.labels, d.n.astype(int), fits, e.basis.mean(axis=0), method=pooled.method,
        test=pooled.test, level=pooled.level, prediction=pooled.prediction_rule,
    )  # fmt: skip
    if good.all():
        return rows
    raise NotEstimable(
        f"Without {e.labels[int(np.argmin(good))]} a moderator says nothing.", cure="Leave out that moderator or level."
    )


@dataclass(frozen=True, slots=True)
class Outliers:
    """Studies that a rule calls outliers, and the synthesis with and without them (one pass, not repeated)."""

    rule: str
    labels: tuple[str, ...]
    rows: NDArray[np.bool_]
    before: Pooled
    after: Pooled

    def table(self) -> pl.DataFrame:
        columns = ("k", "estimate", "se", "ci_low", "ci_high", "p", "tau2", "i2")
        return pl.DataFrame([
            {"studies": name, **{column: getattr(p, column) for column in columns}}
            for name, p in (("all", self.before), ("without outliers", self.after))
        ], nan_to_null=True)  # fmt: skip

    def to_dict(self) -> dict[str, Any]:
        return {
            "rule": self.rule, "outliers": list(self.labels), "before": self.before.to_dict(),
            "after": self.after.to_dict(),
        }  # fmt: skip

    def summary(self) -> str:
        if not self.labels:
            return f"No outliers by the rule: {RULES[self.rule]}."
        return (
            f"Without {', '.join(self.labels)} ({RULES[self.rule]}) the effect is {number(self.after.estimate)} "
            f"instead of {number(self.before.estimate)}, and I² {number(self.after.i2, 0)} % instead of "
            f"{number(self.before.i2, 0)} %. An outlier is to be explained, not only left out."
        )

    def plot(self, *, title: str = "Studies, with and without outliers", measure: str = "effect") -> Forest:
        """The forest of all, with the pooled effect without the outliers below."""
        whole = self.before.plot(title=title, measure=measure)
        rows = [*whole.rows, ForestRow("pooled without outliers", self.after.estimate, self.after.ci_low,
                                       self.after.ci_high, kind="summary")]  # fmt: skip
        return Forest(title=title, description=self.summary(), rows=rows, measure=measure)

    def _repr_html_(self) -> str:
        return notebook_html(self)


def outliers(pooled: Pooled, *, rule: Rule = "interval", limit: float = 1.96) -> Outliers:
    """Find outliers by a rule named beforehand, and fit again without them.

    "interval": the study's own interval (at the level of the synthesis) lies wholly above or below that of the pooled
    effect (of the fitted effect at its moderators). "rstudent": |rstudent| > limit. "influence": `Influence`'s bounds.
    """
    if rule not in RULES:
        raise BadInput(f"No rule {rule!r} for outliers.", cure=f"Use one of: {', '.join(RULES)}.")
    if rule == "interval":
        found = _apart(pooled)
    else:
        measured = influence(pooled)
        found = measured.influential if rule == "influence" else np.abs(measured.rstudent) > limit
    if found.sum() >= pooled.k - len(pooled.names):
        raise NotEstimable(
            f"The rule calls {found.sum()} of {pooled.k} studies outliers.",
            cure="Look at the data, or use another rule.",
        )
    names = tuple(label for label, yes in zip(pooled.labels, found.tolist(), strict=True) if yes)
    return Outliers(rule, names, found, pooled, refit(pooled, ~found) if names else pooled)


def swapped_arms(pooled: Pooled, *, far: float = 3.0, near: float = 1.5) -> tuple[str, ...]:
    """Studies that are far from what the others predict, and near it when their sign is turned: swapped arms, or a
    scale that runs the other way. `far` and `near` in standard errors (our rule of thumb)."""
    if pooled.k < 4:
        return ()
    _, fits, good = _left_out(pooled)
    e = pooled.effects
    predicted = (e.basis * fits.b).sum(axis=1)
    variance = np.einsum("ka,kab,kb->k", e.basis, fits.covariance, e.basis)
    spread = np.sqrt(fits.scale * (e.v + np.nan_to_num(fits.tau2)) + variance)
    found = good & (np.abs(e.y - predicted) > far * spread) & (np.abs(-e.y - predicted) < near * spread)
    return tuple(label for label, yes in zip(e.labels, found.tolist(), strict=True) if yes)


def _left_out(pooled: Pooled) -> tuple[Data, Fits, NDArray[np.bool_]]:
    """Fits without each study, and for which of them the moderators can still be told apart."""
    e = pooled.effects
    if e.k - 1 <= e.p and not (e.k == 2 and e.p == 1):
        raise NotEstimable(
            f"{e.k} studies for {len(e.names)} coefficients: none can be left out.", cure="Use fewer moderators."
        )
    norm = np.einsum("ka,ab,kb->k", e.basis, np.linalg.inv(e.basis.T @ e.basis), e.basis)
    good = norm < 1 - 1e-9
    mask = np.ones((e.k, e.k))
    mask[np.flatnonzero(good), np.flatnonzero(good)] = 0.0
    d = data(e.y, e.v, e.basis, mask)
    return d, fit_rows(d, pooled.method, pooled.test), good


def _influential(dffits: Array, cook: Array, hat: Array, dfbetas: Array, k: int, p: int) -> NDArray[np.bool_]:
    with np.errstate(invalid="ignore"):
        found: NDArray[np.bool_] = (
            (np.abs(dffits) > 3 * np.sqrt(p / (k - p)))
            | (special.chdtr(p, np.maximum(cook, 0)) > 0.5)
            | (hat > 3 * p / k)
            | (np.abs(dfbetas) > 1).any(axis=1)
        )
    return found & np.isfinite(dffits)


def _apart(pooled: Pooled) -> NDArray[np.bool_]:
    e = pooled.effects
    reach = special.ndtri(0.5 + pooled.level / 2)
    own = reach * np.sqrt(e.v)
    variance = np.einsum("ka,ab,kb->k", e.x, pooled.covariance, e.x)
    half = (pooled.ci_high - pooled.estimate) / pooled.se * np.sqrt(variance)
    fitted = e.x @ pooled.coefficients
    apart: NDArray[np.bool_] = (e.y - own > fitted + half) | (e.y + own < fitted - half)
    return apart


def _known(value: float) -> float | None:
    return value if np.isfinite(value) else None

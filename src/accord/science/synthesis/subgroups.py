"""Groups of studies side by side, with the test between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import special

from accord.science.errors import BadInput, NotEstimable
from accord.science.figures import Forest, ForestRow
from accord.science.figures.numbers import number
from accord.science.synthesis.batch import PooledRows, fit_rows, pooled_rows
from accord.science.synthesis.fitting import pool_effects
from accord.science.synthesis.model import Effects
from accord.science.synthesis.pooled import Pooled
from accord.science.synthesis.weighting import data
from accord.science.synthesis.wording import notebook_html, p_text

Array = NDArray[Any]
Tau2 = Literal["separate", "common"]


@dataclass(frozen=True, slots=True)
class Subgroups:
    """One row a group in `groups` (in order of first appearance) and the test between them.

    `statistic` is χ²(df1), or with a common τ² and Hartung-Knapp F(df1, df2). `tau2` is "separate" or "common";
    `member` holds the place of each study's group; `whole` is the synthesis that was divided.
    """

    by: str
    groups: PooledRows
    tau2: str
    statistic: float
    df1: int
    df2: float | None
    p: float
    member: Array
    whole: Pooled

    def table(self) -> pl.DataFrame:
        return self.groups.table()

    def to_dict(self) -> dict[str, Any]:
        return {
            "groups": self.groups.to_dict(), "tau2": self.tau2, "statistic": self.statistic, "df1": self.df1,
            "df2": self.df2, "p": self.p, "whole": self.whole.to_dict(),
        }  # fmt: skip

    def summary(self) -> str:
        g = self.groups
        each = "; ".join(
            f"{name} {number(g.estimate[n])} ({number(g.ci_low[n])} to {number(g.ci_high[n])}, k = {g.k[n]})"
            for n, name in enumerate(g.labels)
        )
        verdict = "differ" if self.p < 1 - g.level else "are not shown to differ, which does not mean they are equal"
        spread = "one τ² for all groups" if self.tau2 == "common" else "a τ² for each group"
        return f"By {self.by} ({spread}): {each}. The groups {verdict} ({p_text(self.p)})."

    def plot(self, *, title: str = "", measure: str = "effect") -> Forest:
        """Each group's studies under its heading and above its pooled effect, then the whole."""
        studies = self.whole.studies().rows(named=True)
        rows: list[ForestRow] = []
        for n, name in enumerate(self.groups.labels):
            rows.append(ForestRow(name, kind="heading"))
            rows += [
                ForestRow(s["study"], s["yi"], s["ci_low"], s["ci_high"], weight=s["weight"] / 100)
                for place, s in zip(self.member.tolist(), studies, strict=True) if place == n
            ]  # fmt: skip
            g = self.groups
            rows.append(ForestRow(
                f"pooled, {name}", g.estimate[n].item(), g.ci_low[n].item(), g.ci_high[n].item(), kind="summary"
            ))  # fmt: skip
        rows.append(ForestRow("all", self.whole.estimate, self.whole.ci_low, self.whole.ci_high, kind="summary"))
        return Forest(title=title or f"Effects by {self.by}", description=self.summary(), rows=rows, measure=measure)

    def _repr_html_(self) -> str:
        return notebook_html(self)


def subgroups(pooled: Pooled, groups: Sequence[Any], *, tau2: Tau2 = "separate", by: str = "group") -> Subgroups:
    """Pool each group of studies; `groups` names the group of each study in `pooled` (without moderators).

    "separate": each group on its own, Q = Σ (b_g - b̄)²/se_g² with b̄ the weighted mean, against χ²(G-1).
    "common": one τ² from the model with a mean for each group, Wald test of their equality: χ²(G-1), or with
    Hartung-Knapp F(G-1, k-G). I² of a group then rests on the common τ². A group of one
    study has its own effect, τ² unknown when separate. Checked against metafor (one rma a group; rma with mods).
    """
    e = pooled.effects
    if e.p > 1:
        raise NotEstimable("Subgroups divide a synthesis without moderators.", cure="Pool without moderators first.")
    if len(groups) != e.k:
        raise BadInput(f"{len(groups)} groups for {e.k} studies.", cure="Name the group of each study that was pooled.")
    words = [str(name) for name in groups]
    if any(name is None or word == "" for name, word in zip(groups, words, strict=True)):
        raise BadInput("A study has no group.", cure="Name the group of each study, such as 'not reported'.")
    names = tuple(dict.fromkeys(words))
    if len(names) < 2:
        raise NotEstimable("There is one group only.", cure="Name at least two groups.")
    if tau2 not in ("separate", "common"):
        raise BadInput(f"No τ² {tau2!r}.", cure="Use separate or common.")
    member = np.array([names.index(word) for word in words])
    divide = _common if tau2 == "common" else _separate
    rows, statistic, df2 = divide(pooled, names, member, by)
    df1 = len(names) - 1
    p = float(special.chdtrc(df1, statistic)) if df2 is None else float(special.fdtrc(df1, df2, statistic))
    return Subgroups(by, rows, tau2, statistic, df1, df2, p, member, pooled)


def _separate(pooled: Pooled, names: tuple[str, ...], member: Array, by: str) -> tuple[PooledRows, float, None]:
    e = pooled.effects
    mask = (member[None, :] == np.arange(len(names))[:, None]).astype(float)
    d = data(e.y, e.v, e.basis, mask)
    rows = pooled_rows(
        by, names, d.n.astype(int), fit_rows(d, pooled.method, pooled.test), np.ones(1), method=pooled.method,
        test=pooled.test, level=pooled.level, prediction=pooled.prediction_rule,
    )  # fmt: skip
    w = 1 / rows.se**2
    mean = (w @ rows.estimate) / w.sum()
    return rows, float(w @ (rows.estimate - mean) ** 2), None


def _common(
    pooled: Pooled, names: tuple[str, ...], member: Array, by: str
) -> tuple[PooledRows, float, float | None]:  # fmt: skip
    e = pooled.effects
    x = (member[:, None] == np.arange(len(names))).astype(float)
    size = x.sum(axis=0)
    root = np.sqrt(size)
    inner = Effects(e.y, e.v, x, names, e.labels, x / root, np.diag(1 / root), e.kept)
    model = pool_effects(
        inner, method=pooled.method, test=pooled.test, level=pooled.level, prediction=pooled.prediction_rule
    )
    differences = np.diff(np.eye(len(names)), axis=0)
    moved = differences @ model.coefficients
    wald = float(moved @ np.linalg.solve(differences @ model.covariance @ differences.T, moved))
    statistic = wald if model.df is None else wald / (len(names) - 1)
    return _common_rows(pooled, model, names, member, by), statistic, model.df


def _common_rows(
    pooled: Pooled, model: Pooled, names: tuple[str, ...], member: Array, by: str
) -> PooledRows:  # fmt: skip
    """The groups' rows under the common τ²; Q and the typical variance are the group's own."""
    e = pooled.effects
    mask = (member[None, :] == np.arange(len(names))[:, None]).astype(float)
    d = data(e.y, e.v, e.basis, mask)
    own = fit_rows(d, "FE", "z")
    g = len(names)
    fits = own._replace(
        tau2=np.full(g, model.tau2), b=model.coefficients[:, None],
        covariance=np.diagonal(model.covariance)[:, None, None], df=np.full(g, model.k - g),
    )  # fmt: skip
    rows = pooled_rows(
        by, names, d.n.astype(int), fits, np.ones(1), method=pooled.method, test=pooled.test, level=pooled.level,
        prediction=pooled.prediction_rule,
    )  # fmt: skip
    df = own.df
    with np.errstate(invalid="ignore", divide="ignore"):
        q_p = np.where(df > 0, special.chdtrc(np.maximum(df, 1), own.q), np.nan)
    return replace(rows, q_p=q_p)

"""Permutation tests of a synthesis or a meta-regression (Higgins & Thompson 2004; Viechtbauer et al. 2015)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import permutations, product
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from accord.science.errors import BadInput, NotEstimable
from accord.science.figures import Forest, ForestRow
from accord.science.synthesis.batch import fit_rows
from accord.science.synthesis.pooled import Pooled
from accord.science.synthesis.weighting import data
from accord.science.synthesis.wording import notebook_html, p_text

Array = NDArray[Any]
CHUNK = 2000


@dataclass(frozen=True, slots=True)
class PermutationTest:
    """`p` of each coefficient under `names`, `qm_p` of all moderators together (NaN without). `exact`: every
    arrangement was tried; otherwise `iterations` at random, and p = (1 + as extreme)/(1 + iterations)."""

    names: tuple[str, ...]
    p: Array
    qm_p: float
    iterations: int
    exact: bool
    seed: int | None
    pooled: Pooled

    def table(self) -> pl.DataFrame:
        shown = self.pooled.table().select("term", "estimate", pl.col("p").alias("p_model"))
        return shown.with_columns(p_permutation=pl.Series(self.p))

    def to_dict(self) -> dict[str, Any]:
        return {
            "names": list(self.names), "p": self.p.tolist(), "qm_p": None if math.isnan(self.qm_p) else self.qm_p,
            "iterations": self.iterations, "exact": self.exact, "seed": self.seed,
        }  # fmt: skip

    def summary(self) -> str:
        how = f"all {self.iterations:,} arrangements" if self.exact else f"{self.iterations:,} random arrangements"
        what = "signs of the effects" if len(self.names) == 1 else "studies over the moderators"
        each = ", ".join(f"{name} {p_text(p)}" for name, p in zip(self.names, self.p.tolist(), strict=True))
        return f"Permutation of the {what} ({how}): {each}."

    def plot(self, *, title: str = "Coefficients", measure: str = "coefficient") -> Forest:
        """The coefficients with their model intervals; the permutation p as a note."""
        rows = [
            ForestRow(r["term"], r["estimate"], r["ci_low"], r["ci_high"], note=p_text(p))
            for r, p in zip(self.pooled.table().iter_rows(named=True), self.p.tolist(), strict=True)
        ]
        return Forest(title=title, description=self.summary(), rows=rows, measure=measure)

    def _repr_html_(self) -> str:
        return notebook_html(self)


def permutation_test(
    pooled: Pooled, *, iterations: int = 1000, seed: int = 1, exact: bool | None = None
) -> PermutationTest:
    """How often rearranged data give as extreme a test statistic (two-sided).

    With moderators the effects, each with its variance, are dealt out anew over the moderators; without, their signs
    are turned at random. `exact` None: all arrangements when they are no more than `iterations`. The statistics are
    those of the model (its test and its estimator of τ², fitted anew each time). Exact p checked against
    metafor::permutest.
    """
    if iterations < 1:
        raise BadInput(f"{iterations} permutations.", cure="Ask for at least one, better 1,000.")
    e = pooled.effects
    if e.k < 2:
        raise NotEstimable("One study cannot be rearranged.", cure="Give at least two studies.")
    alone = e.p == 1 and e.names == ("intercept",)
    count = 2**e.k if alone else math.factorial(min(e.k, 20))
    every = count <= iterations if exact is None else exact
    if every and count > 500_000:
        raise NotEstimable(f"{count:,} arrangements are too many.", cure="Use exact=False with a number of iterations.")
    rng = None if every else np.random.default_rng(seed)
    total = count if every else iterations
    target = np.append(_statistics(pooled, e.y[None], e.v[None])[0], [])
    extreme = np.zeros(len(target))
    for y, v in _arrangements(pooled, total, rng, alone):
        extreme += (_statistics(pooled, y, v) >= target * (1 - 1e-10)).sum(axis=0)
    p = extreme / total if every else (1 + extreme) / (1 + total)
    m = len(e.names)
    return PermutationTest(
        e.names, p[:m], float(p[m]) if len(p) > m else math.nan, total, every, None if every else seed, pooled
    )


def _statistics(pooled: Pooled, y: Array, v: Array) -> Array:
    """|b/se| of each coefficient and, with moderators, the Wald statistic of all together: (rows, terms + 1)."""
    e = pooled.effects
    fits = fit_rows(data(y, v, e.basis), pooled.method, pooled.test)
    b = fits.b @ e.back.T
    covariance = e.back @ fits.covariance @ e.back.T
    each = np.abs(b) / np.sqrt(np.diagonal(covariance, axis1=-2, axis2=-1))
    tested = [n for n, name in enumerate(e.names) if name != "intercept"]
    if not tested:
        return each
    part = b[:, tested]
    wald = np.einsum("ra,rab,rb->r", part, np.linalg.inv(covariance[:, tested][:, :, tested]), part)
    return np.column_stack([each, wald])


def _arrangements(pooled: Pooled, total: int, rng: np.random.Generator | None, alone: bool) -> Any:
    """Chunks of rearranged (effects, variances)."""
    e = pooled.effects
    source = None
    if rng is None:
        source = product((1.0, -1.0), repeat=e.k) if alone else permutations(range(e.k))
    for start in range(0, total, CHUNK):
        rows = min(CHUNK, total - start)
        if source is not None:
            drawn = np.array([next(source) for _ in range(rows)])
        elif rng is not None and alone:
            drawn = rng.choice([1.0, -1.0], size=(rows, e.k))
        elif rng is not None:
            drawn = rng.permuted(np.tile(np.arange(e.k), (rows, 1)), axis=1)
        yield (e.y * drawn, np.broadcast_to(e.v, drawn.shape)) if alone else (e.y[drawn], e.v[drawn])

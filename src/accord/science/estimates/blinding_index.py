"""Did people know their arm? Bang's index per arm and James's overall, from guesses "mine", "other" and "don't know".

Bang (2004): (right - wrong) / n of an arm: 0 at random, 1 all right, -1 all think the other. Variance
[p_r(1 - p_r) + p_w(1 - p_w) + 2 p_r p_w]/n. James (1996): 0 all right, .5 at random, 1 all "don't know"; it is driven
by "don't know", so both are given. Checked by hand on the tables in the tests.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.contrast import Contrast, contrast
from accord.science.estimates.showing import contrast_forest, html, in_words
from accord.science.figures import Forest

UNKNOWN = "don't know"


@dataclass(frozen=True, slots=True)
class BlindingIndex:
    """`bang` per arm with normal limits, `james` overall, and the table behind them (arm -> guess -> count)."""

    bang: dict[str, Contrast]
    james: float
    table: dict[str, dict[str, int]]

    def summary(self) -> str:
        """Bang's index of each arm in words, and James's."""
        said = "; ".join(f"{arm} {in_words(c, p=False)}" for arm, c in self.bang.items())
        n = sum(sum(row.values()) for row in self.table.values())
        return (
            f"Bang's index (0: as by chance, 1: all right): {said}. James's index {self.james:.2f} (.5: as by chance, "
            f"1: nobody knows). {n:,} guesses."
        )

    def plot(self) -> Forest:
        """Bang's index of each arm."""
        return contrast_forest(self.bang, "Whether the arm was known", self.summary(), "Bang's index",
                               left="thinks the other", right="knows")  # fmt: skip

    def _repr_html_(self) -> str:
        return html(self)


def blinding_index(arm: Sequence[Any], guess: Sequence[Any], *, unknown: str = UNKNOWN) -> BlindingIndex:
    """`arm` and `guess` (N,) words; `unknown` is the word for not knowing. Rows without a guess are left out."""
    if len(arm) != len(guess):
        raise BadInput(f"{len(arm)} arms and {len(guess)} guesses.", cure="Give one guess for each person.")
    pairs = [(str(a), str(g)) for a, g in zip(arm, guess, strict=True) if a not in (None, "") and g not in (None, "")]
    arms = sorted({a for a, _ in pairs})
    if len(arms) != 2:
        raise NotEstimable(f"{len(arms)} arms have guesses; the index compares two.", cure="Ask for two arms.")
    strange = sorted({g for _, g in pairs} - {*arms, unknown})
    if strange:
        raise BadInput(f"A guess is {strange[0]!r}.", cure=f"Use one of: {', '.join([*arms, unknown])}.")
    table = {a: {g: pairs.count((a, g)) for g in (*arms, unknown)} for a in arms}
    bang = {a: _bang(table[a][a], table[a][_other(arms, a)], sum(table[a].values())) for a in arms}
    return BlindingIndex(bang, _james(np.array([[table[a][g] for g in (*arms, unknown)] for a in arms], float)), table)


def _other(arms: list[str], arm: str) -> str:
    return arms[1 - arms.index(arm)]


def _bang(right: int, wrong: int, n: int) -> Contrast:
    r, w = right / n, wrong / n
    return contrast(r - w, math.sqrt((r * (1 - r) + w * (1 - w) + 2 * r * w) / n))


def _james(table: Any) -> float:
    """(1 + P_dk + (1 - P_dk) K)/2 with K = (P_do - P_de)/P_de over the guesses that were made; weight 0 for a right
    guess and .5 for a wrong one of two arms."""
    shares = table / table.sum()
    unknown = float(shares[:, 2].sum())
    if unknown == 1:
        return 1.0
    known = shares[:, :2]
    wrong = float(known[0, 1] + known[1, 0])
    observed = 0.5 * wrong / (1 - unknown)
    rows = shares.sum(axis=1)
    columns = known.sum(axis=0)
    expected = 0.5 * float(columns[1] * (rows[0] - shares[0, 2]) + columns[0] * (rows[1] - shares[1, 2]))
    expected /= (1 - unknown) ** 2
    kappa = (observed - expected) / expected if expected > 0 else 0.0
    return (1 + unknown + (1 - unknown) * kappa) / 2

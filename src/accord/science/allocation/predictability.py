"""How often somebody who watches the trial would guess the next arm (C30: predictability is measured and printed)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accord.science.allocation.methods import METHODS
from accord.science.allocation.secret import Secret
from accord.science.allocation.tally import Allocated, Levels, Tally, tally_of
from accord.science.protocols.model import Allocation


@dataclass(frozen=True, slots=True)
class Predictability:
    """`guessed` is the share of arms an observer expects to guess right, `by_chance` that of always naming the largest.

    `highest` is the largest probability that any one allocation had (1 would be a certainty); None where it depends on
    the sealed block sizes.
    """

    guessed: float
    by_chance: float
    highest: float | None
    n: int


def predictability(clause: Allocation, *, secret: Secret, history: Sequence[Allocated]) -> Predictability:
    """Guess every arm of a history from those before it.

    With known chances (simple, minimisation) the observer names the likeliest arm and is right with its probability.
    With blocks she names the arm that is furthest behind its ratio in the stratum (Blackwell and Hodges' convergence
    strategy), ties counted in parts.
    """
    tally = tally_of(clause, secret.strata_order, ())
    right: list[float] = []
    highest: list[float] = []
    for person in history:
        chances = None
        if clause.method != "permuted-blocks" and person.batch is None:
            chances = METHODS[clause.method](tally, secret, person.levels).chances
        right.append(max(chances.values()) if chances else _behind(tally, person.levels, person.arm))
        highest += [max(chances.values())] if chances else []
        tally.count(person.levels, person.arm)
    by_chance = max(clause.ratio.values()) / sum(clause.ratio.values())
    n = len(history)
    return Predictability(sum(right) / n if n else by_chance, by_chance, max(highest) if highest else None, n)


def _behind(tally: Tally, person: Levels, arm: str) -> float:
    """The chance that the convergence strategy names `arm`."""
    ratio = tally.clause.ratio
    counts = tally.counts(tally.stratum(person))
    least = min(counts[name] / ratio[name] for name in ratio)
    named = [name for name in ratio if counts[name] / ratio[name] == least]
    largest = max(ratio[name] for name in named)
    named = [name for name in named if ratio[name] == largest]
    return (arm in named) / len(named)

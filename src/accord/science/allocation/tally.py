"""What the history comes down to: how many people of each stratum and level have which arm."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from accord.science.errors import BadInput
from accord.science.protocols.model import Allocation

Levels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Allocated:
    """One person of the history, in the order of allocation: the arm given and the levels it was given by."""

    arm: str
    levels: Levels = field(default_factory=dict)
    batch: str | None = None


@dataclass(frozen=True, slots=True)
class Draw:
    """The arm, and how it came about.

    `chances` are the probabilities of each arm that somebody would name who knows the protocol and the whole history
    but not the secret; None where that depends on the concealed block sizes.
    """

    arm: str
    stratum: str
    method: str
    chances: Mapping[str, float] | None = None


@dataclass
class Tally:
    """Running counts over the people allocated so far, in whatever the method looks at."""

    clause: Allocation
    order: tuple[str, ...]
    total: int = 0
    in_stratum: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    arms: dict[str, dict[str, int]] = field(default_factory=dict)  # stratum -> arm -> people
    margins: dict[tuple[str, str, str], dict[str, int]] = field(default_factory=dict)  # (stratum, factor, level)
    lists: dict[str, list[str]] = field(default_factory=dict)  # stratum -> its list as far as it has been drawn
    blocks: dict[str, int] = field(default_factory=lambda: defaultdict(int))  # stratum -> blocks drawn

    def stratum(self, person: Levels) -> str:
        """The levels of the stratification factors, joined by | in the sealed order; empty without strata."""
        return "|".join(_level(person, factor) for factor in self.order)

    def count(self, person: Levels, arm: str) -> None:
        """Take one allocated person into the counts."""
        if arm not in self.clause.ratio:
            raise BadInput(
                f"The history holds the arm {arm!r}, which the allocation does not have.",
                cure=f"Its arms are {', '.join(self.clause.ratio)}.",
            )
        stratum = self.stratum(person)
        self.total += 1
        self.in_stratum[stratum] += 1
        self.counts(stratum)[arm] += 1
        for factor in self.clause.minimise_over:
            self.margin(stratum, factor, _level(person, factor))[arm] += 1

    def counts(self, stratum: str) -> dict[str, int]:
        return self.arms.setdefault(stratum, dict.fromkeys(self.clause.ratio, 0))

    def margin(self, stratum: str, factor: str, level: str) -> dict[str, int]:
        return self.margins.setdefault((stratum, factor, level), dict.fromkeys(self.clause.ratio, 0))

    def margins_of(self, person: Levels) -> list[dict[str, int]]:
        """Counts by arm at each level this person has; the stratum's own counts when there is no factor."""
        stratum = self.stratum(person)
        if not self.clause.minimise_over:
            return [self.counts(stratum)]
        return [self.margin(stratum, factor, _level(person, factor)) for factor in self.clause.minimise_over]


def tally_of(clause: Allocation, order: tuple[str, ...], history: Iterable[Allocated]) -> Tally:
    """Count a history. The order of strata must name the clause's strata, each once."""
    if sorted(order) != sorted(clause.strata):
        raise BadInput(
            f"The secret orders the strata {list(order)}, the protocol stratifies by {list(clause.strata)}.",
            cure="Make a new secret for this protocol; a secret belongs to one clause.",
        )
    tally = Tally(clause, order)
    for person in history:
        tally.count(person.levels, person.arm)
    return tally


def _level(person: Levels, factor: str) -> str:
    try:
        return str(person[factor])
    except KeyError:
        raise BadInput(
            f"Somebody to be allocated has no '{factor}', which the allocation needs.",
            cure="Ask for it before allocation, or give it a level of its own such as 'unknown'.",
        ) from None

"""Who the people are: age, gender, how long the pain has lasted, and whatever else the protocol asks.

Every variable is a list of values with weights, read off a normal number, so that it can predict start, completion and
improvement, and so that an eligibility rule only has to leave values out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from accord.science.conditions import decide_column
from accord.science.protocols.model import Protocol
from accord.science.simulation.columns import words

Array = NDArray[Any]


@dataclass(frozen=True)
class Variable:
    """`values` in ascending order where they are numbers; `weights` sum to 1."""

    name: str
    values: tuple[Any, ...]
    weights: tuple[float, ...]
    meaning: str
    unit: str = ""

    @property
    def numeric(self) -> bool:
        return not isinstance(self.values[0], str)

    def places(self, normal: Array) -> Array:
        """For each normal number the place of its value."""
        from scipy.special import ndtr

        return np.minimum(np.searchsorted(np.cumsum(self.weights), ndtr(normal)), len(self.values) - 1)

    def drawn(self, normal: Array) -> pl.Series:
        """The values of normal numbers, as a column."""
        if self.numeric:
            return pl.Series(self.name, np.asarray(self.values, float)[self.places(normal)])
        return words(self.values, self.places(normal)).alias(self.name)

    def kept(self, keep: Sequence[bool]) -> Variable | None:
        """Only these values, their weights made to sum to 1 again; None when nothing is left."""
        left = [(value, weight) for value, weight, ok in zip(self.values, self.weights, keep, strict=True) if ok]
        if not left:
            return None
        total = sum(weight for _, weight in left)
        return Variable(
            self.name, tuple(v for v, _ in left), tuple(w / total for _, w in left), self.meaning, self.unit
        )


def _choices(name: str, meaning: str, **weights: float) -> Variable:
    return Variable(name, tuple(weights), tuple(weights.values()), meaning)


def _bell(name: str, meaning: str, unit: str, low: int, high: int, mean: float, sd: float, *, log: bool) -> Variable:
    values = np.arange(low, high + 1)
    x = np.log(values) if log else values.astype(float)
    weights = np.exp(-(((x - (np.log(mean) if log else mean)) / sd) ** 2) / 2) / (values if log else 1)
    weights /= weights.sum()
    return Variable(name, tuple(float(value) for value in values), tuple(weights.tolist()), meaning, unit)


_KNOWN: dict[str, Variable] = {
    variable.name: variable
    for variable in (
        _bell("age", "years at referral", "years", 16, 85, 46, 13, log=False),
        _bell("pain_months", "months since the pain began", "months", 1, 600, 84, 1.0, log=True),
        _bell("pain_sites", "places in the body that hurt", "places", 1, 19, 6, 4, log=False),
        _choices("gender", "as the person said", woman=0.72, man=0.26, another=0.02),
        _choices("education", "highest level reached", school=0.3, vocational=0.35, university=0.35),
        _choices("employment", "work at referral", working=0.42, at_home=0.18, unable=0.22, retired=0.18),
        _choices("fibromyalgia_diagnosed_by", "who named it", rheumatologist=0.6, other_doctor=0.3, nobody=0.1),
        _choices("pain_seen_by_doctor", "whether a doctor has looked at this pain", yes=0.95, no=0.05),
    )
}
RARE = 0.1  # share of "yes" to any other question


@dataclass(frozen=True)
class Background:
    """The variables of a protocol: for everybody, for the enrolled, and for whom one criterion turns away."""

    asked: tuple[Variable, ...]
    enrolled: dict[str, Variable]
    refused: dict[str, dict[str, Variable]]  # criterion -> variable -> values that do not meet it


@lru_cache(maxsize=64)
def _variables(names: tuple[str, ...], criteria: tuple[tuple[str, str], ...]) -> Background:
    everybody = {
        name: _KNOWN.get(name) or _choices(name, name.replace("_", " "), no=1 - RARE, yes=RARE) for name in names
    }
    enrolled, refused = dict(everybody), {}
    for ask, rule in criteria:
        if ask not in everybody:
            continue
        meets = _meets(rule, everybody[ask])
        enrolled[ask] = enrolled[ask].kept(_meets(rule, enrolled[ask])) or enrolled[ask]
        if outside := everybody[ask].kept([not met for met in meets]):
            refused[ask] = {ask: outside}
    return Background(tuple(everybody.values()), enrolled, refused)


def background_of(protocol: Protocol, *, extra: Sequence[str] = ()) -> Background:
    """The protocol's background variables and strata, fitted to its eligibility rules."""
    names = dict.fromkeys(["age", "gender", *protocol.population.background, *extra])
    return _variables(tuple(names), tuple((one.ask, one.rule) for one in protocol.population.eligible_if))


def _meets(rule: str, variable: Variable) -> list[bool]:
    answers = pl.DataFrame({"answer": list(variable.values)})
    return decide_column(rule, answers).fill_null(True).to_list()

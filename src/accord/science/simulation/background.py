"""Who the people are: age, gender, how long the pain has lasted, and whatever else the protocol asks.

Every variable is a list of values with weights, read off a normal number, so that it can predict start, completion and
improvement, and so that an eligibility rule only has to leave values out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
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
        _choices("gender", "as the person said", woman=0.72, man=0.25, other=0.02, not_said=0.01),
        _choices(
            "education",
            "highest level reached",
            none=0.06,
            secondary=0.32,
            vocational=0.3,
            university=0.3,
            not_said=0.02,
        ),
        _choices(
            "employment",
            "work at referral",
            working=0.4,
            on_leave=0.12,
            not_working_pain=0.18,
            seeking=0.05,
            caring=0.04,
            studying=0.03,
            retired=0.14,
            other=0.04,
        ),
        _choices(
            "fibromyalgia_diagnosed_by",
            "who named it",
            rheumatologist=0.6,
            other_doctor=0.25,
            other_person=0.05,
            nobody=0.1,
        ),
        _choices("pain_seen_by_doctor", "whether a doctor has looked at this pain", yes=0.94, no=0.04, not_sure=0.02),
    )
}
USUAL = 0.85  # share of "no" to any other question that has it


@dataclass(frozen=True)
class Background:
    """The variables of a protocol: for everybody, for the enrolled, and for whom one criterion turns away."""

    asked: tuple[Variable, ...]
    enrolled: dict[str, Variable]
    refused: dict[str, dict[str, Variable]]  # criterion -> variable -> values that do not meet it


@lru_cache(maxsize=64)
def _variables(names: tuple[str, ...], criteria: tuple[tuple[str, str], ...], site: Path | None) -> Background:
    everybody = {name: _KNOWN.get(name) or _question(name, site) for name in names}
    enrolled, refused = dict(everybody), {}
    for ask, rule in criteria:
        if ask not in everybody:
            continue
        meets = _meets(rule, everybody[ask])
        enrolled[ask] = enrolled[ask].kept(_meets(rule, enrolled[ask])) or enrolled[ask]
        if outside := everybody[ask].kept([not met for met in meets]):
            refused[ask] = {ask: outside}
    return Background(tuple(everybody.values()), enrolled, refused)


def _question(name: str, site: Path | None) -> Variable:
    """A variable of which the simulator knows nothing: the answers of its question, mostly no where there is a no."""
    from accord.science.programmes import load_questions

    question = load_questions(site=site).get(name)
    if question and question.kind == "number" and question.low is not None and question.high is not None:
        low, high = int(question.low), int(min(question.high, question.low + 100))
        return _bell(name, question.ask, question.unit, low, high, (low + high) / 2, (high - low) / 6, log=False)
    options = list(question.options) if question and question.options else ["no", "yes"]
    usual = USUAL if "no" in options else 1 / len(options)
    other = (1 - usual) / max(len(options) - 1, 1)
    first = "no" if "no" in options else options[0]
    weights = {option: usual if option == first else other for option in options}
    return _choices(name, question.ask if question else name.replace("_", " "), **weights)


def background_of(protocol: Protocol, *, extra: Sequence[str] = (), site: Path | None = None) -> Background:
    """The protocol's background variables and strata, fitted to its eligibility rules."""
    names = dict.fromkeys(["age", "gender", *protocol.population.background, *extra])
    return _variables(tuple(names), tuple((one.ask, one.rule) for one in protocol.population.eligible_if), site)


def _meets(rule: str, variable: Variable) -> list[bool]:
    answers = pl.DataFrame({"answer": list(variable.values)})
    return decide_column(rule, answers).fill_null(True).to_list()

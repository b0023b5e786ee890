"""Who may take part: each rule decided on one answer, with the kind words for who may not, and what is still open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from accord.science.conditions import Decision, decide
from accord.science.protocols.model import Protocol


@dataclass(frozen=True, slots=True)
class Eligibility:
    """The decision, the words of every rule that is not met, and the questions still to be asked.

    One rule that is not met decides; otherwise an unanswered question leaves it unknown: it is asked, never guessed.
    """

    decision: Decision
    refusals: tuple[tuple[str, str], ...]
    to_ask: tuple[str, ...]


def eligible(protocol: Protocol, answers: Mapping[str, Any]) -> Eligibility:
    """`answers` maps question ids to values; missing or None is unanswered.

    A rule reads its own question as `answer` and any other by its id. Raises BadInput for an answer of the wrong
    kind.
    """
    decided = [
        (criterion, decide(criterion.rule, {**answers, "answer": answers.get(criterion.ask)}))
        for criterion in protocol.population.eligible_if
    ]
    refusals = tuple((c.ask, c.otherwise) for c, decision in decided if decision is Decision.NO)
    to_ask = tuple(c.ask for c, decision in decided if decision is Decision.UNKNOWN)
    decision = Decision.NO if refusals else Decision.UNKNOWN if to_ask else Decision.YES
    return Eligibility(decision, refusals, to_ask)

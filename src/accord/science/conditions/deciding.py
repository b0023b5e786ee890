"""Decides a condition for one record: yes, no or unknown."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Any

from accord.science.conditions.kinds import flat, inferred, rendered
from accord.science.conditions.reading import MAX_NUMBER, Node, Problem, parts, read
from accord.science.errors import BadInput


class Decision(Enum):
    """What a condition says of a record. It has no truth value of its own: compare it, so that unknown is seen."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"

    def __bool__(self) -> bool:
        raise TypeError("A decision is yes, no or unknown: write `decision is Decision.YES`.")


def names(condition: str) -> list[str]:
    """The names a condition reads, in order of first appearance. Raises BadInput when it cannot be read."""
    try:
        tree = read(condition)
    except Problem as problem:
        raise bad(condition, problem) from None
    return list(dict.fromkeys(node.value for node in parts(tree) if node.op in ("name", "has")))


@dataclass(frozen=True)
class Compiled:
    """A condition ready to be decided."""

    tree: Node
    program: Any
    kinds: dict[str, str]  # name -> kind, or a variable shared by names that must be of one kind
    asked: tuple[str, ...]  # names within has()


@lru_cache(maxsize=4_096)
def compiled(condition: str) -> Compiled:
    """Read, inferred and compiled once per process; raises BadInput."""
    import cel

    try:
        tree = read(condition)
        kinds = inferred(tree)
    except Problem as problem:
        raise bad(condition, problem) from None
    used = {node.value: kinds.settled(f"?{node.value}") for node in parts(tree) if node.op == "name"}
    asked = tuple({node.value for node in parts(tree) if node.op == "has"})
    return Compiled(tree, cel.compile(rendered(tree)), used, asked)


def decide(condition: str, record: Mapping[str, Any]) -> Decision:
    """Yes, no or unknown, for a flat record of names to values (`{"phq_9.total": 15, "item_9": None}`).

    None, NaN and an absent name are missing. A value of the wrong kind (a text for a number) raises BadInput: it is
    an error of whoever made the record, and neither no nor unknown would be true. So does an unreadable condition.

    Checked against: a Kleene evaluator written out in tests/science/conditions, over random conditions and records.
    """
    rule = compiled(condition)
    seen: dict[str, Any] = {}
    kinds: dict[str, str] = {}
    for name, kind in rule.kinds.items():
        value = plain(record.get(name))
        if value is not None:
            seen[flat("name", name)] = _of_kind(name, value, kinds, kind)
    for name in rule.asked:
        seen[flat("has", name)] = plain(record.get(name)) is not None
    try:
        result = rule.program.execute(seen)
    except RuntimeError:
        if all(flat("name", name) in seen for name in rule.kinds):
            raise
        return Decision.UNKNOWN
    return Decision.YES if result else Decision.NO


def plain(value: Any) -> Any:
    value = value.item() if hasattr(value, "item") else value  # a numpy scalar
    return None if isinstance(value, float) and math.isnan(value) else value


def _of_kind(name: str, value: Any, kinds: dict[str, str], wanted: str) -> Any:
    """The value as CEL gets it; names that share a kind variable must turn out to be of one kind."""
    if isinstance(value, bool):
        found = "bool"
    elif isinstance(value, int | float):
        found, value = "number", float(value)
    elif isinstance(value, str):
        found = "text"
    else:
        found, value = "choices", _texts(name, value)
    if wanted.startswith("?"):
        wanted = kinds.setdefault(wanted, found)
    if found == "number" and abs(value) > MAX_NUMBER:
        raise BadInput(f"{name} is {value:g}, too large a number for a condition.", cure="Mend the record.")
    if found != wanted:
        raise BadInput(f"{name} is {value!r:.60}, a {found}; the condition needs a {wanted}.", cure="Mend the record.")
    return value


def _texts(name: str, value: Any) -> list[str]:
    if isinstance(value, list | tuple | set | frozenset) and all(isinstance(item, str) for item in value):
        return list(value)
    cure = "Give a number, a text, true or false, or a list of texts."
    raise BadInput(f"{name} is {value!r:.60}, which no condition can read.", cure=cure)


def bad(condition: str, problem: Problem) -> BadInput:
    cure = "See docs/reference/conditions.md."
    return BadInput(f"The condition `{condition:.120}` cannot be used: {problem}", cure=cure)

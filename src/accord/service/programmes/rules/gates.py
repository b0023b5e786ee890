"""Questions that stand before a part of the course, and how often they were asked: which asking is open, or is next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar


class Asking(Protocol):
    """An assessment, as far as it matters here."""

    time_point: Any
    occasion: Any
    submitted_at: Any
    closed_at: Any


A = TypeVar("A", bound=Asking)


@dataclass(frozen=True, slots=True)
class Gate:
    """What is asked when a fact is missing: the name of the occasion, and its instruments."""

    time_point: str
    instruments: tuple[str, ...]


RED_FLAGS = Gate("red_flags", ("red_flags",))
CAUTION = Gate("practice_screen", ("questions:body_practice_caution",))
GATES = {"red_flags.any": RED_FLAGS, "red_flags.worse_after_effort": RED_FLAGS, "body_practice_caution": CAUTION}


@dataclass(frozen=True, slots=True)
class NextAsking(Generic[A]):
    """The asking that is open already, or None and the number of the one to open."""

    found: A | None
    occasion: int


def next_asking(gate: Gate, asked: Iterable[A]) -> NextAsking[A]:
    """Of everything that was asked in an episode: the open asking of this gate, else the number of its next."""
    own = [one for one in asked if one.time_point == gate.time_point]
    found = next((one for one in own if one.submitted_at is None and one.closed_at is None), None)
    return NextAsking(found, max((one.occasion for one in own), default=-1) + 1)

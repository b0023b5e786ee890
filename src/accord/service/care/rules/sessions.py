"""Where a planned session stands: from its steps, in their order. One way in, three ways out.

planned ──▶ moved ──▶ moved … ──▶ held (writes one contact) | missed (with a reason) | cancelled
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

MODES = ("phone", "video", "in-person")
# Why nobody met. Words about what happened, never about fault.
MISSED = ("she-could-not", "not-there", "we-could-not", "technical", "other")
CANCELLED = ("she-asked", "we-asked", "no-longer-needed", "other")
SHORTEST, LONGEST = 5, 240  # minutes
AHEAD = timedelta(days=366)


class SessionState(StrEnum):
    """Where a session stands."""

    PLANNED = "planned"
    HELD = "held"
    MISSED = "missed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Happened:
    """One step of a session in plain values."""

    kind: str
    starts_at: datetime
    minutes: int
    mode: str


def session_state(steps: Sequence[Happened]) -> SessionState:
    """Its last step says it; one that was moved is still planned."""
    last = steps[-1].kind if steps else "planned"
    return SessionState.PLANNED if last in ("planned", "moved") else SessionState(last)


def wrong_plan(*, mode: str, starts_at: datetime, minutes: int, now: datetime) -> str:
    """Why a session cannot be planned like this: "mode", "minutes", "past", "far", or nothing."""
    if mode not in MODES:
        return "mode"
    if not SHORTEST <= minutes <= LONGEST:
        return "minutes"
    if starts_at <= now:
        return "past"
    return "far" if starts_at > now + AHEAD else ""


def overlaps(one: Happened, other: Happened) -> bool:
    """Whether two sessions share a moment."""
    ends = one.starts_at + timedelta(minutes=one.minutes)
    return one.starts_at < other.starts_at + timedelta(minutes=other.minutes) and other.starts_at < ends


def waits_for_word(state: SessionState, starts_at: datetime, minutes: int, now: datetime) -> bool:
    """Its time has passed, and nobody has said whether it was held."""
    return state is SessionState.PLANNED and starts_at + timedelta(minutes=minutes) <= now

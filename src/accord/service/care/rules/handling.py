"""Where an alert stands: computed from what was done about it, never stored, and never closed by time.

             ┌──────────── contact, note ───────────┐
raised ──▶ acknowledged ──▶ handed over ──▶ received │ ──▶ closed (by a person, with a reason)
   └── nobody acts: told one rung higher, again and again ──┘
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from accord.service.care.rules.calendar import Calendar
from accord.service.care.rules.deadlines import DUTY_SUPERVISOR, Promise, acknowledge_by, rung_due

REACHED = "reached"
OUTCOMES = (REACHED, "left-message", "not-reached")
MODES = ("phone", "message", "video", "in-person")
MORE = "more"  # a note of the service itself: a later answer on the same occasion added a reason
OUTSIDE = "outside"  # handed over to a doctor or service that has no log-in here

SAFE, URGENT, HANDED, MISTAKE, UNREACHED, OTHER = (
    "reached-and-safe", "urgent-help-came", "handed-over", "answered-by-mistake", "not-reached-letter", "other",
)  # fmt: skip
REASONS = (SAFE, URGENT, HANDED, MISTAKE, UNREACHED, OTHER)
NEED_CONTACT = frozenset({SAFE, MISTAKE})  # somebody has spoken with her
NEED_NOTE = frozenset({OTHER, UNREACHED})
# What a clinician raises from what she read or heard (C15); harm to others, or to a child, is a track of its own.
BY_HAND = (("risk", "r3"), ("risk", "r2"), ("risk", "r1"), ("safeguarding", "safe"), ("health", "d2"))
ATTEMPTS = 3  # before an alert of somebody who cannot be reached is closed by a letter


class Stage(StrEnum):
    """Where an alert stands."""

    RAISED = "raised"
    ACKNOWLEDGED = "acknowledged"
    HANDED_OVER = "handed-over"  # and not yet received
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Done:
    """One thing that was done about an alert, in plain values (a row of `AlertStep`)."""

    kind: str
    at: datetime
    by: uuid.UUID | None = None
    to: uuid.UUID | None = None
    level: int | None = None
    reason: str = ""
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class AlertState:
    """Where it stands, who has it, what is due next by when, and whether that has passed."""

    stage: Stage
    holder: uuid.UUID | None  # who said that she has it, or to whom it was handed and who confirmed
    offered_to: uuid.UUID | None  # handed over to her, not yet confirmed
    level: int  # how many rungs it has climbed
    attempts: int
    reached: bool
    due: datetime | None  # acknowledge, confirm or reach her by
    late: bool
    received: bool = False  # a hand-over was confirmed


def alert_state(
    *,
    acknowledge_by: datetime,
    contact_by: datetime | None,
    steps: Sequence[Done],
    promise: Promise,
    calendar: Calendar,
    now: datetime,
) -> AlertState:
    """Where an alert stands at `now`, from its steps in the order they were done."""
    stage, holder, offered, due = Stage.RAISED, None, None, acknowledge_by
    level, attempts, reached, received = 0, 0, False, False
    for step in steps:
        match step.kind:
            case "acknowledged":
                stage, holder = Stage.ACKNOWLEDGED, step.by
            case "contact":
                attempts, reached = attempts + 1, reached or step.outcome == REACHED
            case "handed-over":
                stage, offered = Stage.HANDED_OVER, step.to
                due = confirm_by(promise, calendar, step.at)
            case "receipt":
                stage, holder, offered, received = Stage.ACKNOWLEDGED, offered or step.by, None, True
            case "escalated":
                level = max(level, step.level or 0)
            case "closed":
                stage = Stage.CLOSED
    next_due: datetime | None = due
    if stage is Stage.CLOSED:
        next_due = None
    elif stage is Stage.ACKNOWLEDGED:
        next_due = None if reached else contact_by
    late = next_due is not None and next_due < now
    return AlertState(stage, holder, offered, level, attempts, reached, next_due, late, received)


def confirm_by(promise: Promise, calendar: Calendar, handed_at: datetime) -> datetime:
    """By when a hand-over is confirmed: the same time that an acknowledgement has."""
    return acknowledge_by(promise, calendar, handed_at)


@dataclass(frozen=True, slots=True)
class Rung:
    """The next person to tell, and since when that is due."""

    level: int
    to: str
    due: datetime


def rungs_to_climb(
    *,
    raised_at: datetime,
    contact_by: datetime | None,
    steps: Sequence[Done],
    promise: Promise,
    calendar: Calendar,
    now: datetime,
) -> list[Rung]:
    """The rungs that are due and were not climbed, the lowest first; none when somebody has it in hand.

    Time runs from raising until somebody acknowledges; from a hand-over until it is confirmed; and, acknowledged, from
    the hour by which she should have been reached, while nobody has even tried. After a pause of the clock every person
    is told whose turn has passed, but of the repeated top rung only once.
    """
    running = _running(raised_at, contact_by, steps, promise)
    if running is None:
        return []
    since, promised = running
    climbed = [step.level or 0 for step in steps if step.kind == "escalated" and step.at >= since]
    base = max((step.level or 0 for step in steps if step.kind == "escalated" and step.at < since), default=0)
    found: list[Rung] = []
    level = max(climbed, default=base) - base + 1
    top = max(len(promised.rungs), 1)
    while True:
        due, to = rung_due(promised, calendar, since, level)
        if due > now:
            return found
        if level > top + 1 and found:
            found.pop()
        found.append(Rung(base + level, to, due))
        level += 1


def _running(
    raised_at: datetime, contact_by: datetime | None, steps: Sequence[Done], promise: Promise
) -> tuple[datetime, Promise] | None:
    """Since when the clock of the rungs runs, and which; None when it stands."""
    since: tuple[datetime, Promise] | None = (raised_at, promise)
    for step in steps:
        if step.kind == "closed":
            return None
        if step.kind == "handed-over":
            since = (step.at, promise)
        elif step.kind in ("acknowledged", "receipt"):
            since = None
    tried = any(step.kind == "contact" for step in steps)
    if since is None and contact_by is not None and not tried:
        return contact_by, Promise(minutes=0, rungs=((0, DUTY_SUPERVISOR),), at_any_hour=promise.at_any_hour)
    return since

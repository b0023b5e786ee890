"""What a flag asks for, and where its handling stands: chosen, looked at again after three weeks, settled by a person.

open ──choose──▶ waiting ──three weeks──▶ look again ──helped──▶ settled
  ▲                                            │
  └────────── it did not, or only a little ────┘

A flag never closes itself: time only brings it up again (C32).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

WORSE, NOT_ON_TRACK, QUIET, NOT_STARTED = "worse", "not-on-track", "quiet", "not-started"
FLARE, NEW_PAIN, FRIGHTENED = "flare", "new-pain", "frightened"
KINDS = (WORSE, NEW_PAIN, FRIGHTENED, FLARE, NOT_STARTED, QUIET, NOT_ON_TRACK)  # the weightiest first

TOGETHER = "talk-about-the-work-together"
SMALLER = "smaller-steps"
FLARE_PLAN = "flare-plan"
HAPPENED = "something-happened"
REFER = "refer-on"
REACH = "reach-out"
PRACTICAL = "practical-help"
OTHER = "other"
OPTIONS = (TOGETHER, SMALLER, FLARE_PLAN, HAPPENED, REFER, REACH, PRACTICAL, OTHER)
_FIRST = {
    QUIET: (REACH, PRACTICAL, SMALLER, HAPPENED, TOGETHER),
    NOT_STARTED: (REACH, PRACTICAL, SMALLER, HAPPENED, TOGETHER),
    NEW_PAIN: (REFER, REACH, FLARE_PLAN, SMALLER, HAPPENED),
    FLARE: (FLARE_PLAN, SMALLER, REACH, HAPPENED, TOGETHER, REFER),
    FRIGHTENED: (REACH, SMALLER, HAPPENED, TOGETHER, REFER),
}
NEED_NOTE = frozenset({OTHER})
HELPED = ("yes", "some", "no")
LOOK_AGAIN = timedelta(days=21)


class SupportStage(StrEnum):
    """Where the handling of a flag stands."""

    OPEN = "open"
    WAITING = "waiting"  # something was chosen; it is looked at again on a day
    LOOK_AGAIN = "look-again"  # that day has come
    SETTLED = "settled"  # somebody said that it helped


@dataclass(frozen=True, slots=True)
class Tried:
    """One step of handling a flag in plain values."""

    kind: str
    at: datetime
    option: str = ""
    helped: str = ""


@dataclass(frozen=True, slots=True)
class Support:
    """Where it stands, what was chosen last, when it is looked at again, and how often something was tried."""

    stage: SupportStage
    option: str = ""
    look_at: datetime | None = None
    tried: int = 0
    helped: str = ""


def options_for(kind: str) -> tuple[str, ...]:
    """Every option, those that fit this kind of flag first."""
    first = _FIRST.get(kind, ())
    return (*first, *(option for option in OPTIONS if option not in first))


def support_of(steps: Sequence[Tried], now: datetime) -> Support:
    """Where the handling of a flag stands at `now`, from its steps in order."""
    stage, option, look_at, tried, helped = SupportStage.OPEN, "", None, 0, ""
    for step in steps:
        if step.kind == "chosen":
            stage, option, helped = SupportStage.WAITING, step.option, ""
            look_at, tried = step.at + LOOK_AGAIN, tried + 1
        else:
            stage = SupportStage.SETTLED if step.helped == "yes" else SupportStage.OPEN
            look_at, helped = None, step.helped
    if stage is SupportStage.WAITING and look_at is not None and look_at <= now:
        stage = SupportStage.LOOK_AGAIN
    return Support(stage, option, look_at, tried, helped)

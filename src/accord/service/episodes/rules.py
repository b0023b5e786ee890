"""Decisions of this room: plain values in, plain values out; no Django, no clock.

An episode stands where its steps, in order, lead to; what the episode repeats of them is for lists (ADR 0017).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class State(StrEnum):
    """Where an episode stands."""

    REFERRED = "referred"
    SCREENING = "screening"
    NOT_ELIGIBLE = "not-eligible"
    ELIGIBLE = "eligible"
    CONSENTED = "consented"
    ENROLLED = "enrolled"
    STOPPED = "stopped"  # she ended the treatment and still answers the questionnaires
    DISCHARGED = "discharged"
    WITHDRAWN = "withdrawn"


class StepKind(StrEnum):
    """What can happen to an episode."""

    REFERRED = "referred"
    SCREENING = "screening"  # the screening was opened
    ELIGIBLE = "eligible"
    NOT_ELIGIBLE = "not-eligible"
    CONSENTED = "consented"
    ENROLLED = "enrolled"
    STOPPED = "stopped"
    DISCHARGED = "discharged"
    WITHDRAWN = "withdrawn"


ENDED = (State.NOT_ELIGIBLE, State.DISCHARGED, State.WITHDRAWN)  # from here she can be referred again
ASKED = (State.ENROLLED, State.STOPPED)  # in these states the protocol's time-points are asked
COMPLETED = "programme_completed"  # the reason of a discharge that only those who were enrolled can have
_OPEN = frozenset(State) - {State.DISCHARGED, State.WITHDRAWN}

# The states in which a step may be taken; None is an episode that has no step yet. Each step leads to its namesake.
ALLOWED: dict[StepKind, frozenset[State | None]] = {
    StepKind.REFERRED: frozenset({None}),
    StepKind.SCREENING: frozenset({State.REFERRED}),
    StepKind.ELIGIBLE: frozenset({State.SCREENING, State.NOT_ELIGIBLE}),
    StepKind.NOT_ELIGIBLE: frozenset({State.SCREENING, State.ELIGIBLE}),
    StepKind.CONSENTED: frozenset({State.ELIGIBLE}),
    StepKind.ENROLLED: frozenset({State.CONSENTED}),
    StepKind.STOPPED: frozenset({State.ENROLLED}),
    StepKind.DISCHARGED: frozenset(_OPEN),  # also who was never enrolled: she does not come, or goes elsewhere
    StepKind.WITHDRAWN: frozenset(_OPEN),
}
ONCE = (StepKind.REFERRED, StepKind.SCREENING, StepKind.ENROLLED, StepKind.DISCHARGED, StepKind.WITHDRAWN)


def state_after(kinds: Iterable[str]) -> State | None:
    """The state that steps, oldest first, lead to; None for no step."""
    state = None
    for kind in kinds:
        state = State(StepKind(kind).value)
    return state


def may_follow(state: State | None, kind: StepKind) -> bool:
    """Whether this step may be taken in this state."""
    return state in ALLOWED[kind]


def diagram() -> str:
    """The steps as lines `state -> state`, for the manual."""
    lines = [f"{state or 'start'} -> {kind}" for kind, states in ALLOWED.items() for state in states]
    return "\n".join(sorted(lines))


# ---------------------------------------------------------------------------------------------------- the way on

ONWARD_REASONS = ("not-eligible", "needs-more", "other-problem", "her-wish", "after-discharge")
ONWARD_CLOSES = ("seen", "declined", "not-wanted")
LOOP = timedelta(days=14)  # an onward referral that is open for longer stands on the office's list
# What may be said after what: nothing said yet, it was sent, it has arrived there.
_ONWARD: dict[str, tuple[str, ...]] = {
    "": ("sent", "not-wanted"),
    "sent": ("received", *ONWARD_CLOSES),
    "received": ONWARD_CLOSES,
}


def onward_next(kinds: Sequence[str]) -> tuple[str, ...]:
    """What may be said next of an onward referral whose steps, oldest first, are these; nothing once it is closed."""
    return _ONWARD.get(kinds[-1] if kinds else "", ())


def may_go_on(kinds: Sequence[str], kind: str) -> bool:
    return kind in onward_next(kinds)


# ---------------------------------------------------------------------------------------------------- acknowledgement


def acknowledge_by(made_at: datetime, hours: int) -> datetime:
    """Until when whoever sent her is told that it has arrived: the protocol's hours, by the clock."""
    return made_at + timedelta(hours=hours)


# --- letters ------------------------------------------------------------------------------------------------------

# What the office writes and sees. Every other letter speaks of somebody's health and is a clinician's.
ADMINISTRATIVE = frozenset({"referral_received", "start", "end"})
EVERYWHERE = ("start", "end", "risk")  # letters that every protocol has, beside those it names
_GAP = re.compile(r"\[\[\s*(.+?)\s*\]\]|(\{[a-z_]+\})", re.DOTALL)
_HEAD = "\n\n---\n\n"


@dataclass(frozen=True, slots=True)
class Wording:
    """A letter's words in their three parts: the clinic's lines at the head, the subject, the body."""

    head: str
    subject: str
    body: str

    def text(self) -> str:
        """As it is kept: one text, word for word."""
        return f"{self.head}{_HEAD}# {self.subject}\n\n{self.body}"


def wording_of(text: str) -> Wording:
    """The parts of a letter that was kept."""
    head, _sep, rest = text.partition(_HEAD)
    first, _sep, body = rest.partition("\n")
    return Wording(head, first.lstrip("# ").strip(), body.strip())


def letter_kinds(named: Iterable[str]) -> list[str]:
    """The letters of a protocol: those it names, then those that every one has."""
    return list(dict.fromkeys((*named, *EVERYWHERE)))


def unfilled(text: str) -> list[str]:
    """What still stands open in a letter, each once, in order: `[[…]]` and `{…}`. Such a letter is not signed."""
    return list(dict.fromkeys(" ".join((own or record).split()) for own, record in _GAP.findall(text)))

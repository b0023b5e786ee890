"""Who needs somebody first: every reason for which a person stands on a list, the most urgent first; and the order.

Reasons are facts that hold now. Nothing here says what would help, or that anything does.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from accord.service.care.rules.support import KINDS, NOT_ON_TRACK, NOT_STARTED, QUIET, SupportStage

FIRST_CONTACT, UNFINISHED, SILENT, START = timedelta(days=3), timedelta(days=3), timedelta(days=7), timedelta(days=3)


class Need(StrEnum):
    """Why somebody stands where she stands on the list, from the most urgent to nothing."""

    ALERT = "alert"  # that nobody has in hand, or that is late
    LATE_REPLY = "late-reply"
    ALERT_IN_HAND = "alert-in-hand"
    FLAG = "flag"  # worse, a new pain, frightened, many flares: nothing is chosen yet
    REPLY = "reply"
    SESSION = "session"  # today, or its time has passed and nobody has said whether it was held
    LOOK_AGAIN = "look-again"  # three weeks ago something was chosen: did it help?
    NOT_STARTED = "not-started"
    QUIET = "quiet"
    UNFINISHED = "unfinished"  # began to answer and did not go on
    NO_CONTACT = "no-contact"  # has a therapist, and nobody has spoken with her yet
    SAME = "same"  # about the same so far, half way
    CAME_BACK = "came-back"  # was flagged as quiet or not started, and has been heard since
    UNREAD = "unread"  # saved something in a lesson that nobody has read
    NOTHING = "nothing"


ORDER = list(Need)
Urgency = tuple[int, int, datetime]
_OF_FLAG = {QUIET: Need.QUIET, NOT_STARTED: Need.NOT_STARTED, NOT_ON_TRACK: Need.SAME}


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: since when or until when (`at`), which alert, message, flag or session it is about, its words.

    `words` are sentences of fact without a clock time; empty where the page says it from need and `at` alone.
    """

    need: Need
    at: datetime
    about: uuid.UUID | None = None
    words: tuple[str, ...] = ()
    kind: str = ""  # of a flag
    order: Urgency | None = None

    @property
    def place(self) -> Urgency:
        """Its place among reasons of the same need."""
        return self.order or (0, 0, self.at)


@dataclass(frozen=True, slots=True)
class FlagFact:
    """A flag that is not settled, in plain values."""

    id: uuid.UUID
    kind: str
    raised_at: datetime
    stage: SupportStage
    look_at: datetime | None = None
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SessionFact:
    """An open session in plain values."""

    id: uuid.UUID
    starts_at: datetime
    waits_for_word: bool = False


class Situation(NamedTuple):
    """What a list knows of one person, in plain values."""

    day_ends: datetime  # the end of today where the clinic is
    alert: Urgency | None = None  # of her most urgent open alert; first value 1: in hand
    alert_id: uuid.UUID | None = None
    alert_words: tuple[str, ...] = ()
    reply_due: datetime | None = None
    wrote_at: datetime | None = None  # her last message has no answer, since then
    message_id: uuid.UUID | None = None
    flags: tuple[FlagFact, ...] = ()
    sessions: tuple[SessionFact, ...] = ()
    course_began: datetime | None = None
    begun_first_lesson: bool = False
    in_flare: bool = False
    begun: datetime | None = None  # when the assessment was opened that she has begun and not sent
    treated_since: datetime | None = None
    last_contact: datetime | None = None
    last_heard: datetime | None = None  # an answer, a message, a lesson, a contact in which she was reached
    unread: int = 0
    active: bool = True  # her way has not ended


def needs_of(one: Situation, now: datetime) -> tuple[Reason, ...]:
    """Every reason that holds, the most urgent first. After the end of her way only alerts and messages count."""
    found = [*_alerts(one), *_messages(one, now)]
    if one.active:
        found += [*_flags(one), *_sessions(one), *_silence(one, now), *_reading(one)]
    return tuple(sorted(found, key=lambda reason: (ORDER.index(reason.need), reason.place)))


def _alerts(one: Situation) -> Iterator[Reason]:
    if one.alert is not None:
        need = Need.ALERT_IN_HAND if one.alert[0] else Need.ALERT
        yield Reason(need, one.alert[2], one.alert_id, one.alert_words, order=one.alert)


def _messages(one: Situation, now: datetime) -> Iterator[Reason]:
    if one.wrote_at is not None:
        late = one.reply_due is not None and one.reply_due < now
        yield Reason(Need.LATE_REPLY if late else Need.REPLY, one.reply_due or one.wrote_at, one.message_id)


def _flags(one: Situation) -> Iterator[Reason]:
    for flag in one.flags:
        weight = KINDS.index(flag.kind) if flag.kind in KINDS else len(KINDS)
        if flag.stage is SupportStage.LOOK_AGAIN:
            at = flag.look_at or flag.raised_at
            yield Reason(Need.LOOK_AGAIN, at, flag.id, flag.words, flag.kind, (0, weight, at))
        elif flag.stage is SupportStage.OPEN:
            need = Need.CAME_BACK if _has_gone(flag, one) else _OF_FLAG.get(flag.kind, Need.FLAG)
            yield Reason(need, flag.raised_at, flag.id, flag.words, flag.kind, (0, weight, flag.raised_at))


def _has_gone(flag: FlagFact, one: Situation) -> bool:
    """Whether a flag of silence says what is no longer so. It stays until somebody chooses what to do."""
    if flag.kind == NOT_STARTED:
        return one.begun_first_lesson
    return flag.kind == QUIET and one.last_heard is not None and one.last_heard > flag.raised_at


def _sessions(one: Situation) -> Iterator[Reason]:
    for session in one.sessions:
        if session.waits_for_word or session.starts_at < one.day_ends:
            yield Reason(Need.SESSION, session.starts_at, session.id)


def _silence(one: Situation, now: datetime) -> Iterator[Reason]:
    """What a list sees by itself. Where a flag speaks of it already, open or being tried, the flag is enough."""
    flagged = {flag.kind for flag in one.flags}
    waits = one.course_began is not None and not one.begun_first_lesson and not one.in_flare
    if waits and one.course_began and NOT_STARTED not in flagged and now - one.course_began >= START:
        yield Reason(Need.NOT_STARTED, one.course_began)
    if one.begun is not None and now - one.begun > UNFINISHED:
        yield Reason(Need.UNFINISHED, one.begun)
    if one.treated_since is not None and one.last_contact is None and now - one.treated_since > FIRST_CONTACT:
        yield Reason(Need.NO_CONTACT, one.treated_since)
    # in a course silence is counted from what was due, by flows.watch_progress; before it, from the last sign of life
    if one.course_began is None and one.last_heard is not None and now - one.last_heard > SILENT:
        yield Reason(Need.QUIET, one.last_heard)


def _reading(one: Situation) -> Iterator[Reason]:
    if one.unread:
        yield Reason(Need.UNREAD, one.last_heard or one.day_ends)


Place = tuple[int, Urgency]


def place(reasons: tuple[Reason, ...], one: Situation, now: datetime) -> Place:
    """Where she stands: by her first reason, then by what is due first or has waited longest."""
    if not reasons:
        return ORDER.index(Need.NOTHING), (0, 0, one.last_heard or now)
    return ORDER.index(reasons[0].need), reasons[0].place

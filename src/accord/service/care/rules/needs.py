"""Who needs somebody first: one reason for each person on a list, and the order of the list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

FIRST_CONTACT, UNFINISHED, QUIET = timedelta(days=3), timedelta(days=3), timedelta(days=7)


class Need(StrEnum):
    """Why somebody stands where she stands on the list, from the most urgent to nothing."""

    ALERT = "alert"  # that nobody has in hand, or that is late
    LATE_REPLY = "late-reply"
    ALERT_IN_HAND = "alert-in-hand"
    REPLY = "reply"
    UNFINISHED = "unfinished"  # began to answer and did not go on
    NO_CONTACT = "no-contact"  # has a therapist, and nobody has spoken with her yet
    QUIET = "quiet"
    NOTHING = "nothing"


ORDER = list(Need)


@dataclass(frozen=True, slots=True)
class Situation:
    """What a list knows of one person, in plain values."""

    alert: tuple[int, int, datetime] | None = None  # urgency of her most urgent open alert; first value 1: in hand
    reply_due: datetime | None = None
    waits: bool = False  # her last message has no answer
    begun: datetime | None = None  # when the assessment was opened that she has not sent
    treated_since: datetime | None = None
    last_contact: datetime | None = None
    last_heard: datetime | None = None  # an answer, a message, a contact
    active: bool = True  # her way has not ended


Place = tuple[int, tuple[int, int, datetime] | datetime]


def need_of(one: Situation, now: datetime) -> Need:
    """The most urgent need that holds. After the end of her way only alerts and messages count."""
    if one.alert is not None and not one.alert[0]:
        return Need.ALERT
    if one.waits and one.reply_due is not None and one.reply_due < now:
        return Need.LATE_REPLY
    if one.alert is not None:
        return Need.ALERT_IN_HAND
    if one.waits:
        return Need.REPLY
    return _slow_need(one, now) if one.active else Need.NOTHING


def _slow_need(one: Situation, now: datetime) -> Need:
    if one.begun is not None and now - one.begun > UNFINISHED:
        return Need.UNFINISHED
    if one.treated_since is not None and one.last_contact is None and now - one.treated_since > FIRST_CONTACT:
        return Need.NO_CONTACT
    if one.last_heard is not None and now - one.last_heard > QUIET:
        return Need.QUIET
    return Need.NOTHING


def place(need: Need, one: Situation, now: datetime) -> Place:
    """Where she stands: by need, then by what is due first or has waited longest."""
    if need in (Need.ALERT, Need.ALERT_IN_HAND) and one.alert is not None:
        return ORDER.index(need), one.alert
    since = {
        Need.LATE_REPLY: one.reply_due, Need.REPLY: one.reply_due, Need.UNFINISHED: one.begun,
        Need.NO_CONTACT: one.treated_since,
    }.get(need)  # fmt: skip
    return ORDER.index(need), since or one.last_heard or now

"""Is a message still wanted, and where does it go? Asked of the room that owns its subject, when it is about to leave.

The row in the outbox holds ids only; address and link are read now. A message that nobody needs any more is dropped
with the reason, one without an address as well: what must be acted on stands on a page and escalates from there.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from accord.service.access.table import SERVICE
from accord.service.care import queries as care
from accord.service.episodes import queries as episodes
from accord.service.errors import NotAllowed
from accord.service.messaging import queries as messages
from accord.service.people import queries as people

if TYPE_CHECKING:
    from accord.service.outbox.models import Work


@dataclass(frozen=True, slots=True)
class Message:
    """What is to be sent: to which address, in which language, which text of the content, linking to which page."""

    address: str
    language: str
    text: str
    page: str
    key: str = ""  # the secret part of the link, for the pages that have one


@dataclass(frozen=True, slots=True)
class Unwanted:
    """Why it is not sent."""

    reason: str


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of message: its text, the page it links to, and the question whether it is still wanted."""

    text: str
    page: str
    unwanted: Callable[[Work, datetime], str]  # the reason, or nothing
    key: Callable[[Work], str] = lambda work: ""


def check_message(*, work: Work, now: datetime) -> Message | Unwanted:
    """What to send, or why not. Reads only."""
    kind = KINDS.get(work.kind)
    if kind is None:
        return Unwanted(f"There is no message of the kind '{work.kind}'.")
    if reason := kind.unwanted(work, now):
        return Unwanted(reason)
    person = people.person_with(uuid.UUID(work.to))
    address = people.address_of(uuid.UUID(work.to)) if person else ""
    if person is None or not address:
        return Unwanted("There is no address to send it to, or the account is closed.")
    return Message(address, person.language, kind.text, kind.page, kind.key(work))


def _alert(work: Work, now: datetime) -> str:
    return "" if care.wanted(_subject(work), now) else "Somebody has the alert in hand, or it is closed."


def _message(work: Work, now: datetime) -> str:
    return "" if messages.unseen(_subject(work), uuid.UUID(work.to)) else "The message has been read."


def _referral(work: Work, now: datetime) -> str:
    try:
        found = episodes.referral(SERVICE, _subject(work))
    except NotAllowed:
        return "The referral is not there."
    if found.confirmed_at is not None:
        return "The address has been confirmed."
    return "The link would be too old." if found.expires_at is not None and found.expires_at < now else ""


def _always(work: Work, now: datetime) -> str:
    return ""


def _subject(work: Work) -> uuid.UUID:
    assert work.subject_id, f"a message of the kind '{work.kind}' names the row that it is about"
    return work.subject_id


KINDS: dict[str, Kind] = {
    "alert-raised": Kind("mail-alert-raised", "therapist:caseload", _alert),
    "alert-escalated": Kind("mail-alert-escalated", "therapist:caseload", _alert),
    "person-assigned": Kind("mail-person-assigned", "therapist:caseload", _always),
    "message-waiting": Kind("mail-message-waiting", "public:front", _message),
    "confirm-referral": Kind(
        "mail-confirm-referral", "public:confirm", _referral, lambda work: episodes.confirm_token(_subject(work))
    ),
    "sign-up-known": Kind("mail-sign-up-known", "account_login", _always),
}

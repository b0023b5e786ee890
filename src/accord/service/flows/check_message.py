"""Is a message still wanted, and where does it go? Asked of the room that owns its subject, when it is about to leave.

The row in the outbox holds ids only; address and link are read now. A message that nobody needs any more is dropped
with the reason, one without an address as well: what must be acted on stands on a page and escalates from there.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from accord.service.access.table import SERVICE, STAFF
from accord.service.assessments import queries as assessments
from accord.service.care import queries as care
from accord.service.episodes import queries as episodes
from accord.service.episodes.rules import ASKED, State
from accord.service.errors import NotAllowed
from accord.service.messaging import queries as messages
from accord.service.outbox.queries import last_sent
from accord.service.people import queries as people
from accord.service.people.rules.reminders import EARLIEST, PutOff, awake, may_leave, next_hour
from accord.service.programmes import queries as courses

if TYPE_CHECKING:
    from accord.science.programmes import LessonState
    from accord.service.outbox.models import Work
    from accord.service.people.models import Person

APART = timedelta(days=3)
STILL = timedelta(days=4)  # without anything done in the course, before and at the moment of sending


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
class NotYet:
    """It is wanted, and not at this hour: it is asked again at `until`."""

    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of message: its text, the page it links to, and the question whether it is still wanted.

    A `reminder` goes by her wishes: at her hour, at most one a day, never at night; one about a `lesson` not during a
    flare either.
    """

    text: str
    page: str
    unwanted: Callable[[Work, datetime], str]  # the reason, or nothing
    key: Callable[[Work], str] = lambda work: ""
    reminder: bool = False
    lesson: bool = False
    hers: str = ""  # the page for a patient, where staff have another; nothing of it reaches a patient at night


def check_message(*, work: Work, now: datetime) -> Message | Unwanted | NotYet:
    """What to send, or why not, or why not yet. Reads only."""
    kind = KINDS.get(work.kind)
    if kind is None:
        return Unwanted(f"There is no message of the kind '{work.kind}'.")
    if reason := kind.unwanted(work, now):
        return Unwanted(reason)
    person = people.person_with(uuid.UUID(work.to))
    address = people.address_of(uuid.UUID(work.to)) if person else ""
    if person is None or not address:
        return Unwanted("There is no address to send it to, or the account is closed.")
    page = kind.page
    if kind.hers and not STAFF & people.roles_of(person.pk):
        page = kind.hers
        if not awake(now, person.zone()):
            return NotYet(next_hour(now, EARLIEST, person.zone()), "It is night where she is.")
    if kind.reminder and (wait := _by_her_wishes(kind, person, now)):
        return wait
    return Message(address, person.language, kind.text, page, kind.key(work))


def _by_her_wishes(kind: Kind, person: Person, now: datetime) -> Unwanted | NotYet | None:
    zone = person.zone()
    flare = courses.flare_of(person.pk, now) if kind.lesson else None
    if flare is not None:
        return NotYet(next_hour(flare.ends_at, person.reminder_hour, zone), "A flare runs: lessons wait for her.")
    if kind is KINDS["lesson-waiting"]:  # never hard upon another word about lessons
        last = last_sent(person.pk, [name for name, one in KINDS.items() if one.lesson])
        if last is not None and now - last < APART:
            return NotYet(next_hour(last + APART, person.reminder_hour, zone), "A lesson was mentioned lately.")
    said = may_leave(person.wish(), now, zone, last_sent(person.pk, REMINDERS))
    if isinstance(said, PutOff):
        return NotYet(said.until, said.reason)
    return Unwanted(said) if said else None


def _assessment(work: Work, now: datetime) -> str:
    found = assessments.assessment(SERVICE, _subject(work))
    if found.submitted_at is not None:
        return "The questions have been answered."
    if found.closed_at is not None or (found.closes_at is not None and found.closes_at <= now):
        return "The time for the questions has passed."
    return "" if episodes.state(found.episode) in ASKED else "She has left."


def _lesson_open(work: Work, now: datetime) -> str:
    lesson = _place(work, now)
    if isinstance(lesson, str):
        return lesson
    return "" if lesson.state == "open" else "She has begun the lesson, or it is not open any more."


def _lesson_waiting(work: Work, now: datetime) -> str:
    lesson = _place(work, now)
    if isinstance(lesson, str):
        return lesson
    if lesson.state not in ("open", "started"):
        return "She has done the lesson, or it is not open any more."
    found = courses.summaries([uuid.UUID(work.to)], now).get(uuid.UUID(work.to))
    active = found.last_active_at if found else None
    return "She has gone on meanwhile." if active and now - active < STILL else ""


def _message_of_the_week(work: Work, now: datetime) -> str:
    lesson = _place(work, now)
    if isinstance(lesson, str):
        return lesson
    block = courses.message_of_the_week(_standing(work, now))
    if lesson.state != "started" or block is None:
        return "She has done the lesson."
    return "" if work.occasion.endswith(f":{block.id}") else "A newer one has taken its place."


def _flare_over(work: Work, now: datetime) -> str:
    person = uuid.UUID(work.to)
    if courses.flare_of(person, now) is not None:
        return "Another flare runs."
    found = courses.summaries([person], now).get(person)
    active = found.last_active_at if found else None
    return "She has gone on meanwhile." if found is None or (active and active > work.made_at) else ""


def _standing(work: Work, now: datetime) -> courses.CourseStanding | None:
    """Where she is in the course that the mail is about, as long as she is treated."""
    course = courses.course_of(SERVICE, uuid.UUID(work.to))
    if course is None or course.pk != work.subject_id:
        return None
    return courses.standing(course, now) if episodes.state(course.episode) is State.ENROLLED else None


def _place(work: Work, now: datetime) -> LessonState | str:
    """The lesson whose place (from 0) the occasion names, as it stands now; a reason when she has left."""
    stands, place = _standing(work, now), int(work.occasion.split(":")[1])
    if stands is None:
        return "She has left, or another course has begun."
    return stands.states[place] if place < len(stands.states) else "The lesson is not in her course any more."


def _alert(work: Work, now: datetime) -> str:
    return "" if care.wanted(_subject(work), now) else "Somebody has the alert in hand, or it is closed."


def _message(work: Work, now: datetime) -> str:
    return "" if messages.unseen(_subject(work), uuid.UUID(work.to)) else "The message has been read."


def _way_back(work: Work, now: datetime) -> str:
    return "" if care.help_wanted(_subject(work), now) else "She has been here meanwhile, or has left."


def _session(work: Work, now: datetime) -> str:
    revision = int(work.occasion.rpartition(":")[2])
    return "" if care.session_news(_subject(work), revision, now) else "The session was changed again, or is over."


def _meeting(work: Work, now: datetime) -> str:
    revision = int(work.occasion.rpartition(":")[2])
    news = care.meeting_news(_subject(work), revision, uuid.UUID(work.to), now)
    return "" if news else "The meeting was changed again, is over, or she has left the group."


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


def _invited(work: Work, now: datetime) -> str:
    account = people.account_of(uuid.UUID(work.to))
    if account is None or not account.is_active:
        return "The account was closed."
    return "She has chosen a password." if account.has_usable_password() else ""


KINDS: dict[str, Kind] = {
    "staff-invited": Kind("mail-staff-invited", "account_reset_password", _invited),
    "alert-raised": Kind("mail-alert-raised", "therapist:caseload", _alert),
    "alert-escalated": Kind("mail-alert-escalated", "therapist:caseload", _alert),
    "person-assigned": Kind("mail-person-assigned", "therapist:caseload", _always),
    "message-waiting": Kind("mail-message-waiting", "public:front", _message, hers="patient:messages"),
    "session-changed": Kind("mail-plan-changed", "patient:today", _session),
    "group-changed": Kind("mail-plan-changed", "patient:group", _meeting, hers="patient:group"),
    "assessment-due": Kind("mail-assessment-due", "patient:today", _assessment, reminder=True),
    "lesson-open": Kind("mail-lesson-open", "patient:today", _lesson_open, reminder=True, lesson=True),
    "lesson-waiting": Kind("mail-lesson-waiting", "patient:today", _lesson_waiting, reminder=True, lesson=True),
    "message-of-the-week": Kind(
        "mail-message-of-the-week", "patient:today", _message_of_the_week, reminder=True, lesson=True
    ),
    "flare-over": Kind("mail-flare-over", "patient:today", _flare_over, reminder=True, lesson=True),
    "way-back-in": Kind("mail-way-back-in", "patient:today", _way_back, hers="patient:today"),
    "complaint-answered": Kind("mail-answer-waits", "patient:say", _always, hers="patient:say"),
    "harm-serious": Kind("mail-harm-serious", "therapist:caseload", _always),
    "person-left": Kind("mail-person-left", "therapist:caseload", _always),
    "confirm-referral": Kind(
        "mail-confirm-referral", "public:confirm", _referral, lambda work: episodes.confirm_token(_subject(work))
    ),
    "referred-again": Kind("mail-referred-again", "account_login", _always),
    "sign-up-known": Kind("mail-sign-up-known", "account_login", _always),
}
REMINDERS = tuple(name for name, kind in KINDS.items() if kind.reminder)

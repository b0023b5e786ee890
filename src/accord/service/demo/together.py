"""What people of the invented clinic do together: a group and its calendar, cover for leave, complaints, calls; and
what happened just now, whatever the hour is."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from accord.service.care import actions as care
from accord.service.care.queries import group_page
from accord.service.demo.course import tries
from accord.service.demo.staff import BEA, CARL, DOMAIN, DORA, MIRA, NIA, Member, person_of, staff
from accord.service.demo.timeline import Story, at
from accord.service.flows.hold_meeting import hold_meeting
from accord.service.flows.record_help_now import record_help_now
from accord.service.flows.rescue_person import rescue_person
from accord.service.people import actions as people
from accord.service.people.queries import account_with, asker_for

if TYPE_CHECKING:
    from accord.service.people.models import Clinic, Person

IN_THE_GROUP = {  # key -> name
    "ivo.lantz": "Ivo Lantz", "sara.mink": "Sara Mink", "tom.eide": "Tom Eide", "lotta.finn": "Lotta Finn",
    "raul.pinto": "Raul Pinto",
}  # fmt: skip
NAMED = (
    "wim.aalto",
    "vera.moss",
    "kadi.saar",
    "bahar.demir",
    "xenia.pohl",
    "yara.haddad",
    "gita.roy",
)  # who complain, are called, or ask for help
HELD = 3  # meetings that were held


def patient(key: str) -> Person:
    account = account_with(f"{key}@{DOMAIN}")
    assert account is not None
    assert account.person is not None
    return account.person


def stories(clinic: Clinic, now: datetime) -> list[Story]:
    """Everything that is played beside the stories of single people."""
    return [
        _group(clinic, now - timedelta(days=24)), _open_group(clinic, now - timedelta(days=2)),
        _leave(now - timedelta(days=3)), *_complaints(clinic, now), *_calls(now),
        _asks_for_help(now - timedelta(hours=2, minutes=20), "gita.roy"),
    ]  # fmt: skip


# ------------------------------------------------------------------------------------------------------ groups


def _group(clinic: Clinic, first: datetime) -> Story:
    """A closed group of five, six Tuesdays; three were held, and not everybody came each time."""
    then = yield first
    made = care.make_group(
        clinic=clinic, protocol="routine-care", name="Afternoons at the harbour", form="closed", places=8,
        leaders=[person_of(MIRA).pk, person_of(CARL).pk], key=_key(clinic, "closed"), by=staff(DORA, then), now=then,
    )  # fmt: skip
    then = yield first + timedelta(hours=2)
    for key in IN_THE_GROUP:
        care.join_group(group_id=made.pk, person_id=patient(key).pk, by=staff(DORA, then), now=then)
    care.plan_meetings(
        group_id=made.pk, first=at(first, 3, 14), every_days=7, number=6, minutes=90, mode="video",
        place="The link stands in the calendar", key=_key(clinic, "six"), by=staff(DORA, then), now=then,
    )  # fmt: skip
    for number in range(HELD):
        then = yield at(first, 3 + 7 * number, 16)
        _attend(made.pk, number, then)


def _attend(group_id: uuid.UUID, number: int, now: datetime) -> None:
    """The leader writes who came; one person misses each meeting, each time another."""
    by = staff(MIRA, now)
    page = group_page(by, group_id, now)
    meeting = page.row.meetings[number]
    members = [patient(key).pk for key in IN_THE_GROUP]
    away = members[number]
    hold_meeting(
        meeting_id=meeting.meeting.pk, attended=frozenset(members) - {away},
        missed={away: ("said-before", "unwell", "not-there")[number]}, minutes=90, revision=0,
        key=_key(group_id, f"held {number}"), by=by, now=now,
    )  # fmt: skip


def _open_group(clinic: Clinic, first: datetime) -> Story:
    """One that people may join at any time; it meets for the first time next week."""
    then = yield first
    made = care.make_group(
        clinic=clinic, protocol="routine-care", name="Slow mornings", form="open", places=10,
        leaders=[person_of(BEA).pk], key=_key(clinic, "open"), by=staff(DORA, then), now=then,
    )  # fmt: skip
    care.plan_meetings(
        group_id=made.pk, first=at(first, 8, 10), every_days=14, number=4, minutes=60, mode="in-person",
        place="Room 2", key=_key(clinic, "four"), by=staff(DORA, then), now=then,
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------------ staff


def _leave(first: datetime) -> Story:
    """Nia is away for two weeks; Carl stands in."""
    then = yield first
    people.set_absence(
        person=person_of(NIA), since=then, until=then + timedelta(days=14), cover=person_of(CARL),
        by=staff(DORA, then), now=then,
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------------ complaints


def _complaints(clinic: Clinic, now: datetime) -> list[Story]:
    """One new, one that is overdue, one that is closed, one by somebody who gave no name."""
    return [
        _complaint(clinic, now - timedelta(hours=20), "wim.aalto", "questions", "The questions came twice."),
        _complaint(clinic, now - timedelta(days=24), "vera.moss", "waiting", "I waited nine days for a call.", until=1),
        _complaint(clinic, now - timedelta(days=19), "bahar.demir", "technical", "Lesson two did not open.", until=3),
        _complaint(clinic, now - timedelta(days=6), "", "letter-or-call", "A letter for me went to my old address.",
                   until=2),
    ]  # fmt: skip


def _complaint(
    clinic: Clinic, when: datetime, key: str, about: str, text: str, *, until: int = 0
) -> Story:  # fmt: skip
    """`until`: how far it came: 1 acknowledged, 2 answered, 3 closed."""
    then = yield when
    her = patient(key) if key else None
    by = asker_for(her.pk, then) if her else staff(DORA, then)
    made = care.make_complaint(
        about=about, text=text, key=_key(clinic, text), by=by, now=then, person_id=her.pk if her else None,
        clinic=None if her else clinic,
    ).pk  # fmt: skip
    steps: tuple[Callable[[datetime], object], ...] = (
        lambda at: care.acknowledge_complaint(
            complaint_id=made, key=_key(made, "acknowledged"), by=staff(DORA, at), now=at
        ),
        lambda at: care.answer_complaint(
            complaint_id=made, way="page" if her else "letter", key=_key(made, "answered"), by=staff(DORA, at), now=at,
            text="You are right, and we are sorry. It was put right today; here is what we changed.",
        ),
        lambda at: care.close_complaint(
            complaint_id=made, outcome="put-right", key=_key(made, "closed"), by=staff(DORA, at), now=at
        ),
    )  # fmt: skip
    for days, step in enumerate(steps[:until], start=1):
        step((yield when + timedelta(days=1.1 * days)))


# ------------------------------------------------------------------------------------------------------ start and stay


def _calls(now: datetime) -> list[Story]:
    """Who has not started or went quiet was called, written to, or sent the way back in."""
    return [
        _call(now - timedelta(days=5), "xenia.pohl", "call", outcome="not-reached"),
        _call(now - timedelta(days=1, hours=2), "xenia.pohl", "call", outcome="reached", reason="no-time",
              then="again"),
        _call(now - timedelta(days=6), "yara.haddad", "message", outcome="left-message"),
        _call(now - timedelta(days=7), "kadi.saar", "technical-help", reason="technical-trouble"),
    ]  # fmt: skip


def _call(when: datetime, key: str, kind: str, *, outcome: str = "", reason: str = "", then: str = "") -> Story:
    at_ = yield when
    again = (at_ + timedelta(days=1)).date() if then else None
    tries(
        rescue_person, person_id=patient(key).pk, kind=kind, key=_key(patient(key).pk, f"{kind} {when}"), minutes=6,
        outcome=outcome, reason=reason, then=then, again_on=again, by=staff(DORA, at_), now=at_,
    )  # fmt: skip


def _asks_for_help(when: datetime, key: str) -> Story:
    """Uses the button; nobody has taken it yet."""
    then = yield when
    her = patient(key)
    record_help_now(person_id=her.pk, key=_key(her.pk, "help"), by=asker_for(her.pk, then), now=then)


def harms(member: Member, key: str, now: datetime, *, what: str, severity: str, causality: str) -> None:
    """A therapist writes down what happened to somebody."""
    care.record_harm(
        person_id=patient(key).pk, what=what, severity=severity, causality=causality, on=now.date(),
        key=_key(patient(key).pk, f"harm {what}"), by=staff(member, now), now=now,
        note="Told on the telephone; looked at together what was done before it.",
    )  # fmt: skip


def _key(row: Clinic | uuid.UUID, word: str) -> uuid.UUID:
    return uuid.uuid5(row if isinstance(row, uuid.UUID) else row.pk, word)

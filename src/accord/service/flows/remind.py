"""Which reminders there is a cause for: one row for each person, occasion and channel (U3).

The cause is looked at again when the mail is about to leave (`check_message`, U1): a row written here promises nothing.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from accord.service.access.table import SERVICE
from accord.service.assessments import queries as assessments
from accord.service.episodes import queries as episodes
from accord.service.episodes.rules import State
from accord.service.outbox.actions import enqueue
from accord.service.outbox.queries import known
from accord.service.people.rules.reminders import next_hour
from accord.service.programmes import queries as courses

if TYPE_CHECKING:
    from accord.service.assessments.models import Assessment
    from accord.service.people.models import Person
    from accord.service.programmes.models import Flare

OWN_STEP = timedelta(hours=20)  # what opened while she was there herself is not reminded of on the same day
BEFORE_IT_CLOSES = timedelta(days=1)
WITHIN = timedelta(hours=1)  # a cause that is found during her hour is mailed in it
AGAIN_AFTER = timedelta(days=4)  # where nothing closes
WAITING = (timedelta(days=5), timedelta(days=12))  # without anything done in the course
KINDS = ("assessment-due", "lesson-open", "lesson-waiting", "message-of-the-week", "flare-over")


@dataclass(frozen=True, slots=True)
class Cause:
    """One reminder: what about, which row it speaks of, and from when on."""

    kind: str
    occasion: str
    subject_id: uuid.UUID
    since: datetime


def remind(*, now: datetime) -> int:
    """Write down every reminder that there is a cause for and that was not written down before; returns how many.

    A mail leaves at her hour: one whose hour has come counts from then. A number of queries that does not grow with
    the people, but for those whose hour it is.
    """
    rows = [row for row in episodes.asked_now() if row.episode.person.reminders]
    asked = assessments.of_episodes([row.episode.pk for row in rows])
    treated = [row.episode.person_id for row in rows if row.state is State.ENROLLED]
    summaries = courses.summaries(treated, now)
    flares = courses.flares_of(treated, now - WAITING[0])
    before, written = known(KINDS), 0
    for row in rows:
        person = row.episode.person
        causes = list(_of_questions(asked[row.episode.pk], now))
        if summary := summaries.get(person.pk):
            causes += _of_lessons(summary, now)
            causes += _of_flares(summary.course_id, flares[person.pk], now)
            causes += _of_the_week(person, now) if _her_hour(person, now) else []
        for cause in causes:
            if (str(person.pk), f"{cause.kind} {cause.occasion}") not in before:
                since = cause.since if cause.since > now else now - WITHIN
                at = next_hour(since, person.reminder_hour, person.zone())
                enqueue(kind=cause.kind, to=person.pk, occasion=cause.occasion, channel="email",
                        subject_id=cause.subject_id, not_before=at, now=now)  # fmt: skip
                written += 1
    return written


def _of_questions(rows: list[Assessment], now: datetime) -> Iterator[Cause]:
    """When they open, and once more a day before they close."""
    for row in rows:
        if row.submitted_at or row.closed_at or row.opens_at > now:
            continue
        first = row.opens_at if row.opens_at < row.made_at else row.made_at + OWN_STEP
        yield Cause("assessment-due", f"assessment:{row.pk}:1", row.pk, first)
        again = row.closes_at - BEFORE_IT_CLOSES - timedelta(hours=12) if row.closes_at else first + AGAIN_AFTER
        if now >= again and again > first:
            yield Cause("assessment-due", f"assessment:{row.pk}:2", row.pk, again)


def _of_lessons(summary: courses.CourseSummary, now: datetime) -> Iterator[Cause]:
    """When one opens that she has not begun; and when nothing was done for a while, twice at most for a lesson."""
    place = _current(summary.states)
    if place is None or summary.flare_since is not None:
        return
    if summary.states[place] == "open":
        yield Cause("lesson-open", f"{summary.course_id}:{place}", summary.course_id, now)
    idle = now - max(summary.last_active_at or summary.began_at, summary.began_at)
    for number, long in enumerate(WAITING, start=1):
        if idle >= long:
            yield Cause("lesson-waiting", f"{summary.course_id}:{place}:{number}", summary.course_id, now)


def _current(states: tuple[str, ...]) -> int | None:
    """The place of the lesson that comes now: begun before open."""
    return next((states.index(state) for state in ("started", "open") if state in states), None)


def _of_flares(course_id: uuid.UUID, flares: list[Flare], now: datetime) -> Iterator[Cause]:
    """The gentle way back, on the day after a flare ended by itself (C7)."""
    for flare in flares:
        if flare.ended_at is None and flare.ends_at <= now:
            yield Cause("flare-over", f"flare:{flare.pk}", course_id, flare.ends_at)


def _of_the_week(person: Person, now: datetime) -> Iterator[Cause]:
    """The service's own words for this point of a lesson."""
    course = courses.course_of(SERVICE, person.pk)
    stands = courses.standing(course, now) if course else None
    block = courses.message_of_the_week(stands)
    if stands is not None and stands.current is not None and block is not None and block.head.day > 0:  # type: ignore[attr-defined]
        place = stands.states.index(stands.current)
        yield Cause("message-of-the-week", f"{stands.course.pk}:{place}:{block.id}", stands.course.pk, now)


def _her_hour(person: Person, now: datetime) -> bool:
    return now.astimezone(person.zone()).hour == person.reminder_hour

"""Sessions: when the next one is, what was planned and came of it, which one of a protocol a held one is."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from accord.service.access.table import Action, Asker
from accord.service.care.models import Session, SessionStep
from accord.service.care.policies import the_session
from accord.service.care.rules.sessions import Happened, SessionState, session_state, waits_for_word


@dataclass(frozen=True, slots=True)
class Meeting:
    """A session with its steps in order; `last` says when, how and where, and whether it is over."""

    session: Session
    steps: tuple[SessionStep, ...]

    @property
    def last(self) -> SessionStep:
        return self.steps[-1]

    @property
    def state(self) -> SessionState:
        return session_state([happened(step) for step in self.steps])

    @property
    def moved(self) -> int:
        """How often it was moved."""
        return sum(step.kind == SessionStep.Kind.MOVED for step in self.steps)

    def waits_for_word(self, now: datetime) -> bool:
        """Its time has passed and nobody has said whether it was held."""
        return waits_for_word(self.state, self.last.starts_at, self.last.minutes, now)


def happened(step: SessionStep) -> Happened:
    """A stored step as the rules read it."""
    return Happened(step.kind, step.starts_at, step.minutes, step.mode)


def meetings(sessions: Iterable[Session]) -> list[Meeting]:
    """These sessions with their steps, by when they begin: two queries, whatever the number."""
    rows = {row.pk: row for row in sessions}
    steps: dict[uuid.UUID, list[SessionStep]] = {}
    for step in SessionStep.objects.filter(session__in=rows).order_by("revision"):
        steps.setdefault(step.session_id, []).append(step)
    found = [Meeting(rows[key], tuple(steps[key])) for key in rows if key in steps]
    return sorted(found, key=lambda one: (one.last.starts_at, one.session.pk))


def sessions_of(asker: Asker, person_id: uuid.UUID) -> list[Meeting]:
    """Every session of a person that the asker may see, by when it begins. A patient sees her own."""
    return meetings(Session.objects.for_(asker, Action.VIEW).filter(person=person_id))


def session(asker: Asker, session_id: uuid.UUID, action: Action = Action.VIEW) -> Meeting:
    """One session. Raises NotAllowed."""
    return meetings([the_session(session_id, asker, action)])[0]


def sessions_between(asker: Asker, since: datetime, until: datetime) -> list[Meeting]:
    """The sessions that begin in these hours and were not cancelled, and earlier ones that wait for a word."""
    rows = Session.objects.for_(asker, Action.VIEW).filter(steps__starts_at__gte=since, steps__starts_at__lt=until)
    waiting = Session.objects.for_(asker, Action.VIEW).open()
    every = meetings((rows.distinct() | waiting.distinct()).select_related("person__clinic"))
    shown = [one for one in every if one.state is not SessionState.CANCELLED]
    return [
        one
        for one in shown
        if since <= one.last.starts_at < until or (one.last.starts_at < since and one.waits_for_word(until))
    ]


def open_sessions(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Meeting]]:
    """The open sessions of these people, each person's by when they begin. Two queries. For lists scoped before."""
    found: dict[uuid.UUID, list[Meeting]] = {}
    for one in meetings(Session.objects.open().filter(person__in=set(ids))):
        found.setdefault(one.session.person_id, []).append(one)
    return found


def session_news(session_id: uuid.UUID, revision: int, now: datetime) -> bool:
    """Whether what was told of a session still holds and lies ahead: a mail that says so is still wanted."""
    last = SessionStep.objects.filter(session=session_id).order_by("-revision").first()
    return last is not None and last.revision == revision and last.starts_at > now


def held_number(session_id: uuid.UUID) -> int:
    """Which of the held sessions of its episode it is, in the order they were written down; 0 when it was not held."""
    held = SessionStep.objects.filter(session__episode__sessions=session_id, kind=SessionStep.Kind.HELD)
    order = list(held.order_by("at", "id").values_list("session_id", flat=True))
    return order.index(session_id) + 1 if session_id in order else 0

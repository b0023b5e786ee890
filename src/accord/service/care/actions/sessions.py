"""Sessions are planned, moved, held, missed, cancelled (C31). A held one writes exactly one contact.

Two people who change the same session at once: one does, the other is shown what stands now.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accord.service.access.table import Action, Asker, Resource
from accord.service.audit.actions import record
from accord.service.care.actions.contacts import write_contact
from accord.service.care.actions.parts import own_words, person_for
from accord.service.care.models import Session, SessionStep
from accord.service.care.policies import check_plan, check_session_open, the_session
from accord.service.care.queries import happened, meetings
from accord.service.care.rules.handling import REACHED
from accord.service.care.rules.sessions import CANCELLED, MISSED, MODES, overlaps
from accord.service.episodes.queries import current_episode, state
from accord.service.episodes.rules import State
from accord.service.errors import NotNow, Refusal, Stale
from accord.service.outbox.actions import enqueue

if TYPE_CHECKING:
    from accord.service.episodes.models import Episode

Kind = SessionStep.Kind


def plan_session(
    *,
    person_id: uuid.UUID,
    mode: str,
    starts_at: datetime,
    minutes: int,
    key: uuid.UUID,
    by: Asker,
    now: datetime,
    place: str = "",
) -> Session:
    """Plan a meeting with one person; she is told that something changed. The same key twice is one session."""
    person = person_for(person_id, Resource.SESSION, Action.CREATE, by)
    check_plan(mode=mode, starts_at=starts_at, minutes=minutes, now=now)
    where = own_words(place)
    with transaction.atomic():
        if replayed := Session.objects.for_(by, Action.VIEW).filter(key=key).first():
            return replayed
        episode = _running(by, person.pk)
        number = _next_number(episode)
        session = _once(
            lambda: Session.objects.create(
                person=person, episode=episode, number=number, key=key, made_at=now, by=by.person_id
            )
        )
        step = SessionStep(mode=mode, starts_at=starts_at, minutes=minutes, place=where)
        _add(session, Kind.PLANNED, 1, step, uuid.uuid5(key, "planned"), by, now)
        return session


def _running(by: Asker, person_id: uuid.UUID) -> Episode:
    episode = current_episode(by, person_id)
    if episode is None or state(episode) in (State.DISCHARGED, State.WITHDRAWN, State.NOT_ELIGIBLE):
        cure = _("A call can be logged as a contact at any time.")
        raise NotNow(_("There is no treatment under way to plan a session for."), cure=cure)
    return episode


def _next_number(episode: Episode) -> int:
    """Locks the sessions of the episode, so that two who plan at once do so one after the other."""
    rows = Session.objects.select_for_update().filter(episode=episode)
    return max((number for number in rows.values_list("number", flat=True)), default=0) + 1


def _once(create: Callable[[], Session]) -> Session:
    try:
        with transaction.atomic():
            return create()
    except IntegrityError:
        cure = _("Look at the page again, then plan it if it is still needed.")
        raise NotNow(_("Somebody else planned a session at the same moment."), cure=cure) from None


def move_session(
    *,
    session_id: uuid.UUID,
    revision: int,
    starts_at: datetime,
    key: uuid.UUID,
    by: Asker,
    now: datetime,
    minutes: int | None = None,
    mode: str | None = None,
    place: str | None = None,
    note: str = "",
) -> SessionStep:
    """Give a session another time, way or place. `revision` is what the page showed; Stale when it changed since."""
    text = own_words(note)
    with transaction.atomic():
        if replayed := _replayed(session_id, key, by):
            return replayed
        session, last = _open(session_id, by)
        step = SessionStep(
            mode=mode or last.mode, starts_at=starts_at, minutes=last.minutes if minutes is None else minutes,
            place=last.place if place is None else own_words(place), note=text,
        )  # fmt: skip
        if last.revision != revision:
            raise _stale(last, step)
        check_plan(mode=step.mode, starts_at=starts_at, minutes=step.minutes, now=now)
        return _add(session, Kind.MOVED, revision + 1, step, key, by, now)


def hold_session(
    *,
    session_id: uuid.UUID,
    minutes: int,
    key: uuid.UUID,
    by: Asker,
    now: datetime,
    mode: str | None = None,
    held_at: datetime | None = None,
    note: str = "",
) -> SessionStep:
    """It was held: its one contact is written, with the minutes it really took. `held_at`: when not as planned."""
    text = own_words(note)
    with transaction.atomic():
        if replayed := _replayed(session_id, key, by):
            return replayed
        session, last = _open(session_id, by)
        at, way = held_at or last.starts_at, mode or last.mode
        if at > now:
            cure = _("Say when it was held, or wait until then.")
            raise NotNow(_("This session has not begun yet."), cure=cure)
        if way not in MODES or not 0 < minutes <= 600:
            raise Refusal(_("Choose how you met, and minutes from 1 to 600."), cure=_("Nothing was stored."))
        contact = write_contact(
            by, now, person=session.person, episode=session.episode, mode=way, direction="out", outcome=REACHED,
            minutes=minutes, note=text, at=at, key=uuid.uuid5(session.pk, "contact"),
        )  # fmt: skip
        step = SessionStep(mode=way, starts_at=at, minutes=minutes, place=last.place, contact=contact)
        return _add(session, Kind.HELD, last.revision + 1, step, key, by, now)


def miss_session(
    *, session_id: uuid.UUID, reason: str, key: uuid.UUID, by: Asker, now: datetime, note: str = ""
) -> SessionStep:
    """Its time came and nobody met, with the reason. No contact is written and no minutes are counted."""
    if reason not in MISSED:
        raise Refusal(_("Choose why you did not meet."), cure=_("Nothing was stored."))
    return _end(session_id, Kind.MISSED, reason, note, key, by, now)


def cancel_session(
    *, session_id: uuid.UUID, reason: str, key: uuid.UUID, by: Asker, now: datetime, note: str = ""
) -> SessionStep:
    """It will not take place, with the reason."""
    if reason not in CANCELLED:
        raise Refusal(_("Choose why the session is cancelled."), cure=_("Nothing was stored."))
    return _end(session_id, Kind.CANCELLED, reason, note, key, by, now)


def _end(
    session_id: uuid.UUID, kind: SessionStep.Kind, reason: str, note: str, key: uuid.UUID, by: Asker, now: datetime
) -> SessionStep:
    text = own_words(note)
    with transaction.atomic():
        if replayed := _replayed(session_id, key, by):
            return replayed
        session, last = _open(session_id, by)
        if kind is Kind.MISSED and last.starts_at > now:
            cure = _("Move it or cancel it instead.")
            raise NotNow(_("The time of this session has not come yet."), cure=cure)
        step = SessionStep(mode=last.mode, starts_at=last.starts_at, minutes=last.minutes, place=last.place)
        step.reason, step.note = reason, text
        return _add(session, kind, last.revision + 1, step, key, by, now)


# ---------------------------------------------------------------------------------------------------- parts


def _open(session_id: uuid.UUID, by: Asker) -> tuple[Session, SessionStep]:
    """The session to act on with its newest step; refused when it is not hers to act on, or over."""
    session = the_session(session_id, by, Action.ACT)
    Session.objects.select_for_update().get(pk=session.pk)
    last = session.steps.order_by("-revision")[0]
    check_session_open(last.kind)
    return session, last


def _replayed(session_id: uuid.UUID, key: uuid.UUID, by: Asker) -> SessionStep | None:
    the_session(session_id, by, Action.ACT)
    return SessionStep.objects.filter(session=session_id, key=key).first()


def _add(
    session: Session, kind: SessionStep.Kind, revision: int, step: SessionStep, key: uuid.UUID, by: Asker, now: datetime
) -> SessionStep:
    if kind in (Kind.PLANNED, Kind.MOVED):
        _check_free(session, step)
    step.session, step.kind, step.revision, step.key, step.at, step.by = session, kind, revision, key, now, by.person_id
    try:
        with transaction.atomic():
            step.save(force_insert=True)
    except IntegrityError:
        raise _stale(session.steps.order_by("-revision")[0], step) from None
    facts = {"mode": step.mode, "starts_at": step.starts_at.isoformat(), "minutes": step.minutes, "reason": step.reason}
    personal = {name: text for name, text in (("place", step.place), ("note", step.note)) if text}
    record(
        stream=f"person:{session.person_id}", action=f"session.{kind.value}", resource="session",
        resource_id=session.pk, by=by.person_id, role=by.main_role(), now=now, facts=facts, personal=personal,
    )  # fmt: skip
    if kind in (Kind.PLANNED, Kind.MOVED, Kind.CANCELLED) and step.starts_at > now:
        occasion = f"session:{session.pk}:{revision}"
        enqueue(
            kind="session-changed", to=session.person_id, occasion=occasion, channel="email", subject_id=session.pk,
            now=now,
        )  # fmt: skip
    return step


def _check_free(session: Session, step: SessionStep) -> None:
    """Nobody meets the same person twice at once."""
    mine = Session.objects.open().filter(person=session.person_id).exclude(pk=session.pk)
    new = happened(step)
    if any(overlaps(new, happened(row.last)) for row in meetings(mine)):
        cure = _("Choose another time, or move the other session first.")
        raise NotNow(_("There is a session with this person at that time already."), cure=cure)


def _stale(last: SessionStep, given: SessionStep) -> Stale:
    message = _("Somebody else changed this session in the meantime. Nothing was overwritten.")
    held: Any = {"kind": last.kind, "starts_at": last.starts_at, "mode": last.mode, "minutes": last.minutes}
    new: Any = {"starts_at": given.starts_at, "mode": given.mode, "minutes": given.minutes}
    return Stale(
        message, cure=_("Look at how it stands now, then change it if you still need to."), held=held, given=new
    )

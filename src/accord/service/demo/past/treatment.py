"""The course of each person of the past: lessons, practice, contacts, the conversation with her therapist."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from accord.service.care.models import Contact
from accord.service.care.rules.deadlines import reply_due
from accord.service.demo.past.life import STARTED, Life
from accord.service.demo.past.words import ANSWERED, ASKED
from accord.service.messaging.models import Message, Seen, Thread
from accord.service.programmes.models import Course, Mark, Practised

if TYPE_CHECKING:
    from accord.service.demo.past.histories import Fact

MODES = {"in_person": "in-person", "message": "message", "phone": "phone", "video": "video"}
Said = tuple[datetime, Any, str, datetime | None]  # when, who, what, by when an answer is promised
LATE = 40.0  # hours to an answer that the record does not tell of
AT_A_TIME = 20  # minutes of practice
MOST_TIMES = 5


def write_treatment(one: Life) -> None:
    began = one.started
    if began is not None:
        _course(one, began)
    said: list[Said] = []
    for place, contact in enumerate(one.history.of.get("contacts", ())):
        said += _contact(one, contact, place)
    for place, reply in enumerate(one.history.of.get("replies", ())):
        said += _reply(one, reply, place)
    _conversation(one, sorted(said, key=lambda message: message[0]))


def _course(one: Life, began: Any) -> None:
    course = one.put(
        Course, began, episode_id=one.episode, person_id=one.person, snapshot=one.scene.snapshots["programme"],
        length=next(iter(one.scene.programme.lengths)), began_at=began,
    )  # fmt: skip
    for lesson in one.history.of.get("lessons", ()) if course is not None else ():
        _lesson(one, course, lesson)


def _lesson(one: Life, course: Any, lesson: Fact) -> None:
    """Begun, its parts on the evenings between, done when it was; and what she practised meanwhile."""
    opened, done = lesson["opened_day"], lesson["completed_day"]
    if opened is None:
        return
    known = one.scene.programme.lesson(lesson["lesson"])
    _mark(one, course, "begun", known.id, one.days.at(opened, STARTED))
    parts = one.scene.parts[known.id]
    last = opened + 3 if done is None else done
    for part in range(1, (parts if done is not None else 1) + 1):
        _mark(
            one, course, "part", known.id, one.days.at(opened + (last - opened) * part // parts, STARTED + 0.25), part
        )
    if done is not None:
        _mark(one, course, "done", known.id, one.days.at(done, STARTED + 0.5))
    minutes = lesson["practice_minutes"] or 0
    times = min(MOST_TIMES, math.ceil(minutes / AT_A_TIME))
    practice = next(iter(known.practices), None) or next(iter(one.scene.programme.practices))
    for time in range(times):
        on, at = one.days.on(opened + 1 + time), one.days.at(opened + 1 + time, 18)
        one.put(
            Practised, at, course=course, practice=practice, on=on, revision=lesson["number"],
            minutes=round(minutes / times), felt=one.chance(f"felt {known.id}").choice(("calmer", "same")),
            key=one.scene.keys.free(), at=at, by=one.person,
        )  # fmt: skip


def _mark(one: Life, course: Any, kind: str, lesson: str, at: datetime, part: int = 0) -> None:
    one.put(Mark, at, course=course, kind=kind, lesson=lesson, part=part, at=at, by=one.person)


def _contact(one: Life, contact: Fact, place: int) -> list[Said]:
    """One contact of her therapist, and her words where it was a message."""
    by = one.scene.therapists.get(contact["therapist"] or "") or one.therapist
    at = one.days.at(contact["day"], 10 + place % 6)
    mode = MODES.get(contact["channel"] or "phone", "phone")
    one.put(
        Contact, at, person_id=one.person, episode_id=one.episode, mode=mode, outcome="reached",
        minutes=max(1, round(contact["minutes"])), at=at, by=by, key=one.scene.keys.free(),
    )  # fmt: skip
    if mode != "message" or by is None:
        return []
    return [(at, by, one.chance(f"message {place}").choice(ANSWERED), None)]


def _reply(one: Life, reply: Fact, place: int) -> list[Said]:
    """What she wrote, with the promise of an answer, and the answer; the record leaves nobody waiting."""
    drawn, by = one.chance(f"reply {place}"), one.therapist or one.scene.on_duty
    wrote = one.days.at(reply["day"], 8 + place % 9 + 0.5)
    hours = reply["answered_hours"] if reply["answered_hours"] is not None else LATE
    due = reply_due(one.scene.calendar, wrote, last_tier=0)
    return [(wrote, one.person, drawn.choice(ASKED), due),
            (wrote + timedelta(hours=hours), by, drawn.choice(ANSWERED), None)]  # fmt: skip


def _conversation(one: Life, said: list[Said]) -> None:
    said = [message for message in said if message[0] <= one.scene.now]
    if not said:
        return
    first, last = said[0][0], said[-1][0]
    heard = max((at for at, author, _, _ in said if author == one.person), default=None)
    thread = one.put(Thread, first, person_id=one.person, made_at=first, wrote_last=said[-1][1], heard_at=heard)
    for number, (at, author, text, due) in enumerate(said, start=1):
        one.put(
            Message, at, thread=thread, sequence=number, author_id=author, key=one.scene.keys.free(), text=text,
            sent_at=at, reply_due_at=due,
        )  # fmt: skip
    for reader in {one.person: None, **{author: None for _, author, _, _ in said}}:
        one.put(Seen, last, thread=thread, reader_id=reader, sequence=len(said), at=last)

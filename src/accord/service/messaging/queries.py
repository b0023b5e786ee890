"""Reads of this room: a conversation as its page shows it, and who waits for an answer."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from accord.service.access.table import Action, Asker
from accord.service.errors import NotAllowed
from accord.service.library.queries import texts
from accord.service.messaging.models import Message, MessageDraft, Seen, Thread
from accord.service.messaging.rules import Promised, gaps
from accord.service.people.policies import hidden


@dataclass(frozen=True, slots=True)
class Line:
    """One message as a reader sees it."""

    id: uuid.UUID
    sequence: int
    author_id: uuid.UUID
    author: str
    text: str
    sent_at: datetime
    mine: bool
    from_patient: bool
    new: bool  # not seen by this reader before


@dataclass(frozen=True, slots=True)
class Conversation:
    """A thread as its page shows it. `reply_due_at`: the promise of the first message that has no answer yet."""

    person_id: uuid.UUID
    lines: tuple[Line, ...]
    draft: str
    draft_revision: int
    reply_due_at: datetime | None
    earlier: int  # older messages that are not shown


SHOWN = 50  # messages on a page
MONTH = timedelta(days=30)


def conversation(asker: Asker, person_id: uuid.UUID, *, shown: int = SHOWN) -> Conversation:
    """The conversation with a person, the newest `shown` messages in order. Raises NotAllowed for who may not see it.

    A person to whom nobody has written yet has an empty one.
    """
    thread = Thread.objects.for_(asker, Action.VIEW).filter(person=person_id).first()
    if thread is None:
        if not _may_see_empty(asker, person_id):
            raise NotAllowed(_("There is no conversation here that you may see."))
        return Conversation(person_id, (), "", 0, None, 0)
    seen = Seen.objects.filter(thread=thread, reader=asker.person_id).values_list("sequence", flat=True).first() or 0
    rows = list(Message.objects.filter(thread=thread).select_related("author").order_by("-sequence")[: shown + 1])
    earlier = rows.pop().sequence if len(rows) > shown else 0
    lines = tuple(_line(row, person_id, asker, seen) for row in reversed(rows))
    draft = MessageDraft.objects.filter(thread=thread, author=asker.person_id).first()
    unanswered = list(takewhile(lambda row: row.author_id == person_id, rows))
    due = unanswered[-1].reply_due_at if unanswered else None
    return Conversation(person_id, lines, draft.text if draft else "", draft.revision if draft else 0, due, earlier)


def _may_see_empty(asker: Asker, person_id: uuid.UUID) -> bool:
    from accord.service.messaging.policies import can_write

    return can_write(person_id, asker)


def _line(row: Message, person_id: uuid.UUID, asker: Asker, seen: int) -> Line:
    mine = row.author_id == asker.person_id
    return Line(
        id=row.pk, sequence=row.sequence, author_id=row.author_id, author=row.author.name, text=row.text,
        sent_at=row.sent_at, mine=mine, from_patient=row.author_id == person_id, new=not mine and row.sequence > seen,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Waiting:
    """A patient who waits for an answer, since the first message that has none: its promise is the one that counts."""

    person_id: uuid.UUID
    message_id: uuid.UUID
    sent_at: datetime
    reply_due_at: datetime | None
    read: bool  # somebody of the service has opened all she wrote


def waiting(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Waiting]:
    """Of these patients the ones whose last message is their own. Two queries, whatever the number."""
    rows = _unanswered(Thread.objects.filter(person__in=set(ids)))
    found: dict[uuid.UUID, Waiting] = {}
    for one in rows:
        first = found.setdefault(one.person_id, one)
        found[one.person_id] = replace(first, read=first.read and one.read)
    return found


def who_waits(asker: Asker) -> set[uuid.UUID]:
    """The patients whose conversation the asker may read and whose last message is their own. One query."""
    rows = Thread.objects.for_(asker, Action.VIEW).filter(wrote_last=F("person"))
    return set(rows.values_list("person_id", flat=True))


def unread_past(now: datetime) -> list[Waiting]:
    """Of each patient the first message that nobody has opened although its time has passed. For the clock.

    A later message never moves the promise of an earlier one. What is older than a month was told of then.
    """
    rows = _unanswered(Thread.objects.all(), sent_at__gte=now - MONTH, reply_due_at__lt=now)
    found: dict[uuid.UUID, Waiting] = {}
    for one in rows:
        if not one.read:
            found.setdefault(one.person_id, one)
    return list(found.values())


def unseen(message_id: uuid.UUID, reader_id: uuid.UUID) -> bool:
    """Whether somebody has not opened a message yet: a mail that says so is still wanted."""
    seen = Seen.objects.filter(thread=OuterRef("thread"), reader=reader_id, sequence__gte=OuterRef("sequence"))
    return Message.objects.filter(~Exists(seen), pk=message_id).exists()


def _unanswered(threads: QuerySet[Thread], **only: object) -> list[Waiting]:
    """Every message of a patient after which nobody of the service has written, in order."""
    answers = Message.objects.filter(thread=OuterRef("thread")).exclude(author=OuterRef("thread__person"))
    last = Coalesce(Subquery(answers.order_by("-sequence").values("sequence")[:1]), 0)
    mine = Message.objects.filter(thread__in=threads, author=F("thread__person"), sequence__gt=last, **only)
    columns = ("thread_id", "thread__person_id", "pk", "sent_at", "reply_due_at", "sequence")
    rows = list(mine.order_by("thread_id", "sequence").values_list(*columns))
    others = Seen.objects.filter(thread__in={row[0] for row in rows}).exclude(Q(reader=F("thread__person")))
    read: dict[uuid.UUID, int] = {}
    for thread, sequence in others.values_list("thread_id", "sequence"):
        read[thread] = max(read.get(thread, 0), sequence)
    return [
        Waiting(person, pk, sent, promised, read.get(thread, 0) >= sequence)
        for thread, person, pk, sent, promised, sequence in rows
    ]


def last_written(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, datetime]:
    """When each of these patients last wrote. One query; for lists and the clock, scoped before."""
    rows = Thread.objects.filter(person__in=set(ids))
    return {who: at for who, at in rows.values_list("person_id", "heard_at") if at}


def last_written_to(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, datetime]:
    """When somebody of the service last wrote to each of these patients. One query; scoped before."""
    ours = Message.objects.filter(thread__person__in=set(ids)).exclude(author=F("thread__person"))
    return dict(ours.values_list("thread__person").annotate(last=Max("sent_at")))


@dataclass(frozen=True, slots=True)
class Template:
    """A text to begin a message from, with what is to be filled in."""

    slug: str
    title: str
    body: str
    gaps: tuple[str, ...]


def templates(language: str = "en") -> list[Template]:
    """The published texts that a message can be begun from, by name. Those of her lessons stand in her programme."""
    return [Template(one.slug, one.title, one.body, tuple(gaps(one.body))) for one in texts("template-", language)]


def promises(ids: Collection[uuid.UUID], *, since: datetime) -> dict[uuid.UUID, list[Promised]]:
    """Every promise of an answer given to these patients since then, and when it was answered. One query, which reads
    nothing older.

    Of messages written one after the other the first one's promise counts, as on every page. For pages and reports
    whose people were scoped before; nothing that anybody wrote is read.
    """
    return _promised(ids, sent_at__gte=since)


def _promised(ids: Collection[uuid.UUID], **only: datetime) -> dict[uuid.UUID, list[Promised]]:
    """The first of each row of messages of a patient, with the first answer after it."""
    same = Message.objects.filter(thread=OuterRef("thread"))
    before = same.filter(sequence=OuterRef("sequence") - 1, author=OuterRef("author"), reply_due_at__isnull=False)
    answers = same.filter(sequence__gt=OuterRef("sequence")).exclude(author=OuterRef("author")).order_by("sequence")
    rows = Message.objects.filter(
        ~Exists(before), thread__person__in=set(ids), author=F("thread__person"), reply_due_at__isnull=False, **only
    )
    columns = ("thread__person_id", "sent_at", "reply_due_at", "answered_at")
    told: Any = rows.annotate(answered_at=Subquery(answers.values("sent_at")[:1])).order_by("thread_id", "sequence")
    found: dict[uuid.UUID, list[Promised]] = {}
    for person, sent, due, answered in told.values_list(*columns):
        found.setdefault(person, []).append(Promised(sent, due, answered))
    return found


def unread_by(asker: Asker) -> int:
    """How many messages in her own conversation a patient has not seen."""
    if asker.person_id is None:
        raise hidden()
    thread = Thread.objects.filter(person=asker.person_id).first()
    if thread is None:
        return 0
    seen = Seen.objects.filter(thread=thread, reader=asker.person_id).values_list("sequence", flat=True).first() or 0
    return Message.objects.filter(thread=thread, sequence__gt=seen).exclude(author=asker.person_id).count()


def promises_until(ids: Collection[uuid.UUID], now: datetime) -> dict[uuid.UUID, list[Promised]]:
    """Every promise of an answer that was given to these patients, as it stood at `now`; for a cohort. One query."""
    return {
        person: [replace(one, answered_at=None) if one.answered_at and one.answered_at > now else one for one in mine]
        for person, mine in _promised(ids, sent_at__lte=now).items()
    }

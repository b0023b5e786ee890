"""Writes of this room: send once and in order, keep what is being typed, mark what was read."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from accord.service.access.table import Asker
from accord.service.audit.actions import record
from accord.service.errors import Stale
from accord.service.messaging.models import Message, MessageDraft, Seen, Thread
from accord.service.messaging.policies import check_can_write, check_personal, check_text
from accord.service.messaging.queries import templates as published_templates
from accord.service.messaging.rules import LONGEST


@dataclass(frozen=True, slots=True)
class Sent:
    """The message as it stands, and whether it stood before (the same post came twice)."""

    message: Message
    replayed: bool


def send(
    *,
    person_id: uuid.UUID,
    text: str,
    key: uuid.UUID,
    reply_due_at: datetime | None,
    by: Asker,
    now: datetime,
    templates: Collection[str] = (),
) -> Sent:
    """Write a message into a person's conversation. The same key twice is one row; with another text it is Stale.

    What staff write is personal: no gap of a template is left in it, and it is none of the `templates` as they stand
    (the published ones are known here; those of her lessons are given).

    The sequence has no gap and no double: the thread's row is locked on PostgreSQL, the whole base on SQLite.
    """
    check_can_write(person_id, by)
    check_text(text)
    if by.person_id != person_id:
        check_personal(text, [*(one.body for one in published_templates()), *templates])
    with transaction.atomic():
        thread = _thread(person_id, now)
        if earlier := Message.objects.filter(thread=thread, key=key).first():
            return _replayed(earlier, text, by)
        last = Message.objects.filter(thread=thread).aggregate(last=Max("sequence"))["last"] or 0
        message = Message.objects.create(
            thread=thread, sequence=last + 1, author_id=_writer(by), key=key, text=text, sent_at=now,
            reply_due_at=reply_due_at if by.person_id == person_id else None,
        )  # fmt: skip
        MessageDraft.objects.filter(thread=thread, author=by.person_id).delete()
        _see(thread, by, message.sequence, now)
        record(
            stream=f"person:{person_id}", action="message.sent", resource="message", resource_id=message.pk,
            by=by.person_id, role=by.main_role(), now=now, facts={"sequence": message.sequence},
            personal={"text": text},
        )  # fmt: skip
        return Sent(message, replayed=False)


def _writer(by: Asker) -> uuid.UUID:
    assert by.person_id is not None, "a message has an author"
    return by.person_id


def _replayed(earlier: Message, text: str, by: Asker) -> Sent:
    if earlier.author_id != by.person_id or earlier.text != text:
        message = "This page was used before to send something else. Nothing was overwritten."
        raise Stale(message, cure="Send it again from the page of the conversation.", held=earlier.text, given=text)
    return Sent(earlier, replayed=True)


def _thread(person_id: uuid.UUID, now: datetime) -> Thread:
    Thread.objects.get_or_create(person_id=person_id, defaults={"made_at": now})
    return Thread.objects.select_for_update().get(person_id=person_id)


def keep_draft(*, person_id: uuid.UUID, text: str, revision: int, by: Asker, now: datetime) -> int:
    """Keep what is being typed; returns its new revision. Raises Stale when another page has kept something newer."""
    check_can_write(person_id, by)
    if text.strip():
        check_text(text)
    with transaction.atomic():
        thread = _thread(person_id, now)
        held = MessageDraft.objects.filter(thread=thread, author_id=by.person_id).first()
        if held is None:
            held = MessageDraft(thread=thread, author_id=_writer(by), revision=0)
        elif held.revision > revision and held.text != text:
            message = "Another page has kept a newer text. Nothing was overwritten."
            raise Stale(message, cure="Open the conversation again to see it.", held=held.text, given=text)
        held.revision, held.text, held.at = max(held.revision, revision) + 1, text[:LONGEST], now
        held.save()
        return held.revision


def mark_read(*, person_id: uuid.UUID, up_to: int, by: Asker, now: datetime) -> None:
    """She has seen the conversation up to this message; never backwards."""
    check_can_write(person_id, by)
    with transaction.atomic():
        if thread := Thread.objects.filter(person=person_id).first():
            _see(thread, by, up_to, now)


def _see(thread: Thread, by: Asker, up_to: int, now: datetime) -> None:
    mark, new = Seen.objects.get_or_create(
        thread=thread, reader_id=by.person_id, defaults={"sequence": up_to, "at": now}
    )
    if not new:
        Seen.objects.filter(pk=mark.pk, sequence__lt=up_to).update(sequence=up_to, at=now)

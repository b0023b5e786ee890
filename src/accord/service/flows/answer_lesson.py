"""A therapist answers what a patient saved in a lesson: a message that she finds with her lesson, and a mark on it."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accord.service.access.table import Action, Asker
from accord.service.errors import NotAllowed
from accord.service.messaging.actions import Sent, send
from accord.service.outbox.actions import enqueue
from accord.service.people.queries import person as find_person
from accord.service.programmes.actions import mark_answered
from accord.service.programmes.queries import course_of


def answer_lesson(*, person_id: uuid.UUID, lesson: str, text: str, key: uuid.UUID, by: Asker, now: datetime) -> Sent:
    """Send the answer once, and let the next lesson open where it waits for it. The same key twice is one message.

    Raises NotAllowed, Refusal (empty, too long, gaps left), Stale (the key sent something else).
    """
    with transaction.atomic(durable=True):
        find_person(by, person_id, Action.VIEW)
        course = course_of(by, person_id)
        if course is None:
            raise NotAllowed(_("There is no course here that you may see."))
        sent = send(person_id=person_id, text=text, key=key, reply_due_at=None, by=by, now=now)
        mark_answered(course=course, lesson=lesson, message_id=sent.message.pk, by=by, now=now)
        if not sent.replayed:
            enqueue(
                kind="message-waiting", to=person_id, occasion=f"message:{sent.message.pk}", channel="email",
                subject_id=sent.message.pk, now=now,
            )  # fmt: skip
        return sent

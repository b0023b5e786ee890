"""A message is sent: stored once, with the hour by which it is answered, and the other side is told that one waits."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from accord.service.access.table import Action, Asker
from accord.service.care import queries as care
from accord.service.messaging.actions import Sent, send
from accord.service.outbox.actions import enqueue
from accord.service.people import queries as people


def send_message(*, person_id: uuid.UUID, text: str, key: uuid.UUID, by: Asker, now: datetime) -> Sent:
    """Send a message in the conversation with `person_id`, the patient; `by` is she or somebody who answers for her.

    What a patient writes is answered within one working day; when her last known tier of risk was R2 or higher, within
    R2's clock (C15). Raises NotAllowed, Refusal (empty, too long, NUL), Stale (this page's key sent something else).
    """
    with transaction.atomic(durable=True):
        person = people.person(by, person_id, Action.VIEW)
        from_patient = by.person_id == person_id
        due = care.reply_due(person, now) if from_patient else None
        sent = send(person_id=person_id, text=text, key=key, reply_due_at=due, by=by, now=now)
        if not sent.replayed:
            to = people.accountable_for(person_id, now).pk if from_patient else person_id
            occasion = f"message:{sent.message.pk}"
            enqueue(
                kind="message-waiting", to=to, occasion=occasion, channel="email", subject_id=sent.message.pk, now=now
            )
        return sent

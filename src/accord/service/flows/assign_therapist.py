"""A therapist is found for somebody who waits: she answers for her from now on, and for what is open about her."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from accord.service.access.table import Asker
from accord.service.care.actions import alerts_follow
from accord.service.episodes.queries import covers_of
from accord.service.outbox.actions import enqueue
from accord.service.people import actions, queries
from accord.service.people.policies import hidden


def assign_therapist(
    *, person_id: uuid.UUID, therapist_id: uuid.UUID, override: str = "", by: Asker, now: datetime
) -> int:  # fmt: skip
    """Assign a therapist; returns how many open alerts went along. She is told by a neutral mail.

    She has a free place and the certificate for the protocol, or `override` says why she is chosen all the same (C40).
    Raises NotAllowed, NotNow (she cannot answer for people here, or something is missing; somebody else assigned at
    the same moment).
    """
    with transaction.atomic(durable=True):
        person, therapist = queries.person_with(person_id), queries.person_with(therapist_id)
        if person is None or therapist is None:
            raise hidden()
        row = actions.make_accountable(
            person=person, clinician=therapist, reason="therapist", covers=covers_of([person_id])[person_id],
            override=override, by=by, now=now,
        )  # fmt: skip
        enqueue(
            kind="person-assigned", to=therapist_id, occasion=f"accountability:{row.pk}", channel="email",
            subject_id=row.pk, now=now,
        )  # fmt: skip
        return alerts_follow(person_id=person_id, to=therapist_id, by=by, now=now)

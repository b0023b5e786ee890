"""A patient goes from one clinician to another, with what is open about her."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from accord.service.access.table import Asker
from accord.service.care.actions import alerts_follow
from accord.service.episodes.queries import covers_of
from accord.service.people import actions, queries
from accord.service.people.policies import hidden


def hand_over_patient(*, person_id: uuid.UUID, to: uuid.UUID, override: str = "", by: Asker, now: datetime) -> int:
    """From now on `to` answers for the patient; returns how many open alerts went along.

    An alert that somebody had in hand waits for the new clinician's receipt; one that nobody had keeps its clock and
    is told to her. Raises NotAllowed, NotNow (she is no clinician of this clinic; no certificate or place, C40).
    """
    with transaction.atomic(durable=True):
        person, clinician = queries.person_with(person_id), queries.person_with(to)
        if person is None or clinician is None:
            raise hidden()
        actions.make_accountable(
            person=person, clinician=clinician, reason="handover", covers=covers_of([person_id])[person_id],
            override=override, by=by, now=now,
        )  # fmt: skip
        return alerts_follow(person_id=person_id, to=to, by=by, now=now)

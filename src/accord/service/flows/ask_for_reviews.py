"""Every night, in a quiet hour of the clinic's own: its numbers are to be counted, for each protocol in force."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accord.service.access.table import SERVICE
from accord.service.fields.keys import new_id
from accord.service.studies.actions.reviews import ask_for_review
from accord.service.studies.queries.reviews import due


def ask_for_reviews(*, now: datetime) -> int:
    """Write down what is to be counted now; the worker counts. How many; twice in a night is once."""
    wanted = due(now)
    for clinic_id, protocol in wanted:
        with transaction.atomic(durable=True):
            ask_for_review(clinic_id=clinic_id, protocol=protocol, key=new_id(), by=SERVICE, now=now)
    return len(wanted)

"""Somebody wants to come by herself: her address is kept, and a link is sent that she confirms (E22)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from accord.service.access.table import SERVICE
from accord.service.episodes.actions import make_referral
from accord.service.outbox.actions import enqueue
from accord.service.people.actions import add_person
from accord.service.people.queries import account_with

if TYPE_CHECKING:
    from accord.service.people.models import Clinic

PROTOCOL = "routine-care"


def sign_up(*, email: str, clinic: Clinic, protocol: str = PROTOCOL, now: datetime) -> None:
    """Answers the same for known and unknown addresses: nothing. Who is known gets a mail that says so.

    For a known address the same rows are written and taken back, so that the time it takes tells nothing either.
    """
    with transaction.atomic(durable=True):
        known = account_with(email)
        with transaction.atomic():
            person = add_person(clinic=clinic, email=email.strip(), country=clinic.country, by=SERVICE, now=now)
            referral = make_referral(
                person=person, clinic=clinic, protocol=protocol, source="self", by=SERVICE, now=now
            )
            transaction.set_rollback(known is not None)
        if known is None:
            enqueue(
                kind="confirm-referral", to=person.pk, occasion=f"referral:{referral.pk}", channel="email",
                subject_id=referral.pk, now=now,
            )  # fmt: skip
        elif known.person_id is not None and known.is_active:
            occasion = f"sign-up:{now.date()}"
            enqueue(kind="sign-up-known", to=known.person_id, occasion=occasion, channel="email", now=now)

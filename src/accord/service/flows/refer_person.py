"""A professional sends somebody to us: it counts once the person herself has confirmed it (E22)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from accord.service.access.table import SERVICE
from accord.service.episodes.actions import acknowledge_referral, make_referral
from accord.service.outbox.actions import enqueue
from accord.service.people.actions import add_person
from accord.service.people.queries import account_with

if TYPE_CHECKING:
    from accord.service.people.models import Clinic


def refer_person(
    *, email: str, name: str = "", phone: str = "", source: str, note: str = "", clinic: Clinic,
    protocol: str = "routine-care", now: datetime,
) -> None:  # fmt: skip
    """Keep the referral and ask the person by mail. Who refers is told the same whether we know her or not.

    For a known address the same rows are written and taken back, so that the time it takes tells nothing either.
    """
    with transaction.atomic(durable=True):
        known = account_with(email)
        with transaction.atomic():
            person = add_person(
                clinic=clinic, name=name, phone=phone, email=email.strip(), country=clinic.country, by=SERVICE, now=now
            )
            referral = make_referral(
                person=person, clinic=clinic, protocol=protocol, source=source, note=note, by=SERVICE, now=now
            )
            acknowledge_referral(referral=referral, how="page", by=SERVICE, now=now)  # the page says so at once
            transaction.set_rollback(known is not None)
        if known is None:
            enqueue(
                kind="confirm-referral", to=person.pk, occasion=f"referral:{referral.pk}", channel="email",
                subject_id=referral.pk, now=now,
            )  # fmt: skip
        elif known.person_id is not None and known.is_active:
            occasion = f"sign-up:{now.date()}"
            enqueue(kind="sign-up-known", to=known.person_id, occasion=occasion, channel="email", now=now)

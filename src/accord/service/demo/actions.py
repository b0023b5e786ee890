"""Writes of the demonstration: its mark, and its clock, which only goes forward."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from accord.service.access.table import SERVICE
from accord.service.audit.actions import record
from accord.service.demo.models import Demonstration
from accord.service.errors import NotAllowed, NotNow

LONGEST = timedelta(days=400)


@transaction.atomic
def mark_demonstration(*, now: datetime) -> Demonstration:
    """Mark this database as a demonstration. Once marked it stays one."""
    return Demonstration.objects.get_or_create(pk=1, defaults={"made_at": now})[0]


@transaction.atomic
def move_clock(*, by: timedelta, now: datetime) -> None:
    """Move the demonstration's time forward: clocks run out, reminders fall due, as they would by waiting.

    Raises NotAllowed without the mark, NotNow for a step back or for more than a year at once.
    """
    if not timedelta() < by <= LONGEST:
        raise NotNow("Time moves forward here, by up to 400 days at once.", cure="Choose one of the buttons.")
    moved = Demonstration.objects.filter(pk=1).update(offset_seconds=F("offset_seconds") + int(by.total_seconds()))
    if not moved:
        raise NotAllowed("This is no demonstration.")
    record(
        stream="system", action="move_clock", resource="demonstration", resource_id=1, by=None,
        role=SERVICE.main_role(), now=now, facts={"seconds": int(by.total_seconds())},
    )  # fmt: skip

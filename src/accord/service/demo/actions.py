"""Writes of the demonstration: its mark, and its clock, which only goes forward."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil

from django.db import transaction
from django.db.models import F

from accord.service.access.table import SERVICE
from accord.service.audit.actions import record
from accord.service.demo.models import Demonstration
from accord.service.errors import NotAllowed, NotNow
from accord.service.now import without_database

LONGEST = timedelta(days=400)
NO_MARK = "This is no demonstration."


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
        raise NotAllowed(NO_MARK)
    _record("move_clock", {"seconds": int(by.total_seconds())}, now)


def set_clock(*, to: datetime) -> None:
    """One step of a journey: from here on it is `to`, unless somebody else moved time beyond that meanwhile."""
    while True:
        seen = Demonstration.objects.filter(pk=1).values_list("offset_seconds", flat=True).first()
        if seen is None:
            raise NotAllowed(NO_MARK)
        ahead = ceil((to - without_database()).total_seconds())
        still = Demonstration.objects.filter(pk=1, offset_seconds=seen)
        if ahead <= seen or still.update(offset_seconds=ahead):
            return


@transaction.atomic
def note_past(*, facts: dict[str, object], now: datetime) -> bool:
    """Write down which past is brought in; False when one was before. Raises NotAllowed without the mark."""
    if not Demonstration.objects.filter(pk=1).exists():
        raise NotAllowed(NO_MARK)
    noted = Demonstration.objects.filter(pk=1, past={}).update(past=facts)
    if noted:
        _record("bring_past", facts, now)
    return bool(noted)


@transaction.atomic
def note_travel(*, action: str, until: datetime, now: datetime) -> None:
    """Write down that a journey through time begins or ends. Raises NotAllowed without the mark."""
    if not Demonstration.objects.filter(pk=1).exists():
        raise NotAllowed(NO_MARK)
    _record(action, {"until": until.isoformat()}, now)


def _record(action: str, facts: dict[str, object], now: datetime) -> None:
    record(
        stream="system", action=action, resource="demonstration", resource_id=1, by=None,
        role=SERVICE.main_role(), now=now, facts=facts,
    )  # fmt: skip

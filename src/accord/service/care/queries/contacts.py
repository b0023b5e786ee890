"""Contacts with a person, by every way."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from django.db.models import Max

from accord.service.access.table import Action, Asker
from accord.service.care.models import Contact
from accord.service.care.rules.handling import REACHED


def contacts_of(asker: Asker, person_id: uuid.UUID) -> list[Contact]:
    """Every contact with a person, the newest first."""
    rows = Contact.objects.for_(asker, Action.VIEW).counted().filter(person=person_id)
    return list(rows.order_by("-at", "-id"))


def last_reached(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, datetime]:
    """When each of these people was last spoken with. One query; for lists and the clock, scoped before."""
    rows = Contact.objects.counted().filter(person__in=set(ids), outcome=REACHED)
    return dict(rows.values_list("person").annotate(last=Max("at")))


class LastContact(NamedTuple):
    """The newest contact with somebody: how, and when."""

    mode: str
    at: datetime


def last_contacts(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, LastContact]:
    """The newest contact with each of these people. One query; for one page of a list, scoped before."""
    rows = Contact.objects.counted().filter(person__in=set(ids)).order_by("at", "id")
    return {who: LastContact(mode, at) for who, mode, at in rows.values_list("person_id", "mode", "at")}

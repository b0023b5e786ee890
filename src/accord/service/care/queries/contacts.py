"""Contacts with a person, by every way."""

from __future__ import annotations

import uuid

from accord.service.access.table import Action, Asker
from accord.service.care.models import Contact


def contacts_of(asker: Asker, person_id: uuid.UUID) -> list[Contact]:
    """Every contact with a person, the newest first."""
    return list(Contact.objects.for_(asker, Action.VIEW).filter(person=person_id).order_by("-at", "-id"))

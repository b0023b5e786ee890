"""Clinicians' notes on a person."""

from __future__ import annotations

import uuid

from accord.service.access.table import Action, Asker
from accord.service.care.models import Note


def notes_of(asker: Asker, person_id: uuid.UUID) -> list[Note]:
    """Every note on a person that the asker may see, the newest first."""
    return list(Note.objects.for_(asker, Action.VIEW).filter(person=person_id).order_by("-at", "-id"))

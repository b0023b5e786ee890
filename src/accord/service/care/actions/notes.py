"""A clinician's own notes: written once, beside a person, a session or a flag. A patient does not read them here."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accord.service.access.table import Action, Asker, Resource
from accord.service.audit.actions import record
from accord.service.care.actions.parts import own_words, person_for
from accord.service.care.models import Note
from accord.service.care.policies import check_about


def add_note_about(
    *, person_id: uuid.UUID, text: str, key: uuid.UUID, by: Asker, now: datetime, about: str = ""
) -> Note:
    """Write a note about a person; `about` names what it is beside ("session:<id>", "flag:<id>", …), or nothing."""
    person = person_for(person_id, Resource.NOTE, Action.CREATE, by)
    words = own_words(text, needed=_("Write the note first."))
    check_about(about)
    with transaction.atomic():
        if replayed := Note.objects.for_(by, Action.VIEW).filter(key=key).first():
            return replayed
        note = Note.objects.create(person=person, about=about, text=words, key=key, at=now, by=by.person_id)
        record(
            stream=f"person:{person.pk}", action="note.added", resource="note", resource_id=note.pk, by=by.person_id,
            role=by.main_role(), now=now, facts={"about": about}, personal={"text": words},
        )  # fmt: skip
        return note

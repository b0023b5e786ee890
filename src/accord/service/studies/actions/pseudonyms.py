"""Writes of this room."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from accord.service.studies.models import Pseudonym

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that reads like another
_LENGTH = 12


def draw_pseudonyms(*, study: str, people: Iterable[uuid.UUID], now: datetime) -> dict[uuid.UUID, str]:
    """The random names of these people in the data of one study; who has none yet is given one, for good (E17).

    Pure chance, so that nobody can come from the name to the person without this table. Not audited one by one: the
    export that asks for them is.
    """
    wanted = list(dict.fromkeys(people))
    with transaction.atomic():
        known = dict(Pseudonym.objects.filter(study=study).values_list("person_id", "value"))
        taken = set(known.values())
        new = []
        for person in wanted:
            if person not in known:
                value = _drawn(taken)
                taken.add(value)
                new.append(Pseudonym(study=study, person_id=person, value=value, made_at=now))
        Pseudonym.objects.bulk_create(new, batch_size=2000, ignore_conflicts=True)
        if new:  # whoever drew at the same moment was first
            known = dict(Pseudonym.objects.filter(study=study).values_list("person_id", "value"))
    return {person: known[person] for person in wanted}


def _drawn(taken: set[str]) -> str:
    """A name that nobody has: one in 10^17 would be drawn twice, and is drawn again."""
    while True:
        value = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
        if value not in taken:
            return value

"""Adverse events of a person, the corrected ones with what corrects them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from accord.service.access.table import Action, Asker
from accord.service.care.models import Harm
from accord.service.care.rules.harm import IN_ERROR


@dataclass(frozen=True, slots=True)
class HarmRow:
    """One event as it stands now, with the rows that it corrects, the newest first."""

    harm: Harm
    before: tuple[Harm, ...]

    @property
    def in_error(self) -> bool:
        """It was taken back: it does not count."""
        return self.harm.what == IN_ERROR


def harms_of(asker: Asker, person_id: uuid.UUID) -> list[HarmRow]:
    """Everything that was written down about a person, the newest event first. One query."""
    rows = {row.pk: row for row in Harm.objects.for_(asker, Action.VIEW).filter(person=person_id).order_by("at", "id")}
    corrected = {row.corrects_id for row in rows.values()}
    found = []
    for row in rows.values():
        if row.pk in corrected:
            continue
        before, older = [], rows.get(row.corrects_id) if row.corrects_id else None
        while older is not None:
            before.append(older)
            older = rows.get(older.corrects_id) if older.corrects_id else None
        found.append(HarmRow(row, tuple(before)))
    return sorted(found, key=lambda one: (one.harm.on, one.harm.at), reverse=True)

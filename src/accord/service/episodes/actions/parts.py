"""What the actions of this room share."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accord.service.access.table import Asker
from accord.service.audit.actions import record
from accord.service.errors import Refusal

LONGEST = 2000  # characters of a note


def told(person_id: Any, action: str, resource: str, row: Any, by: Asker, now: datetime, **more: Any) -> None:
    record(
        stream=f"person:{person_id}", action=action, resource=resource, resource_id=row.pk, by=by.person_id,
        role=by.main_role(), now=now, **more,
    )  # fmt: skip


def words(text: str, *, longest: int = LONGEST) -> str:
    """A note as it is kept. Raises Refusal."""
    said = text.strip()
    if "\0" in said:
        raise Refusal(_("The text holds a character that cannot be stored."), cure=_("Take it out; nothing was kept."))
    if len(said) > longest:
        found = {"found": f"{len(said):,}", "limit": f"{longest:,}"}
        cure = _("Shorten it; nothing was kept.")
        raise Refusal(_("The text has %(found)s characters; up to %(limit)s can be kept.") % found, cure=cure)
    return said

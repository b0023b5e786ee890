"""What the actions of this room share."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accord.service.access.table import Asker
from accord.service.audit.actions import record
from accord.service.errors import NotNow
from accord.service.people.models import Accountability, Duty

Open = TypeVar("Open", Accountability, Duty)


def told(
    person_id: uuid.UUID, action: str, resource: str, row: Any, by: Asker, now: datetime, *,
    facts: dict[str, Any] | None = None, personal: dict[str, str] | None = None,
) -> None:  # fmt: skip
    record(
        stream=f"person:{person_id}", action=action, resource=resource, resource_id=row.pk, by=by.person_id,
        role=by.main_role(), now=now, facts=facts, personal=personal,
    )  # fmt: skip


def only_one(row: Open) -> Open:
    """Store a row of which only one may be open; somebody who did the same at the same instant came first."""
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        cure = _("Look at the page again: it shows who it is now.")
        raise NotNow(_("Somebody else changed this at the same moment."), cure=cure) from error
    return row

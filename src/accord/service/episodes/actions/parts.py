"""What the actions of this room share."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from accord.service.access.table import Asker
from accord.service.audit.actions import record


def told(person_id: Any, action: str, resource: str, row: Any, by: Asker, now: datetime, **more: Any) -> None:
    record(
        stream=f"person:{person_id}", action=action, resource=resource, resource_id=row.pk, by=by.person_id,
        role=by.main_role(), now=now, **more,
    )  # fmt: skip

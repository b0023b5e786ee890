"""What every write of this room does: one after the other, and told to the audit."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from accord.service.access.table import Asker
from accord.service.audit.actions import record
from accord.service.programmes.models import Course


def told(person_id: Any, action: str, row: Any, by: Asker, now: datetime, **more: Any) -> None:
    record(stream=f"person:{person_id}", action=action, resource="course", resource_id=str(row.pk), by=by.person_id,
           role=by.main_role(), now=now, **more)  # fmt: skip


def locked(course: Course) -> None:
    """One after the other: two posts about one course wait for each other (PostgreSQL; SQLite locks the whole base)."""
    Course.objects.select_for_update().get(pk=course.pk)

"""Which version a course follows, which is newer, and what moving to it changes (U13)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from accord.service.library import queries as library
from accord.service.programmes.models import Course, Move
from accord.service.programmes.queries.paths import (
    programme_of,
    snapshot_of,
)
from accord.service.programmes.rules import versions

if TYPE_CHECKING:
    from accord.service.library.models import Snapshot


@dataclass(frozen=True, slots=True)
class Moved:
    """That her course follows another version since then, why, and what that changed."""

    at: datetime
    reason: str
    changes: tuple[versions.LessonChange, ...]


def newer_version(course: Course) -> Snapshot | None:
    """The published version of her programme, where it is not the one that she follows."""
    slug = course.snapshot.slug
    found = library.programme_snapshot(slug)
    return found if found.pk != snapshot_of(course) else None


def what_changes(course: Course, snapshot: Snapshot) -> list[versions.LessonChange]:
    """What moving her course to another version would change, lesson by lesson (U13)."""
    return versions.changes_between(programme_of(course), library.programme(snapshot))


def moves(course: Course) -> list[Moved]:
    """Every move of her course with its reason and what it changed, the newest first."""
    rows = list(Move.objects.filter(course=course).order_by("at", "id"))
    before = [course.snapshot_id, *(row.snapshot_id for row in rows)]
    return [
        Moved(row.at, row.reason,
              tuple(versions.changes_between(library.programme(old), library.programme(row.snapshot_id))))
        for old, row in reversed(list(zip(before, rows, strict=False)))
    ]  # fmt: skip

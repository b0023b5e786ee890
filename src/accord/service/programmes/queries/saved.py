"""What she saved in her lessons, and what she was typing, in the words of the version that she had read."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accord.science.programmes import (
    Lesson,
)
from accord.science.programmes.lesson_text import Block
from accord.service.access.table import Action, Asker
from accord.service.library import queries as library
from accord.service.programmes.models import Course, Entry, EntryDraft, Mark
from accord.service.programmes.queries.paths import (
    current_entries,
    snapshot_of,
    value_of,
)
from accord.service.programmes.rules import words


@dataclass(frozen=True, slots=True)
class Saved:
    """What stands in one block. `said`: each question with her answer in words. `gone`: the block is not in the version
    that she follows now; what she wrote is kept all the same. `replayed`: nothing was written, it stood already."""

    lesson: str
    lesson_title: str
    block: str
    title: str
    value: dict[str, Any]
    revision: int
    at: datetime
    snapshot_id: uuid.UUID
    read_by_therapist_at: datetime | None = None
    said: tuple[tuple[str, str], ...] = ()
    gone: bool = False
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Drafted:
    """What she was typing in a block when she stopped; `gone` as above."""

    lesson: str
    block: str
    title: str
    value: dict[str, Any]
    revision: int
    at: datetime
    said: tuple[tuple[str, str], ...] = ()
    gone: bool = False


def entries(asker: Asker, person_id: uuid.UUID) -> list[Saved]:
    """Everything that somebody saved in her courses, in the order it was saved; what stands now of each block."""
    courses = {row.pk: row for row in Course.objects.for_(asker, Action.VIEW).filter(person=person_id).pinned()}
    read = read_marks(list(courses))
    return [saved_as(row, courses[row.course_id], read) for row in current_entries(list(courses))]


def entry(course: Course, lesson: str, block: str) -> Saved | None:
    """What stands in one block, or None."""
    row = course.entries.filter(lesson=lesson, block=block).order_by("-revision").first()
    return saved_as(row, course, read_marks([course.pk])) if row else None


def earlier(course: Course, lesson: str, block: str) -> list[Saved]:
    """Every revision of one block, the oldest first: nothing that she saved is lost by saving again."""
    rows, read = course.entries.filter(lesson=lesson, block=block).order_by("revision"), read_marks([course.pk])
    return [saved_as(row, course, read) for row in rows]


def lesson_entries(course: Course, lesson: str) -> dict[str, Saved]:
    """What she saved in a lesson, by block, in three queries however many there are."""
    read = read_marks([course.pk])
    return {row.block: saved_as(row, course, read) for row in current_entries([course.pk]) if row.lesson == lesson}


def draft(course: Course, lesson: str, block: str) -> Drafted | None:
    """What she is typing in one block; hers alone, nobody else is shown it."""
    row = course.drafts.filter(lesson=lesson, block=block).first()
    return _drafted(row, course) if row else None


def drafts(course: Course, lesson: str = "") -> list[Drafted]:
    """Everything that she typed and has not saved, what an earlier version of a lesson asked for included (U8)."""
    rows = course.drafts.filter(lesson=lesson) if lesson else course.drafts.all()
    return [_drafted(row, course) for row in rows.order_by("at", "id")]


def saved_as(row: Entry, course: Course, read: Mapping[tuple[uuid.UUID, str], list[datetime]]) -> Saved:
    """A row as the pages show it, in the words of the version that she had read."""
    lesson, block = _found(row.snapshot_id, row.lesson, row.block)
    value = value_of(row)
    seen = min((at for at in read.get((course.pk, row.lesson), []) if at >= row.at), default=None)
    return Saved(
        lesson=row.lesson, lesson_title=lesson.title if lesson else row.lesson, block=row.block,
        title=words.title_of(block) if block else row.block, value=value, revision=row.revision, at=row.at,
        snapshot_id=row.snapshot_id, read_by_therapist_at=seen, said=tuple(words.said(block, value)),
        gone=_found(snapshot_of(course), row.lesson, row.block)[1] is None,
    )  # fmt: skip


def _drafted(row: EntryDraft, course: Course) -> Drafted:
    block = _found(snapshot_of(course), row.lesson, row.block)[1]
    known = block or next((b for one in _versions(course) if (b := _found(one, row.lesson, row.block)[1])), None)
    value = value_of(row)
    title = words.title_of(known) if known else row.block
    said = tuple(words.said(known, value))
    return Drafted(row.lesson, row.block, title, value, row.revision, row.at, said, block is None)


def _versions(course: Course) -> list[uuid.UUID]:
    """Every version that she followed, the newest first."""
    return [*course.moves.order_by("-at", "-id").values_list("snapshot_id", flat=True), course.snapshot_id]


def _found(snapshot_id: uuid.UUID, lesson: str, block: str) -> tuple[Lesson | None, Block | None]:
    programme = library.programme(snapshot_id)
    known = next((one for one in programme.lessons if one.id == lesson), None)
    text = programme.text(lesson)
    return known, next((one for one in text.blocks if one.id == block), None) if text else None


def read_marks(keys: Collection[uuid.UUID]) -> dict[tuple[uuid.UUID, str], list[datetime]]:
    rows = Mark.objects.filter(course__in=keys, kind__in=(Mark.Kind.READ, Mark.Kind.ANSWERED))
    found: dict[tuple[uuid.UUID, str], list[datetime]] = {}
    for course_id, lesson, at in rows.values_list("course_id", "lesson", "at"):
        found.setdefault((course_id, lesson), []).append(at)
    return found


def answered(course: Course, lesson: str) -> list[uuid.UUID]:
    """The messages in which the therapist answered what she saved in a lesson, the oldest first."""
    rows = course.marks.filter(kind=Mark.Kind.ANSWERED, lesson=lesson).order_by("at", "id")
    return [one for one in rows.values_list("message_id", flat=True) if one is not None]

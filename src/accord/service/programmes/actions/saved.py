"""What she saves in a lesson, and what she is typing: kept once, in order, never overwritten (U8)."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accord.service.access.table import Asker
from accord.service.errors import NotNow, Stale
from accord.service.programmes.actions.lessons import begin_lesson
from accord.service.programmes.actions.parts import locked, told
from accord.service.programmes.models import Course, Entry, EntryDraft
from accord.service.programmes.policies import (
    check_can_follow,
    check_can_write,
    check_size,
    check_value,
    the_block,
)
from accord.service.programmes.queries import (
    LessonView,
    Saved,
    entry,
    programme_of,
    saved_as,
    snapshot_of,
    tailored_lesson,
)


def save_entry(
    *, course: Course, lesson: str, block: str, value: dict[str, Any], revision: int, key: uuid.UUID, by: Asker,
    now: datetime,
) -> Saved:  # fmt: skip
    """Keep what she saved in a block. `revision` is the one that the page showed (0: none yet); the row gets the next.

    The same `key` is the same post, and the same value on an older page is no conflict: nothing is written. Another
    value that was saved since the page was shown is never overwritten: Stale carries both (`held`: Saved, `given`: the
    value). Raises Stale, NotAllowed (no such block), NotNow (the lesson is shut), Refusal (cannot be kept).
    """
    check_can_write(by, course)
    check_value(value)
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    check_size(text)
    with transaction.atomic():
        locked(course)
        if known := course.entries.filter(key=key).first():
            return _replayed(course, known, lesson, block, value)
        the_block(programme_of(course), lesson, block)
        _check_gate(tailored_lesson(course, lesson, now), block)
        held = entry(course, lesson, block)
        if held is not None and held.value == value:
            return _again(held)
        if (held.revision if held else 0) != revision:
            raise _stale(held, value)
        row = Entry.objects.create(
            course=course, snapshot_id=snapshot_of(course), lesson=lesson, block=block, revision=revision + 1,
            value=text, key=key, at=now, by=by.person_id,
        )  # fmt: skip
        begin_lesson(course=course, lesson=lesson, by=by, now=now)
        course.drafts.filter(lesson=lesson, block=block).delete()
        facts = {"lesson": lesson, "block": block, "revision": row.revision}
        told(course.person_id, "entry.saved", course, by, now, facts=facts, personal={"value": text})
        return saved_as(row, course, {})


def _check_gate(view: LessonView, block: str) -> None:
    """A ladder of steps is not begun behind its gate (C9). What was tailored away in between is kept all the same."""
    found = view.block(block)
    if found is not None and found.block.kind == "exposure_ladder" and not found.shown:
        raise NotNow(found.reason, cure=_("What you wrote is still on the page."))


def _replayed(course: Course, known: Entry, lesson: str, block: str, value: dict[str, Any]) -> Saved:
    saved = saved_as(known, course, {})
    if (known.lesson, known.block) != (lesson, block) or saved.value != value:
        raise _stale(saved, value)
    return _again(saved)


def _again(saved: Saved) -> Saved:
    return replace(saved, replayed=True)


def _stale(held: Saved | None, given: object) -> Stale:
    message = _("This was saved meanwhile, in another window or on another device.")
    return Stale(message, cure=_("Nothing was overwritten. Choose which of the two counts."), held=held, given=given)


def keep_entry_draft(
    *, course: Course, lesson: str, block: str, value: dict[str, Any], revision: int, by: Asker, now: datetime
) -> int:
    """Keep what she is typing; returns the draft's new revision (0 is none yet). An older page never overwrites a newer
    draft: Stale carries both.
    """
    check_can_write(by, course)
    check_value(value)
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    check_size(text)
    with transaction.atomic():
        locked(course)
        the_block(programme_of(course), lesson, block)
        kept = course.drafts.filter(lesson=lesson, block=block).first()
        if kept is None:
            kept = EntryDraft(course=course, lesson=lesson, block=block, revision=0)
        elif kept.value == text:
            return int(kept.revision)
        elif kept.revision != revision:
            message = _("A newer text is kept, from another window or device.")
            raise Stale(message, cure=_("Open the page again to see it."), held=json.loads(kept.value), given=value)
        kept.revision, kept.value, kept.at = kept.revision + 1, text, now
        kept.save()
        return int(kept.revision)


def drop_draft(*, course: Course, lesson: str, block: str, by: Asker, now: datetime) -> None:
    """She does not want what she typed and did not save."""
    check_can_follow(by, course)
    course.drafts.filter(lesson=lesson, block=block).delete()

"""Where she is in her lessons, and that somebody has read and answered what she saved there."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accord.service.access.table import Asker
from accord.service.errors import NotAllowed
from accord.service.programmes.actions.parts import locked, told
from accord.service.programmes.models import Course, Mark
from accord.service.programmes.policies import (
    check_can_follow,
    check_can_guide,
)
from accord.service.programmes.queries import (
    programme_of,
    tailored_lesson,
)

Kind = Mark.Kind


def begin_lesson(*, course: Course, lesson: str, by: Asker, now: datetime) -> Mark:
    """She opened a lesson for the first time; again changes nothing. NotNow, with the reason, when it is shut."""
    check_can_follow(by, course)
    if begun := course.marks.filter(kind=Kind.BEGUN, lesson=lesson).first():
        return begun
    tailored_lesson(course, lesson, now)
    return _mark(course, Kind.BEGUN, lesson, by, now)


def finish_part(*, course: Course, lesson: str, part: int, by: Asker, now: datetime) -> bool:
    """A part is done; True when the lesson is, with its last open part. Parts may be done in any order, and twice."""
    check_can_follow(by, course)
    with transaction.atomic():
        locked(course)
        view = tailored_lesson(course, lesson, now)
        if view.part(part) is None:
            raise NotAllowed(_("There is no such part in this lesson."))
        begin_lesson(course=course, lesson=lesson, by=by, now=now)
        _mark(course, Kind.PART, lesson, by, now, part=part)
        return done_if_whole(course, lesson, by, now)


def done_if_whole(course: Course, lesson: str, by: Asker, now: datetime) -> bool:
    text = programme_of(course).text(lesson)
    done = set(course.marks.filter(kind=Kind.PART, lesson=lesson).values_list("part", flat=True))
    if text is None or not set(range(1, len(text.parts) + 1)) <= done:
        return False
    _mark(course, Kind.DONE, lesson, by, now)
    return True


def _mark(course: Course, kind: Mark.Kind, lesson: str, by: Asker, now: datetime, *, part: int = 0) -> Mark:
    with transaction.atomic():
        place = {"course": course, "kind": kind, "lesson": lesson, "part": part}
        mark, made = Mark.objects.get_or_create(**place, defaults={"at": now, "by": by.person_id})
        if made:
            facts = {"lesson": lesson, "part": part} if part else {"lesson": lesson}
            told(course.person_id, f"lesson.{kind.value}", course, by, now, facts=facts)
        return mark


def mark_read(*, course: Course, lesson: str, by: Asker, now: datetime) -> Mark:
    """A clinician has read what stands saved in a lesson; what is saved later is unread again.

    Where nothing was saved since it was read or answered, that mark stands.
    """
    check_can_guide(by, course)
    seen = course.marks.filter(kind__in=(Kind.READ, Kind.ANSWERED), lesson=lesson).order_by("-at", "-id").first()
    if seen is not None and not course.entries.filter(lesson=lesson, at__gt=seen.at).exists():
        return seen
    return _seen(course, Kind.READ, lesson, None, by, now)


def mark_answered(*, course: Course, lesson: str, message_id: uuid.UUID, by: Asker, now: datetime) -> Mark:
    """A clinician has answered it, with this message. The same message twice is one mark."""
    check_can_guide(by, course)
    known = course.marks.filter(kind=Kind.ANSWERED, lesson=lesson, message_id=message_id).first()
    return known or _seen(course, Kind.ANSWERED, lesson, message_id, by, now)


def _seen(course: Course, kind: Mark.Kind, lesson: str, message_id: uuid.UUID | None, by: Asker, now: datetime) -> Mark:
    if all(one.id != lesson for one in programme_of(course).lessons):
        raise NotAllowed(_("There is no such lesson in this course."))
    with transaction.atomic():
        mark = Mark.objects.create(
            course=course, kind=kind, lesson=lesson, message_id=message_id, at=now, by=by.person_id
        )
        told(course.person_id, f"lesson.{kind.value}", course, by, now, facts={"lesson": lesson})
        return mark

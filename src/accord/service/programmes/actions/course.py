"""A course begins, follows another version, is changed for one person."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from accord.service.access.table import Asker
from accord.service.errors import NotAllowed, NotNow, Refusal, Stale
from accord.service.programmes.actions.lessons import done_if_whole
from accord.service.programmes.actions.parts import locked, told
from accord.service.programmes.models import Course, Move, PathChange
from accord.service.programmes.policies import (
    check_can_guide,
    check_reason,
)
from accord.service.programmes.queries import (
    snapshot_of,
    standing,
)

if TYPE_CHECKING:
    from accord.service.episodes.models import Episode
    from accord.service.library.models import Snapshot


def begin_course(
    *, episode: Episode, snapshot: Snapshot, length: str, modules: Sequence[str] = (), by: Asker, now: datetime
) -> Course:
    """Her course, pinned to this version of the programme. Beginning twice is beginning once."""
    with transaction.atomic():
        course, made = Course.objects.get_or_create(
            episode=episode,
            defaults={"person_id": episode.person_id, "snapshot": snapshot, "length": length,
                      "modules": list(modules), "began_at": now},
        )  # fmt: skip
        if made:
            facts = {"programme": snapshot.slug, "sha256": snapshot.sha256, "length": length}
            told(episode.person_id, "course.begun", course, by, now, facts=facts)
        return course


def move_course(*, course: Course, snapshot: Snapshot, reason: str, by: Asker, now: datetime) -> Move:
    """From now on she follows another version of her programme; she reads the reason and what changed (U13).

    What she did, saved and typed stays. Moving to the version that she follows already changes nothing and is refused.
    """
    check_can_guide(by, course)
    words = check_reason(reason)
    with transaction.atomic():
        locked(course)
        if (snapshot.kind, snapshot.slug) != (course.snapshot.kind, course.snapshot.slug):
            raise Refusal(_("This is another programme."), cure=_("Choose a version of the programme she follows."))
        course.__dict__.pop("pinned_id", None)
        if snapshot_of(course) == snapshot.pk:
            raise NotNow(_("She follows this version already."), cure=_("Nothing has to be done."))
        move = Move.objects.create(course=course, snapshot=snapshot, reason=words, at=now, by=by.person_id)
        facts = {"sha256": snapshot.sha256, "version": snapshot.version}
        told(course.person_id, "course.moved", course, by, now, facts=facts, personal={"reason": words})
        for lesson in standing(course, now).states:
            if lesson.state == "started":
                done_if_whole(course, lesson.lesson.id, by, now)
        return move


def change_path(
    *, course: Course, lesson: str, kind: str, reason: str, key: uuid.UUID, by: Asker, now: datetime
) -> PathChange:
    """Open a lesson now, leave it out, hold it, or undo that, with the reason that she reads (U10).

    `cleared`: a doctor has looked at what the red-flag questions told, so their gate counts as passed until they are
    answered again (C9). Raises NotAllowed, Refusal (no reason), NotNow where it would change nothing, Stale for a key
    that was used for something else.
    """
    check_can_guide(by, course)
    words = check_reason(reason)
    with transaction.atomic():
        locked(course)
        if known := course.changes.filter(key=key).first():
            return _same_change(known, lesson, kind, words)
        _check_change(course, lesson, kind, now)
        change = PathChange.objects.create(
            course=course, kind=kind, lesson=lesson, reason=words, key=key, at=now, by=by.person_id
        )
        facts = {"lesson": lesson, "kind": kind}
        told(course.person_id, "course.path", course, by, now, facts=facts, personal={"reason": words})
        return change


def _same_change(known: PathChange, lesson: str, kind: str, reason: str) -> PathChange:
    if (known.lesson, known.kind, known.reason) == (lesson, kind, reason):
        return known
    raise Stale(_("This page was used before to change something else."), cure=_("Open the page again."),
                held=known, given=(lesson, kind, reason))  # fmt: skip


def _check_change(course: Course, lesson: str, kind: str, now: datetime) -> None:
    if kind not in PathChange.Kind.values:
        raise Refusal(_("There is no such change."), cure=_("Open the page again."))
    stands = standing(course, now)
    state = stands.state_of(lesson)
    if state is None:
        raise NotAllowed(_("There is no such lesson in this course."))
    cure = _("Open the page again: it shows where things stand.")
    if kind == PathChange.Kind.CLEARED:
        return
    if kind == PathChange.Kind.UNDO:
        if lesson not in stands.changes:
            raise NotNow(_("Nothing was changed here that could be undone."), cure=cure)
    elif state.state == "done":
        raise NotNow(_("She has done this lesson already; it stays open for her."), cure=cure)
    elif kind == PathChange.Kind.OPEN and state.state in ("open", "started") and lesson not in stands.changes:
        raise NotNow(_("This lesson is open for her already."), cure=cure)
    elif state.lesson.status == "outline" and kind == PathChange.Kind.OPEN:
        raise NotNow(_("This lesson is not written yet."), cure=_("Leave it out, or wait until it is there."))

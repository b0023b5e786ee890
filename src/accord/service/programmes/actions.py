"""Writes of this room: a course begins, moves on, is changed; what she saves, practises and plans."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from accord.service.access.table import Asker
from accord.service.audit.actions import record
from accord.service.programmes.models import Course

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accord.service.episodes.models import Episode
    from accord.service.library.models import Snapshot


def begin_course(
    *, episode: Episode, snapshot: Snapshot, length: str, modules: Sequence[str] = (), by: Asker, now: datetime
) -> Course:
    """Her course, pinned to this version of the programme. Beginning twice is beginning once."""
    with transaction.atomic():
        known = Course.objects.filter(episode=episode).first()
        if known is not None:
            return known
        course = Course.objects.create(
            episode=episode, person_id=episode.person_id, snapshot=snapshot, length=length, modules=list(modules),
            began_at=now,
        )  # fmt: skip
        record(stream=f"person:{episode.person_id}", action="begin", resource="course", resource_id=str(course.pk),
               by=by.person_id, role=by.main_role(), now=now, facts={"programme": snapshot.slug})  # fmt: skip
        return course

"""Treatment starts: the baseline is sent and a therapist is found, in whichever order; her first lesson opens."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from accord.service.access.table import Action, Asker
from accord.service.episodes.actions import set_anchor
from accord.service.episodes.queries import episode as find_episode
from accord.service.programmes.actions import begin_course
from accord.service.programmes.queries import course_at, ready

if TYPE_CHECKING:
    from accord.service.programmes.models import Course


def start_course(*, episode_id: uuid.UUID, by: Asker, now: datetime) -> Course | None:
    """Her course, begun now or before; None while something is missing. Call it from both sides, as often as you like.

    The course is pinned to the programme as it stands published now. Raises NotAllowed.
    """
    with transaction.atomic(durable=True):
        episode = find_episode(by, episode_id, Action.VIEW)
        begun, plan = course_at(episode), ready(episode, now)
        if begun is not None or plan is None:
            return begun
        set_anchor(episode=episode, name="treatment-start", at=now, by=by, now=now)
        return begin_course(
            episode=episode, snapshot=plan.snapshot, length=plan.length, modules=plan.modules, by=by, now=now
        )

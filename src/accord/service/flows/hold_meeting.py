"""Who came to a group's meeting: contacts are written; what is counted from the group begins or ends (E5)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from accord.service.access.table import SERVICE, Asker
from accord.service.care import actions, queries
from accord.service.episodes.actions import set_anchor
from accord.service.episodes.queries import episode


def hold_meeting(
    *,
    meeting_id: uuid.UUID,
    attended: frozenset[uuid.UUID],
    missed: Mapping[uuid.UUID, str],
    minutes: int,
    revision: int,
    key: uuid.UUID,
    by: Asker,
    now: datetime,
) -> queries.Sheet:
    """Write who came, or correct it. Whoever's first meeting it was gets the anchor `group-start`, once.

    When it was the last meeting of a closed group, everybody who belongs to it gets `group-end`. Raises what
    `care.actions.write_attendance` raises.
    """
    with transaction.atomic(durable=True):
        found = actions.write_attendance(
            meeting_id=meeting_id, attended=attended, missed=missed, minutes=minutes, revision=revision, key=key,
            by=by, now=now,
        )  # fmt: skip
        for one, at in queries.begun_members(meeting_id):
            set_anchor(episode=episode(SERVICE, one), name="group-start", at=at, by=SERVICE, now=now)
        if ended := queries.group_ends(found.group.pk):
            for one in queries.episodes_of_group(found.group.pk):
                set_anchor(episode=episode(SERVICE, one), name="group-end", at=ended, by=SERVICE, now=now)
        return found

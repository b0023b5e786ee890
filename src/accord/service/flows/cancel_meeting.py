"""A meeting of a group is called off; when none is left of a closed group that has met, it has ended (E5)."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from accord.service.access.table import SERVICE, Asker
from accord.service.care import actions, queries
from accord.service.episodes.actions import set_anchor
from accord.service.episodes.queries import episode


def cancel_meeting(*, meeting_id: uuid.UUID, reason: str, key: uuid.UUID, by: Asker, now: datetime) -> None:
    """Call one meeting off, with the reason. The last held meeting of a closed group then is its end (`group-end`)."""
    with transaction.atomic(durable=True):
        step = actions.cancel_meeting(meeting_id=meeting_id, reason=reason, key=key, by=by, now=now)
        group = step.meeting.group_id
        if ended := queries.group_ends(group):
            for one in queries.episodes_of_group(group):
                set_anchor(episode=episode(SERVICE, one), name="group-end", at=ended, by=SERVICE, now=now)

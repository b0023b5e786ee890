"""A group ends: everybody leaves it as finished, and what a protocol counts from its end begins (E5)."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from accord.service.access.table import SERVICE, Asker
from accord.service.care import actions, queries
from accord.service.episodes.actions import set_anchor
from accord.service.episodes.queries import episode


def end_group(*, group_id: uuid.UUID, by: Asker, now: datetime) -> None:
    """End a group; its last held meeting is the anchor `group-end` of everybody who belonged to it until now."""
    with transaction.atomic(durable=True):
        belonged = queries.episodes_of_group(group_id)
        actions.end_group(group_id=group_id, by=by, now=now)
        if ended := queries.group_ends(group_id):
            for one in belonged:
                set_anchor(episode=episode(SERVICE, one), name="group-end", at=ended, by=SERVICE, now=now)

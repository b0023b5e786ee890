"""Somebody leaves her group; who leaves it as finished has her own end of it (E5)."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from accord.service.access.table import SERVICE, Asker
from accord.service.care import actions, queries
from accord.service.care.rules.groups import FINISHED
from accord.service.episodes.actions import set_anchor
from accord.service.episodes.queries import episode


def leave_group(*, member_id: uuid.UUID, reason: str, by: Asker, now: datetime) -> None:
    """Write down that she leaves, and why. Finished: the last meeting she came to is her anchor `group-end`."""
    with transaction.atomic(durable=True):
        member = actions.leave_group(member_id=member_id, reason=reason, by=by, now=now)
        last = queries.last_met(member.group_id, member.person_id) if reason == FINISHED else None
        if last is not None:
            set_anchor(episode=episode(SERVICE, member.episode_id), name="group-end", at=last, by=SERVICE, now=now)

"""A session was held: its one contact is written, and what a protocol counts from that session begins (E5)."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from accord.service.access.table import SERVICE, Asker
from accord.service.care import actions, queries
from accord.service.episodes.actions import set_anchor
from accord.service.episodes.queries import episode


def hold_session(
    *,
    session_id: uuid.UUID,
    minutes: int,
    key: uuid.UUID,
    by: Asker,
    now: datetime,
    mode: str | None = None,
    held_at: datetime | None = None,
    note: str = "",
) -> int:
    """Write down that a session was held; returns which of her held sessions it is (anchor `session:<n>`).

    The same key twice is once. Raises NotAllowed, NotNow (not begun yet, over already), Refusal (mode, minutes).
    """
    with transaction.atomic(durable=True):
        step = actions.hold_session(
            session_id=session_id, minutes=minutes, key=key, by=by, now=now, mode=mode, held_at=held_at, note=note
        )
        meeting = queries.session(by, session_id)
        number = queries.held_number(session_id)
        way = episode(SERVICE, meeting.session.episode_id)
        set_anchor(episode=way, name=f"session:{number}", at=step.starts_at, by=SERVICE, now=now)
        return number

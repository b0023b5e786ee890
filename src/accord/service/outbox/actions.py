"""Writing down work to be done, in the transaction of its cause; taking it up under a lease; saying how it ended."""

from __future__ import annotations

import uuid
from datetime import datetime

from accord.service.outbox.models import Heartbeat, Work


def enqueue(
    *,
    kind: str,
    to: uuid.UUID | None,
    occasion: str,
    channel: str,
    subject_id: uuid.UUID | None = None,
    now: datetime,
    not_before: datetime | None = None,
) -> Work:
    """One row per kind, person, occasion and channel: asking twice is asking once."""
    work, _ = Work.objects.get_or_create(
        kind=kind, to=str(to) if to else "", occasion=occasion, channel=channel,
        defaults={"subject_id": subject_id, "not_before": not_before or now, "made_at": now},
    )  # fmt: skip
    return work


def beat(*, name: str, now: datetime, detail: str = "") -> None:
    """Say that a process is alive."""
    Heartbeat.objects.update_or_create(name=name, defaults={"at": now, "detail": detail[:200]})

"""Writing down work to be done, in the transaction of its cause; taking it up under a lease; saying how it ended."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import connection, transaction
from django.db.models import QuerySet

from accord.service.outbox.models import Heartbeat, Work
from accord.service.outbox.queries import ready
from accord.service.outbox.rules import ATTEMPTS, LEASE, wait_after


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


def lease_next(*, worker: str, now: datetime, channels: tuple[str, ...] = ()) -> Work | None:
    """Take the oldest work that is due, for two minutes; None when there is none.

    On PostgreSQL, rows that another worker is taking are skipped. On SQLite `select_for_update` is nothing: there the
    condition of the update decides who was first. Both run on both.
    """
    skip = connection.features.has_select_for_update_skip_locked
    with transaction.atomic():
        work = ready(now, channels).select_for_update(skip_locked=skip).order_by("not_before", "id").first()
        taken = {"leased_by": worker, "lease_until": now + LEASE}
        if work is None or not ready(now, channels).filter(pk=work.pk).update(**taken):
            return None
    work.leased_by, work.lease_until = worker, now + LEASE
    return work


def finish(*, work: Work, now: datetime) -> bool:
    """It is done. False when the lease was lost meanwhile: then somebody else decides how it ended."""
    return _end(work, state=Work.State.DONE, done_at=now, progress=1.0, attempts=work.attempts + 1, reason="")


def drop(*, work: Work, reason: str, now: datetime) -> bool:
    """It is no longer wanted, because."""
    return _end(work, state=Work.State.DROPPED, done_at=now, reason=reason[:300])


def fail(*, work: Work, reason: str, now: datetime) -> bool:
    """It can never succeed, because; the page that shows the state of the service lists it."""
    return _end(work, state=Work.State.FAILED, done_at=now, attempts=work.attempts + 1, reason=reason[:300])


def try_again(*, work: Work, reason: str, now: datetime) -> bool:
    """It did not work this time; wait longer after each attempt, give up after the last."""
    attempts = work.attempts + 1
    if attempts >= ATTEMPTS:
        return fail(work=work, reason=f"Given up after {attempts} attempts: {reason}", now=now)
    return _end(work, attempts=attempts, not_before=now + wait_after(attempts), reason=reason[:300])


def put_off(*, work: Work, until: datetime, reason: str, now: datetime) -> bool:
    """It is wanted, and not at this hour: it is decided again at `until`."""
    return _end(work, attempts=0, not_before=max(until, now), reason=reason[:300])


def say_progress(*, work: Work, done: float, now: datetime) -> bool:
    """A long job says how far it is (0 to 1) and keeps its lease."""
    return bool(_held(work).update(progress=done, lease_until=now + LEASE))


def _held(work: Work) -> QuerySet[Work]:
    return Work.objects.filter(pk=work.pk, leased_by=work.leased_by, state=Work.State.WAITING)


def _end(work: Work, **changes: object) -> bool:
    """Change a row that is still leased to its worker, and give the lease back."""
    return bool(_held(work).update(lease_until=None, leased_by="", **changes))


def beat(*, name: str, now: datetime, detail: str = "") -> None:
    """Say that a process is alive."""
    Heartbeat.objects.update_or_create(name=name, defaults={"at": now, "detail": detail[:200]})

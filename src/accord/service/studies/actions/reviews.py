"""Counting is asked for, a count is kept, definitions are signed."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from accord.service.access.table import Asker
from accord.service.audit.actions import record
from accord.service.outbox.actions import enqueue
from accord.service.studies.models import Review, Signature
from accord.service.studies.policies import check_can_count
from accord.service.studies.queries.reviews import counting
from accord.service.studies.rules.reviews import COUNT_NUMBERS

if TYPE_CHECKING:
    from accord.service.library.models import Snapshot
    from accord.service.outbox.models import Work
    from accord.service.people.models import Clinic


def ask_for_review(*, clinic_id: uuid.UUID, protocol: str, key: uuid.UUID, by: Asker, now: datetime) -> Work:
    """Let it be counted as a job. While one waits or runs, asking again is asking once.

    Raises NotAllowed.
    """
    check_can_count(by, clinic_id)
    with transaction.atomic():
        waiting = counting(clinic_id, protocol)
        if waiting is not None and waiting.state == waiting.State.WAITING:
            return waiting
        return enqueue(
            kind=COUNT_NUMBERS, to=by.person_id, occasion=f"{protocol}:{key}", channel="job", subject_id=clinic_id,
            now=now,
        )  # fmt: skip


def keep_review(
    *, clinic: Clinic, protocol: str, snapshot_id: uuid.UUID, cohort_hash: str, result: dict[str, Any], by: Asker,
    now: datetime,
) -> Review:  # fmt: skip
    """Keep what was counted. It is never changed: an earlier count says what was known then."""
    with transaction.atomic():
        review = Review.objects.create(
            clinic=clinic, protocol=protocol, snapshot_id=snapshot_id, counted_at=now, cohort_hash=cohort_hash,
            result=result,
        )  # fmt: skip
        record(
            stream=f"clinic:{clinic.pk}", action="count_numbers", resource="review", resource_id=review.pk,
            by=by.person_id, role=by.main_role(), now=now,
            facts={"protocol": protocol, "cohort": cohort_hash, "numbers": len(result.get("estimates", ()))},
        )  # fmt: skip
    return review


def sign_definitions(*, clinic: Clinic, snapshot: Snapshot, by: Asker, now: datetime) -> Signature:
    """The definitions of this version of the protocol are those of the service (C42). Twice is once.

    Raises NotAllowed.
    """
    check_can_count(by, clinic.pk)
    with transaction.atomic():
        signed, made = Signature.objects.get_or_create(
            clinic=clinic, snapshot=snapshot, defaults={"by": by.person_id, "at": now}
        )
        if made:
            record(
                stream=f"clinic:{clinic.pk}", action="sign_definitions", resource="review", resource_id=signed.pk,
                by=by.person_id, role=by.main_role(), now=now,
                facts={"protocol": snapshot.slug, "version": snapshot.version, "sha256": snapshot.sha256},
            )  # fmt: skip
    return signed

"""She sends what she answered: it is scored, and whatever the ladder still has to say of it is said (C2, C3)."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from accord.service.access.table import Action, Asker
from accord.service.assessments.actions import finish
from accord.service.assessments.queries import assessment as find_assessment
from accord.service.assessments.queries import decisions
from accord.service.care.actions import raise_alert
from accord.service.care.queries import last_tier

if TYPE_CHECKING:
    from accord.service.assessments.models import Assessment


def finish_assessment(*, assessment_id: uuid.UUID, by: Asker, now: datetime) -> Assessment:
    """Sending twice is sending once. Raises NotNow while a question is open, NotAllowed for who is not asked.

    What was left out for good is unknown now, and has its own clock; follow-ups that were left out count as yes (C3).
    """
    with transaction.atomic(durable=True):
        assessment = find_assessment(by, assessment_id, Action.ANSWER)
        if assessment.submitted_at is None:
            finish(assessment=assessment, by=by, now=now)
            for one in decisions(assessment, lambda: last_tier(assessment.person_id), now):
                raise_alert(
                    person=assessment.person, episode=assessment.episode, assessment_id=assessment.pk,
                    occasion=f"assessment:{assessment.pk}", track=one.track, outcome=one.outcome, ladder=one.ladder,
                    by=by, now=now,
                )  # fmt: skip
        return assessment

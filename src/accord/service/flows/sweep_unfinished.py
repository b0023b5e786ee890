"""Somebody began an assessment, gave an answer that means danger, and did not go on (C3).

Follow-up questions that stay open for ten minutes count as yes, and an unsent draft carries the tier of the answer it
holds, after the minutes that the ladder names for that tier. The ladder itself says so; this flow only asks it again
as time passes.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import DatabaseError, transaction

from accord.service.access.table import SERVICE
from accord.service.assessments import queries as assessments
from accord.service.assessments.actions import settle
from accord.service.assessments.rules.questions import FIRST_QUESTIONS, decided
from accord.service.care import actions
from accord.service.care import queries as care
from accord.service.care.rules.deadlines import draft_minutes

if TYPE_CHECKING:
    from accord.service.assessments.models import Assessment

SETTLED = timedelta(days=1)  # longer than any wait of a ladder
log = logging.getLogger(__name__)


def sweep_unfinished(*, now: datetime) -> int:
    """Raise what unfinished answers have come to mean by now; returns how many alerts. One failure stops no other."""
    raised = 0
    for assessment in assessments.unfinished(now):
        try:
            with transaction.atomic(durable=True):
                raised += _decide(assessment, now)
        except DatabaseError:
            log.error("An unfinished assessment could not be decided; it is tried again.")
    return raised


def _decide(assessment: Assessment, now: datetime) -> bool:
    """Whether an alert was raised for this assessment."""
    answers = assessments.current(assessment)
    asked = [answers[key] for key in FIRST_QUESTIONS if key in answers]
    if max(row.at for row in answers.values()) <= now - SETTLED:
        settle(assessment=assessment, now=now)
    if not any(row.value != 0 for row in asked):
        return False
    facts = assessments.facts(assessment, now, answers)
    ladder = care.ladder_of(assessment.episode)
    said = decided(ladder, {**facts, "last_tier": care.last_tier(assessment.person_id)}, "risk")
    minutes = (now - min(row.at for row in asked)).total_seconds() / 60
    if said.outcome.clock is None or minutes < draft_minutes(said.ladder, said.outcome.clock):
        return False
    alert = actions.raise_alert(
        person=assessment.person, episode=assessment.episode, assessment_id=assessment.pk,
        occasion=f"assessment:{assessment.pk}", track="risk", outcome=said.outcome, ladder=said.ladder, by=SERVICE,
        now=now,
    )  # fmt: skip
    return alert is not None

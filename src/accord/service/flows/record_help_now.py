"""Somebody used the button "I need help now": the highest tier at once, whatever else is stored or unfinished."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from accord.service.access.table import Action, Asker
from accord.service.assessments.rules.questions import decided
from accord.service.care import actions as care
from accord.service.care import queries as alerts
from accord.service.care.rules.deadlines import HELP_NOW
from accord.service.episodes.queries import current_episode
from accord.service.people import queries as people


def record_help_now(*, person_id: uuid.UUID, key: uuid.UUID, by: Asker, now: datetime) -> uuid.UUID:
    """Raise the alert of the button; returns the alert's id. The same press twice is one alert.

    Pressed again while nobody has acknowledged it, the alert that stands says so instead of a second one being raised:
    its clock runs already. If the ladder fails, the alert is raised all the same, at the highest tier.
    """
    with transaction.atomic(durable=True):
        person = people.person(by, person_id, Action.VIEW)
        if standing := alerts.unanswered_help_now(person_id):
            care.note_again(alert_id=standing, key=key, now=now)
            return standing
        episode, ladder = current_episode(by, person_id), alerts.ladder_for(person_id)
        record = {"help_now": True, "safety_check.asked": False, "last_tier": alerts.last_tier(person_id)}
        outcome = decided(ladder, record, "risk").outcome
        if outcome.tier != HELP_NOW.tier:
            outcome, ladder = HELP_NOW, None
        occasion = f"help-now:{key}"
        raised = care.raise_alert(
            person=person, episode=episode, assessment_id=None, occasion=occasion, track="risk", outcome=outcome,
            ladder=ladder, by=by, now=now,
        )  # fmt: skip
        return raised.pk if raised else alerts.raised_on(person_id, occasion)

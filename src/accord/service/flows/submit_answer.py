"""One answer: kept, decided by the safety ladder, and a person told, in one transaction (P1, P2, P11)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from accord.service.access.table import Action, Asker
from accord.service.assessments.actions import save_answer
from accord.service.assessments.queries import assessment as find_assessment
from accord.service.assessments.queries import decisions
from accord.service.assessments.rules.questions import screens_of
from accord.service.care.actions import raise_alert
from accord.service.care.queries import last_tier

if TYPE_CHECKING:
    from accord.service.assessments.models import Answer


@dataclass(frozen=True, slots=True)
class Submitted:
    """What was kept, and the texts that she is to see at once because of it (names of `texts/`)."""

    answer: Answer
    replayed: bool
    screens: tuple[str, ...] = ()


def submit_answer(
    *, assessment_id: uuid.UUID, instrument: str, item: str, value: Any, text: str = "", revision: int,
    key: uuid.UUID, by: Asker, now: datetime,
) -> Submitted:  # fmt: skip
    """Keep one answer and see to what follows from it. When the rules fail, the answer is kept and a person is told.

    The same post again is the same row and the same alert, and shows the same page. Raises Stale, NotAllowed, NotNow.
    """
    with transaction.atomic(durable=True):
        assessment = find_assessment(by, assessment_id, Action.ANSWER)
        saved = save_answer(
            assessment=assessment, instrument=instrument, item=item, value=value, text=text, revision=revision,
            key=key, by=by, now=now,
        )  # fmt: skip
        screens: list[str] = []
        for one in decisions(assessment, lambda: last_tier(assessment.person_id), now, saved=saved.answer):
            alert = raise_alert(
                person=assessment.person, episode=assessment.episode, assessment_id=assessment.pk,
                occasion=f"assessment:{assessment.pk}", track=one.track, outcome=one.outcome, ladder=one.ladder,
                by=by, now=now,
            )  # fmt: skip
            if alert is not None or saved.replayed:
                screens += screens_of(one)
    return Submitted(saved.answer, saved.replayed, tuple(screens))

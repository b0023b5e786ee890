"""What came out: scores, and the series of a person."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models.functions import Coalesce

from accord.service.access.table import Action, Asker
from accord.service.assessments.models import Assessment, Score
from accord.service.assessments.queries.definitions import DEMO


def scores(asker: Asker, assessment: Assessment) -> list[Score]:
    """The scores of a finished assessment, for who may see scores."""
    from accord.service.access.table import Resource

    seen = Assessment.objects.for_(asker, Action.VIEW, Resource.SCORE).filter(pk=assessment.pk)
    return list(Score.objects.filter(assessment__in=seen).order_by("instrument", "scale"))


@dataclass(frozen=True, slots=True)
class Point:
    """One score of one person. `demo`: not from the official wording, so no band, cut-off or claim of change (C6)."""

    at: datetime
    time_point: str
    occasion: int
    value: float
    demo: bool


def series(person_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, dict[str, list[Point]]]:
    """Per person and scale (`phq_9.total`) every valid score, oldest first; one query. The caller checks access.

    Scores from demonstration wording stand under the plain scale and are marked on each point.
    """
    rows = Score.objects.filter(assessment__person__in=set(person_ids), valid=True, value__isnull=False)
    columns = ("assessment__person", "instrument", "scale", "value", "assessment__time_point", "assessment__occasion")
    found: dict[uuid.UUID, dict[str, list[Point]]] = {one: {} for one in person_ids}
    sent = Coalesce("assessment__submitted_at", "assessment__closed_at", "at")
    for person, name, scale, value, time_point, occasion, at in rows.order_by(sent, "pk").values_list(*columns, sent):
        ref = f"{name.removeprefix(DEMO)}.{scale}"
        point = Point(at, time_point, occasion, value, demo=name.startswith(DEMO))
        found[person].setdefault(ref, []).append(point)
    return found

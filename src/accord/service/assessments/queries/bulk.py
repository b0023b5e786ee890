"""Rows for the cohort, of many people at once."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q

from accord.service.assessments.models import Answer, Assessment, Score
from accord.service.assessments.rules.questions import (
    QUESTIONS,
)

BULK = 5000  # rows that a database hands over at a time


class AskedRow(NamedTuple):
    """One asking: by when it was sent, or closed unsent. `instruments` as they were asked."""

    assessment: uuid.UUID
    episode: uuid.UUID
    informant: str
    time_point: str
    occasion: int
    sitting: int
    instruments: list[str]
    session: uuid.UUID | None
    sent_at: datetime | None
    closed_at: datetime | None


def asked_rows(episode_ids: Collection[uuid.UUID], now: datetime) -> list[AskedRow]:
    """Every asking of these episodes that was sent or closed until now. One query."""
    over = Q(submitted_at__lte=now) | Q(closed_at__lte=now)
    rows = Assessment.objects.filter(over, episode__in=set(episode_ids)).order_by("made_at", "id")
    columns = ("pk", "episode_id", "informant", "time_point", "occasion", "sitting", "instruments", "session_id",
               "submitted_at", "closed_at")  # fmt: skip
    return [AskedRow(*row) for row in rows.values_list(*columns).iterator(chunk_size=BULK)]


class ScoredRow(NamedTuple):
    """One score; `instrument` carries the mark of a demonstration wording, where it was one (C6)."""

    assessment: uuid.UUID
    instrument: str
    scale: str
    version: str
    wording: str
    value: float | None
    valid: bool
    answered: int
    of: int


def scored_rows(episode_ids: Collection[uuid.UUID], now: datetime) -> Iterator[ScoredRow]:
    """Every score of these episodes until now, asking by asking. One query."""
    rows = Score.objects.filter(assessment__episode__in=set(episode_ids), at__lte=now)
    columns = ("assessment_id", "instrument", "scale", "version", "wording", "value", "valid", "answered", "of")
    found = rows.order_by("assessment_id", "instrument", "scale").values_list(*columns)
    return (ScoredRow(*row) for row in found.iterator(chunk_size=BULK))


def told_of_herself(
    episode_ids: Collection[uuid.UUID], names: Collection[str], now: datetime
) -> dict[uuid.UUID, dict[str, object]]:
    """What was answered last to these single questions in each episode; text is not read. One query."""
    rows = Answer.objects.filter(
        assessment__episode__in=set(episode_ids), instrument=QUESTIONS, item__in=set(names), at__lte=now
    )
    columns = ("assessment__episode_id", "item", "value")
    found: dict[uuid.UUID, dict[str, object]] = {}
    ordered = rows.order_by("assessment__made_at", "assessment_id", "revision").values_list(*columns)
    for episode, item, value in ordered.iterator(chunk_size=BULK):
        found.setdefault(episode, {})[item] = value
    return found

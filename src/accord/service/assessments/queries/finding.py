"""Which assessments there are: one, hers, those that wait, those whose time is over."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from accord.service.access.table import Action, Asker
from accord.service.assessments.models import Answer, Assessment
from accord.service.assessments.queries.answers import _any_of
from accord.service.assessments.rules.questions import (
    FIRST_QUESTIONS,
    RED_FLAGS,
)
from accord.service.errors import NotAllowed


def assessment(asker: Asker, assessment_id: uuid.UUID, action: Action = Action.VIEW) -> Assessment:
    """One assessment with its episode, person and clinic. Raises NotAllowed."""
    rows = Assessment.objects.for_(asker, action).select_related("person__clinic", "episode")
    found = rows.filter(pk=assessment_id).first()
    if found is None:
        raise NotAllowed(_("There are no questions here that you may see."))
    return found


def assessments_of(asker: Asker, person_id: uuid.UUID | None) -> list[Assessment]:
    """Everything that somebody was asked, oldest first."""
    rows = Assessment.objects.for_(asker, Action.VIEW).filter(person=person_id)
    return list(rows.select_related("episode").order_by("made_at", "id"))


def of_time_point(episode_id: uuid.UUID, time_point: str, occasion: int = 0) -> Assessment | None:
    """The asking of one time-point of an episode (its first sitting), if it was opened."""
    rows = Assessment.objects.filter(episode=episode_id, time_point=time_point, occasion=occasion)
    return rows.order_by("sitting").first()


def sent_at(episode_id: uuid.UUID, time_point: str, occasion: int = 0) -> datetime | None:
    """When all sittings of a time-point were sent; None while one is missing."""
    rows = Assessment.objects.filter(episode=episode_id, time_point=time_point, occasion=occasion)
    sent = {row.sitting: row.submitted_at for row in rows if row.submitted_at}
    whole = next((row.sittings for row in rows), 0)
    return max(sent.values()) if sent and len(sent) == whole else None


def of_episodes(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Assessment]]:
    """Everything asked in these episodes, oldest first, with the number of answers so far (`begun`); two queries."""
    rows = (
        Assessment.objects.filter(episode__in=set(ids)).annotate(begun=Exists(_any_answer())).order_by("made_at", "id")
    )
    found: dict[uuid.UUID, list[Assessment]] = {one: [] for one in ids}
    for row in rows.select_related("person__clinic", "episode"):
        found[row.episode_id].append(row)
    return found


def waiting(asker: Asker, person_id: uuid.UUID | None, now: datetime) -> list[Assessment]:
    """What somebody can answer now, the one that matters first: signs for a doctor and what stands before a part, what
    she has begun, then what closes first; with `begun` as above."""
    rows = Assessment.objects.for_(asker, Action.VIEW).filter(
        person=person_id, submitted_at=None, closed_at=None, opens_at__lte=now
    )
    rows = rows.exclude(closes_at__lte=now).annotate(begun=Exists(_any_answer()))
    found = rows.select_related("person__clinic", "episode").order_by("made_at", "id")
    return sorted(found, key=_matters_first)


def _matters_first(row: Any) -> tuple[bool, bool, bool, datetime]:
    signs = RED_FLAGS in row.instruments[:1] or row.time_point == "practice_screen"
    return not signs, not row.begun, row.closes_at is None, row.closes_at or row.opens_at


@dataclass(frozen=True, slots=True)
class Asking:
    """An assessment that was not sent, in a list: when opened, due and closed; whether an answer was begun."""

    made_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    begun: bool


@dataclass(slots=True)
class Asked:
    """What an episode was asked: when she last sent answers, and what she has not sent, oldest first."""

    last_sent: datetime | None = None
    unsent: list[Asking] = field(default_factory=list)

    @property
    def open(self) -> list[Asking]:
        """What she can still send."""
        return [one for one in self.unsent if one.closed_at is None]


def askings(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Asked]:
    """What each of these episodes was asked, for lists: two queries, and nobody's record is opened for it."""
    found = {one: Asked() for one in ids}
    every = Assessment.objects.filter(episode__in=set(ids))
    sent = every.filter(submitted_at__isnull=False).order_by().values_list("episode_id")
    for episode, at in sent.annotate(last=Max("submitted_at")):
        found[episode].last_sent = at
    rows = every.filter(submitted_at=None).annotate(begun=Exists(_any_answer())).order_by("made_at", "id")
    for episode, made, due, closed, begun in rows.values_list("episode_id", "made_at", "due_at", "closed_at", "begun"):
        found[episode].unsent.append(Asking(made, due, closed, begun))
    return found


def past_their_window(now: datetime) -> list[Assessment]:
    """Those that were neither sent nor closed although their window has passed; for the clock."""
    rows = Assessment.objects.filter(submitted_at=None, closed_at=None, closes_at__lte=now)
    return list(rows.select_related("person__clinic", "episode").order_by("closes_at", "id"))


def _any_answer() -> QuerySet[Answer]:
    return Answer.objects.filter(assessment=OuterRef("pk"))


def unfinished(now: datetime) -> list[Assessment]:
    """What somebody began and has not sent, where a question of safety was answered with anything but "not at all" and
    time has not settled what that means; oldest first, for the clock (C3). What is harmless is not even loaded."""
    first = Answer.objects.filter(_any_of(FIRST_QUESTIONS), assessment=OuterRef("pk")).exclude(value=0)
    newest = Answer.objects.filter(assessment=OuterRef("pk")).order_by("-at").values("at")[:1]
    rows = Assessment.objects.filter(Exists(first), submitted_at=None, closed_at=None).annotate(newest=Subquery(newest))
    rows = rows.filter(Q(settled_at=None) | Q(settled_at__lt=F("newest")))
    return list(rows.select_related("person__clinic", "episode").order_by("made_at", "id"))

"""A clinician or the office ends somebody's way here, with one of the reasons that the protocol names."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from accord.service.access.table import SERVICE, Asker
from accord.service.assessments.actions import close_missed
from accord.service.assessments.queries import of_episodes
from accord.service.episodes import queries as episodes
from accord.service.episodes.actions import discharge
from accord.service.errors import NotNow
from accord.service.outbox.actions import enqueue
from accord.service.people.actions import give_place_back
from accord.service.people.policies import hidden
from accord.service.people.queries import accountable_for

if TYPE_CHECKING:
    from accord.service.episodes.models import Step


def discharge_person(*, person_id: uuid.UUID, reason: str, note: str = "", by: Asker, now: datetime) -> Step:
    """End it: nothing more is asked, her therapist has the place free; an open alert stays with who answers for her.

    Whoever answers for her is told, unless she did it herself. Raises NotAllowed, Refusal, NotNow (it has ended).
    """
    with transaction.atomic(durable=True):
        episode = episodes.current_episode(by, person_id)
        if episode is None:
            raise hidden()
        step = discharge(episode=episode, reason=reason, note=note, by=by, now=now)
        for row in of_episodes([episode.pk])[episode.pk]:
            if row.submitted_at is None:
                close_missed(assessment=row, by=SERVICE, now=now)
        _tell(episode.pk, person_id, by, now)
        give_place_back(person=episode.person, by=SERVICE, now=now)
        return step


def _tell(episode_id: uuid.UUID, person_id: uuid.UUID, by: Asker, now: datetime) -> None:
    try:
        to = accountable_for(person_id, now)
    except NotNow:
        return
    if to.pk != by.person_id:
        enqueue(kind="person-left", to=to.pk, occasion=f"left:{episode_id}:{now:%Y%m%d}", channel="email",
                subject_id=episode_id, now=now)  # fmt: skip

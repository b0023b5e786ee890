"""A part of her course stands behind questions that were never asked, or should be asked again: they open (C9, C10)."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from accord.service.access.table import SERVICE, Action, Asker
from accord.service.assessments.actions import open_assessment
from accord.service.assessments.queries import of_episodes, wordings_for
from accord.service.episodes.queries import current_episode
from accord.service.errors import NotAllowed
from accord.service.people.queries import person as find_person
from accord.service.programmes.rules.gates import GATES, next_asking

if TYPE_CHECKING:
    from accord.service.assessments.models import Assessment


def ask_before_part(*, person_id: uuid.UUID, fact: str, by: Asker, now: datetime) -> Assessment:
    """The questions that tell `fact` ("red_flags.any", "body_practice_caution"), open; those that are open already.

    Raises NotAllowed for somebody else's course, and for a fact that nothing asks.
    """
    with transaction.atomic(durable=True):
        person = find_person(by, person_id, Action.ANSWER)
        episode, gate = current_episode(by, person_id), GATES.get(fact)
        if episode is None or gate is None:
            raise NotAllowed(_("There are no questions here that you may answer."))
        asking = next_asking(gate, of_episodes([episode.pk])[episode.pk])
        if asking.found is not None:
            return asking.found
        names = list(gate.instruments)
        return open_assessment(
            episode=episode, time_point=gate.time_point, occasion=asking.occasion, instruments=names,
            wordings=wordings_for(names, person.language), by=SERVICE, now=now,
        )  # fmt: skip

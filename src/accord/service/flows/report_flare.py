"""She reports a flare: lessons and practices wait; when flares are many or the pain is new, somebody looks (C7)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from accord.service.access.table import SERVICE, Action, Asker
from accord.service.assessments.actions import open_assessment
from accord.service.assessments.queries import of_episodes, wordings_for
from accord.service.care.actions import raise_flag
from accord.service.care.rules.support import FLARE, NEW_PAIN
from accord.service.episodes.queries import current_episode
from accord.service.people.queries import person as find_person
from accord.service.programmes.actions import begin_flare
from accord.service.programmes.queries import first_of_many_flares
from accord.service.programmes.rules.flares import MANY
from accord.service.programmes.rules.gates import RED_FLAGS, next_asking

if TYPE_CHECKING:
    from accord.service.assessments.models import Assessment
    from accord.service.people.models import Person
    from accord.service.programmes.models import Flare


@dataclass(frozen=True, slots=True)
class Reported:
    """The flare that runs now, and the red-flag questions where they are asked because of it."""

    flare: Flare
    questions: Assessment | None = None


def report_flare(*, person_id: uuid.UUID, new_pain: bool, key: uuid.UUID, by: Asker, now: datetime) -> Reported:
    """Begin a flare, or go on with the one that runs. The same key is the same report. Raises NotAllowed.

    Three flare days in seven, or a new kind of pain: her therapist's list says so, and the red-flag questions open. No
    questionnaire, no safety question and no promise is moved.
    """
    with transaction.atomic(durable=True):
        person = find_person(by, person_id, Action.ANSWER)
        flare = begin_flare(person=person, new_pain=new_pain, key=key, by=by, now=now)
        first = first_of_many_flares(flare, person.zone())
        if not (flare.new_pain or first):
            return Reported(flare)
        return Reported(flare, _somebody_looks(person, flare, first, by, now))


def _somebody_looks(person: Person, flare: Flare, first: Flare | None, by: Asker, now: datetime) -> Assessment | None:
    episode = current_episode(SERVICE, person.pk)
    listed: dict[str, Any] = {"person": person, "episode": episode, "by": by, "now": now}
    new = []
    if flare.new_pain:
        reasons = ["She reports a new kind of pain. The red-flag questions are asked again."]
        new.append(raise_flag(kind=NEW_PAIN, occasion=f"flare:{flare.pk}", reasons=reasons, **listed))
    if first is not None:
        reasons = [f"At least {MANY} flare days within seven. The red-flag questions are asked again."]
        new.append(raise_flag(kind=FLARE, occasion=f"flares:{first.pk}", reasons=reasons, **listed))
    if episode is None:
        return None
    asking = next_asking(RED_FLAGS, of_episodes([episode.pk])[episode.pk])
    if asking.found is not None or not any(new):
        return asking.found
    names = list(RED_FLAGS.instruments)
    return open_assessment(
        episode=episode, time_point=RED_FLAGS.time_point, occasion=asking.occasion, instruments=names,
        wordings=wordings_for(names, person.language), by=SERVICE, now=now,
    )  # fmt: skip

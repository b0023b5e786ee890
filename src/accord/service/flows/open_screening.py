"""The first questions open, once we know how to reach her and where she is (C4)."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from accord.service.access.table import SERVICE, Action, Asker
from accord.service.assessments.actions import open_assessment
from accord.service.assessments.queries import of_time_point, wordings_for
from accord.service.assessments.rules.questions import QUESTIONS, RED_FLAGS, SAFETY
from accord.service.episodes.actions import add_step
from accord.service.episodes.queries import episode as find_episode
from accord.service.episodes.rules import StepKind
from accord.service.errors import NotNow
from accord.service.library.queries import protocol
from accord.service.people.queries import accountable_for

if TYPE_CHECKING:
    from accord.science.protocols import Protocol
    from accord.service.assessments.models import Assessment

SCREENING = "screening"


def open_screening(*, episode_id: uuid.UUID, by: Asker, now: datetime) -> Assessment:
    """Opens the screening; a second call finds the first. Raises NotAllowed; NotNow without name, phone and place."""
    with transaction.atomic(durable=True):
        episode = find_episode(by, episode_id, Action.ANSWER)
        opened = of_time_point(episode.pk, SCREENING)
        if opened is not None:
            return opened
        person = episode.person
        if not (person.name and person.phone and (person.country or person.where)):
            cure = _("Give your name, a telephone number and the country you are in; then the questions open.")
            raise NotNow(_("We do not know yet how to reach you."), cure=cure)
        accountable_for(person.pk, now)  # raises when nobody would answer for her: then nothing is asked
        add_step(episode=episode, kind=StepKind.SCREENING, by=by, now=now)
        asked = _instruments(protocol(episode.snapshot_id))
        return open_assessment(
            episode=episode, time_point=SCREENING, instruments=asked, by=SERVICE, now=now,
            wordings=wordings_for(asked, person.language),
        )  # fmt: skip


def _instruments(described: Protocol) -> list[str]:
    """What a screening asks: the eligibility questions of the protocol, red flags, and the safety check."""
    questions = dict.fromkeys(f"{QUESTIONS}:{criterion.ask}" for criterion in described.population.eligible_if)
    flags = [RED_FLAGS] if described.population.red_flags == "default" else []
    return [*questions, *flags, SAFETY]

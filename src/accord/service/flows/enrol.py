"""She is in: enrolment is the first anchor, she becomes a patient, and the first questionnaires open."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from accord.science.protocols.occasions import occasions
from accord.service.access.table import SERVICE, Action, Asker, Role
from accord.service.assessments.actions import open_assessment
from accord.service.assessments.policies import check_can_open
from accord.service.assessments.queries import asked_of_her, count, of_time_point, wordings_for
from accord.service.assessments.rules.occasions import parts
from accord.service.assessments.rules.questions import QUESTIONS
from accord.service.episodes.actions import add_step, set_anchor
from accord.service.episodes.queries import episode as find_episode
from accord.service.episodes.queries import state
from accord.service.episodes.rules import State, StepKind
from accord.service.library.queries import protocol
from accord.service.people.actions import end_role, give_role

if TYPE_CHECKING:
    from accord.science.protocols import Protocol
    from accord.service.assessments.models import Assessment

BASELINE = "baseline"


def enrol(*, episode_id: uuid.UUID, by: Asker, now: datetime) -> Assessment:
    """Her first assessment, open. Enrolling twice is enrolling once.

    Raises NotAllowed, and NotNow when she has not consented, or when an official wording is missing in production (C6).
    """
    with transaction.atomic(durable=True):
        episode = find_episode(by, episode_id, Action.ANSWER)
        opened = of_time_point(episode.pk, BASELINE)
        if opened is not None and state(episode) is State.ENROLLED:
            return opened
        described = protocol(episode.snapshot_id)
        before = of_time_point(episode.pk, "screening")
        sittings, days = _baseline(described, set(before.instruments) if before else set())
        check_can_open(wordings_for([name for part in sittings for name in part], episode.person.language))
        asked = list(sittings[0])
        add_step(episode=episode, kind=StepKind.ENROLLED, by=by, now=now)
        set_anchor(episode=episode, name="enrolment", at=now, by=by, now=now)
        give_role(person=episode.person, role=Role.PATIENT, clinic=episode.clinic, by=SERVICE, now=now)
        end_role(person=episode.person, role=Role.APPLICANT, clinic=episode.clinic, by=SERVICE, now=now)
        return open_assessment(
            episode=episode, time_point=BASELINE, instruments=asked, sittings=len(sittings),
            wordings=wordings_for(asked, episode.person.language), due_at=now + timedelta(days=days),
            by=SERVICE, now=now,
        )  # fmt: skip


def _baseline(described: Protocol, known: set[str]) -> tuple[tuple[tuple[str, ...], ...], int]:
    """What she is asked at baseline, sitting by sitting (C36); the days of its window.

    At its end come what is kept on record and the background questions that the screening did not ask.
    """
    first = next(one for one in occasions(described) if one.time_point == BASELINE)
    questions = [name for one in described.population.background if (name := f"{QUESTIONS}:{one}") not in known]
    also = asked_of_her(first.asked.get("record", ())) + questions
    return parts(described, first, count, also=also), first.window.last

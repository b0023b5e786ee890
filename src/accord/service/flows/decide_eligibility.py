"""Whether the programme is the right help for her now: by the protocol's rules, with the reason in its words."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accord.science.conditions import Decision
from accord.science.protocols.eligibility import Eligibility, eligible
from accord.service.access.table import Action, Asker
from accord.service.assessments.queries import answers_to_questions, of_time_point
from accord.service.episodes.actions import add_step
from accord.service.episodes.queries import episode as find_episode
from accord.service.episodes.queries import state
from accord.service.episodes.rules import State, StepKind
from accord.service.errors import NotNow
from accord.service.library.queries import protocol


def decide_eligibility(*, episode_id: uuid.UUID, by: Asker, now: datetime) -> Eligibility:
    """The decision on a screening that was sent. Deciding twice is deciding once.

    Only the protocol's own questions decide: an answer about risk or a red flag never shuts anybody out (C4, C9).
    With a question left out the decision is unknown: nothing is written, and a person of the service looks.
    Raises NotAllowed, NotNow (the screening was not sent).
    """
    with transaction.atomic(durable=True):
        episode = find_episode(by, episode_id, Action.ANSWER)
        screening = of_time_point(episode.pk, "screening")
        if screening is None or screening.submitted_at is None:
            cure = _("Go on where you stopped; all you answered is kept.")
            raise NotNow(_("The first questions were not sent yet."), cure=cure)
        decided = eligible(protocol(episode.snapshot_id), answers_to_questions(screening))
        if state(episode) is State.SCREENING and decided.decision is not Decision.UNKNOWN:
            kind = StepKind.ELIGIBLE if decided.decision is Decision.YES else StepKind.NOT_ELIGIBLE
            asked = ",".join(question for question, _words in decided.refusals)
            words = "\n".join(words for _question, words in decided.refusals)
            add_step(episode=episode, kind=kind, by=by, now=now, reason=asked, note=words)
        return decided

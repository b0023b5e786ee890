"""She ends the treatment, or takes back her consent, all of it or one scope; nothing is sent about it afterwards.

What she wrote and what was asked stays in her record; open questions are closed; an open alert stays open, because a
person is looking at it. Who answers for her is told.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from accord.service.access.table import SERVICE, Asker
from accord.service.assessments.actions import close_missed
from accord.service.assessments.queries import of_episodes
from accord.service.episodes import actions
from accord.service.episodes import queries as episodes
from accord.service.episodes.rules import State, StepKind
from accord.service.errors import NotAllowed, NotNow
from accord.service.outbox.actions import enqueue
from accord.service.people.actions import give_place_back
from accord.service.people.queries import accountable_for

if TYPE_CHECKING:
    from accord.service.episodes.models import Episode

TREATMENT, EVERYTHING = "treatment", "everything"
CARE = "care"


def leave(*, person_id: uuid.UUID, what: str, reason: str = "", by: Asker, now: datetime) -> State:
    """`what`: "treatment" (questionnaires go on), "everything", or a scope of her consent other than care.

    Doing it twice is doing it once. No reason is needed. Raises NotAllowed (only she herself), NotNow (nothing to end).
    """
    with transaction.atomic(durable=True):
        episode = episodes.current_episode(by, person_id)
        if episode is None or by.person_id != person_id:
            raise NotAllowed(_("Only she herself can end this."))
        state, consent = episodes.state(episode), episodes.consent_of(by, episode)
        if what == EVERYTHING:
            return _everything(episode, state, reason, by, now)
        if consent is None or (what != TREATMENT and what not in consent.scopes):
            if state in (State.STOPPED, State.WITHDRAWN) or (consent and what != TREATMENT):
                return state
            raise NotNow(_("There is nothing that could be ended."), cure=_("Your page shows where things stand."))
        scope = CARE if what == TREATMENT else what
        if scope in consent.scopes:
            actions.narrow_consent(consent=consent, without=scope, by=by, now=now)
        if what == TREATMENT and state is State.ENROLLED:
            actions.add_step(episode=episode, kind=StepKind.STOPPED, reason=reason, by=by, now=now)
            _tell(episode, now)
            return State.STOPPED
        return state


def _everything(episode: Episode, state: State, reason: str, by: Asker, now: datetime) -> State:
    if state in (State.WITHDRAWN, State.DISCHARGED):
        return state
    consent = episodes.consent_of(by, episode)
    if consent is not None:
        actions.withdraw_consent(consent=consent, reason=reason, by=by, now=now)
    else:
        actions.add_step(episode=episode, kind=StepKind.WITHDRAWN, reason=reason, by=by, now=now)
    for row in of_episodes([episode.pk])[episode.pk]:
        if row.submitted_at is None:
            close_missed(assessment=row, by=SERVICE, now=now)
    give_place_back(person=episode.person, by=SERVICE, now=now)
    _tell(episode, now)
    return State.WITHDRAWN


def _tell(episode: Episode, now: datetime) -> None:
    try:
        to = accountable_for(episode.person_id, now)
    except NotNow:
        return
    enqueue(kind="person-left", to=to.pk, occasion=f"left:{episode.pk}:{now:%Y%m%d}", channel="email",
            subject_id=episode.pk, now=now)  # fmt: skip

"""She says yes to one version of the information and of the consent text."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from accord.service.access.table import Action, Asker
from accord.service.episodes import actions
from accord.service.episodes.queries import episode as find_episode
from accord.service.errors import NotNow
from accord.service.library.queries import latest, protocol

if TYPE_CHECKING:
    from accord.service.episodes.models import Consent

TEXT = "consent-care"


def give_consent(*, episode_id: uuid.UUID, seen: uuid.UUID, by: Asker, now: datetime) -> Consent:
    """`seen` is the snapshot of the text that the page showed: a newer one is shown before anybody agrees to it.

    Raises NotAllowed (only she herself), NotNow (another version stands, or she is not at this point).
    """
    with transaction.atomic(durable=True):
        episode = find_episode(by, episode_id, Action.ANSWER)
        snapshot = latest("text", TEXT, "en")
        if snapshot.pk != seen:
            cure = _("Read it once more; the page shows the new one.")
            raise NotNow(_("The text has changed since you opened it."), cure=cure)
        scopes = protocol(episode.snapshot_id).consent.patient.scopes
        return actions.give_consent(episode=episode, snapshot=snapshot, scopes=list(scopes), by=by, now=now)

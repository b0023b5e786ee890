"""Who can join a group: enrolled episodes, and the protocols that people of a clinic are in."""

from __future__ import annotations

import uuid
from typing import Any

from accord.service.access.table import Action, Asker
from accord.service.episodes.models import Episode, EpisodeQuerySet
from accord.service.episodes.queries.standing import standing_in
from accord.service.episodes.rules import State


def enrolled(asker: Asker, *, protocol: str, clinic_id: uuid.UUID, but: Any) -> EpisodeQuerySet:
    """The enrolled episodes of a protocol at a clinic that are not among `but`, the longest waiting first."""
    rows = Episode.objects.for_(asker, Action.VIEW).filter(protocol=protocol, clinic=clinic_id).exclude(pk__in=but)
    return standing_in(rows, [State.ENROLLED]).select_related("person__clinic").order_by("opened_at", "id")


def protocols_here(asker: Asker) -> list[str]:
    """The protocols that people whose episodes she may see are in."""
    rows = Episode.objects.for_(asker, Action.VIEW).order_by("protocol").values_list("protocol", flat=True)
    return list(rows.distinct())

"""Consent of an episode."""

from __future__ import annotations

from accord.service.access.table import Action, Asker, Resource
from accord.service.episodes.models import Consent, Episode


def consent_of(asker: Asker, episode: Episode) -> Consent | None:
    """The open consent of an episode, or None."""
    if not Episode.objects.for_(asker, Action.VIEW, Resource.CONSENT).filter(pk=episode.pk).exists():
        return None
    return episode.consents.filter(withdrawn_at=None).select_related("snapshot").first()


def consents_of(asker: Asker, episode: Episode) -> list[Consent]:
    """Every consent of an episode, the closed ones too, oldest first."""
    if not Episode.objects.for_(asker, Action.VIEW, Resource.CONSENT).filter(pk=episode.pk).exists():
        return []
    return list(episode.consents.select_related("snapshot").order_by("given_at", "id"))

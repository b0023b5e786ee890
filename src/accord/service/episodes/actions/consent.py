"""Consent: given, narrowed, taken back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accord.service.access.table import Asker, Resource
from accord.service.episodes.actions.parts import told
from accord.service.episodes.actions.steps import add_step
from accord.service.episodes.models import Consent, Episode
from accord.service.episodes.policies import check_may
from accord.service.episodes.rules import StepKind
from accord.service.errors import NotAllowed, NotNow


@transaction.atomic
def give_consent(*, episode: Episode, snapshot: Any, scopes: list[str], by: Asker, now: datetime) -> Consent:
    """Her yes to one version of one text. Only she herself can give it. A second yes changes nothing."""
    if by.person_id != episode.person_id:
        raise NotAllowed(_("Only she herself can consent."))
    check_may(by, episode, Resource.CONSENT)
    held = episode.consents.filter(person=episode.person_id, withdrawn_at=None).first()
    if held is not None:
        return held
    add_step(episode=episode, kind=StepKind.CONSENTED, by=by, now=now)
    consent = Consent.objects.create(
        episode=episode, person=episode.person, snapshot=snapshot, scopes=list(scopes), given_at=now
    )
    facts = {"text": str(snapshot.pk), "sha256": snapshot.sha256, "scopes": list(scopes)}
    told(episode.person_id, "give_consent", "consent", consent, by, now, facts=facts)
    return consent


@transaction.atomic
def withdraw_consent(*, consent: Consent, reason: str = "", by: Asker, now: datetime) -> Consent:
    """Take back a consent; the episode ends as withdrawn. No reason is needed."""
    check_may(by, consent.episode, Resource.CONSENT)
    if not Consent.objects.filter(pk=consent.pk, withdrawn_at=None).update(withdrawn_at=now, reason=reason[:300]):
        return consent
    consent.withdrawn_at = now
    told(consent.person_id, "withdraw_consent", "consent", consent, by, now)
    add_step(episode=consent.episode, kind=StepKind.WITHDRAWN, by=by, now=now, reason=reason)
    return consent


@transaction.atomic
def narrow_consent(*, consent: Consent, without: str, by: Asker, now: datetime) -> Consent:
    """Take one scope back: this consent is closed, and one for what is left opens on the same text."""
    if by.person_id != consent.person_id:
        raise NotAllowed(_("Only she herself can take a consent back."))
    check_may(by, consent.episode, Resource.CONSENT)
    left = [scope for scope in consent.scopes if scope != without]
    if not Consent.objects.filter(pk=consent.pk, withdrawn_at=None).update(withdrawn_at=now, reason=without[:300]):
        raise NotNow(_("This was changed a moment ago."), cure=_("Open the page again."))
    new = Consent.objects.create(
        episode=consent.episode, person=consent.person, snapshot=consent.snapshot, scopes=left, given_at=now
    )
    told(consent.person_id, "narrow_consent", "consent", new, by, now, facts={"without": without, "scopes": left})
    return new

"""Writes of this room: keyword-only, `by` and `now` are arguments, atomic, audited."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accord.service.access.table import Action, Asker, Resource
from accord.service.audit.actions import record
from accord.service.episodes.models import Anchor, Consent, Episode, Referral, Step
from accord.service.episodes.policies import check_can_step, check_may
from accord.service.episodes.queries import confirm_token, token_hash
from accord.service.episodes.rules import StepKind
from accord.service.errors import NotAllowed, NotNow

LINK_DAYS = 14  # how long the link that confirms a referral can be used


def _told(person_id: Any, action: str, resource: str, row: Any, by: Asker, now: datetime, **more: Any) -> None:
    record(
        stream=f"person:{person_id}", action=action, resource=resource, resource_id=row.pk, by=by.person_id,
        role=by.main_role(), now=now, **more,
    )  # fmt: skip


@transaction.atomic
def make_referral(
    *, person: Any, clinic: Any, protocol: str, source: str, note: str = "", by: Asker, now: datetime
) -> Referral:
    """Write down that somebody came or was sent. It counts once confirmed by its link (E22)."""
    referral = Referral(
        person=person, clinic=clinic, protocol=protocol, source=source, note=note, made_at=now, made_by=by.person_id,
        expires_at=now + timedelta(days=LINK_DAYS),
    )  # fmt: skip
    referral.token_hash = token_hash(confirm_token(referral.pk))
    referral.save(force_insert=True)
    facts = {"protocol": protocol, "source": source}
    personal = {"note": note} if note else {}
    _told(person.pk, "make_referral", "referral", referral, by, now, facts=facts, personal=personal)
    return referral


@transaction.atomic
def confirm_referral(*, referral: Referral, by: Asker, now: datetime) -> Referral:
    """The link was used by who got it. Raises NotNow when it was used before."""
    if not Referral.objects.filter(pk=referral.pk, confirmed_at=None).update(confirmed_at=now):
        raise NotNow(_("This link was used before."), cure=_("Log in: what you began is waiting for you."))
    referral.confirmed_at = now
    _told(referral.person_id, "confirm_referral", "referral", referral, by, now)
    return referral


@transaction.atomic
def open_episode(
    *, person: Any, clinic: Any, protocol: str, snapshot: Any, ladder: Any, referral: Referral | None = None,
    by: Asker, now: datetime,
) -> Episode:  # fmt: skip
    """Begin somebody's way through one protocol, at one published version of it and of its safety ladder."""
    if not by.service and not Referral.objects.for_(by, Action.ACT).filter(person=person).exists():
        raise NotAllowed(_("There is nothing here that you may change."))
    episode = Episode.objects.create(
        person=person, clinic=clinic, protocol=protocol, snapshot=snapshot, ladder=ladder, referral=referral,
        opened_at=now,
    )  # fmt: skip
    _told(person.pk, "open_episode", "episode", episode, by, now, facts={"protocol": protocol})
    add_step(episode=episode, kind=StepKind.REFERRED, by=by, now=now)
    return episode


@transaction.atomic
def add_step(*, episode: Episode, kind: StepKind, by: Asker, now: datetime, reason: str = "", note: str = "") -> Step:
    """Write down what happened. Raises NotAllowed, and NotNow when it does not fit the state (or came twice)."""
    check_may(by, episode)
    Episode.objects.select_for_update().get(pk=episode.pk)  # two at once: the second sees the first
    check_can_step(episode, kind)
    try:
        with transaction.atomic():
            step = Step.objects.create(
                episode=episode, kind=kind.value, at=now, by=by.person_id, reason=reason[:300], note=note
            )
    except IntegrityError:
        raise NotNow(_("This was done a moment ago."), cure=_("Open the page again.")) from None
    facts = {"kind": kind.value, "reason": reason[:300]}
    _told(episode.person_id, "add_step", "episode", episode, by, now, facts=facts)
    return step


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
    _told(episode.person_id, "give_consent", "consent", consent, by, now, facts=facts)
    return consent


@transaction.atomic
def withdraw_consent(*, consent: Consent, reason: str = "", by: Asker, now: datetime) -> Consent:
    """Take back a consent; the episode ends as withdrawn. No reason is needed."""
    check_may(by, consent.episode, Resource.CONSENT)
    if not Consent.objects.filter(pk=consent.pk, withdrawn_at=None).update(withdrawn_at=now, reason=reason[:300]):
        return consent
    consent.withdrawn_at = now
    _told(consent.person_id, "withdraw_consent", "consent", consent, by, now)
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
    _told(consent.person_id, "narrow_consent", "consent", new, by, now, facts={"without": without, "scopes": left})
    return new


@transaction.atomic
def set_anchor(*, episode: Episode, name: str, at: datetime, by: Asker, now: datetime) -> Anchor:
    """A moment that windows are counted from (E5). Setting the same one again changes nothing."""
    check_may(by, episode)
    anchor, made = Anchor.objects.get_or_create(
        episode=episode, name=name, defaults={"at": at, "set_at": now, "by": by.person_id}
    )
    if made:
        _told(episode.person_id, "set_anchor", "anchor", anchor, by, now, facts={"name": name, "at": at.isoformat()})
    return anchor

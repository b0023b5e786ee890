"""Referrals: written down, acknowledged, confirmed."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accord.service.access.table import Action, Asker, Resource
from accord.service.episodes.actions.parts import told, words
from accord.service.episodes.models import Acknowledgement, Referral
from accord.service.episodes.queries import confirm_token, token_hash
from accord.service.errors import NotAllowed, NotNow, Refusal
from accord.service.people.policies import check_may as check_person

LINK_DAYS = 14  # how long the link that confirms a referral can be used
HOW = ("page", "email", "letter", "phone")  # how somebody was told that a referral has arrived


@transaction.atomic
def make_referral(
    *, person: Any, clinic: Any, protocol: str, source: str, note: str = "", came: str = "page", referrer: str = "",
    key: uuid.UUID | None = None, by: Asker, now: datetime,
) -> Referral:  # fmt: skip
    """Write down that somebody came or was sent, and how. It counts once confirmed by its link (E22).

    A page of ours (SERVICE), or who may act on her episodes (the office: `came` by letter or telephone, `referrer`:
    who sent her and where an answer reaches them). Raises NotAllowed, Refusal.
    """
    if not by.service:
        check_person(by, Resource.EPISODE, Action.CREATE, person)
    note, referrer = words(note), words(referrer, longest=500)
    referral = Referral(
        person=person, clinic=clinic, protocol=protocol, source=source, note=note, came=came, referrer=referrer,
        key=key, made_at=now, made_by=by.person_id, expires_at=now + timedelta(days=LINK_DAYS),
    )  # fmt: skip
    referral.token_hash = token_hash(confirm_token(referral.pk))
    referral.save(force_insert=True)
    facts = {"protocol": protocol, "source": source, "came": came}
    personal = {name: text for name, text in (("note", note), ("referrer", referrer)) if text}
    told(person.pk, "make_referral", "referral", referral, by, now, facts=facts, personal=personal)
    return referral


@transaction.atomic
def confirm_referral(*, referral: Referral, by: Asker, now: datetime) -> Referral:
    """The link was used by who got it. Raises NotNow when it was used before."""
    if not Referral.objects.filter(pk=referral.pk, confirmed_at=None).update(confirmed_at=now):
        raise NotNow(_("This link was used before."), cure=_("Log in: what you began is waiting for you."))
    referral.confirmed_at = now
    told(referral.person_id, "confirm_referral", "referral", referral, by, now)
    return referral


@transaction.atomic
def acknowledge_referral(*, referral: Referral, how: str, by: Asker, now: datetime) -> Acknowledgement:
    """Whoever sent her (or came by herself) was told that it has arrived (C39). A second time changes nothing."""
    _check_may(referral, by)
    if how not in HOW:
        raise Refusal(_("Choose how it was said."), cure=_("Nothing was changed."))
    row, made = Acknowledgement.objects.get_or_create(
        referral=referral, defaults={"how": how, "at": now, "by": by.person_id}
    )
    if made:
        told(referral.person_id, "acknowledge_referral", "referral", referral, by, now, facts={"how": how})
    return row


@transaction.atomic
def renew_link(*, referral: Referral, by: Asker, now: datetime) -> Referral:
    """The link counts for two weeks from now. Raises NotNow when it was used."""
    _check_may(referral, by)
    until = now + timedelta(days=LINK_DAYS)
    if not Referral.objects.filter(pk=referral.pk, confirmed_at=None).update(expires_at=until):
        raise NotNow(_("The link was used: there is nothing to send again."), cure=_("Nothing was changed."))
    referral.expires_at = until
    told(referral.person_id, "renew_link", "referral", referral, by, now)
    return referral


def _check_may(referral: Referral, by: Asker) -> None:
    if not Referral.objects.for_(by, Action.ACT).filter(pk=referral.pk).exists():
        raise NotAllowed(_("There is nothing here that you may change."))

"""Referrals: written down, confirmed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accord.service.access.table import Asker
from accord.service.episodes.actions.parts import told
from accord.service.episodes.models import Referral
from accord.service.episodes.queries import confirm_token, token_hash
from accord.service.errors import NotNow

LINK_DAYS = 14  # how long the link that confirms a referral can be used


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

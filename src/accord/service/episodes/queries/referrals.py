"""Referrals, and the link that confirms one."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import uuid
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from accord.service.access.table import Action, Asker
from accord.service.episodes.models import Referral
from accord.service.errors import NotAllowed, NotNow


def open_referrals(asker: Asker) -> list[Referral]:
    """Referrals that nobody has confirmed yet, oldest first."""
    rows = Referral.objects.for_(asker, Action.VIEW).filter(confirmed_at=None).select_related("person", "clinic")
    return list(rows.order_by("made_at", "id"))


def referral(asker: Asker, referral_id: uuid.UUID) -> Referral:
    """One referral with its person and clinic. Raises NotAllowed."""
    found = Referral.objects.for_(asker, Action.VIEW).select_related("person", "clinic").filter(pk=referral_id).first()
    if found is None:
        raise NotAllowed(_("There is nothing here that you may see."))
    return found


def confirm_token(referral_id: uuid.UUID) -> str:
    """The secret part of a referral's link. It can be made again when the mail is sent: no link is ever stored."""
    body = referral_id.bytes
    return base64.urlsafe_b64encode(body + _mac(body)).decode().rstrip("=")


def token_hash(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def referral_by_token(token: str, now: datetime) -> Referral:
    """The referral that a link speaks of, confirmed or not. Raises NotAllowed (no such link), NotNow (too old)."""
    unknown = NotAllowed(_("This link is not one of ours, or it has been changed on its way."))
    try:
        raw = base64.urlsafe_b64decode(token[:200] + "=" * (-len(token[:200]) % 4))
    except (binascii.Error, ValueError):
        raise unknown from None
    if len(raw) != 48 or not hmac.compare_digest(_mac(raw[:16]), raw[16:]):
        raise unknown
    found = Referral.objects.select_related("person__clinic", "clinic").filter(token_hash=token_hash(token)).first()
    if found is None:
        raise unknown
    if found.confirmed_at is None and found.expires_at is not None and found.expires_at < now:
        cure = _("Sign up once more with the same address; you will get a new link.")
        raise NotNow(_("This link is too old to be used."), cure=cure)
    return found


def _mac(body: bytes) -> bytes:
    return hmac.new(settings.SECRET_KEY.encode(), b"accord confirm referral 1\0" + body, hashlib.sha256).digest()

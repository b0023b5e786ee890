"""A referral came by letter or telephone: the office enters it, and she is asked to confirm it herself (E22)."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from accord.service.access.table import Asker
from accord.service.episodes.actions import acknowledge_referral, make_referral
from accord.service.episodes.queries import referral_sources, referral_with
from accord.service.errors import NotNow, Refusal
from accord.service.outbox.actions import enqueue
from accord.service.people.actions import add_person
from accord.service.people.queries import account_with

if TYPE_CHECKING:
    from accord.service.episodes.models import Referral
    from accord.service.people.models import Clinic

CAME = ("letter", "phone")


def enter_referral(
    *, clinic: Clinic, protocol: str, source: str, came: str, name: str, phone: str = "", email: str = "",
    referrer: str = "", note: str = "", told: bool = False, key: uuid.UUID, by: Asker, now: datetime,
) -> Referral:  # fmt: skip
    """Keep it; with an address, a link is sent to her. `told`: whoever sent her knows already that it has arrived.

    The same key twice is one. Raises NotAllowed, Refusal (what is missing), NotNow (the address has an account).
    """
    with transaction.atomic(durable=True):
        if held := referral_with(key):
            return held
        _check(protocol, source, came, name, phone, email)
        person = add_person(
            clinic=clinic, name=name.strip(), phone=phone.strip(), email=email.strip(), country=clinic.country, by=by,
            now=now,
        )  # fmt: skip
        referral = make_referral(
            person=person, clinic=clinic, protocol=protocol, source=source, came=came, referrer=referrer, note=note,
            key=key, by=by, now=now,
        )  # fmt: skip
        if told:
            acknowledge_referral(referral=referral, how=came, by=by, now=now)
        if email.strip():
            enqueue(
                kind="confirm-referral", to=person.pk, occasion=f"referral:{referral.pk}", channel="email",
                subject_id=referral.pk, now=now,
            )  # fmt: skip
        return referral


def _check(protocol: str, source: str, came: str, name: str, phone: str, email: str) -> None:
    nothing = _("Nothing was entered; all you typed is still here.")
    if source not in referral_sources(protocol):
        raise Refusal(_("Choose who sent her: one of those that the protocol names."), cure=nothing)
    if came not in CAME:
        raise Refusal(_("Choose whether it came by letter or by telephone."), cure=nothing)
    if not name.strip():
        raise Refusal(_("Write her name."), cure=nothing)
    if not (phone.strip() or email.strip()):
        raise Refusal(_("Write a telephone number or an e-mail address: she must be reached."), cure=nothing)
    if email.strip() and account_with(email) is not None:
        cure = _("Open her page: there she can be referred again. If it is somebody else's address, write another one.")
        raise NotNow(_("Somebody with this e-mail address has an account already."), cure=cure)

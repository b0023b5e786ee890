"""The link of a referral is sent once more: it was too old, or there was no address before."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accord.service.access.table import Asker
from accord.service.episodes.actions import renew_link
from accord.service.episodes.queries import referral as find_referral
from accord.service.errors import NotNow, Refusal
from accord.service.outbox.actions import enqueue
from accord.service.people.actions import change_contact
from accord.service.people.queries import account_with


def send_link(*, referral_id: uuid.UUID, email: str, by: Asker, now: datetime) -> None:
    """Send the link to this address, which becomes hers; it counts for two weeks from now.

    Raises NotAllowed, Refusal (no address), NotNow (the link was used; somebody else has an account there).
    """
    with transaction.atomic(durable=True):
        referral = find_referral(by, referral_id)
        address = email.strip()
        if not address:
            raise Refusal(_("Write the e-mail address that the link goes to."), cure=_("Nothing was sent."))
        if account_with(address) is not None:
            said = _("Somebody with this e-mail address has an account already.")
            raise NotNow(said, cure=_("Ask her for another address. Nothing was sent."))
        renew_link(referral=referral, by=by, now=now)
        change_contact(person=referral.person, email=address, by=by, now=now)
        enqueue(
            kind="confirm-referral", to=referral.person_id, occasion=f"referral:{referral.pk}:{now:%Y%m%dT%H%M}",
            channel="email", subject_id=referral.pk, now=now,
        )  # fmt: skip

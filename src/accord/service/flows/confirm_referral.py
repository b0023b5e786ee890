"""She uses the link that was sent to her: a log-in, a place in the clinic, and from now on a clinician who answers."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from accord.service.access.table import SERVICE, Role
from accord.service.episodes import actions as episodes
from accord.service.episodes.queries import referral_by_token
from accord.service.library.queries import ladder_snapshot, protocol, protocol_snapshot
from accord.service.outbox.queries import last_sent
from accord.service.people.actions import give_role, make_accountable, open_account
from accord.service.people.queries import accountable_for

if TYPE_CHECKING:
    from accord.service.people.models import Account

SELF = "self"  # the source of who came by herself


def confirm_referral(*, token: str, password: str, now: datetime) -> Account:
    """Her account. An accountable clinician stands behind her before the first question (C4).

    Raises NotAllowed (no such link), NotNow (too old, used before, the address has an account, nobody on duty).
    """
    with transaction.atomic(durable=True):
        referral = episodes.confirm_referral(referral=referral_by_token(token, now), by=SERVICE, now=now)
        person, clinic = referral.person, referral.clinic
        if referral.source == SELF:  # the mail with the link has said that it arrived
            sent = last_sent(person.pk, ["confirm-referral"]) or now
            episodes.acknowledge_referral(referral=referral, how="email", by=SERVICE, now=sent)
        account = open_account(person=person, email=person.email, password=password, by=SERVICE, now=now)
        give_role(person=person, role=Role.APPLICANT, clinic=clinic, by=SERVICE, now=now)
        on_duty = accountable_for(person.pk, now)
        make_accountable(person=person, clinician=on_duty, reason="duty", by=SERVICE, now=now)
        snapshot = protocol_snapshot(referral.protocol)
        ladder = ladder_snapshot(protocol(snapshot).safety.ladder)
        episodes.open_episode(
            person=person, clinic=clinic, protocol=referral.protocol, snapshot=snapshot, ladder=ladder,
            referral=referral, by=SERVICE, now=now,
        )  # fmt: skip
        return account

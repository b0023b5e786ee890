"""Somebody who was here before is referred once more: a new way through a protocol, beside the ones that ended."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from accord.service.access.table import SERVICE, Action, Asker, Role
from accord.service.episodes import actions
from accord.service.episodes import queries as episodes
from accord.service.episodes.rules import ENDED
from accord.service.errors import NotNow, Refusal
from accord.service.library.queries import ladder_snapshot, protocol, protocol_snapshot
from accord.service.outbox.actions import enqueue
from accord.service.people.actions import give_role, make_accountable, reopen_account
from accord.service.people.queries import account_of, duty_of, person, roles_of

if TYPE_CHECKING:
    from accord.service.episodes.models import Episode, Referral
    from accord.service.people.models import Person

CAME = ("letter", "phone")


def refer_again(
    *, person_id: uuid.UUID, protocol: str, source: str, came: str, referrer: str = "", note: str = "",
    told: bool = False, key: uuid.UUID, by: Asker, now: datetime,
) -> Episode:  # fmt: skip
    """Her new episode. The duty clinician answers for her from now on, and a mail says that her log-in is open.

    The same key twice is one. Raises NotAllowed, Refusal, NotNow (one is open; she never confirmed the first).
    """
    with transaction.atomic(durable=True):
        her = person(by, person_id, Action.ACT)
        last = episodes.current_episode(by, person_id)
        if last is not None and (held := episodes.referral_with(key)) and held.pk == last.referral_id:
            return last
        _check(last, protocol, source, came)
        referral = actions.make_referral(
            person=her, clinic=her.clinic, protocol=protocol, source=source, came=came, referrer=referrer, note=note,
            key=key, by=by, now=now,
        )  # fmt: skip
        if told:
            actions.acknowledge_referral(referral=referral, how=came, by=by, now=now)
        actions.confirm_referral(referral=referral, by=by, now=now)
        _let_in(her, by, now)
        enqueue(kind="referred-again", to=her.pk, occasion=f"referral:{referral.pk}", channel="email",
                subject_id=referral.pk, now=now)  # fmt: skip
        return _open(her, referral, by, now)


def _check(last: Episode | None, protocol: str, source: str, came: str) -> None:
    if last is None:
        said = _("She has not used the link of her first referral yet.")
        raise NotNow(said, cure=_("Send her the link again; then she can begin."))
    if episodes.state(last) not in ENDED:
        said = _("She is on her way here already.")
        raise NotNow(said, cure=_("Go on with what is open, or discharge her first; then she can be referred again."))
    if source not in episodes.referral_sources(protocol):
        cure = _("Nothing was entered.")
        raise Refusal(_("Choose who sent her: one of those that the protocol names."), cure=cure)
    if came not in CAME:
        raise Refusal(_("Choose whether it came by letter or by telephone."), cure=_("Nothing was entered."))


def _let_in(her: Person, by: Asker, now: datetime) -> None:
    """A log-in that is open, a role, and somebody who answers for her before the first question (C4)."""
    account = account_of(her.pk)
    if account is not None and not account.is_active:
        reopen_account(person=her, by=by, now=now)
    if not roles_of(her.pk) & {Role.APPLICANT, Role.PATIENT}:
        give_role(person=her, role=Role.APPLICANT, clinic=her.clinic, by=SERVICE, now=now)
    on_duty = duty_of(her.clinic_id, now)
    if on_duty is None:
        raise NotNow(_("Nobody is on duty at this clinic."), cure=_("Set a duty clinician on the page of staff first."))
    make_accountable(person=her, clinician=on_duty, reason="duty", by=by, now=now)


def _open(her: Person, referral: Referral, by: Asker, now: datetime) -> Episode:
    snapshot = protocol_snapshot(referral.protocol)
    ladder = ladder_snapshot(protocol(snapshot).safety.ladder)
    return actions.open_episode(
        person=her, clinic=her.clinic, protocol=referral.protocol, snapshot=snapshot, ladder=ladder, referral=referral,
        by=by, now=now,
    )  # fmt: skip

"""Accounts: opened, closed."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accord.service.access.table import STAFF, Action, Asker, Resource
from accord.service.errors import NotNow
from accord.service.people.actions.parts import told
from accord.service.people.models import Account, Person, RoleHeld
from accord.service.people.policies import (
    check_can_leave,
    check_may,
    check_may_at,
)


@transaction.atomic
def open_account(*, person: Person, email: str, password: str | None = None, by: Asker, now: datetime) -> Account:
    """Open a log-in for a person who has none. Without a password she sets one through the link of a mail.

    She does it herself through sign-up (SERVICE), or who may act on her record. An address that has an account already
    is refused with NotNow: the flow that faces the public must answer both cases alike (E22).
    """
    if not by.service:
        check_may(by, Resource.PERSON, Action.ACT, person)
    address = email.strip().lower()
    if Account.objects.filter(email=address).exists() or Account.objects.filter(person=person).exists():
        raise NotNow(_("This person or this address has an account already."), cure=_("Use the one there is."))
    account = Account.objects.create_user(address, password, person=person, made_at=now)
    told(person.pk, "open_account", "account", account, by, now, personal={"email": address})
    return account


@transaction.atomic
def close_account(*, person: Person, by: Asker, now: datetime) -> None:
    """Close a log-in at once: every session of it ends with its next request, on every device.

    Refused (NotNow) while she answers for people or is on duty. Whether she owns open alerts is asked by the flow.
    The password is thrown away: that alone ends all sessions, since each is bound to it.
    """
    account = Account.objects.select_for_update().filter(person=person).first()
    if account is None:
        return
    if by.person_id != person.pk:
        staff = RoleHeld.objects.filter(person=person, until=None, role__in=[str(role) for role in STAFF]).exists()
        resource, action = (Resource.STAFF_LIST, Action.ASSIGN) if staff else (Resource.PERSON, Action.ACT)
        check_may_at(by, resource, action, person.clinic)
    check_can_leave(person)
    account.is_active = False
    account.closed_at = now
    account.set_unusable_password()
    account.save(update_fields=["is_active", "closed_at", "password"])
    told(person.pk, "close_account", "account", account, by, now)


@transaction.atomic
def reopen_account(*, person: Person, by: Asker, now: datetime) -> Account:
    """Open a log-in that was closed, for somebody who comes back. She chooses a new password through a mail."""
    check_may(by, Resource.PERSON, Action.ACT, person)
    account = Account.objects.select_for_update().get(person=person)
    if not account.is_active:
        account.is_active, account.closed_at = True, None
        account.save(update_fields=["is_active", "closed_at"])
        told(person.pk, "reopen_account", "account", account, by, now)
    return account

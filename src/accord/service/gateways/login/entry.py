"""Letting somebody in by another way than the log-in page: the link of a confirmed sign-up, the door of a demo."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from accord.service.people.queries import account_of


def let_in(request: HttpRequest, person_id: Any, *, how: str) -> None:
    """Log a person in; `how` ("link", "door") is kept in the session. Whoever was logged in before is logged out."""
    account = account_of(person_id)
    if account is None or not account.is_active:
        raise LookupError("this person has no open account")
    login(request, account, backend=settings.AUTHENTICATION_BACKENDS[0])
    record_authentication(request, account, how)


def password_faults(password: str) -> list[str]:
    """What is wrong with a password that somebody chose, in words; empty when it is good."""
    try:
        validate_password(password)
    except ValidationError as error:
        return list(error.messages)
    return []

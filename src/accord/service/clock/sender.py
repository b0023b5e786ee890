"""The sender of the outbox: takes what is due, asks whether it is still wanted, hands it to the gateway."""

from __future__ import annotations

import os
import platform
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse

from accord.service.flows.check_message import KINDS, Message, NotYet, Unwanted, check_message
from accord.service.gateways.email.outcome import Refused, TryLater
from accord.service.gateways.email.send import send
from accord.service.library.queries import text
from accord.service.outbox.actions import drop, fail, finish, lease_next, put_off, try_again

if TYPE_CHECKING:
    from accord.service.outbox.models import Work

AT_ONCE = 200  # a few seconds of mail, then the other jobs have their turn again


def send_waiting(*, now: datetime) -> int:
    """Send what is due, oldest first; how many mails left.

    After the first that must wait, the server is given until the next tick: a server that hangs never keeps the
    escalations from running.
    """
    sent = 0
    for _ in range(AT_ONCE):
        work = lease_next(worker=worker_name(), now=now, channels=("email",))
        if work is None:
            break
        try:
            sent += _handle(work, now)
        except TryLater as error:
            try_again(work=work, reason=error.reason, now=now)
            break
    return sent


def _handle(work: Work, now: datetime) -> bool:
    checked = check_message(work=work, now=now)
    if isinstance(checked, Unwanted):
        end = drop if work.kind in KINDS else fail
        end(work=work, reason=checked.reason, now=now)
        return False
    if isinstance(checked, NotYet):
        put_off(work=work, until=checked.until, reason=checked.reason, now=now)
        return False
    try:
        _send(work, checked, now)
    except Refused as error:
        fail(work=work, reason=error.reason, now=now)
        return False
    return finish(work=work, now=now)


def _send(work: Work, message: Message, now: datetime) -> None:
    said = text(message.text, message.language)
    send(to=message.address, subject=said.title, body=said.body, values={"link": link(message.page, message.key)},
         reference=str(work.pk), now=now)  # fmt: skip


def link(page: str, key: str = "") -> str:
    """The whole address of a page."""
    return settings.PUBLIC_ADDRESS + reverse(page, args=[key] if key else None)


def worker_name() -> str:
    """Which process this is, for the lease."""
    return f"{platform.node()}:{os.getpid()}"[:60]

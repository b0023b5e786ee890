"""Django's way to send (log-in, password, second factor), by what ACCORD_EMAIL names.

A mail that cannot leave never breaks the page that asked for it: a page that fails for known addresses and works for
unknown ones would tell them apart. The reason is logged, and the page says to try again when nothing comes.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from django.core.mail import EmailMessage as DjangoMessage
from django.core.mail.backends.base import BaseEmailBackend

from accord.service.fields.keys import new_id
from accord.service.gateways.email.outcome import NotSent
from accord.service.gateways.email.send import compose, hand_over
from accord.service.now import now

log = logging.getLogger(__name__)


class Backend(BaseEmailBackend):
    """One mail for each recipient, as plain text."""

    def send_messages(self, email_messages: Sequence[DjangoMessage]) -> int:
        return sum(self._send(message, to) for message in email_messages for to in message.recipients())

    def _send(self, message: DjangoMessage, to: str) -> bool:
        given: dict[str, Any] = {"subject": str(message.subject), "body": str(message.body)}
        try:
            hand_over(compose(to=to, reference=str(new_id()), now=now(), **given))
        except NotSent as error:
            log.error(f"A mail about a log-in did not leave: {error.reason}")
            return False
        return True

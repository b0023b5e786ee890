"""Sending one mail in neutral words: a subject and a few sentences from content, and a link. No names, no contents."""

from __future__ import annotations

from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from pathlib import Path

from django.conf import settings

from accord.service.gateways.email.folder import keep
from accord.service.gateways.email.outcome import Refused
from accord.service.gateways.email.smtp import Server, deliver


def send(*, to: str, subject: str, body: str, values: dict[str, str], reference: str, now: datetime) -> None:
    """Send to one address; `{name}` in subject and body is filled from `values`. Raises TryLater or Refused.

    `reference` makes the Message-ID: the same mail sent twice carries the same one.
    """
    for name, value in values.items():
        subject, body = subject.replace("{" + name + "}", value), body.replace("{" + name + "}", value)
    hand_over(compose(to=to, subject=subject, body=body, reference=reference, now=now))


def compose(*, to: str, subject: str, body: str, reference: str, now: datetime) -> EmailMessage:
    """The mail as plain text. Raises Refused for an address that is none."""
    message = EmailMessage()
    message["From"] = settings.DEFAULT_FROM_EMAIL
    try:
        if "@" not in parseaddr(to)[1] or any(character.isspace() for character in to):
            raise ValueError(to)
        message["To"] = to
        message["To"].addresses  # noqa: B018 - the header is read here, so that a wrong one is refused here
    except (ValueError, IndexError, AttributeError):
        raise Refused("The address cannot be used.") from None
    message["Subject"] = " ".join(subject.split())
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{reference}@{parseaddr(settings.DEFAULT_FROM_EMAIL)[1].partition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(body.strip() + "\n")
    return message


def hand_over(message: EmailMessage) -> None:
    """To where ACCORD_EMAIL says: a server, a folder, or the outbox page's folder."""
    given = settings.ACCORD_EMAIL
    if given == "outbox" or given.startswith("file:"):
        keep(message, mail_folder())
    else:
        deliver(message, Server.from_address(given))


def mail_folder() -> Path:
    """Where mails are kept when they are not sent."""
    given = str(settings.ACCORD_EMAIL)
    return Path(given.removeprefix("file:")) if given.startswith("file:") else Path(settings.DATA_FOLDER) / "mail"

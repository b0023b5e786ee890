"""Mails kept as files: the outbox page of a demonstration, and installations that send by other means."""

from __future__ import annotations

import email
import os
import uuid
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

from accord.service.gateways.email.outcome import TryLater

KEPT = 200  # the newest that the page shows


@dataclass(frozen=True, slots=True)
class Kept:
    """One mail as the outbox page shows it."""

    to: str
    subject: str
    text: str
    at: datetime | None


def keep(message: EmailMessage, folder: Path) -> None:
    """Write the mail into the folder, whole or not at all. Raises TryLater when the disk does not take it.

    The name follows the Message-ID, so that a mail that is sent twice is one file.
    """
    name = str(uuid.uuid5(uuid.NAMESPACE_URL, str(message["Message-ID"])))
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        half = folder / f".{name}.{os.getpid()}"
        handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(bytes(message))
            file.flush()
            os.fsync(file.fileno())
        half.replace(folder / f"{name}.eml")
    except OSError as error:
        raise TryLater(f"The mail folder cannot be written to ({error.strerror}).") from None


def kept(folder: Path, *, to: str = "") -> list[Kept]:
    """The newest mails of the folder, the latest first; all, or those to one address."""
    paths = sorted(folder.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    mails = (_read(path) for path in paths[: KEPT * (5 if to else 1)])
    return [mail for mail in mails if not to or mail.to.lower() == to.lower()][:KEPT]


def _read(path: Path) -> Kept:
    with path.open("rb") as file:
        message = email.message_from_binary_file(file, policy=policy.default)
    body = message.get_body(("plain",))
    date = message["Date"]
    return Kept(
        str(message["To"]), str(message["Subject"]), body.get_content() if body else "",
        parsedate_to_datetime(str(date)) if date else None,
    )  # fmt: skip

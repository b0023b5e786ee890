"""Giving one mail to an SMTP server, and saying which of its answers mean later and which never.

A server's 250 means that it took the mail, not that anybody reads it: what must be acted on is escalated from rows.
SMTP cannot send exactly once: when the connection breaks after the last byte, the mail is sent again with the same
Message-ID, which a mailbox may recognise.
"""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from accord.science.errors import BadInput
from accord.service.gateways.email.outcome import Refused, TryLater

TIMEOUT = 10.0  # seconds for each answer of the server
LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail is given, from smtp://user:password@host:port or smtps://…."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    tls: bool = False  # from the first byte; otherwise by STARTTLS

    @classmethod
    def from_address(cls, address: str) -> Server:
        """Raises BadInput for what is no address of a mail server."""
        parts = urlsplit(address)
        try:
            port = parts.port
        except ValueError:
            port = -1
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname or port == -1:
            cure = "Use smtp://user:password@host:587, smtps://…, file:FOLDER, or outbox."
            raise BadInput("ACCORD_EMAIL does not name a mail server.", cure=cure)
        tls = parts.scheme == "smtps"
        return cls(parts.hostname, port or (465 if tls else 587), unquote(parts.username or ""),
                   unquote(parts.password or ""), tls)  # fmt: skip


def deliver(message: EmailMessage, server: Server) -> None:
    """Give the mail to the server. Raises TryLater or Refused."""
    try:
        with _connected(server) as client:
            client.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        raise _sorted(next(iter(error.recipients.values()))[0]) from None
    except (smtplib.SMTPAuthenticationError, smtplib.SMTPNotSupportedError, smtplib.SMTPConnectError) as error:
        raise TryLater(f"The mail server does not accept our log-in or our way of talking ({_code(error)}).") from None
    except smtplib.SMTPHeloError as error:
        raise TryLater(f"The mail server did not greet us ({_code(error)}).") from None
    except smtplib.SMTPResponseException as error:
        raise _sorted(error.smtp_code) from None
    except smtplib.SMTPServerDisconnected:
        raise TryLater("The mail server broke off.") from None
    except TimeoutError:
        raise TryLater(f"The mail server did not answer within {TIMEOUT:.0f} seconds.") from None
    except ssl.SSLError:
        raise TryLater("No encrypted connection to the mail server could be made.") from None
    except (OSError, smtplib.SMTPException) as error:
        raise TryLater(f"The mail server cannot be reached ({type(error).__name__}).") from None
    except (ValueError, UnicodeError):
        raise Refused("The address cannot be used.") from None


def _connected(server: Server) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if server.tls:
        client: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT, context=context)
    else:
        client = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT)
    try:
        client.ehlo()
        if not server.tls and client.has_extn("starttls"):
            client.starttls(context=context)
            client.ehlo()
        elif not server.tls and server.host not in LOOPBACK:
            raise TryLater("The mail server offers no encryption; nothing is sent in clear over a network.")
        if server.user:
            client.login(server.user, server.password)
    except BaseException:
        client.close()
        raise
    return client


def _sorted(code: int) -> TryLater | Refused:
    """4xx: later. 5xx: never. The server's own words are left out, since they may hold the address."""
    if 500 <= code < 600:
        return Refused(f"The mail server refused this mail ({code}).")
    return TryLater(f"The mail server cannot take it now ({code}).")


def _code(error: Exception) -> str:
    return str(getattr(error, "smtp_code", "") or type(error).__name__)

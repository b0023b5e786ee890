"""How an attempt to send ended, when it did not end well. The reasons name no address and quote no server."""

from __future__ import annotations


class NotSent(Exception):
    """A mail did not leave. `reason` is for the row in the outbox."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TryLater(NotSent):
    """The server is away, busy or does not know us just now: the same mail may go later."""


class Refused(NotSent):
    """The server will never take this mail: the address does not exist, or the mail is not accepted."""

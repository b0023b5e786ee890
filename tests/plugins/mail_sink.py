"""A mail server for tests, with faults: it takes, refuses, hangs, breaks off, or says 250 and throws away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest


class Sink:
    """What the server does next stands in `mood`; what it kept stands in `mails`."""

    def __init__(self) -> None:
        self.mood = "take"
        self.mails: list[EmailMessage] = []
        self.dropped = 0
        self.port = 0

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.mood == "no such address":
            return f"550 5.1.1 <{address}> unknown user"
        if self.mood == "busy":
            return f"451 4.3.0 <{address}> try later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.mood == "spam":
            return "554 5.7.1 looks like spam"
        if self.mood == "hang":
            import asyncio

            await asyncio.sleep(3)
            return "250 OK"
        if self.mood == "break off":
            server.transport.abort()
            return "250 OK"
        if self.mood == "take and drop":
            self.dropped += 1
            return "250 OK"
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        if self.mood == "take and break off":
            server.transport.abort()
        return "250 OK"

    @property
    def address(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"


@contextmanager
def mail_server() -> Iterator[Sink]:
    """A running server on a port of its own."""
    import socket

    from aiosmtpd.controller import Controller

    sink = Sink()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        sink.port = probe.getsockname()[1]
    controller = Controller(sink, hostname="127.0.0.1", port=sink.port)
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()


@pytest.fixture
def sink(settings: Any) -> Iterator[Sink]:
    """A running server, to which ACCORD_EMAIL points."""
    with mail_server() as sink:
        settings.ACCORD_EMAIL = sink.address
        yield sink

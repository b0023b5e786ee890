"""The application that `accord serve` runs, behind a gate that reads no request longer than anything we accept."""

from __future__ import annotations

import gc
import os
from collections.abc import Awaitable, Callable
from typing import Any

from django.core.asgi import get_asgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "accord.service.config.settings")

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Application = Callable[[Any, Receive, Send], Awaitable[None]]

LONGEST = 8 * 1024 * 1024  # a million characters of any script, percent-encoded, are read and refused in words
TOO_LONG = b"This is longer than anything that can be sent here. Nothing of it was stored. Go back and shorten it.\n"


class TooLong(Exception):
    """The body of a request went on for longer than it may."""


def limited(application: Application) -> Application:
    """Stop reading a body after LONGEST bytes: Django would write all of it to the disk before looking at it."""

    async def gate(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await application(scope, receive, send)
        length = dict(scope["headers"]).get(b"content-length", b"0")
        if length.isdigit() and int(length) > LONGEST:
            return await _refuse(send)
        read, begun = 0, False

        async def counted() -> dict[str, Any]:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > LONGEST:
                raise TooLong
            return message

        async def noted(message: dict[str, Any]) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await application(scope, counted, noted)
        except TooLong:
            if not begun:
                await _refuse(send)
        return None

    return gate


async def _refuse(send: Send) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": TOO_LONG})


def _settle() -> None:
    """Load the pages now, and take what is loaded out of the collector's sight: a list of two thousand people makes so
    many objects that it looks through everything several times."""
    get_resolver().url_patterns  # noqa: B018 - reading it imports every page
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


application = limited(get_asgi_application())
_settle()

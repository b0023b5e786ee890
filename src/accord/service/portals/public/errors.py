"""What a person sees when something is not there or went wrong: what happened, what was kept, what to do.

The pages need no database: they are rendered without a request's context.
"""

from __future__ import annotations

import sys
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from accord.service.ui.refusals import cannot_save


def _page(name: str, status: int, **context: Any) -> HttpResponse:
    return HttpResponse(render_to_string(f"public/{name}.html", context), status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Too large (with the limit), or nothing that a page of ours sends."""
    too_large = isinstance(exception, RequestDataTooBig | TooManyFieldsSent)
    limit = (settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0) // 1024
    return _page("bad-request", 413 if too_large else 400, limit=limit if too_large else None)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page("not-found", 404)


def broken(request: HttpRequest) -> HttpResponse:
    """A fault of ours; a database that does not answer is said as what it is, wherever it was asked."""
    if isinstance(sys.exc_info()[1], DatabaseError | InterfaceError):
        return cannot_save()
    return _page("broken", 500)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _page("try-again", 403)

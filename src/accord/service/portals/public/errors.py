"""What a person sees when something is not there or went wrong: what happened, what was kept, what to do.

The pages need no database: they are rendered without a request's context.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string


def _page(name: str, status: int, **context: Any) -> HttpResponse:
    return HttpResponse(render_to_string(f"public/{name}.html", context), status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page("bad-request", 400)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page("not-found", 404)


def broken(request: HttpRequest) -> HttpResponse:
    return _page("broken", 500)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _page("try-again", 403)

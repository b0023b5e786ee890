"""The help page. It answers when nothing else does: no database, no session, no log-in (P24).

The middleware stands before everything that reads a row; the view only gives the page its name.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from django.apps import apps
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string

from accord.service.access.guard import open_page
from accord.service.ui.crisis import all_numbers

PATHS = ("/help", "/help/")
_REGION = re.compile(r"\b[a-z]{2,3}-([A-Z]{2})\b")


def help_page(request: HttpRequest) -> HttpResponse:
    """Whom to call, everywhere. The country that the browser's language names stands first and open, no more: many
    browsers say en-US wherever they are, so the emergency numbers of all are always shown.
    """
    named = _REGION.search(request.headers.get("Accept-Language", "")[:200])
    response = HttpResponse(_rendered(named.group(1) if named else ""))
    response["Cache-Control"] = "no-store"
    return response


@lru_cache(maxsize=300)
def _rendered(first: str) -> str:
    countries = all_numbers(first)
    here = countries[0] if countries and countries[0].country == first else None
    context = {"here": here, "countries": countries, "demonstration": apps.is_installed("accord.service.demo")}
    return render_to_string("public/help.html", context)


@open_page
def help_now(request: HttpRequest) -> HttpResponse:
    return help_page(request)


class HelpMiddleware:
    """Answers /help before anything else is asked."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info in PATHS and request.method in ("GET", "HEAD"):
            return help_page(request)
        return self.get_response(request)

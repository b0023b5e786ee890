"""A refusal reaches the person in words, and a database that does not answer is said as it is (P24)."""

from __future__ import annotations

from collections.abc import Callable

from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from accord.service.errors import Refusal, TooMany


class RefusalMiddleware:
    """Turns a `Refusal` that a view raised into a page with its status, its words and its cure."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Refusal):
            return refused(exception)
        if isinstance(exception, DatabaseError | InterfaceError):
            return cannot_save()
        return None


def refused(refusal: Refusal) -> HttpResponse:
    """The page of a refusal. It needs no database: it is rendered without the request."""
    page = render_to_string("ui/refusal.html", {"message": refusal.message, "cure": refusal.cure})
    response = HttpResponse(page, status=refusal.status)
    if isinstance(refusal, TooMany):
        response["Retry-After"] = str(refusal.retry_after)
    return response


def cannot_save() -> HttpResponse:
    """What is said when the database does not answer, is locked, or its disk is full."""
    message = _("We cannot read or save anything at the moment.")
    cure = _(
        "What you sent just now was not saved. What was saved before is safe. Go back in a minute and send it again; "
        "sending twice does no harm."
    )
    page = render_to_string("ui/refusal.html", {"message": message, "cure": cure})
    response = HttpResponse(page, status=503)
    response["Retry-After"] = "30"
    return response

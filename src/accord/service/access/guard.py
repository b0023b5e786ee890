"""The page guard: every view names the resource and action it needs, or the middleware refuses it (E12, P6).

    @page(Resource.ALERT, Action.VIEW)
    def alert(request, alert_id): ...

`request.asker` is set by gateways/login, `request.now` by `TimeMiddleware`. Who may not gets 404, as if the page did
not exist; who is not logged in is sent to log in. Opening a person's record is written to the read log by `viewed`.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.db import DatabaseError, InterfaceError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase

from accord.service.access.models import Read
from accord.service.access.table import Action, Asker, Resource, Scope, scope_of
from accord.service.now import now, without_database

View = Callable[..., HttpResponseBase]


class Asked(HttpRequest):
    """A request as the middlewares leave it; for type checks only."""

    asker: Asker
    now: Any


def page(resource: Resource, action: Action = Action.VIEW) -> Callable[[View], View]:
    """Name what a view needs. Without this mark no view answers."""

    def mark(view: View) -> View:
        @wraps(view)
        def guarded(request: Asked, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.asker.service:
                raise Http404
            if scope_of(request.asker, resource, action) is not Scope.NONE:
                return view(request, *args, **kwargs)
            if request.asker.person_id is None:
                return redirect_to_login(request.get_full_path())
            raise Http404

        guarded.guards = (resource, action)  # type: ignore[attr-defined]
        return guarded

    return mark


def open_page(view: View) -> View:
    """A page for everybody. Named, so that open is a decision and never an accident."""
    return page(Resource.OPEN_PAGE, Action.VIEW)(view)


def viewed(request: Asked, person_id: uuid.UUID | None) -> None:
    """Write that the asker opened a page of this person's record (not for one's own)."""
    asker = request.asker
    if asker.person_id is None or asker.person_id == person_id:
        return
    name = request.resolver_match.view_name if request.resolver_match else ""
    Read.objects.create(at=request.now, by=asker.person_id, role=asker.main_role(), page=name[:80], person_id=person_id)


def viewed_many(request: Asked, person_ids: Iterable[uuid.UUID]) -> None:
    """The same for a page that opens many records at once, such as a list of telephone numbers. One insert."""
    asker = request.asker
    if asker.person_id is None:
        return
    name = request.resolver_match.view_name if request.resolver_match else ""
    said = {"at": request.now, "by": asker.person_id, "role": asker.main_role(), "page": name[:80]}
    Read.objects.bulk_create([Read(**said, person_id=one) for one in person_ids if one != asker.person_id])


class TimeMiddleware:
    """`request.now`: one moment for the whole request (E13). Help is shown without a database, so time is told too."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: Asked) -> HttpResponseBase:
        try:
            request.now = now()
        except (DatabaseError, InterfaceError):
            request.now = without_database()
        return self.get_response(request)


LOG_IN_PAGES = ("account_", "mfa_", "usersessions_")  # url names of allauth's own pages, outside any namespace


def is_log_in_page(request: HttpRequest) -> bool:
    """A page of allauth: it guards itself, for whoever is logging in or changes her own log-in."""
    match = request.resolver_match
    return bool(match and not match.namespace and (match.url_name or "").startswith(LOG_IN_PAGES))


def is_open_page(view: Any) -> bool:
    """A page that was marked as everybody's."""
    return getattr(view, "guards", (None,))[0] is Resource.OPEN_PAGE


class GuardMiddleware:
    """Refuses any view that names no guard; allauth's log-in pages are let through by their url names."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if hasattr(view, "guards") or is_log_in_page(request):
            return None
        raise Http404

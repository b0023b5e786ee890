"""Who asks: `request.asker` from the logged-in account; the second factor that staff must have; leaving when idle."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import logout
from django.db import DatabaseError, InterfaceError
from django.http import HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from accord.service.access.guard import is_log_in_page, is_open_page
from accord.service.access.table import ANYBODY
from accord.service.gateways.login.shared_device import SECONDS, is_shared
from accord.service.people.queries import asker_of
from accord.service.ui.refusals import cannot_save

SEEN = "seen_at"  # key of the session: when she was last here, in seconds


class AskerMiddleware:
    """Sets `request.asker`; ends a session that was left alone; staff without a second factor go no further."""

    def __init__(self, get_response: Callable[..., HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponseBase:
        request.asker, request.unknown = ANYBODY, None
        try:
            self._recognise(request)
        except (DatabaseError, InterfaceError) as error:
            request.unknown = error  # the pages for everybody are shown all the same: help must not need a database
        return self.get_response(request)

    def _recognise(self, request: Any) -> None:
        if not request.user.is_authenticated:
            return
        request.asker = asker_of(request.user, request.now, strong=second_factor_given(request))
        if _left_alone(request):
            logout(request)
            request.asker = ANYBODY

    def process_view(self, request: Any, view: Any, args: Any, kwargs: Any) -> HttpResponseBase | None:
        asker = request.asker
        if request.unknown is not None and not is_open_page(view):
            return cannot_save()
        if not (asker.staff and settings.STAFF_NEED_SECOND_FACTOR) or asker.strong:
            return None
        if is_open_page(view) or is_log_in_page(request):
            return None
        if not is_mfa_enabled(request.user):
            return HttpResponseRedirect(reverse("mfa_index"))
        return HttpResponseRedirect(f"{reverse('mfa_reauthenticate')}?{urlencode({'next': request.path})}")


def second_factor_given(request: Any) -> bool:
    """A one-time code, a passkey or a recovery code was given in this session."""
    return any(record.get("method") == "mfa" for record in get_authentication_records(request, request.user))


def _left_alone(request: Any) -> bool:
    """Nobody touched this session for the time that its role allows. What was answered is stored, so nothing is lost.

    The stamp is renewed at most once a minute: reading a page costs no write.
    """
    limit = settings.SESSION_IDLE_SECONDS["staff" if request.asker.staff else "patient"]
    if limit is not None and is_shared(request):
        limit = min(limit, SECONDS)
    if limit is None:
        return False
    at = int(request.now.timestamp())
    seen = request.session.get(SEEN)
    if seen is not None and at - seen > limit:
        return True
    if seen is None or not 0 <= at - seen < 60:
        request.session[SEEN] = at
    return False

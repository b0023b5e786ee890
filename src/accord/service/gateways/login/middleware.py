"""Who asks: `request.asker` from the logged-in account, and the second factor that staff must have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpResponseBase
from django.shortcuts import redirect

from accord.service.access.table import ANYBODY
from accord.service.people.queries import asker_of


class AskerMiddleware:
    """Sets `request.asker`; staff without a second factor are sent to set one up (outside a demonstration)."""

    def __init__(self, get_response: Callable[..., HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponseBase:
        user = request.user
        request.asker = asker_of(user, request.now) if user.is_authenticated else ANYBODY
        if self._must_set_up_second_factor(request):
            return redirect("mfa_index")
        return self.get_response(request)

    def _must_set_up_second_factor(self, request: Any) -> bool:
        if not (request.asker.staff and settings.STAFF_NEED_SECOND_FACTOR) or request.path_info.startswith(
            "/accounts/"
        ):
            return False
        from allauth.mfa.utils import is_mfa_enabled

        return not is_mfa_enabled(request.user)

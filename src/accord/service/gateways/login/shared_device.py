"""A device that others use as well: it is locked after a few minutes. The device says so itself, by a cookie (U9)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpResponse

COOKIE = "shared-device"
SECONDS = 300
YEAR = 365 * 24 * 3600


def is_shared(request: Any) -> bool:
    return request.COOKIES.get(COOKIE) == "yes"


def say_shared(response: HttpResponse, *, shared: bool) -> HttpResponse:
    """Keep it on the device, or take it back."""
    if shared:
        response.set_cookie(COOKIE, "yes", max_age=YEAR, httponly=True, samesite="Lax", secure=settings.PRODUCTION)
    else:
        response.delete_cookie(COOKIE, samesite="Lax")
    return response

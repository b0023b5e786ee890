"""What a browser may keep of a page and what a page may use: set on every answer, so that no view can forget it.

The content security policy is set by django-csp (config), the others of Django by its SecurityMiddleware.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

PERMISSIONS = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer", "autoplay", "camera", "display-capture", "geolocation", "gyroscope", "hid",
        "magnetometer", "microphone", "midi", "payment", "serial", "usb", "browsing-topics",
    )
)  # fmt: skip
KEPT_BY_NOBODY = "no-store, private"


class HeadersMiddleware:
    """No cache keeps a page, no other site embeds or reads one, no page uses camera, place or sensors; and a browser
    forgets everything of ours when somebody logs out."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response["Cache-Control"] = KEPT_BY_NOBODY
        response.setdefault("Permissions-Policy", PERMISSIONS)
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        match = request.resolver_match
        if match and match.url_name == "account_logout" and request.method == "POST":
            response["Clear-Site-Data"] = '"cache", "storage"'
        return response

"""What every page knows: whether this is a demonstration, and who asks."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.http import HttpRequest


def page_context(request: HttpRequest) -> dict[str, Any]:
    return {
        "demonstration": apps.is_installed("accord.service.demo"),
        "asker": getattr(request, "asker", None),
        "now": getattr(request, "now", None),
    }

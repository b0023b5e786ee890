"""What every page knows: whether this is a demonstration, and who asks."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.apps import apps
from django.http import HttpRequest

from accord.service.outbox.queries import stale_clock


def page_context(request: HttpRequest) -> dict[str, Any]:
    moment = getattr(request, "now", None)
    return {
        "demonstration": apps.is_installed("accord.service.demo"),
        "asker": getattr(request, "asker", None),
        "now": moment,
        # Asked when a template of the staff shows it, once a page; patients' pages and the crisis page never ask.
        "stale_clock": cache(lambda: stale_clock(moment) if moment else None),
    }

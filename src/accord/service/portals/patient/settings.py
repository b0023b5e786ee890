"""What she wants of reminders, the zone of her days, and whether others use this device."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import available_timezones

from django.contrib import messages as notices
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accord.service.access.guard import Asked, page
from accord.service.access.table import Action, Resource
from accord.service.errors import Refusal
from accord.service.gateways.login.shared_device import COOKIE, is_shared, say_shared
from accord.service.outbox.queries import mails_to
from accord.service.people.actions import change_reminders
from accord.service.people.queries import me
from accord.service.people.rules.reminders import EARLIEST, LATEST

__all__ = ["COOKIE", "device", "settings"]
SHOWN = 5
KINDS = {
    "assessment-due", "lesson-open", "lesson-waiting", "message-of-the-week", "flare-over", "message-waiting",
}  # fmt: skip


@page(Resource.PERSON, Action.ANSWER)
@require_http_methods(["GET", "POST"])
def settings(request: Asked) -> HttpResponse:
    """One form, sent as a whole: of two windows the later one counts."""
    person = me(request.asker)
    given: dict[str, Any] = {
        "on": person.reminders, "hour": person.reminder_hour, "until": person.pause_reminders_until,
        "zone": person.time_zone or str(person.zone()),
    }  # fmt: skip
    fault = ""
    if request.method == "POST":
        given = _given(request)
        try:
            change_reminders(
                person=person, on=given["on"], hour=_hour(given["hour"]), pause_until=_day(given["until"]),
                time_zone=given["zone"], by=request.asker, now=request.now,
            )  # fmt: skip
            notices.success(request, _("Kept. It counts from now on."))
            return redirect("patient:settings")
        except Refusal as refusal:
            fault = f"{refusal.message} {refusal.cure}".strip()
    mails = [one for one in mails_to(person.pk) if one.kind in KINDS and one.state != "waiting"][:SHOWN]
    context = {
        "given": given, "fault": fault, "hours": range(EARLIEST, LATEST + 1), "zones": sorted(available_timezones()),
        "mails": mails, "zone": person.zone(), "shared": is_shared(request), "nav": "settings",
        "today": request.now.astimezone(person.zone()).date(),
    }  # fmt: skip
    return render(request, "patient/settings.html", context, status=400 if fault else 200)


def _given(request: Asked) -> dict[str, Any]:
    post = request.POST
    return {"on": post.get("on") == "yes", "hour": post.get("hour", ""), "until": post.get("until", "").strip(),
            "zone": post.get("zone", "")[:60]}  # fmt: skip


def _hour(given: str) -> int:
    return int(given) if given.isdecimal() and len(given) < 3 else -1


def _day(given: str) -> date | None:
    """A day as the field of a browser sends it; nothing for no pause."""
    if not given:
        return None
    try:
        return date.fromisoformat(given[:10])
    except ValueError:
        raise Refusal(_("This is not a day."), cure=_("Write it as year-month-day, such as 2026-05-31.")) from None


@page(Resource.PERSON, Action.ANSWER)
@require_POST
def device(request: Asked) -> HttpResponse:
    """Whether others use this device: then she is logged out after a few minutes without a tap (U9)."""
    shared = request.POST.get("shared") == "yes"
    notices.success(
        request, _("This device locks after five minutes.") if shared else _("This device locks after an hour.")
    )
    return say_shared(redirect("patient:settings"), shared=shared)

"""The door of the demonstration: one click and you are somebody. Only in a database that carries the mark (E21)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accord.service.access.guard import open_page
from accord.service.demo.actions import move_clock
from accord.service.demo.queries import demonstration
from accord.service.demo.tour import TOUR, stop_of
from accord.service.demo.travel import STEP, travel
from accord.service.demo.visitors import VISITORS
from accord.service.gateways.email.folder import kept
from accord.service.gateways.email.send import mail_folder

SHOWN = 50  # mails on the page
STEPS = {"20-minutes": timedelta(minutes=20), "1-hour": timedelta(hours=1), "1-day": timedelta(days=1),
         "1-week": timedelta(weeks=1)}  # fmt: skip


@open_page
@require_safe
def door(request: HttpRequest) -> HttpResponse:
    """Who would you like to be?"""
    mark = _marked()
    context: dict[str, Any] = {"visitors": VISITORS, "moved": timedelta(seconds=mark.offset_seconds)}
    return render(request, "demo/door.html", context)


@open_page
@require_safe
def tour(request: HttpRequest) -> HttpResponse:
    """What to look at, as whom, in which order."""
    return render(request, "demo/tour.html", {"past": _marked().past, "tour": TOUR})


@open_page
@require_POST
def enter(request: HttpRequest, key: str) -> HttpResponse:
    """Log the visitor in as one of the invented people, at her first page or at a stop of the tour. The earlier log-in
    of this browser ends.
    """
    _marked()
    if key not in VISITORS:
        raise Http404
    visitor, stop = VISITORS[key], stop_of(key, request.POST.get("stop", ""))
    account = visitor.come(request.now)  # type: ignore[attr-defined]
    logout(request)
    login(request, account, backend=settings.AUTHENTICATION_BACKENDS[0])
    return redirect(stop.page() if stop else visitor.goes_to)


@open_page
@require_POST
def pass_time(request: HttpRequest) -> HttpResponse:
    """Move the demonstration's clock forward: hour by hour, so that what falls due happens in its order."""
    _marked()
    step = STEPS.get(request.POST.get("step", ""))
    if step is None:
        raise Http404
    if step <= STEP:
        move_clock(by=step, now=request.now)  # type: ignore[attr-defined]
    else:
        travel(until=request.now + step)  # type: ignore[attr-defined]
    messages.success(request, _("The clock of this demonstration was moved."))
    return redirect("demo:door")


@open_page
@require_safe
def mail(request: HttpRequest) -> HttpResponse:
    """The mails of this demonstration: none of them left this machine."""
    _marked()
    mails = [{"mail": one, "lines": _lines(one.text)} for one in kept(mail_folder())[:SHOWN]]
    return render(request, "demo/mail.html", {"mails": mails, "leaving": settings.ACCORD_EMAIL.startswith("smtp")})


def _lines(text: str) -> list[dict[str, str]]:
    """Each line of a mail; a link of ours becomes one that works on whatever port this demonstration is open."""
    told = (line.strip() for line in text.splitlines() if line.strip())
    ours = settings.PUBLIC_ADDRESS + "/"
    return [{"text": line, "href": line.removeprefix(ours[:-1]) if line.startswith(ours) else ""} for line in told]


def _marked() -> Any:
    mark = demonstration()
    if mark is None:
        raise Http404
    return mark

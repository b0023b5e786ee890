"""Leave and cover: when I am away, who reads and answers for my people, and what they are told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import dateformat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accord.service.access.guard import page
from accord.service.access.table import Action, Resource
from accord.service.errors import NotAllowed, Refusal
from accord.service.people import actions, queries
from accord.service.portals.therapist.frame import common, day_of, shown
from accord.service.ui.posted import id_of

if TYPE_CHECKING:
    from accord.service.access.guard import Asked


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@page(Resource.ALERT, Action.ACT)
def leave_cover(request: Asked) -> HttpResponse:
    """My absences with their cover; a POST writes one down, or ends one."""
    if request.method != "POST":
        return _page(request)
    try:
        _end(request) if "end" in request.POST else _away(request)
    except NotAllowed:
        raise
    except Refusal as refusal:
        return _page(request, refusal)
    return redirect("therapist:leave_cover")


def _away(request: Asked) -> None:
    me = queries.me(request.asker)
    cover = queries.people_with([id_of(request.POST.get("cover", ""), _("Choose who covers for you."))])
    actions.set_absence(
        person=me, since=day_of(request.POST.get("since", ""), me.clinic.zone()),
        until=day_of(request.POST.get("until", ""), me.clinic.zone()), cover=_one(cover), by=request.asker,
        now=request.now,
    )  # fmt: skip


def _one(found: dict[Any, Any]) -> Any:
    if not found:
        raise Refusal(_("Choose who covers for you."), cure=_("Nothing was stored."))
    return next(iter(found.values()))


def _end(request: Asked) -> None:
    wanted = request.POST["end"]
    for one in _mine(request):
        if str(one.pk) == wanted:
            actions.end_absence(absence=one, by=request.asker, now=request.now)


def _page(request: Asked, refusal: Refusal | None = None) -> HttpResponse:
    context = common(request, here="leave")
    me, zone = context["me"], context["zone"]
    mine = queries.answers_for(request.asker.person_id)
    context |= {
        "refusal": refusal, "step": "away", "given": request.POST if refusal else {},
        "colleagues": [one for one in queries.clinicians_of(me.clinic_id) if one.pk != me.pk],
        "absences": [_said(one, zone, request.now) for one in _mine(request)],
        "carries": ngettext("You answer for %(n)s person.", "You answer for %(n)s people.", mine) % {"n": mine},
        "told": _("(Your colleague) reads what you send. If you write now, you get an answer by (the promised hour)."),
    }  # fmt: skip
    return shown(request, "leave", context)


def _mine(request: Asked) -> list[Any]:
    return queries.absences_of([request.asker.person_id] if request.asker.person_id else [], request.now)


def _said(one: Any, zone: Any, now: Any) -> dict[str, Any]:
    since, until = (dateformat.format(at.astimezone(zone), "l j F") for at in (one.since, one.until))
    running = one.since <= now
    return {
        "id": one.pk, "dates": _("Away from %(since)s, back on %(until)s") % {"since": since, "until": until},
        "cover": _("%(who)s covers.") % {"who": one.cover.name}, "running": True,
        "said": _("It runs now.") if running else _("It has not begun."),
        "do": _("I am back") if running else _("Call it off"),
    }  # fmt: skip

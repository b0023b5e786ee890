"""What could help: the page of a flag. A choice is noted, and after three weeks it is asked whether it helped (C32)."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import dateformat
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accord.service.access.guard import page, viewed
from accord.service.access.table import Action, Resource
from accord.service.care import actions as care
from accord.service.care import queries as reads
from accord.service.care.rules.support import HELPED, LOOK_AGAIN, SupportStage
from accord.service.errors import NotAllowed, Refusal
from accord.service.portals.therapist import words
from accord.service.portals.therapist.frame import beside, clinical, shown
from accord.service.ui.moments import said
from accord.service.ui.posted import key_of

if TYPE_CHECKING:
    from accord.service.access.guard import Asked


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@page(Resource.NOTE, Action.VIEW)
def support(request: Asked, person_id: uuid.UUID, flag_id: uuid.UUID) -> HttpResponse:
    """The flag with its options; a POST notes the choice, or whether it helped."""
    clinical(request, person_id)
    if reads.support_page(request.asker, flag_id, request.now).one.flag.person_id != person_id:
        raise NotAllowed(_("There is nothing here that you may see."))
    if request.method != "POST":
        return _page(request, person_id, flag_id)
    looked = "helped" in request.POST
    given: dict[str, Any] = {
        "flag_id": flag_id, "note": request.POST.get("note", ""), "by": request.asker, "now": request.now,
    }  # fmt: skip
    try:
        if looked:
            care.look_again(helped=request.POST["helped"], key=key_of(request), **given)
        else:
            care.choose_support(option=request.POST.get("option", ""), key=key_of(request), **given)
    except NotAllowed:
        raise
    except Refusal as refusal:
        return _page(request, person_id, flag_id, refusal, "looked" if looked else "chosen")
    if looked and request.POST["helped"] != "yes":
        return redirect("therapist:support", person_id=person_id, flag_id=flag_id)
    return redirect("therapist:patient", person_id=person_id)


def _page(
    request: Asked, person_id: uuid.UUID, flag_id: uuid.UUID, refusal: Refusal | None = None, step: str = ""
) -> HttpResponse:
    person = clinical(request, person_id)
    found = reads.support_page(request.asker, flag_id, request.now)
    viewed(request, person_id)
    context = beside(request, person, refusal, step)
    zone, now, one = context["zone"], request.now, found.one
    waits = one.support.stage in (SupportStage.WAITING, SupportStage.LOOK_AGAIN)
    context |= {
        "flag": words.flagged(one, zone, now),
        "look": words.looked_for(one, zone, now) if waits else "",
        "helped": [(value, words.HELPED[value]) for value in HELPED],
        "steps": [{"at": done.at, "text": words.supported(done), "note": done.note} for done in reversed(one.steps)],
        "options": [(value, *words.OPTIONS[value], _link(value, person_id)) for value in found.options],
        "before": [words.tried_before(step_) + f" ({said(step_.at, zone, now)})" for step_ in found.before],
        "look_on": dateformat.format((now + LOOK_AGAIN).astimezone(zone), "l j F"),
        "open": not waits and one.support.stage is not SupportStage.SETTLED, "may_act": found.may_act,
    }  # fmt: skip
    return shown(request, "support", context)


def _link(option: str, person_id: uuid.UUID) -> tuple[str, str] | None:
    """Where an option is done from."""
    where = {
        "talk-about-the-work-together": ("therapist:sessions", _("Plan a session")),
        "smaller-steps": ("therapist:path", _("Change the way through the lessons")),
        "flare-plan": ("therapist:lesson_answers", _("Read what was saved in the lessons")),
        "reach-out": ("therapist:thread", _("Write a message")),
    }.get(option)
    return (reverse(where[0], args=[person_id]), where[1]) if where else None

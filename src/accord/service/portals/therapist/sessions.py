"""Sessions with one person: planned, held, missed, moved, called off (C31)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import dateformat
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accord.service.access.guard import page, viewed
from accord.service.access.table import Action, Resource
from accord.service.care import actions as care
from accord.service.care import queries as reads
from accord.service.care.rules.sessions import CANCELLED, MISSED, SessionState
from accord.service.errors import NotAllowed, Refusal
from accord.service.flows.hold_session import hold_session
from accord.service.portals.therapist import words
from accord.service.portals.therapist.frame import beside, clinical, common, minutes_of, named, shown
from accord.service.ui.moments import said
from accord.service.ui.posted import key_of, moment_posted

if TYPE_CHECKING:
    from accord.service.access.guard import Asked


AHEAD = timedelta(days=14)


@never_cache
@require_GET
@page(Resource.SESSION, Action.ACT)
def agenda(request: Asked) -> HttpResponse:
    """The sessions of the next two weeks with everybody she may see, by day; those that wait for a word first."""
    context = common(request, here="agenda")
    zone, now = context["zone"], request.now
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    found = reads.sessions_between(request.asker, midnight, now + AHEAD)
    context["waiting"] = [_met(one, context) for one in found if one.waits_for_word(now)]
    context["days"] = [
        (day, [_met(one, context) for one in rows])
        for day, rows in groupby(
            (one for one in found if not one.waits_for_word(now)),
            key=lambda one: dateformat.format(one.last.starts_at.astimezone(zone), "l j F"),
        )
    ]
    context["days"] = [(day, rows) for day, rows in context["days"] if rows]
    return shown(request, "agenda", context)


def _met(one: reads.Meeting, context: dict[str, Any]) -> dict[str, Any]:
    last, zone, person = one.last, context["zone"], one.session.person
    return {
        "person": person, "name": named(person), "clock": f"{last.starts_at.astimezone(zone):%H:%M}",
        "when": said(last.starts_at, zone, context["now"]), "how": words.met(last), "place": last.place,
    }  # fmt: skip


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@page(Resource.SESSION, Action.VIEW)
def sessions(request: Asked, person_id: uuid.UUID) -> HttpResponse:
    """What is planned and what came of it; a POST plans another one."""
    if request.method != "POST":
        return _page(request, person_id)
    person = clinical(request, person_id)
    try:
        care.plan_session(
            person_id=person_id, mode=request.POST.get("mode", ""),
            starts_at=moment_posted(request.POST, person.clinic.zone()),
            minutes=minutes_of(request.POST.get("minutes", "")), place=request.POST.get("place", ""),
            key=key_of(request), by=request.asker, now=request.now,
        )  # fmt: skip
    except NotAllowed:
        raise
    except Refusal as refusal:
        return _page(request, person_id, refusal, "plan")
    return redirect("therapist:sessions", person_id=person_id)


def _page(request: Asked, person_id: uuid.UUID, refusal: Refusal | None = None, step: str = "") -> HttpResponse:
    person = clinical(request, person_id)
    viewed(request, person_id)
    context = beside(request, person, refusal, step)
    found = reads.sessions_of(request.asker, person_id)
    zone, theirs = context["zone"], person.zone()
    context |= {
        "planned": [_planned(one, context) for one in found if one.state is SessionState.PLANNED],
        "past": [_past(one, context) for one in reversed(found) if one.state is not SessionState.PLANNED],
        "missed": [(one, words.MISSED[one]) for one in MISSED],
        "cancelled": [(one, words.CANCELLED[one]) for one in CANCELLED],
        "zones": _("Times are yours (%(zone)s).") % {"zone": zone.key}
        + (_(" This person lives by %(zone)s.") % {"zone": theirs.key} if theirs.key != zone.key else ""),
    }  # fmt: skip
    return shown(request, "sessions", context)


def _planned(one: reads.Meeting, context: dict[str, Any]) -> dict[str, Any]:
    last, zone = one.last, context["zone"]
    local = last.starts_at.astimezone(zone)
    return {
        "id": one.session.pk, "when": said(last.starts_at, zone, context["now"]), "mode": last.mode,
        "how": words.planned(last.mode, last.minutes), "place": last.place, "minutes": last.minutes,
        "waits": one.waits_for_word(context["now"]), "day": f"{local:%Y-%m-%d}", "time": f"{local:%H:%M}",
        "revision": last.revision, "begun": last.starts_at <= context["now"],
    }  # fmt: skip


def _past(one: reads.Meeting, context: dict[str, Any]) -> dict[str, Any]:
    last = one.last
    return {"when": said(last.starts_at, context["zone"], context["now"]), "text": words.met(last), "note": last.note}


@require_POST
@page(Resource.SESSION, Action.ACT)
def session(request: Asked, person_id: uuid.UUID, session_id: uuid.UUID, step: str) -> HttpResponse:
    """One step of a session: held, missed, moved, cancelled."""
    person = clinical(request, person_id)
    do = _STEPS.get(step)
    if do is None or reads.session(request.asker, session_id).session.person_id != person.pk:
        raise NotAllowed(_("There is nothing here that you can do."))
    try:
        do(request, session_id, person)
    except NotAllowed:
        raise
    except Refusal as refusal:
        return _page(request, person_id, refusal, f"s-{session_id}")
    return redirect("therapist:sessions", person_id=person_id)


def _held(request: Asked, session_id: uuid.UUID, person: Any) -> None:
    hold_session(
        session_id=session_id, minutes=minutes_of(request.POST.get("minutes", ""), low=1),
        mode=request.POST.get("mode") or None, note=request.POST.get("note", ""), key=key_of(request),
        by=request.asker, now=request.now,
    )  # fmt: skip


def _missed(request: Asked, session_id: uuid.UUID, person: Any) -> None:
    care.miss_session(
        session_id=session_id, reason=request.POST.get("reason", ""), note=request.POST.get("note", ""),
        key=key_of(request), by=request.asker, now=request.now,
    )  # fmt: skip


def _moved(request: Asked, session_id: uuid.UUID, person: Any) -> None:
    revision = request.POST.get("revision", "")
    care.move_session(
        session_id=session_id, revision=int(revision) if revision.isdecimal() and len(revision) < 6 else 0,
        starts_at=moment_posted(request.POST, person.clinic.zone()), key=key_of(request), by=request.asker,
        now=request.now,
    )  # fmt: skip


def _cancelled(request: Asked, session_id: uuid.UUID, person: Any) -> None:
    care.cancel_session(
        session_id=session_id, reason=request.POST.get("reason", ""), note=request.POST.get("note", ""),
        key=key_of(request), by=request.asker, now=request.now,
    )  # fmt: skip


_STEPS: dict[str, Callable[[Any, uuid.UUID, Any], None]] = {
    "held": _held, "missed": _missed, "moved": _moved, "cancelled": _cancelled,
}  # fmt: skip

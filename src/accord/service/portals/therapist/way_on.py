"""The end of somebody's way here, and where she is sent on to: by whoever treats her (C39)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accord.service.access.guard import page, viewed
from accord.service.access.table import Action, Resource
from accord.service.episodes import actions
from accord.service.episodes import queries as episodes
from accord.service.episodes.policies import discharge_reasons
from accord.service.episodes.rules import ONWARD_REASONS, State
from accord.service.errors import NotAllowed, NotNow, Refusal
from accord.service.flows.discharge_person import discharge_person
from accord.service.portals.therapist.frame import beside, clinical, shown
from accord.service.ui.pathway import LOOP, REASONS_ON, STATES, named
from accord.service.ui.posted import key_of

if TYPE_CHECKING:
    from accord.service.access.guard import Asked
    from accord.service.episodes.models import Episode


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@page(Resource.DISCHARGE, Action.ACT)
def way_on(request: Asked, person_id: uuid.UUID) -> HttpResponse:
    """Where she was sent on to, and the two forms; a POST of one sends her on or discharges her."""
    if request.method != "POST":
        return _page(request, person_id)
    form = request.POST.get("form", "")
    return _done(request, person_id, lambda: (_discharge if form == "discharge" else _send_on)(request, person_id))


def _page(request: Asked, person_id: uuid.UUID, refusal: Refusal | None = None) -> HttpResponse:
    person = clinical(request, person_id)
    viewed(request, person_id)
    episode = episodes.current_episode(request.asker, person_id)
    rows = episodes.onward_of(request.asker, person_id, request.now)
    context = beside(request, person, refusal, request.POST.get("form", "")) | {
        "onward": [
            (row, named(row.onward.to), REASONS_ON.get(row.onward.reason, row.onward.reason),
             [(step, LOOP[step.kind]) for step in row.steps], [(kind, LOOP[kind]) for kind in row.next])
            for row in rows
        ],
    }  # fmt: skip
    return shown(request, "way-on", context | _forms(episode))


def _forms(episode: Episode | None) -> dict[str, Any]:
    if episode is None:
        return {}
    state = episodes.state(episode)
    ended = state in (State.DISCHARGED, State.WITHDRAWN)
    return {
        "episode": episode, "state": STATES[state],
        "discharge": [] if ended else [(one, named(one)) for one in discharge_reasons(episode)],
        "services": [(one, named(one)) for one in episodes.onward_services(episode)],
        "whys": [(one, REASONS_ON[one]) for one in ONWARD_REASONS],
    }  # fmt: skip


def _discharge(request: Asked, person_id: uuid.UUID) -> None:
    discharge_person(
        person_id=person_id, reason=request.POST.get("reason", ""), note=request.POST.get("note", ""),
        by=request.asker, now=request.now,
    )  # fmt: skip


def _send_on(request: Asked, person_id: uuid.UUID) -> None:
    key = key_of(request)
    episode = episodes.current_episode(request.asker, person_id)
    if episode is None:
        raise NotNow(_("There is nothing that could be sent on."), cure=_("Nothing was kept."))
    actions.refer_onward(
        episode=episode, to=request.POST.get("to", ""), reason=request.POST.get("reason", ""),
        note=request.POST.get("note", ""), key=key, by=request.asker, now=request.now,
    )  # fmt: skip


@require_POST
@page(Resource.DISCHARGE, Action.ACT)
def heard(request: Asked, person_id: uuid.UUID, onward_id: uuid.UUID) -> HttpResponse:
    """Write down what was heard of an onward referral of hers."""

    def do() -> None:
        row = episodes.onward(request.asker, onward_id)
        if row.person_id != person_id:
            raise NotAllowed(_("There is nothing here that you may see."))
        actions.add_onward_step(
            onward=row, kind=request.POST.get("kind", ""), note=request.POST.get("note", ""), key=key_of(request),
            by=request.asker, now=request.now,
        )  # fmt: skip

    return _done(request, person_id, do)


def _done(request: Asked, person_id: uuid.UUID, do: Callable[[], None]) -> HttpResponse:
    clinical(request, person_id)
    try:
        do()
    except NotAllowed:
        raise
    except Refusal as refusal:
        return _page(request, person_id, refusal)
    return redirect("therapist:way_on", person_id=person_id)

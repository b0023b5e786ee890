"""Who waits for a therapist, the longest first, and who could take her: by certificate and place (C40)."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.contrib import messages as notices
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accord.service.access.guard import page, viewed
from accord.service.access.table import Action, Resource
from accord.service.episodes import queries as episodes
from accord.service.episodes.queries.protocols import TAKES_IN
from accord.service.errors import NotAllowed, Refusal
from accord.service.flows.assign_therapist import assign_therapist
from accord.service.flows.start_course import start_course
from accord.service.people import queries as people
from accord.service.people.rules.fitness import for_protocol
from accord.service.portals.coordinator.frame import PAGE, frame, shown
from accord.service.ui.pathway import STATES, WAITS_FOR, named
from accord.service.ui.posted import id_of

if TYPE_CHECKING:
    from accord.service.access.guard import Asked
    from accord.service.people.models import Clinic
    from accord.service.people.queries import Fit

FREEST = 5  # colleagues offered beside each person who waits; all of them stand on the page behind


@never_cache
@require_safe
@page(Resource.EPISODE, Action.ACT)
def waiting(request: Asked) -> HttpResponse:
    """Who waits for a therapist, the longest first, with the colleagues who can take her."""
    waits: Any = episodes.who_waits(request.asker)
    part = Paginator(waits, PAGE).get_page(request.GET.get("page"))
    rows = list(part)
    able = _able(request, {(row.episode.person.clinic, row.episode.protocol) for row in rows})
    context = frame(request, "waiting") | {
        "count": part.paginator.count, "shown": part,
        "rows": [
            (row, WAITS_FOR[row.state], _days(row, request), _source(row),
             able[row.episode.person.clinic_id, row.episode.protocol])
            for row in rows
        ],
        "places": _load(request),
    }  # fmt: skip
    return shown(request, "waiting", context)


def _able(request: Asked, wanted: set[tuple[Clinic, str]]) -> dict[tuple[uuid.UUID, str], list[Fit]]:
    """The freest of those who can take somebody without a word, for each protocol that people on the page are in."""
    return {
        (clinic.pk, slug): [
            one for one in people.therapists(clinic, for_protocol(slug), request.now) if not one.missing
        ][:FREEST]
        for clinic, slug in wanted
    }


def _days(row: Any, request: Asked) -> int:
    """Whole days of the clinic since she was found eligible."""
    zone = row.episode.person.clinic.zone()
    return (request.now.astimezone(zone).date() - row.since.astimezone(zone).date()).days


def _source(row: Any) -> str:
    return named(row.episode.referral.source) if row.episode.referral else ""


def _load(request: Asked) -> tuple[int, int]:
    """Free places of colleagues who can take somebody today, and how many colleagues have any places set."""
    clinic = people.me(request.asker).clinic
    counted = [one for one in people.therapists(clinic, for_protocol(TAKES_IN), request.now) if one.places is not None]
    return sum(max(one.free or 0, 0) for one in counted if one.certified and not one.away), len(counted)


@never_cache
@require_safe
@page(Resource.ACCOUNTABILITY, Action.ASSIGN)
def choose(request: Asked, person_id: uuid.UUID) -> HttpResponse:
    """Everybody who treats people here, with places and certificate; without them she is chosen with a reason."""
    return _choose(request, person_id)


def _choose(request: Asked, person_id: uuid.UUID, refusal: Refusal | None = None) -> HttpResponse:
    person = people.person(request.asker, person_id, Action.ACT)
    viewed(request, person_id)
    episode = episodes.current_episode(request.asker, person_id)
    slug = episode.protocol if episode else ""
    fits = people.therapists(person.clinic, for_protocol(slug), request.now)
    stands = people.accountability([person_id]).get(person_id)
    context = frame(request, "waiting") | {
        "person": person, "refusal": refusal, "given": request.POST if refusal else {}, "named": stands,
        "state": STATES[episodes.state(episode)] if episode else "", "protocol": slug.replace("-", " "),
        "rows": [(one, people.missing_in_words(one)) for one in fits],
    }  # fmt: skip
    return shown(request, "choose", context)


@require_POST
@page(Resource.ACCOUNTABILITY, Action.ASSIGN)
def assign(request: Asked, person_id: uuid.UUID) -> HttpResponse:
    """Assign a therapist to somebody who waits."""
    try:
        therapist = id_of(request.POST.get("therapist", ""), _("Choose a therapist."))
        assign_therapist(
            person_id=person_id, therapist_id=therapist, override=request.POST.get("reason", ""), by=request.asker,
            now=request.now,
        )  # fmt: skip
        if episode := episodes.current_episode(request.asker, person_id):
            start_course(episode_id=episode.pk, by=request.asker, now=request.now)
    except NotAllowed:
        raise
    except Refusal as refusal:
        return _choose(request, person_id, refusal)
    notices.success(request, _("Assigned. The therapist sees it on the caseload."))
    return redirect("coordinator:waiting")

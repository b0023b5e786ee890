"""One person on one page, and what is done from there."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accord.service.access.guard import page, viewed
from accord.service.access.table import Action, Resource
from accord.service.care import actions as care
from accord.service.care import queries as alerts
from accord.service.errors import NotAllowed, Refusal
from accord.service.flows.hand_over_patient import hand_over_patient
from accord.service.messaging import queries as messages
from accord.service.people import queries as people
from accord.service.portals.therapist import story
from accord.service.portals.therapist.frame import beside, choices, clinical, contact_given, entry_id, shown
from accord.service.programmes import queries as programmes
from accord.service.ui.posted import id_of, key_of

if TYPE_CHECKING:
    from accord.service.access.guard import Asked
    from accord.service.access.table import Asker

QUOTED = 1000  # characters of a text that an alert was raised from


@never_cache
@require_GET
@page(Resource.CONTACT, Action.VIEW)
def patient(request: Asked, person_id: uuid.UUID) -> HttpResponse:
    """One person on one page: left the person, middle what happened, right what to do."""
    return _page(request, person_id)


def _page(request: Asked, person_id: uuid.UUID, refusal: Refusal | None = None, step: str = "") -> HttpResponse:
    person = clinical(request, person_id)
    viewed(request, person_id)
    context = beside(request, person, refusal, step) | {
        "colleagues": [one for one in people.clinicians_of(person.clinic_id) if one.pk != request.asker.person_id],
        "everything": "all" in request.GET,
        **choices(),
    }
    return shown(request, "patient", context | story.patient_page(request.asker, person, context))


@require_POST
@page(Resource.CONTACT, Action.CREATE)
def contact(request: Asked, person_id: uuid.UUID) -> HttpResponse:
    """Log a contact in two taps: how, and how long (C31)."""

    def log() -> None:
        care.log_contact(person_id=person_id, by=request.asker, now=request.now, **contact_given(request))

    return _done(request, person_id, "contact", log)


@require_POST
@page(Resource.NOTE, Action.CREATE)
def notes(request: Asked, person_id: uuid.UUID) -> HttpResponse:
    """Keep a note about a person."""

    def keep() -> None:
        care.add_note_about(
            person_id=person_id, text=request.POST.get("note", ""), key=key_of(request), by=request.asker,
            now=request.now,
        )  # fmt: skip

    return _done(request, person_id, "note", keep)


@require_POST
@page(Resource.ALERT, Action.CREATE)
def raise_alert(request: Asked, person_id: uuid.UUID) -> HttpResponse:
    """Raise an alert from anything that was read or heard (C15); from a text on a page (`about`) in one tap."""
    track, _sep, tier = request.POST.get("what", "").partition(":")
    about = request.POST.get("about", "")
    note = request.POST.get("note", "") or quoted(request.asker, person_id, about)
    try:
        raised = care.raise_alert_by_hand(
            person_id=person_id, track=track, tier=tier, note=note, about=about, key=key_of(request),
            ladder=alerts.ladder_for(person_id), by=request.asker, now=request.now,
        )  # fmt: skip
    except NotAllowed:
        raise
    except Refusal as refusal:
        return _page(request, person_id, refusal, "raise")
    return redirect("therapist:alert", alert_id=raised.pk)


def quoted(asker: Asker, person_id: uuid.UUID, about: str) -> str:
    """The beginning of the text that an alert is raised from, so that whoever acts reads it at once."""
    kind, _sep, which = about.partition(":")
    if kind == "message":
        lines = messages.conversation(asker, person_id).lines
        return next((line.text[:QUOTED] for line in lines if str(line.id) == which), "")
    if kind == "entry":
        saved = programmes.entries(asker, person_id)
        found = next((one for one in saved if str(entry_id(person_id, one.lesson, one.block)) == which), None)
        return "\n".join(f"{ask} {answer}" for ask, answer in found.said)[:QUOTED] if found else ""
    return ""


@require_POST
@page(Resource.ACCOUNTABILITY, Action.ASSIGN)
def hand_over(request: Asked, person_id: uuid.UUID) -> HttpResponse:
    """Hand a person over to a colleague, with what is open about her."""
    try:
        to = id_of(request.POST.get("to", ""), _("Choose a colleague."))
        hand_over_patient(person_id=person_id, to=to, by=request.asker, now=request.now)
    except NotAllowed:
        raise
    except Refusal as refusal:
        return _page(request, person_id, refusal, "hand-over")
    return redirect("therapist:caseload")


def _done(request: Asked, person_id: uuid.UUID, step: str, do: Callable[[], None]) -> HttpResponse:
    try:
        do()
    except NotAllowed:
        raise
    except Refusal as refusal:
        return _page(request, person_id, refusal, step)
    return redirect("therapist:patient", person_id=person_id)

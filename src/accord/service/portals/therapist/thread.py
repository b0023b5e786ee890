"""The conversation with one person."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accord.service.access.guard import page, viewed
from accord.service.access.table import Action, Resource
from accord.service.errors import NotAllowed, Refusal
from accord.service.fields.keys import new_id
from accord.service.flows.send_message import send_message
from accord.service.messaging import actions as messaging
from accord.service.messaging import queries as messages
from accord.service.portals.therapist import story
from accord.service.portals.therapist.frame import clinical, common, key_of

if TYPE_CHECKING:
    from accord.service.access.guard import Asked


@never_cache
@require_GET
@page(Resource.MESSAGE, Action.VIEW)
def thread(request: Asked, person_id: uuid.UUID) -> HttpResponse:
    """The conversation with a person. Opening it marks it as read: the patient's clock for being read stops."""
    clinical(request, person_id)
    return _thread_page(request, person_id)


def _thread_page(request: Asked, person_id: uuid.UUID, refusal: Refusal | None = None) -> HttpResponse:
    person = clinical(request, person_id)
    talk = messages.conversation(request.asker, person_id)
    viewed(request, person_id)
    if talk.lines:
        messaging.mark_read(person_id=person_id, up_to=talk.lines[-1].sequence, by=request.asker, now=request.now)
    frame = common(request, person.clinic) | {
        "person": person, "talk": talk, "refusal": refusal, "key": new_id(),
        "text": request.POST.get("text", "") if refusal else talk.draft, "tracks": story.tiers_by_hand(),
    }  # fmt: skip
    return render(request, "therapist/thread.html", frame, status=refusal.status if refusal else 200)


@require_POST
@page(Resource.MESSAGE, Action.ANSWER)
def send(request: Asked, person_id: uuid.UUID) -> HttpResponse:
    """Answer in the conversation."""
    try:
        send_message(
            person_id=person_id, text=request.POST.get("text", ""), key=key_of(request), by=request.asker,
            now=request.now,
        )  # fmt: skip
    except NotAllowed:
        raise
    except Refusal as refusal:
        return _thread_page(request, person_id, refusal)
    return redirect("therapist:thread", person_id=person_id)

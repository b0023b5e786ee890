"""The conversation with one person: read on purpose, answered within the promise, begun from a text or not."""

from __future__ import annotations

import uuid
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import dateformat
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accord.service.access.guard import page, viewed
from accord.service.access.table import Action, Resource
from accord.service.errors import NotAllowed, Refusal
from accord.service.flows.send_message import send_message
from accord.service.messaging import actions as messaging
from accord.service.messaging import queries as messages
from accord.service.messaging.rules import gaps
from accord.service.portals.therapist import words
from accord.service.portals.therapist.frame import beside, clinical, shown
from accord.service.ui.posted import key_of

if TYPE_CHECKING:
    from accord.service.access.guard import Asked


@never_cache
@require_GET
@page(Resource.MESSAGE, Action.VIEW)
def thread(request: Asked, person_id: uuid.UUID) -> HttpResponse:
    """The conversation. Opening it marks nothing as read: "I have read this" and an answer do."""
    return _page(request, person_id)


def _page(request: Asked, person_id: uuid.UUID, refusal: Refusal | None = None, step: str = "answer") -> HttpResponse:
    person = clinical(request, person_id)
    talk = messages.conversation(request.asker, person_id)
    viewed(request, person_id)
    context = beside(request, person, refusal, step)
    waits = messages.waiting([person_id]).get(person_id)
    promise = words.promised(waits, context["zone"], request.now) if waits else None
    new = [line.sequence for line in talk.lines if line.new]
    text = request.POST.get("text", "").replace("\0", "") if refusal else _begun(request, talk.draft, context)
    context |= {
        "templates": [(one.slug, one.title) for one in messages.templates()], "gaps": gaps(text), "text": text,
        "talk": talk, "promise": promise.words if promise else "", "late": bool(promise and promise.late),
        "revision": talk.draft_revision, "unread_to": max(new, default=0),
    }  # fmt: skip
    return shown(request, "thread", context)


def _begun(request: Asked, draft: str, context: dict[str, Any]) -> str:
    """What stands in the box: the draft, and under it the template that was chosen, so that nothing typed is lost."""
    slug = request.GET.get("template", "")
    chosen = next((one for one in messages.templates() if one.slug == slug), None)
    if chosen is None:
        return draft
    body = words.with_names(chosen.body, context["person"], context["me"])
    return f"{draft.rstrip()}\n\n{body}" if draft.strip() and body not in draft else body


@require_POST
@page(Resource.MESSAGE, Action.ANSWER)
def read(request: Asked, person_id: uuid.UUID) -> HttpResponse:
    """I have read this, up to the message that the page showed."""
    clinical(request, person_id)
    up_to = request.POST.get("up_to", "")
    if up_to.isdecimal() and len(up_to) < 10:
        last = messages.conversation(request.asker, person_id).lines[-1:]
        shown_ = min(int(up_to), last[0].sequence) if last else 0
        messaging.mark_read(person_id=person_id, up_to=shown_, by=request.asker, now=request.now)
    return redirect("therapist:thread", person_id=person_id)


@require_POST
@page(Resource.MESSAGE, Action.ANSWER)
def send(request: Asked, person_id: uuid.UUID) -> HttpResponse:
    """Answer in the conversation, or keep what is being typed (`act`: keep, or autosave from the page's script)."""
    person, act = clinical(request, person_id), request.POST.get("act", "")
    try:
        if act in ("keep", "autosave"):
            revision = _keep(request, person_id)
        else:
            send_message(
                person_id=person_id, text=request.POST.get("text", ""), key=key_of(request), by=request.asker,
                now=request.now,
            )  # fmt: skip
    except NotAllowed:
        raise
    except Refusal as refusal:
        if act == "autosave":
            return JsonResponse({"said": f"{refusal.message} {refusal.cure}".strip()}, status=refusal.status)
        if not act:
            _keep_what_was_refused(request, person_id)
        return _page(request, person_id, refusal)
    if act == "autosave":
        clock = dateformat.format(request.now.astimezone(person.clinic.zone()), "H:i")
        return JsonResponse({"revision": revision, "said": _("Kept at %(time)s, not sent.") % {"time": clock}})
    return redirect("therapist:thread", person_id=person_id)


def _keep(request: Asked, person_id: uuid.UUID) -> int:
    revision = request.POST.get("revision", "")
    return messaging.keep_draft(
        person_id=person_id, text=request.POST.get("text", "").replace("\r\n", "\n"),
        revision=int(revision) if revision.isdecimal() and len(revision) < 10 else 0, by=request.asker,
        now=request.now,
    )  # fmt: skip


def _keep_what_was_refused(request: Asked, person_id: uuid.UUID) -> None:
    """A text that was not sent becomes the draft, where it can be kept: nothing typed is lost with the page."""
    with suppress(Refusal):
        _keep(request, person_id)

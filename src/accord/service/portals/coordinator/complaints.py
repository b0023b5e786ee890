"""Complaints: the overdue ones first; acknowledged, answered in words, closed with what came of them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accord.service.access.guard import page, viewed
from accord.service.access.table import Action, Resource
from accord.service.care import actions
from accord.service.care import queries as care
from accord.service.care.policies import can_step_complaint
from accord.service.care.rules.complaints import ABOUT, OUTCOMES, WAYS, ComplaintStage
from accord.service.errors import NotAllowed, Refusal
from accord.service.fields.keys import new_id
from accord.service.people import queries as people
from accord.service.portals.coordinator.frame import PAGE, frame, may, shown
from accord.service.ui import complaint_words as words
from accord.service.ui.posted import id_of, key_of

if TYPE_CHECKING:
    from accord.service.access.guard import Asked

STEPS = (ComplaintStage.ACKNOWLEDGED, ComplaintStage.ANSWERED, ComplaintStage.CLOSED)


@never_cache
@require_GET
@page(Resource.COMPLAINT, Action.ACT)
def complaints(request: Asked) -> HttpResponse:
    """What people complained of, what is overdue first; and how many of each kind."""
    everything = care.complaints_at(request.asker, request.now, closed=True)
    open_ = [row for row in everything if row.standing.stage is not ComplaintStage.CLOSED]
    show = "all" if request.GET.get("show") == "all" else "open"
    chosen = Paginator(everything if show == "all" else open_, PAGE).get_page(request.GET.get("page"))
    late = sum(row.standing.late for row in open_)
    context = frame(request, "complaints") | {
        "shown": chosen, "show": show, "late": late, "may_enter": may(request, Resource.COMPLAINT, Action.CREATE),
        "filters": [("open", _("Open"), len(open_)), ("all", _("All"), len(everything))],
        "kinds": [(words.ABOUT_AT_WORK[about], *counts) for about, *counts in care.counted_by_about(everything)],
        "title": ngettext("%(n)s complaint is open", "%(n)s complaints are open", len(open_)) % {"n": len(open_)},
    }  # fmt: skip
    named = _named(request, [row.complaint for row in chosen])
    context["lines"] = [
        {
            "id": row.complaint.pk, "about": words.ABOUT_AT_WORK[row.complaint.about], "made": row.complaint.made_at,
            "stage": words.STAGES[row.standing.stage], "due": row.standing.due, "late": row.standing.late,
            "who": _who(row, named),
        }
        for row in chosen
    ]  # fmt: skip
    return shown(request, "complaints", context)


def _named(request: Asked, rows: Iterable[Any]) -> set[uuid.UUID]:
    """Whose names she may see: a manager answers for a complaint without opening anybody's record."""
    return people.reachable({row.person_id for row in rows if row.person_id}, request.asker, Resource.PERSON)


def _who(row: care.ComplaintRow, named: set[uuid.UUID]) -> str:
    person = row.complaint.person
    if person is None:
        return str(_("not named"))
    return person.name or _("No name given yet") if person.pk in named else _("a patient")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@page(Resource.COMPLAINT, Action.ACT)
def enter(request: Asked) -> HttpResponse:
    """Enter what somebody said on the telephone or in a letter; `person` in the address names her."""
    if not may(request, Resource.COMPLAINT, Action.CREATE):
        raise NotAllowed(_("There is nothing here that you may do."))
    given = request.POST.get("person", "") if request.method == "POST" else request.GET.get("person", "")
    person = people.person(request.asker, id_of(given, _("There is nobody here."))) if given else None
    refusal = None
    if request.method == "POST":
        try:
            made = actions.make_complaint(
                about=request.POST.get("about", ""), text=request.POST.get("text", ""), key=key_of(request),
                person_id=person.pk if person else None, clinic=people.me(request.asker).clinic,
                by=request.asker, now=request.now,
            )  # fmt: skip
            return redirect("coordinator:complaint", complaint_id=made.pk)
        except NotAllowed:
            raise
        except Refusal as found:
            refusal = found
    context = frame(request, "complaints") | {
        "person": person, "refusal": refusal, "key": new_id(), "given": request.POST if refusal else {},
        "abouts": [(one, words.ABOUT_AT_WORK[one]) for one in ABOUT],
    }  # fmt: skip
    return shown(request, "complaint-enter", context)


@never_cache
@require_GET
@page(Resource.COMPLAINT, Action.ACT)
def complaint(request: Asked, complaint_id: uuid.UUID) -> HttpResponse:
    """One complaint: the words, what was done, what is next."""
    return _page(request, complaint_id)


def _page(request: Asked, complaint_id: uuid.UUID, refusal: Refusal | None = None, step: str = "") -> HttpResponse:
    found = care.complaint_page(request.asker, complaint_id, request.now)
    row, stage = found.row, found.row.standing.stage
    viewed(request, row.complaint.person_id)
    context = frame(request, "complaints") | {
        "one": row.complaint, "who": _who(row, _named(request, [row.complaint])),
        "about": words.ABOUT_AT_WORK[row.complaint.about],
        "standing": row.standing, "stage": words.STAGES[stage], "acknowledge_by": found.acknowledge_by,
        "steps": [(_step(one), found.names.get(one.pk, ""), one) for one in row.steps], "refusal": refusal,
        "step": step, "given": request.POST if refusal else {}, "key": new_id(),
        "can": {kind.value: can_step_complaint(stage, kind) for kind in STEPS},
        "ways": [(one, words.WAYS[one]) for one in WAYS if row.complaint.person_id or one != "page"],
        "outcomes": [(one, words.OUTCOMES[one]) for one in OUTCOMES],
    }  # fmt: skip
    return shown(request, "complaint", context)


def _step(one: Any) -> str:
    match one.kind:
        case "acknowledged":
            return _("Acknowledged")
        case "answered":
            return _("Answered: %(way)s") % {"way": words.WAYS[one.reason]}
    return _("Closed: %(outcome)s") % {"outcome": words.OUTCOMES[one.reason]}


@require_POST
@page(Resource.COMPLAINT, Action.ACT)
def act(request: Asked, complaint_id: uuid.UUID, step: str) -> HttpResponse:
    """One step: acknowledge, answer, close."""
    do = _STEPS.get(step)
    if do is None:
        raise NotAllowed(_("There is nothing here that you can do."))
    try:
        do(request, complaint_id)
    except NotAllowed:
        raise
    except Refusal as refusal:
        return _page(request, complaint_id, refusal, step)
    return redirect("coordinator:complaint", complaint_id=complaint_id)


def _acknowledge(request: Asked, complaint_id: uuid.UUID) -> None:
    actions.acknowledge_complaint(
        complaint_id=complaint_id, key=key_of(request), by=request.asker, now=request.now
    )  # fmt: skip


def _answer(request: Asked, complaint_id: uuid.UUID) -> None:
    actions.answer_complaint(
        complaint_id=complaint_id, way=request.POST.get("way", ""), text=request.POST.get("text", ""),
        key=key_of(request), by=request.asker, now=request.now,
    )  # fmt: skip


def _close(request: Asked, complaint_id: uuid.UUID) -> None:
    actions.close_complaint(
        complaint_id=complaint_id, outcome=request.POST.get("outcome", ""), note=request.POST.get("note", ""),
        key=key_of(request), by=request.asker, now=request.now,
    )  # fmt: skip


_STEPS: dict[str, Callable[[Any, uuid.UUID], None]] = {"acknowledge": _acknowledge, "answer": _answer, "close": _close}

"""Groups as whoever leads them sees them: the dates, and on one page who came."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accord.service.access.guard import page
from accord.service.access.table import Action, Resource
from accord.service.care import actions as care
from accord.service.care import queries as reads
from accord.service.errors import NotAllowed, Refusal
from accord.service.fields.keys import new_id
from accord.service.flows.cancel_meeting import cancel_meeting
from accord.service.flows.hold_meeting import hold_meeting
from accord.service.people import queries as people
from accord.service.portals.therapist.frame import common, named, shown
from accord.service.ui import group_words as words
from accord.service.ui.posted import id_of, key_of, moment_posted

if TYPE_CHECKING:
    from accord.service.access.guard import Asked

PAGE = 50


@never_cache
@require_GET
@page(Resource.GROUP, Action.ACT)
def groups(request: Asked) -> HttpResponse:
    """The running groups that she leads, or may see as a supervisor, with what waits for a word."""
    context = common(request, here="groups")
    shown_ = Paginator(reads.groups(request.asker), PAGE).get_page(request.GET.get("page"))
    rows = []
    for row in reads.group_rows(shown_.object_list):
        zone = row.group.clinic.zone()
        waiting = [words.met(one, zone, request.now) for one in row.meetings if one.waits_for_word(request.now)]
        coming = next((one for one in row.meetings if one.open and not one.waits_for_word(request.now)), None)
        rows.append((row, waiting, words.met(coming, zone, request.now) if coming else None))
    return shown(request, "groups", context | {"rows": rows, "shown": shown_})


@never_cache
@require_GET
@page(Resource.GROUP, Action.ACT)
def group(request: Asked, group_id: uuid.UUID) -> HttpResponse:
    """One group: its dates and who belongs to it."""
    return _page(request, group_id)


def _page(request: Asked, group_id: uuid.UUID, refusal: Refusal | None = None) -> HttpResponse:
    found = reads.group_page(request.asker, group_id, request.now)
    one = found.row.group
    zone = one.clinic.zone()
    context = common(request, one.clinic, here="groups") | words.choices()
    answers = people.accountability([row.person_id for row in found.members])
    hers = {request.asker.person_id, *request.asker.covers}
    context |= {
        "group": one, "found": found, "refusal": refusal, "key": new_id(), "act": "therapist:group_step",
        "sheet": "therapist:attendance", "typed": request.POST if refusal else {},
        "meetings": [words.met(row, zone, request.now) for row in found.row.meetings],
        "members": [
            (row.person, named(row.person), row.person_id in answers and answers[row.person_id].clinician_id in hers)
            for row in found.members
        ],
    }  # fmt: skip
    return shown(request, "group", context)


@require_POST
@page(Resource.GROUP, Action.ACT)
def group_step(request: Asked, group_id: uuid.UUID, step: str) -> HttpResponse:
    """One meeting is moved or called off."""
    if step not in ("move", "cancel"):
        raise NotAllowed(_("There is nothing here that you can do."))
    try:
        _change(request, step)
    except NotAllowed:
        raise
    except Refusal as refusal:
        return _page(request, group_id, refusal)
    return redirect("therapist:group", group_id=group_id)


def _change(request: Asked, step: str) -> None:
    one = reads.the_meeting(request.asker, id_of(request.POST.get("meeting", ""), _("Choose a meeting.")), Action.ACT)
    if step == "cancel":
        cancel_meeting(
            meeting_id=one.meeting.pk, reason=request.POST.get("reason", ""), key=key_of(request), by=request.asker,
            now=request.now,
        )  # fmt: skip
        return
    care.move_meeting(
        meeting_id=one.meeting.pk, revision=words.number_posted(request.POST, "revision"),
        starts_at=moment_posted(request.POST, one.meeting.group.clinic.zone()), key=key_of(request),
        minutes=words.number_posted(request.POST, "minutes", one.last.minutes), by=request.asker, now=request.now,
        place=request.POST.get("place", one.last.place),
    )  # fmt: skip


# ---------------------------------------------------------------------------------------------------- who came


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@page(Resource.GROUP, Action.ACT)
def attendance(request: Asked, meeting_id: uuid.UUID) -> HttpResponse:
    """Who came to a meeting, everybody on one page; a POST writes it, or corrects it."""
    if request.method != "POST":
        return _sheet(request, meeting_id)
    found = reads.sheet(request.asker, meeting_id, Action.ACT)
    attended, missed = _given(request, found)
    try:
        hold_meeting(
            meeting_id=meeting_id, attended=attended, missed=missed,
            minutes=words.number_posted(request.POST, "minutes", found.meeting.last.minutes),
            revision=words.number_posted(request.POST, "revision"), key=key_of(request), by=request.asker,
            now=request.now,
        )  # fmt: skip
    except NotAllowed:
        raise
    except Refusal as refusal:
        return _sheet(request, meeting_id, refusal)
    return redirect("therapist:group", group_id=found.group.pk)


def _given(request: Asked, found: reads.Sheet) -> tuple[frozenset[uuid.UUID], dict[uuid.UUID, str]]:
    """Who came and who did not, as the form says it of each member; whoever it says nothing of is in neither."""
    attended, missed = set(), {}
    for row in found.rows:
        who = row.member.person_id
        state = request.POST.get(f"came-{who}", "")
        if state == "yes":
            attended.add(who)
        elif state == "no":
            missed[who] = request.POST.get(f"why-{who}", "")
    return frozenset(attended), missed


def _sheet(request: Asked, meeting_id: uuid.UUID, refusal: Refusal | None = None) -> HttpResponse:
    found = reads.sheet(request.asker, meeting_id, Action.ACT)
    context = common(request, found.group.clinic, here="groups") | words.choices()
    given: Any = request.POST if refusal else {}
    met = words.met(found.meeting, context["zone"], request.now)
    rows = [(row, named(row.member.person), *_stands(row, given)) for row in found.rows]
    context |= {
        "group": found.group, "meeting": met, "revision": found.revision, "rows": rows, "key": new_id(),
        "refusal": refusal, "minutes": given.get("minutes", met["minutes"]),
    }  # fmt: skip
    return shown(request, "attendance", context)


def _stands(row: reads.Present, given: Any) -> tuple[str, str]:
    """What the form shows of one member: what was posted, else what stands."""
    who = row.member.person_id
    state = {"attended": "yes", "missed": "no"}.get(row.state, "")
    reason = row.newest.reason if row.newest else ""
    return given.get(f"came-{who}", state), given.get(f"why-{who}", reason)

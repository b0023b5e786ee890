"""Groups as the office keeps them: who leads, who belongs, the calendar, who could join."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib import messages as notices
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accord.service.access.guard import page
from accord.service.access.table import Action, Resource, Role
from accord.service.care import actions as care
from accord.service.care import queries as reads
from accord.service.episodes import queries as episodes
from accord.service.errors import NotAllowed, Refusal
from accord.service.fields.keys import new_id
from accord.service.flows.cancel_meeting import cancel_meeting
from accord.service.flows.end_group import end_group
from accord.service.flows.leave_group import leave_group
from accord.service.people import queries as people
from accord.service.portals.coordinator.frame import PAGE, frame, shown, title_of
from accord.service.programmes import queries as programmes
from accord.service.ui import group_words as words
from accord.service.ui.posted import id_of, key_of, moment_posted

if TYPE_CHECKING:
    from accord.service.access.guard import Asked
    from accord.service.people.models import Person

LEADS = {Role.THERAPIST, Role.FACILITATOR, Role.SUPERVISOR}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@page(Resource.GROUP, Action.CREATE)
def groups(request: Asked) -> HttpResponse:
    """Every group of the clinic; a POST makes one."""
    if request.method != "POST":
        return _list(request)
    try:
        made = care.make_group(
            clinic=people.me(request.asker).clinic, protocol=_one_of(request, episodes.protocols_here(request.asker)),
            name=request.POST.get("name", ""), form=request.POST.get("form", ""),
            places=words.number_posted(request.POST, "places"), key=key_of(request), by=request.asker, now=request.now,
            leaders=[id_of(one, _("Choose who leads the group.")) for one in request.POST.getlist("leaders")],
        )  # fmt: skip
    except NotAllowed:
        raise
    except Refusal as refusal:
        return _list(request, refusal)
    return redirect("coordinator:group", group_id=made.pk)


def _one_of(request: Asked, known: list[str]) -> str:
    given = request.POST.get("protocol", "")
    if given not in known:
        raise Refusal(_("Choose the protocol that the group belongs to."), cure=_("Nothing was stored."))
    return given


def _list(request: Asked, refusal: Refusal | None = None) -> HttpResponse:
    ended = request.GET.get("show") == "ended"
    page_ = Paginator(reads.groups(request.asker, ended=ended), PAGE).get_page(request.GET.get("page"))
    context = frame(request, "groups")
    zone, now = context["zone"], request.now
    context |= words.choices() | {
        "shown": page_,
        "show": "ended" if ended else "running",
        "refusal": refusal,
        "key": new_id(),
        "given": request.POST if refusal else {},
        "chosen": request.POST.getlist("leaders") if refusal else [],
        "filters": [("running", _("Running")), ("ended", _("Ended"))],
        "rows": [
            (row, words.SHORT[row.group.form], words.met(row.next, zone, now) if row.next else None)
            for row in reads.group_rows(page_.object_list)
        ],
        "leaders": _leaders(request),
        "protocols": [(slug, title_of(slug)) for slug in episodes.protocols_here(request.asker)],
    }
    return shown(request, "groups", context)


def _leaders(request: Asked) -> list[Person]:
    """Colleagues of the asker's clinic who may lead a group."""
    here = people.me(request.asker).clinic_id
    rows = people.staff(request.asker, request.now)
    return [row.person for row in rows if LEADS & set(row.roles) and row.person.clinic_id == here]


# ---------------------------------------------------------------------------------------------------- one group


@never_cache
@require_http_methods(["GET", "HEAD"])
@page(Resource.GROUP, Action.CREATE)
def group(request: Asked, group_id: uuid.UUID) -> HttpResponse:
    """One group: members, calendar, leaders, and who could join: who has finished her course could not."""
    return _page(request, group_id)


def _page(request: Asked, group_id: uuid.UUID, refusal: Refusal | None = None, step: str = "") -> HttpResponse:
    found = reads.group_page(request.asker, group_id, request.now)
    one = found.row.group
    context = frame(request, "groups") | words.choices()
    zone = one.clinic.zone()
    able = episodes.enrolled(request.asker, protocol=one.protocol, clinic_id=one.clinic_id, but=reads.in_groups())
    done = programmes.finished(able.values_list("person_id", flat=True), request.now)
    takes = one.closed_at is None and found.row.taken < one.places and not (one.form == "closed" and found.first_begun)
    leads = {row.person_id for row in found.leaders}
    context |= {
        "group": one, "zone": zone, "found": found, "taken": found.row.taken, "refusal": refusal, "step": step,
        "form": words.FORMS[one.form], "title": title_of(one.protocol), "key": new_id(), "takes": takes,
        "given": request.POST if step == "plan" else {}, "act": "coordinator:group_step", "back": "coordinator:group",
        "meetings": [words.met(row, zone, request.now) for row in found.row.meetings],
        "typed": request.POST if step in ("move", "cancel") else {},
        "left": [(row, words.LEAVES.get(row.reason, row.reason)) for row in found.left],
        "shown": Paginator(able.exclude(person__in=done), PAGE).get_page(request.GET.get("page")) if takes else (),
        "others": [row for row in _leaders(request) if row.pk not in leads],
        "may_end": one.closed_at is None and not any(row.open for row in found.row.meetings),
    }  # fmt: skip
    return shown(request, "group", context)


@require_POST
@page(Resource.GROUP, Action.ACT)
def group_step(request: Asked, group_id: uuid.UUID, step: str) -> HttpResponse:
    """Something is done about a group: join, leave, lead, stop leading, plan, move, call off, end."""
    do = _STEPS.get(step)
    if do is None:
        raise NotAllowed(_("There is nothing here that you can do."))
    try:
        do(request, group_id)
    except NotAllowed:
        raise
    except Refusal as refusal:
        return _page(request, group_id, refusal, step)
    notices.success(request, _SAID[step])
    return redirect("coordinator:group", group_id=group_id)


def _join(request: Asked, group_id: uuid.UUID) -> None:
    person = id_of(request.POST.get("person", ""), _("Choose somebody."))
    care.join_group(group_id=group_id, person_id=person, by=request.asker, now=request.now)


def _leave(request: Asked, group_id: uuid.UUID) -> None:
    member = id_of(request.POST.get("member", ""), _("Choose somebody."))
    leave_group(member_id=member, reason=request.POST.get("reason", ""), by=request.asker, now=request.now)


def _lead(request: Asked, group_id: uuid.UUID) -> None:
    person = id_of(request.POST.get("person", ""), _("Choose a colleague."))
    care.name_leader(group_id=group_id, person_id=person, by=request.asker, now=request.now)


def _unlead(request: Asked, group_id: uuid.UUID) -> None:
    person = id_of(request.POST.get("person", ""), _("Choose a colleague."))
    care.end_leading(group_id=group_id, person_id=person, by=request.asker, now=request.now)


def _plan(request: Asked, group_id: uuid.UUID) -> None:
    one = reads.group_page(request.asker, group_id, request.now).row.group
    care.plan_meetings(
        group_id=group_id, first=moment_posted(request.POST, one.clinic.zone()),
        every_days=words.number_posted(request.POST, "every_days"), number=words.number_posted(request.POST, "number"),
        minutes=words.number_posted(request.POST, "minutes"), mode=request.POST.get("mode", ""),
        place=request.POST.get("place", ""), key=key_of(request), by=request.asker, now=request.now,
    )  # fmt: skip


def _move(request: Asked, group_id: uuid.UUID) -> None:
    one = reads.the_meeting(request.asker, _meeting(request), Action.ACT)
    care.move_meeting(
        meeting_id=one.meeting.pk, revision=words.number_posted(request.POST, "revision"),
        starts_at=moment_posted(request.POST, one.meeting.group.clinic.zone()), key=key_of(request),
        minutes=words.number_posted(request.POST, "minutes", one.last.minutes), by=request.asker, now=request.now,
        place=request.POST.get("place", one.last.place),
    )  # fmt: skip


def _cancel(request: Asked, group_id: uuid.UUID) -> None:
    cancel_meeting(
        meeting_id=_meeting(request), reason=request.POST.get("reason", ""), key=key_of(request), by=request.asker,
        now=request.now,
    )  # fmt: skip


def _meeting(request: Asked) -> uuid.UUID:
    return id_of(request.POST.get("meeting", ""), _("Choose a meeting."))


def _end(request: Asked, group_id: uuid.UUID) -> None:
    end_group(group_id=group_id, by=request.asker, now=request.now)


_STEPS: dict[str, Callable[[Any, uuid.UUID], None]] = {
    "join": _join, "leave": _leave, "lead": _lead, "unlead": _unlead, "plan": _plan, "move": _move,
    "cancel": _cancel, "end": _end,
}  # fmt: skip
_SAID = {
    "join": gettext_lazy("Now a member."), "leave": gettext_lazy("No longer a member."),
    "lead": gettext_lazy("Now leads the group too."), "unlead": gettext_lazy("No longer leads the group."),
    "plan": gettext_lazy("The meetings are planned; members see them on their own page."),
    "move": gettext_lazy("The meeting is moved; members see it on their own page."),
    "cancel": gettext_lazy("The meeting is called off."), "end": gettext_lazy("The group has ended."),
}  # fmt: skip

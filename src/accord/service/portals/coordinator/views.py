"""The office: who came, who waits for a therapist, who is on duty and who is away. No clinical fact stands here."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accord.service.access.guard import page
from accord.service.access.table import CLINICIANS, Action, Resource, Role, Scope, scope_of
from accord.service.episodes import queries as episodes
from accord.service.episodes.rules import State
from accord.service.errors import NotAllowed, Refusal
from accord.service.flows.assign_therapist import assign_therapist
from accord.service.flows.start_course import start_course
from accord.service.people import actions as people
from accord.service.people import queries
from accord.service.people.policies import hidden
from accord.service.portals.coordinator.frame import frame as _frame

if TYPE_CHECKING:
    from accord.service.access.guard import Asked
    from accord.service.people.models import Person

PAGE = 50
WAITS = (State.ELIGIBLE, State.CONSENTED, State.ENROLLED)  # for a therapist, while the duty clinician answers for her
OPEN = (State.REFERRED, State.SCREENING, *WAITS)
STATES = {
    State.REFERRED: gettext_lazy("confirmed, questions not begun"),
    State.SCREENING: gettext_lazy("answering the first questions"),
    State.NOT_ELIGIBLE: gettext_lazy("not eligible, shown other help"),
    State.ELIGIBLE: gettext_lazy("eligible, reading the information"),
    State.CONSENTED: gettext_lazy("consented"),
    State.ENROLLED: gettext_lazy("enrolled"),
    State.STOPPED: gettext_lazy("ended the treatment"),
    State.DISCHARGED: gettext_lazy("discharged"),
    State.WITHDRAWN: gettext_lazy("withdrew"),
}
ROLES = {
    Role.THERAPIST: gettext_lazy("therapist"),
    Role.FACILITATOR: gettext_lazy("facilitator"),
    Role.SUPERVISOR: gettext_lazy("supervisor"),
    Role.DUTY_CLINICIAN: gettext_lazy("duty clinician"),
    Role.COORDINATOR: gettext_lazy("coordinator"),
    Role.MANAGER: gettext_lazy("manager"),
}


# ---------------------------------------------------------------------------------------------------- who came


@never_cache
@require_GET
@page(Resource.EPISODE, Action.ACT)
def referrals(request: Asked) -> HttpResponse:
    """Everybody who came, the newest first: links not yet used, and where each one is on the way."""
    rows = episodes.overview(request.asker)
    show = request.GET.get("show", "open")
    show = show if show in ("open", "all") else "open"
    chosen = [row for row in rows if show == "all" or row.state in OPEN]
    shown = Paginator(chosen, PAGE).get_page(request.GET.get("page"))
    named = queries.accountability([row.episode.person_id for row in shown])
    unconfirmed = episodes.open_referrals(request.asker)
    frame = _frame(request, "referrals") | {
        "unconfirmed": [(one, one.source.replace("_", " ")) for one in unconfirmed[:PAGE]],
        "more": max(len(unconfirmed) - PAGE, 0), "shown": shown, "show": show,
        "filters": [("open", _("On the way"), sum(row.state in OPEN for row in rows)), ("all", _("All"), len(rows))],
        "rows": [(row, STATES[row.state], named.get(row.episode.person_id)) for row in shown],
    }  # fmt: skip
    return render(request, "coordinator/referrals.html", frame)


# ---------------------------------------------------------------------------------------------------- who waits


@never_cache
@require_GET
@page(Resource.EPISODE, Action.ACT)
def waiting(request: Asked) -> HttpResponse:
    """Who waits for a therapist, the longest first, with the colleagues who could take her."""
    return _waiting_page(request)


def _waiting_page(request: Asked, refusal: Refusal | None = None) -> HttpResponse:
    rows = episodes.overview(request.asker, *WAITS)
    named = queries.accountability([row.episode.person_id for row in rows])
    waits = sorted((row for row in rows if _no_therapist(named, row.episode.person_id)), key=lambda row: row.since)
    shown = Paginator(waits, PAGE).get_page(request.GET.get("page"))
    staff_ = queries.staff(request.asker, request.now)
    frame = _frame(request, "waiting") | {
        "count": len(waits), "shown": shown, "refusal": refusal, "rows": [(row, STATES[row.state]) for row in shown],
        "therapists": sorted(
            (one for one in staff_ if Role.THERAPIST in one.roles and one.account_open), key=lambda one: one.answers_for
        ),
    }  # fmt: skip
    return render(request, "coordinator/waiting.html", frame, status=refusal.status if refusal else 200)


def _no_therapist(named: dict[uuid.UUID, Any], person_id: uuid.UUID) -> bool:
    row = named.get(person_id)
    return row is None or row.reason not in ("therapist", "handover")


@require_POST
@page(Resource.ACCOUNTABILITY, Action.ASSIGN)
def assign(request: Asked, person_id: uuid.UUID) -> HttpResponse:
    """Assign a therapist to somebody who waits."""

    def do() -> None:
        therapist = _uuid(request.POST.get("therapist", ""), _("Choose a therapist."))
        assign_therapist(person_id=person_id, therapist_id=therapist, by=request.asker, now=request.now)
        if episode := episodes.current_episode(request.asker, person_id):
            start_course(episode_id=episode.pk, by=request.asker, now=request.now)

    return _done(request, do, _waiting_page, "coordinator:waiting")


# ---------------------------------------------------------------------------------------------------- staff


@never_cache
@require_GET
@page(Resource.STAFF_LIST, Action.VIEW)
def staff(request: Asked) -> HttpResponse:
    """Who works here: roles, how many they answer for, who is on duty, who is away and covered by whom."""
    return _staff_page(request)


def _staff_page(request: Asked, refusal: Refusal | None = None) -> HttpResponse:
    rows = queries.staff(request.asker, request.now)
    frame = _frame(request, "staff") | {
        "rows": [(row, [ROLES[role] for role in row.roles if role in ROLES]) for row in rows], "refusal": refusal,
        "may_set": scope_of(request.asker, Resource.DUTY, Action.ASSIGN) is not Scope.NONE,
        "on_duty": next((row.person for row in rows if row.on_duty), None), "given": request.POST if refusal else {},
        "duty_able": [row.person for row in rows if {Role.DUTY_CLINICIAN, Role.SUPERVISOR} & set(row.roles)],
        "clinicians": [row.person for row in rows if CLINICIANS & set(row.roles)],
    }  # fmt: skip
    return render(request, "coordinator/staff.html", frame, status=refusal.status if refusal else 200)


@require_POST
@page(Resource.DUTY, Action.ASSIGN)
def duty(request: Asked) -> HttpResponse:
    """Give the duty to somebody: she answers for every applicant from now on."""

    def do() -> None:
        person = _member(request, "person")
        people.set_duty(clinic=person.clinic, person=person, by=request.asker, now=request.now)

    return _done(request, do, _staff_page, "coordinator:staff")


@require_POST
@page(Resource.DUTY, Action.ASSIGN)
def absence(request: Asked) -> HttpResponse:
    """Write down when somebody is away and who covers: her alerts go there meanwhile."""

    def do() -> None:
        person, cover = _member(request, "person"), _member(request, "cover")
        zone = person.clinic.zone()
        people.set_absence(
            person=person, cover=cover, since=_day(request, "since", zone),
            until=_day(request, "until", zone, end=True), by=request.asker, now=request.now,
        )  # fmt: skip

    return _done(request, do, _staff_page, "coordinator:staff")


# ---------------------------------------------------------------------------------------------------- what was posted


def _done(request: Asked, do: Callable[[], None], again: Callable[..., HttpResponse], to: str) -> HttpResponse:
    """Do it and go back to the list; a refusal shows the page again with its words."""
    try:
        do()
    except NotAllowed:
        raise
    except Refusal as refusal:
        return again(request, refusal)
    return redirect(to)


def _member(request: Asked, name: str) -> Person:
    """A colleague that a form names, at a clinic whose staff the asker may see."""
    wanted = _uuid(request.POST.get(name, ""), _("Choose a colleague."))
    for row in queries.staff(request.asker, request.now):
        if row.person.pk == wanted:
            return row.person
    raise hidden()


def _uuid(text: str, problem: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise Refusal(problem, cure=_("Nothing was changed.")) from None


def _day(request: Asked, name: str, zone: ZoneInfo, *, end: bool = False) -> datetime:
    """The beginning (or the end) of a day that a form names, in the clinic's zone."""
    try:
        day = datetime.fromisoformat(request.POST.get(name, "").strip()).date()
    except ValueError:
        raise Refusal(_("Write the two dates as day, month and year."), cure=_("Nothing was changed.")) from None
    return datetime.combine(day, time.max if end else time.min, zone)

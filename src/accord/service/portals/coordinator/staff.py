"""Who works here: roles, load, duty, absence; what each is certified for, and how many she can take (C40)."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.contrib import messages as notices
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import dateformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accord.service.access.guard import page
from accord.service.access.table import CLINICIANS, Action, Resource, Role
from accord.service.episodes.queries import protocols_here
from accord.service.episodes.queries.protocols import TAKES_IN
from accord.service.errors import Refusal
from accord.service.fields.keys import new_id
from accord.service.people import actions as people
from accord.service.people import queries
from accord.service.people.policies import covers_in_words, hidden
from accord.service.people.rules.fitness import PLACE, RISK_DUTY, for_protocol, free
from accord.service.portals.coordinator.frame import PAGE, frame, may, posted, shown
from accord.service.ui.posted import day_given, id_of, key_of

if TYPE_CHECKING:
    from accord.service.access.guard import Asked
    from accord.service.people.models import Person
    from accord.service.people.queries import CertificateRow, StaffRow

ROLES = {
    Role.THERAPIST: gettext_lazy("therapist"),
    Role.FACILITATOR: gettext_lazy("facilitator"),
    Role.SUPERVISOR: gettext_lazy("supervisor"),
    Role.DUTY_CLINICIAN: gettext_lazy("duty clinician"),
    Role.COORDINATOR: gettext_lazy("coordinator"),
    Role.MANAGER: gettext_lazy("manager"),
    Role.RESEARCHER: gettext_lazy("researcher"),
    Role.STATISTICIAN: gettext_lazy("statistician"),
    Role.DATA_MANAGER: gettext_lazy("data manager"),
    Role.OPERATOR: gettext_lazy("operator"),
}


@never_cache
@require_safe
@page(Resource.STAFF_LIST, Action.VIEW)
def staff(request: Asked) -> HttpResponse:
    """Who works here: roles, how many they treat, who is on duty, who is away and covered by whom."""
    return _page(request)


def _page(request: Asked, refusal: Refusal | None = None) -> HttpResponse:
    rows = queries.staff(request.asker, request.now)
    clinic = queries.me(request.asker).clinic
    places, taken = queries.places_of([clinic.pk]), queries.load_of([clinic.pk])
    certified = queries.certified(clinic, RISK_DUTY, request.now)
    context = frame(request, "staff") | _certificates(request) | {
        "rows": [(row, _roles(row), places.get(row.person.pk), taken.get(row.person.pk, 0)) for row in rows],
        "refusal": refusal, "given": request.POST if refusal else {},
        "may_set": may(request, Resource.DUTY, Action.ASSIGN),
        "on_duty": next((row.person for row in rows if row.on_duty), None),
        "duty_able": [
            (row.person, row.person.pk in certified)
            for row in rows if {Role.DUTY_CLINICIAN, Role.SUPERVISOR} & set(row.roles)
        ],
        "clinicians": [row.person for row in rows if CLINICIANS & set(row.roles)],
        "absences": [
            (one, one.since <= request.now) for one in queries.absences_of([row.person.pk for row in rows], request.now)
        ],
    }  # fmt: skip
    return shown(request, "staff", context)


def _roles(row: StaffRow) -> str:
    return ", ".join(str(ROLES[role]) for role in row.roles if role in ROLES)


def _certificates(request: Asked) -> dict[str, Any]:
    """How many certificates run out soon, for whoever sees certificates."""
    if not may(request, Resource.CERTIFICATE, Action.VIEW):
        return {"sees_certificates": False}
    return {"sees_certificates": True, "run_out": sum(row.soon for row in _to_renew(request))}


def _to_renew(request: Asked) -> list[CertificateRow]:
    """Every certificate, those that run out first at the top: one that was renewed since runs out no longer."""
    rows = queries.certificates(request.asker, request.now)
    last: dict[tuple[uuid.UUID, uuid.UUID, str], date] = {}
    for row in rows:
        last[_what(row)] = max(last.get(_what(row), date.min), _ends(row))
    told = [replace(row, soon=row.soon and _ends(row) == last[_what(row)]) for row in rows]
    return sorted(told, key=lambda row: (not row.soon, _ends(row)))


def _what(row: CertificateRow) -> tuple[uuid.UUID, uuid.UUID, str]:
    """Who is certified for what, and where."""
    return row.certificate.person_id, row.certificate.clinic_id, row.certificate.covers


def _ends(row: CertificateRow) -> date:
    return row.certificate.expires_on or date.max


# ---------------------------------------------------------------------------------------------------- one colleague


@never_cache
@require_safe
@page(Resource.CERTIFICATE, Action.VIEW)
def colleague(request: Asked, staff_id: uuid.UUID) -> HttpResponse:
    """One colleague: certificates, places, and what was done without either."""
    return _one(request, staff_id)


def _one(request: Asked, staff_id: uuid.UUID, refusal: Refusal | None = None) -> HttpResponse:
    row = _member(request, staff_id)
    person = row.person
    places = queries.places_of([person.clinic_id]).get(person.pk)
    taken = queries.load_of([person.clinic_id]).get(person.pk, 0)
    context = frame(request, "staff") | {
        "row": row, "person": person, "roles": _roles(row), "refusal": refusal, "key": new_id(),
        "given": request.POST if refusal else {}, "may_enter": may(request, Resource.CERTIFICATE, Action.ASSIGN),
        "places": places, "taken": taken, "free": free(places, taken), "clinician": bool(CLINICIANS & set(row.roles)),
        "certificates": [
            (one, covers_in_words(one.certificate.covers))
            for one in queries.certificates(request.asker, request.now, person_id=person.pk)
        ],
        "overrides": [
            (one, _("no free place") if one.covers == PLACE else covers_in_words(one.covers))
            for one in queries.overrides(request.asker, clinician_id=person.pk)
        ],
        "kinds": _kinds(request), "today": request.now.astimezone(person.clinic.zone()).date(),
    }  # fmt: skip
    return shown(request, "colleague", context)


def _kinds(request: Asked) -> list[tuple[str, str]]:
    """What a colleague of this clinic can be certified for: the protocols that people are in, and the duty."""
    slugs = sorted({TAKES_IN, *protocols_here(request.asker)})
    return [(one, covers_in_words(one)) for one in (*(for_protocol(slug) for slug in slugs), RISK_DUTY)]


@require_POST
@page(Resource.CERTIFICATE, Action.ASSIGN)
def certify(request: Asked, staff_id: uuid.UUID) -> HttpResponse:
    """Enter a certificate."""

    def do() -> None:
        person = _member(request, staff_id).person
        people.enter_certificate(
            person=person, clinic=person.clinic, covers=request.POST.get("covers", ""), given_on=_needed(request),
            expires_on=_last(request), note=request.POST.get("note", ""), key=key_of(request), by=request.asker,
            now=request.now,
        )  # fmt: skip

    return posted(request, do, _one, "coordinator:colleague", said=_("Entered."), staff_id=staff_id)


def _needed(request: Asked) -> date:
    day = day_given(request.POST.get("given_on", ""))
    if day is None:
        raise Refusal(_("Write the day it was given as day, month and year."), cure=_("Nothing was entered."))
    return day


def _last(request: Asked) -> date | None:
    text = request.POST.get("expires_on", "").strip()
    day = day_given(text)
    if text and day is None:
        raise Refusal(_("Write the day it runs out as day, month and year, or leave it empty."),
                      cure=_("Nothing was entered."))  # fmt: skip
    return day


@require_POST
@page(Resource.CERTIFICATE, Action.ASSIGN)
def places(request: Asked, staff_id: uuid.UUID) -> HttpResponse:
    """How many people a colleague can treat at once."""

    def do() -> None:
        person = _member(request, staff_id).person
        text = request.POST.get("places", "").strip()
        count = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else -1
        people.set_places(person=person, clinic=person.clinic, places=count, by=request.asker, now=request.now)

    return posted(request, do, _one, "coordinator:colleague", said=_("Kept. It counts from now on."), staff_id=staff_id)


@require_POST
@page(Resource.CERTIFICATE, Action.ASSIGN)
def withdraw(request: Asked, certificate_id: uuid.UUID) -> HttpResponse:
    """A certificate counts no longer."""
    row = queries.certificate(request.asker, certificate_id)
    people.withdraw_certificate(certificate=row, by=request.asker, now=request.now)
    notices.success(request, _("Withdrawn. It counts no longer."))
    return redirect("coordinator:colleague", staff_id=row.person_id)


@never_cache
@require_safe
@page(Resource.CERTIFICATE, Action.VIEW)
def certificates(request: Asked) -> HttpResponse:
    """Every certificate that counts or did, those that run out first at the top."""
    rows = _to_renew(request)
    part = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = frame(request, "staff") | {
        "shown": part, "soon": sum(row.soon for row in rows),
        "rows": [(row, covers_in_words(row.certificate.covers)) for row in part],
    }  # fmt: skip
    return shown(request, "certificates", context)


# ---------------------------------------------------------------------------------------------------- duty, absence


@require_POST
@page(Resource.DUTY, Action.ASSIGN)
def duty(request: Asked) -> HttpResponse:
    """Give the duty to somebody: she answers for every applicant from now on."""

    def do() -> None:
        person = _named(request, "person")
        people.set_duty(
            clinic=person.clinic, person=person, override=request.POST.get("reason", ""), by=request.asker,
            now=request.now,
        )  # fmt: skip

    return posted(request, do, _page, "coordinator:staff", said=_("Given. It counts from now on."))


@require_POST
@page(Resource.DUTY, Action.ASSIGN)
def absence(request: Asked) -> HttpResponse:
    """Write down when somebody is away and who covers: her alerts go there meanwhile."""

    def do() -> None:
        person, cover = _named(request, "person"), _named(request, "cover")
        zone = person.clinic.zone()
        people.set_absence(
            person=person, cover=cover, since=_day(request, "since", zone),
            until=_day(request, "until", zone, end=True), by=request.asker, now=request.now,
        )  # fmt: skip

    return posted(request, do, _page, "coordinator:staff", said=_away_said(request))


@require_POST
@page(Resource.DUTY, Action.ASSIGN)
def back(request: Asked, absence_id: uuid.UUID) -> HttpResponse:
    """Somebody is back earlier, or does not go: her own alerts reach her again."""

    def do() -> None:
        one = queries.absence_with(absence_id)
        if one is None:
            raise hidden()
        _member(request, one.person_id)
        people.end_absence(absence=one, by=request.asker, now=request.now)

    return posted(request, do, _page, "coordinator:staff", said=_("Ended. Her people reach her again."))


def _away_said(request: Asked) -> str:
    """The dates as they were kept."""
    since, until = day_given(request.POST.get("since", "")), day_given(request.POST.get("until", ""))
    days = {"since": since and dateformat.format(since, "l j F"), "until": until and dateformat.format(until, "l j F")}
    return _("Kept: away from %(since)s to %(until)s, both days included.") % days


def _named(request: Asked, name: str) -> Person:
    return _member(request, id_of(request.POST.get(name, ""), _("Choose a colleague."))).person


def _member(request: Asked, wanted: uuid.UUID) -> StaffRow:
    """A colleague at a clinic whose staff the asker may see. Raises NotAllowed."""
    for row in queries.staff(request.asker, request.now):
        if row.person.pk == wanted:
            return row
    raise hidden()


def _day(request: Asked, name: str, zone: ZoneInfo, *, end: bool = False) -> datetime:
    """The beginning (or the end) of a day that a form names, in the clinic's zone."""
    day = day_given(request.POST.get(name, ""))
    if day is None:
        raise Refusal(_("Write the two dates as day, month and year."), cure=_("Nothing was changed."))
    return datetime.combine(day, time.max if end else time.min, zone)

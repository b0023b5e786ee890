"""The settings: facts of the clinics, what is unsafe, what runs; and the content as it stands published."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import connection
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accord import __version__
from accord.science.errors import AccordError
from accord.service.access.guard import page
from accord.service.access.table import Action, Resource, Scope, scope_of
from accord.service.errors import Refusal
from accord.service.flows.publish_site import Published, publish_site
from accord.service.library import queries as library
from accord.service.operation.backup import BEAT
from accord.service.operation.doctor.examine import examine
from accord.service.outbox.queries import CLOCK, WATCHDOG, counts, last_beat
from accord.service.people import actions as people
from accord.service.people import queries
from accord.service.people.policies import can_at, hidden
from accord.service.people.rules.hours import write_hours

if TYPE_CHECKING:
    from accord.service.access.guard import Asked
    from accord.service.people.models import Clinic

PAGE = 50
FIELDS = ("name", "country", "region", "time_zone", "hours", "phone", "on_call", "service_lead")


def _frame(request: Asked, here: str) -> dict[str, Any]:
    me = queries.me(request.asker)
    return {
        "me": me, "zone": me.clinic.zone(), "now": request.now, "here": here,
        "acts": scope_of(request.asker, Resource.SETTINGS, Action.ACT) is not Scope.NONE,
        "numbers": scope_of(request.asker, Resource.REVIEW, Action.VIEW) is not Scope.NONE,
    }  # fmt: skip


def _clinics(request: Asked, action: Action) -> list[Clinic]:
    return [one for one in queries.clinics() if can_at(request.asker, Resource.SETTINGS, action, one)]


# --- what runs, and what is unsafe ------------------------------------------------------------------------------


@never_cache
@require_GET
@page(Resource.SETTINGS, Action.VIEW)
def settings_page(request: Asked) -> HttpResponse:
    """The clinics, what must be mended, when what was last seen. `?look=all` asks the content as well."""
    everything = request.GET.get("look") == "all"
    found = [one for ones in examine(request.now, content=everything).values() for one in ones]
    seen = {name: last_beat(name) for name in (CLOCK, WATCHDOG, BEAT)}
    frame = _frame(request, "settings") | {
        "clinics": [(one, write_hours(one.hours)) for one in _clinics(request, Action.VIEW)],
        "mend": [one for one in found if one.must], "notes": [one for one in found if not one.must],
        "everything": everything, "clock": seen[CLOCK], "watchdog": seen[WATCHDOG], "backup": seen[BEAT],
        "work": counts(), "version": __version__, "database": connection.display_name,
    }  # fmt: skip
    return render(request, "operator/settings.html", frame)


# --- facts of a clinic ------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "POST"])
@page(Resource.SETTINGS, Action.ACT)
def clinic(request: Asked, clinic_id: uuid.UUID) -> HttpResponse:
    """Change the facts of a clinic. What cannot be is refused, and what was typed stays in the form."""
    found = next((one for one in _clinics(request, Action.ACT) if one.pk == clinic_id), None)
    if found is None:
        raise hidden()
    if request.method != "POST":
        return _clinic_form(request, found, _as_typed(found))
    given = {name: request.POST.get(name, "").strip() for name in FIELDS}
    try:
        _change(request, found, given)
    except Refusal as refusal:
        return _clinic_form(request, found, given, refusal)
    messages.success(request, _("Kept."))
    return redirect("operator:settings")


def _change(request: Asked, found: Clinic, given: dict[str, str]) -> None:
    leads = {str(one.pk): one for one in queries.clinicians_of(found.pk)}
    if given["service_lead"] and given["service_lead"] not in leads:
        raise Refusal(_("Choose the service lead from the list."), cure=_("Nothing was changed."))
    people.update_clinic(
        clinic=found, name=given["name"], country=given["country"].upper(), region=given["region"],
        time_zone=given["time_zone"], hours=given["hours"], phone=given["phone"], on_call=given["on_call"] == "yes",
        service_lead=leads.get(given["service_lead"]), by=request.asker, now=request.now,
    )  # fmt: skip


def _as_typed(found: Clinic) -> dict[str, str]:
    return {
        "name": found.name, "country": found.country, "region": found.region, "time_zone": found.time_zone,
        "hours": write_hours(found.hours), "phone": found.phone, "on_call": "yes" if found.on_call else "no",
        "service_lead": str(found.service_lead_id or ""),
    }  # fmt: skip


def _clinic_form(request: Asked, found: Clinic, given: dict[str, str], refusal: Refusal | None = None) -> HttpResponse:
    leads = [(str(one.pk), one.name) for one in queries.clinicians_of(found.pk)]
    frame = _frame(request, "settings") | {"clinic": found, "given": given, "leads": leads, "refusal": refusal}
    return render(request, "operator/clinic.html", frame, status=refusal.status if refusal else 200)


# --- content ----------------------------------------------------------------------------------------------------


@never_cache
@require_GET
@page(Resource.SETTINGS, Action.VIEW)
def content(request: Asked) -> HttpResponse:
    """What stands published, since when, and who signed it."""
    return _content_page(request)


def _content_page(request: Asked, findings: list[str] | None = None) -> HttpResponse:
    rows = library.standing()
    kinds = sorted({row.kind for row in rows})
    kind = request.GET.get("kind", "")
    shown = Paginator([row for row in rows if kind not in kinds or row.kind == kind], PAGE)
    frame = _frame(request, "content") | {
        "shown": shown.get_page(request.GET.get("page")), "kinds": kinds, "kind": kind if kind in kinds else "",
        "total": len(rows), "packs": _packs(), "findings": findings, "site": settings.SITE_FOLDER is not None,
    }  # fmt: skip
    return render(request, "operator/content.html", frame, status=409 if findings else 200)


def _packs() -> list[str]:
    folder = settings.SITE_FOLDER / "wording" if settings.SITE_FOLDER else None
    return sorted(path.stem for path in folder.glob("*.json")) if folder else []


@require_POST
@page(Resource.SETTINGS, Action.ACT)
def publish(request: Asked) -> HttpResponse:
    """Publish what changed in the content folder; refused as a whole, with every fault, when one cannot be used."""
    try:
        done = publish_site(site=settings.SITE_FOLDER, by=request.asker, now=request.now)
    except AccordError as error:
        return _content_page(request, [str(one) for one in error.findings][:PAGE])
    for said in _said(done):
        messages.success(request, said)
    return redirect("operator:content")


def _said(done: Published) -> list[str]:
    files = ngettext("%(n)s file was published.", "%(n)s files were published.", done.files) % {"n": done.files}
    said = [files if done.files else _("Nothing has changed since it was published.")]
    for one in done.protocols:
        facts = {"protocol": one.protocol, "version": one.version, "n": one.stay}
        if one.stay:
            said.append(_("%(protocol)s is now version %(version)s; %(n)s people stay on the one they began.") % facts)
        if one.no_longer_asked:
            points = {"points": ", ".join(one.no_longer_asked), "protocol": one.protocol}
            said.append(_("New people in %(protocol)s are not asked any more at: %(points)s.") % points)
    return said

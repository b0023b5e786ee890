"""Exports: the list and its form, how far one is, its file, its report on a page of its own."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accord.service.access.guard import page, viewed
from accord.service.access.table import Action, Resource
from accord.service.errors import NotNow, Refusal
from accord.service.fields.keys import new_id
from accord.service.people import queries as people
from accord.service.portals.research.frame import frame
from accord.service.portals.research.protocols import titles
from accord.service.studies import actions
from accord.service.studies.queries import exports as queries
from accord.service.studies.queries.cast import invented
from accord.service.studies.queries.protocols import in_force

if TYPE_CHECKING:
    from accord.service.access.guard import Asked
    from accord.service.studies.models import Export

PAGE = 50
# The report stands alone: whatever were to stand in it could run nothing, reach nothing and be in no other page (E20).
SANDBOX = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
STATES = {
    "asked": gettext_lazy("on its way"), "made": gettext_lazy("ready"), "failed": gettext_lazy("could not be made"),
    "gone": gettext_lazy("deleted after seven days"), "taken": gettext_lazy("taken at the command line"),
}  # fmt: skip


@never_cache
@require_GET
@page(Resource.EXPORT, Action.VIEW)
def exports(request: Asked) -> HttpResponse:
    """Every export of her clinics, and the form that asks for one."""
    return _list(request)


def _list(request: Asked, refusal: Refusal | None = None) -> HttpResponse:
    shown = Paginator(queries.exports(request.asker), PAGE).get_page(request.GET.get("page"))
    who = people.people_with([row.asked_by for row in shown if row.asked_by])
    choices = titles(in_force(request.asker))
    given = request.POST if refusal else {"what": request.GET.get("what", "")}  # a protocol's page names itself
    found = frame(request, "exports") | {
        "shown": shown,
        "rows": [(row, STATES[row.state], who.get(row.asked_by) if row.asked_by else None) for row in shown],
        "choices": [(f"{clinic}/{slug}", title) for (clinic, slug), title in choices.items()], "refusal": refusal,
        "given": given, "key": given.get("key") or new_id(),
    }  # fmt: skip
    return render(request, "research/exports.html", found, status=refusal.status if refusal else 200)


@require_POST
@page(Resource.EXPORT, Action.CREATE)
def ask(request: Asked) -> HttpResponse:
    """Ask for an export; what was typed is kept when it cannot be."""
    try:
        row = _asked(request)
    except NotNow as refusal:
        return _list(request, refusal)
    return redirect("research:export", row.pk)


def _asked(request: Asked) -> Export:
    clinic_id, _slash, slug = request.POST.get("what", "").partition("/")
    clinic = next((one for one in queries.may_export_at(request.asker) if str(one.pk) == clinic_id), None)
    if clinic is None:
        raise NotNow(_("Choose a protocol."), cure=_("The list names those under which somebody came."))
    try:
        key = uuid.UUID(request.POST.get("key", ""))
    except ValueError:
        raise NotNow(_("The form was not whole."), cure=_("Open the page again.")) from None
    return actions.ask_export(
        clinic=clinic, protocol=slug[:60], purpose=request.POST.get("purpose", ""),
        form=request.POST.get("form", "parquet"), key=key, by=request.asker, now=request.now,
    )  # fmt: skip


@never_cache
@require_GET
@page(Resource.EXPORT, Action.VIEW)
def export(request: Asked, export_id: uuid.UUID) -> HttpResponse:
    """How far one is, and what it holds once it is ready."""
    row = queries.export(request.asker, export_id)
    found: dict[str, Any] = frame(request, "exports") | {
        "row": row, "state": STATES[row.state], "percent": round(100 * row.progress),
        "who": people.person_with(row.asked_by) if row.asked_by else None,
        "tables": [(name, n) for name, n in row.rows.items()], "report": queries.report_of(row).is_file(),
    }  # fmt: skip
    return render(request, "research/export.html", found)


@never_cache
@require_GET
@page(Resource.EXPORT, Action.VIEW)
def download(request: Asked, export_id: uuid.UUID) -> HttpResponseBase:
    """The file, piece by piece. Written in the read log and in the audit."""
    row = queries.export(request.asker, export_id)
    path = queries.file_of(row, queries.zip_of(row))
    viewed(request, None)
    actions.note_download(row=row, what="data", by=request.asker, now=request.now)
    mark = "-invented" if invented() else ""
    name = f"{row.protocol}-{str(row.pk)[-8:]}{mark}.zip"
    return FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type="application/zip")


@never_cache
@require_GET
@page(Resource.EXPORT, Action.VIEW)
def report(request: Asked, export_id: uuid.UUID) -> HttpResponse:
    """The analysis of an export, in a sandbox of its own."""
    row = queries.export(request.asker, export_id)
    path = queries.file_of(row, queries.report_of(row))
    viewed(request, None)
    actions.note_download(row=row, what="report", by=request.asker, now=request.now)
    response = HttpResponse(path.read_bytes(), content_type="text/html; charset=utf-8")
    response["Content-Security-Policy"] = SANDBOX
    return response

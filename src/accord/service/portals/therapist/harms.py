"""Adverse events of a person: written down, corrected by a new row, listed; a serious one is told at once."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.contrib import messages as notices
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import dateformat
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accord.service.access.guard import page, viewed
from accord.service.access.table import Action, Resource
from accord.service.care import actions
from accord.service.care import queries as care
from accord.service.care.rules.harm import CAUSALITIES, IN_ERROR, SEVERITIES, WHAT, must_be_told
from accord.service.errors import NotAllowed, Refusal
from accord.service.people import queries as people
from accord.service.portals.therapist.frame import beside, clinical, shown
from accord.service.ui.harm_words import BY_TREATMENT, HOW_BAD, KINDS
from accord.service.ui.moments import said
from accord.service.ui.posted import day_given, id_of, key_of

if TYPE_CHECKING:
    from accord.service.access.guard import Asked
    from accord.service.care.models import Harm


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@page(Resource.HARM, Action.VIEW)
def harms(request: Asked, person_id: uuid.UUID) -> HttpResponse:
    """What was written down; a POST writes another one, or corrects the one that it names."""
    if request.method != "POST":
        return _page(request, person_id)
    clinical(request, person_id)
    try:
        harm = _record(request, person_id)
    except NotAllowed:
        raise
    except Refusal as refusal:
        return _page(request, person_id, refusal)
    if must_be_told(harm.what, harm.severity):
        notices.warning(request, _("Kept. It is serious: an alert was raised, and the supervisors are told now."))
    else:
        notices.success(request, _("Kept."))
    return redirect("therapist:harms", person_id=person_id)


def _record(request: Asked, person_id: uuid.UUID) -> Harm:
    post = request.POST
    old = post.get("corrects", "")
    return actions.record_harm(
        person_id=person_id, what=post.get("what", ""), severity=post.get("severity", ""),
        causality=post.get("causality", ""), on=day_given(post.get("on", "")), note=post.get("note", ""),
        corrects_id=id_of(old, _("This page is too old to be sent.")) if old else None, key=key_of(request),
        by=request.asker, now=request.now,
    )  # fmt: skip


def _page(request: Asked, person_id: uuid.UUID, refusal: Refusal | None = None) -> HttpResponse:
    person = clinical(request, person_id)
    viewed(request, person_id)
    context = beside(request, person, refusal, "harm" if refusal else "")
    rows = care.harms_of(request.asker, person_id)
    names = people.people_with({harm.by for row in rows for harm in (row.harm, *row.before) if harm.by})
    wanted = request.POST.get("corrects") or request.GET.get("correct", "")
    correcting = next((row.harm for row in rows if str(row.harm.pk) == wanted), None)
    given: Any = context["given"]
    if not refusal and correcting is not None:
        given = {"what": correcting.what, "severity": correcting.severity, "causality": correcting.causality,
                 "on": correcting.on.isoformat(), "note": correcting.note}  # fmt: skip
    kinds = (*WHAT, IN_ERROR) if correcting is not None else WHAT
    context |= {
        "given": given, "correcting": correcting, "today": request.now.astimezone(context["zone"]).date(),
        "kinds": [(one, KINDS[one]) for one in kinds], "severities": [(one, HOW_BAD[one]) for one in SEVERITIES],
        "causalities": [(one, BY_TREATMENT[one]) for one in CAUSALITIES],
        "rows": [(_said(row.harm, names, context), row, [_said(one, names, context) for one in row.before])
                 for row in rows],
    }  # fmt: skip
    return shown(request, "harms", context)


def _said(harm: Harm, names: dict[uuid.UUID, Any], context: dict[str, Any]) -> dict[str, Any]:
    """One event in words."""
    by = names[harm.by].name if harm.by in names else ""
    return {
        "what": KINDS.get(harm.what, harm.what), "bad": HOW_BAD[harm.severity].partition(":")[0],
        "cause": BY_TREATMENT[harm.causality], "on": dateformat.format(harm.on, "D j M Y"), "note": harm.note,
        "serious": must_be_told(harm.what, harm.severity), "id": harm.pk,
        "written": said(harm.at, context["zone"], context["now"]) + (f" · {by}" if by else ""),
    }  # fmt: skip

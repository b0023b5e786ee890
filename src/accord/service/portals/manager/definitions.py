"""What a number is, and whether the service has signed what its words mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accord.science.analyses.definitions import definition as defined
from accord.service.access.guard import page
from accord.service.access.table import Action, Resource
from accord.service.errors import Stale
from accord.service.library.queries import protocol as published
from accord.service.library.queries import protocol_snapshot
from accord.service.people.policies import hidden
from accord.service.portals.manager.frame import chosen, frame
from accord.service.portals.manager.laid import part_of
from accord.service.portals.manager.numbers import laid_out, signed
from accord.service.portals.manager.worded import as_estimate
from accord.service.studies.actions.reviews import sign_definitions
from accord.service.studies.queries.reviews import first_counted, number

if TYPE_CHECKING:
    from accord.science.analyses.definitions import Definition
    from accord.science.protocols import Protocol
    from accord.service.access.guard import Asked


@never_cache
@require_GET
@page(Resource.REVIEW, Action.VIEW)
def definition(request: Asked, number_id: str) -> HttpResponse:
    """One number: its words, its formula, which rows it counts, its value, and since when it has been counted."""
    choice = chosen(request)
    found = number(choice.review, number_id) if choice.review else None
    if choice.review is None or found is None:
        raise hidden()
    laid = laid_out(request, choice)
    context = frame(request, "what", choice) | {
        "one": laid.number(found), "estimate": as_estimate(found),
        "defined": defined(published(choice.review.snapshot_id), number_id),
        "since": first_counted(choice.review), "earlier": laid.earlier_at, "part": part_of(number_id),
    }  # fmt: skip
    return render(request, "manager/definition.html", context)


@never_cache
@require_GET
@page(Resource.REVIEW, Action.VIEW)
def definitions(request: Asked) -> HttpResponse:
    """The stages of the protocol as it stands published, to be signed; and who signed."""
    choice = chosen(request)
    snapshot = protocol_snapshot(choice.counted.protocol)
    promised = published(snapshot)
    context = frame(request, "definitions", choice) | {
        "version": promised.version, "title": promised.title, "status": promised.status, "snapshot": snapshot,
        "stages": _stages(promised), "better": _better(promised),
        "signed": signed(choice.counted.clinic.pk, snapshot.pk),
    }  # fmt: skip
    return render(request, "manager/definitions.html", context)


def _better(promised: Protocol) -> Definition | None:
    """Who counts as better by the protocol's own share, where it names one."""
    rule = promised.endpoints.responder
    return defined(promised, f"responders.{rule.scale}.{rule.at}") if rule else None


def _stages(promised: Protocol) -> list[dict[str, str]]:
    """Each stage: what it is called, its rule, of which stage it is a share, and which rows tell it."""
    rows, before = [], ""
    for name, stage in promised.stages.items():
        of = promised.stages[stage.of].label if stage.of else before
        words = defined(promised, f"reached.{name}").rows_from
        rows.append({"label": stage.label, "rule": stage.rule, "of": of, "rows": words})
        before = stage.label
    return rows


@require_POST
@page(Resource.REVIEW, Action.ACT)
def sign(request: Asked) -> HttpResponse:
    """The definitions of this version are those of the service."""
    choice = chosen(request)
    snapshot = protocol_snapshot(choice.counted.protocol)
    if request.POST.get("snapshot") != str(snapshot.pk):
        raise Stale(
            _("The protocol has been published anew since this page was shown."),
            cure=_("Nothing was signed. Read the definitions again and sign those."),
        )
    sign_definitions(clinic=choice.counted.clinic, snapshot=snapshot, by=request.asker, now=request.now)
    return redirect(f"{reverse('manager:definitions')}?{choice.query}")

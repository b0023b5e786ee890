"""Where people are sent on to, until it is known what became of them: the loops that are still open (C39)."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accord.service.access.guard import page
from accord.service.access.table import Action, Resource
from accord.service.episodes import actions
from accord.service.episodes import queries as episodes
from accord.service.errors import Refusal
from accord.service.fields.keys import new_id
from accord.service.portals.coordinator.frame import PAGE, frame, posted, shown
from accord.service.ui.pathway import LOOP, REASONS_ON, named
from accord.service.ui.posted import key_of

if TYPE_CHECKING:
    from accord.service.access.guard import Asked

NOTE = 300  # characters of what was heard: a line beside the step


@never_cache
@require_safe
@page(Resource.EPISODE, Action.ACT)
def loops(request: Asked) -> HttpResponse:
    """Onward referrals that are open, those of which nothing was heard for longest first."""
    return _list(request)


def _list(request: Asked, refusal: Refusal | None = None) -> HttpResponse:
    rows = episodes.onward_open(request.asker, request.now)
    part = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = frame(request, "loops") | {
        "shown": part, "late": sum(row.late for row in rows), "count": len(rows), "refusal": refusal,
        "unsent": sum(not row.steps for row in rows),
        "given": request.POST if refusal else {}, "longest": NOTE,
        "rows": [
            (row, named(row.onward.to), REASONS_ON.get(row.onward.reason, row.onward.reason),
             LOOP[row.steps[-1].kind] if row.steps else "", [(kind, LOOP[kind]) for kind in row.next], new_id())
            for row in part
        ],
    }  # fmt: skip
    return shown(request, "loops", context)


@require_POST
@page(Resource.DISCHARGE, Action.ACT)
def heard(request: Asked, onward_id: uuid.UUID) -> HttpResponse:
    """Write down what was heard of an onward referral."""

    def do() -> None:
        actions.add_onward_step(
            onward=episodes.onward(request.asker, onward_id), kind=request.POST.get("kind", ""),
            note=request.POST.get("note", ""), key=key_of(request), by=request.asker, now=request.now,
        )  # fmt: skip

    return posted(request, do, _list, "coordinator:loops", said=_("Kept."))

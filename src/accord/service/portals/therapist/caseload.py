"""The caseload: who needs somebody, in the order of need, with the reason in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accord.service.access.guard import page
from accord.service.access.table import Action, Resource, Scope, scope_of
from accord.service.care import queries as alerts
from accord.service.care.rules.needs import Need
from accord.service.portals.therapist import words
from accord.service.portals.therapist.frame import common

if TYPE_CHECKING:
    from accord.service.access.guard import Asked

PAGE = 50  # rows of a list (E26)

FILTERS: dict[str, Callable[[alerts.CaseRow], bool]] = {
    "needs": lambda row: row.need is not Need.NOTHING,
    "mine": lambda row: row.mine,
    "quiet": lambda row: row.need is Need.QUIET,
    "all": lambda row: True,
}


@never_cache
@require_GET
@page(Resource.ALERT, Action.VIEW)
def caseload(request: Asked) -> HttpResponse:
    """Everybody she answers for (or, for a duty clinician and a supervisor, the clinic), sorted by need."""
    frame = common(request, here="caseload")
    rows = alerts.caseload(request.asker, request.now)
    wide = scope_of(request.asker, Resource.ALERT, Action.VIEW) in (Scope.CLINIC, Scope.ALL)
    names = ["needs", *(["mine"] if wide else []), "quiet", "all"]
    show = request.GET.get("show", "needs")
    show = show if show in names else "needs"
    chosen = [row for row in rows if FILTERS[show](row)]
    shown = Paginator(chosen, PAGE).get_page(request.GET.get("page"))
    labels = {"needs": _("Needs somebody"), "mine": _("Mine"), "quiet": _("Quiet for a week"), "all": _("Everyone")}
    frame |= {
        "title": _headline(sum(FILTERS["needs"](row) for row in rows)), "show": show, "shown": shown, "wide": wide,
        "filters": [(name, labels[name], sum(map(FILTERS[name], rows))) for name in names],
        "lines": [_line(row, frame) for row in shown],
        "numbers": _numbers(rows),
    }  # fmt: skip
    return render(request, "therapist/caseload.html", frame)


def _headline(count: int) -> str:
    if not count:
        return _("Nobody is waiting for you")
    return ngettext("%(n)s person needs you", "%(n)s people need you", count) % {"n": count}


def _line(row: alerts.CaseRow, frame: dict[str, Any]) -> dict[str, Any]:
    why = words.why(row, frame["zone"], frame["now"])
    target = row.alert.alert.pk if why.to == "alert" and row.alert else row.person.pk
    return {
        "row": row, "why": why, "url": f"therapist:{why.to}", "target": target,
        "state": words.STATES[row.state], "mode": words.MODES.get(row.last_contact.mode) if row.last_contact else "",
    }  # fmt: skip


def _numbers(rows: list[alerts.CaseRow]) -> list[tuple[str, str]]:
    active = [row for row in rows if row.state not in alerts.ENDED]
    minutes = round(sum(row.minutes for row in active) / len(active)) if active else 0
    return [
        (str(len(active)), _("active")),
        (str(sum(row.alerts for row in rows)), _("open alerts")),
        (str(sum(row.waiting is not None for row in rows)), _("replies due")),
        (_("%(n)s min") % {"n": minutes}, _("per person so far")),
    ]

"""Her group's dates, and the same as a file for her calendar. Both say no more than a day and a neutral name (C41)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accord.service.access.guard import page
from accord.service.access.table import Action, Resource
from accord.service.care import queries as care
from accord.service.errors import NotAllowed
from accord.service.people.queries import me
from accord.service.ui.calendar_file import calendar_file
from accord.service.ui.group_words import met

if TYPE_CHECKING:
    from accord.service.access.guard import Asked


@never_cache
@require_GET
@page(Resource.GROUP, Action.VIEW)
def group(request: Asked) -> HttpResponse:
    """When her group meets, in her own zone; the ways out are on the page too."""
    person = me(request.asker)
    row = care.group_of(request.asker, person.pk)
    zone = person.zone()
    shown = [met(one, zone, request.now) for one in row.meetings] if row else []
    return render(
        request, "patient/group.html",
        {
            "row": row, "zone": zone, "nav": "today",
            "coming": [one for one in shown if one["starts_at"] > request.now],
            "past": [one for one in reversed(shown) if one["starts_at"] <= request.now and not one["cancelled"]],
        },
    )  # fmt: skip


@never_cache
@require_GET
@page(Resource.GROUP, Action.VIEW)
def dates(request: Asked) -> HttpResponse:
    """The dates to come as a calendar file; called-off ones take back what an earlier file put in."""
    row = care.group_of(request.asker, me(request.asker).pk)
    if row is None:
        raise NotAllowed(_("There are no dates here."))
    coming = [one for one in row.meetings if one.last.starts_at > request.now]
    response = HttpResponse(calendar_file(row.group.name, coming), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="dates.ics"'
    return response

"""A newer version of her programme: what it would change for one person, and moving her to it with a reason (U13)."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accord.service.access.guard import page, viewed
from accord.service.access.table import Action, Resource
from accord.service.errors import NotAllowed, NotNow, Refusal
from accord.service.portals.therapist.frame import beside, clinical, shown
from accord.service.portals.therapist.path import the_course
from accord.service.programmes import actions, queries

if TYPE_CHECKING:
    from accord.service.access.guard import Asked
    from accord.service.programmes.models import Course

KINDS = {"added": gettext_lazy("new"), "removed": gettext_lazy("taken out"), "changed": gettext_lazy("changed")}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@page(Resource.COURSE, Action.ACT)
def version(request: Asked, person_id: uuid.UUID) -> HttpResponse:
    """Both versions and what differs; a POST moves her. What she did and saved stays."""
    clinical(request, person_id)
    course = the_course(request, person_id)
    if request.method != "POST":
        return _page(request, course)
    try:
        newer = queries.newer_version(course)
        if newer is None or str(newer.pk) != request.POST.get("snapshot", ""):
            cure = _("Nothing was changed. Look at what stands below, then decide.")
            raise NotNow(_("The published version is another one by now."), cure=cure)
        actions.move_course(
            course=course, snapshot=newer, reason=request.POST.get("reason", ""), by=request.asker, now=request.now
        )
    except NotAllowed:
        raise
    except Refusal as refusal:
        return _page(request, course, refusal)
    return redirect("therapist:version", person_id=person_id)


def _page(request: Asked, course: Course, refusal: Refusal | None = None) -> HttpResponse:
    person = clinical(request, course.person_id)
    viewed(request, person.pk)
    newer = queries.newer_version(course)
    changes = queries.what_changes(course, newer) if newer else []
    context = beside(request, person, refusal, "move") | {
        "newer": newer, "changes": [(KINDS[one.kind], one) for one in changes],
        "moves": [(one, [(KINDS[change.kind], change) for change in one.changes]) for one in queries.moves(course)],
        "programme": queries.programme_of(course),
    }  # fmt: skip
    return shown(request, "version", context)

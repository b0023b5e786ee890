"""One person's way through the lessons: changed with a reason that she reads, seen before it is saved, undone (U10)."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accord.science.programmes import Change, LessonState, unlocked
from accord.service.access.guard import page, viewed
from accord.service.access.table import Action, Resource
from accord.service.errors import NotAllowed, Refusal
from accord.service.portals.therapist import words
from accord.service.portals.therapist.frame import beside, clinical, shown
from accord.service.programmes import actions, queries
from accord.service.programmes.policies import check_reason
from accord.service.ui.posted import key_of

if TYPE_CHECKING:
    from accord.service.access.guard import Asked
    from accord.service.programmes.models import Course

OPEN, SKIP, HOLD, UNDO, CLEARED = "open", "skip", "hold", "undo", "cleared"
KINDS = (OPEN, SKIP, HOLD, UNDO, CLEARED)


def the_course(request: Asked, person_id: uuid.UUID) -> Course:
    """The course of a person; 404 when there is none that the asker may see."""
    found = queries.course_of(request.asker, person_id)
    if found is None:
        raise NotAllowed(_("There is no course here that you may see."))
    return found


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@page(Resource.COURSE, Action.ACT)
def path(request: Asked, person_id: uuid.UUID) -> HttpResponse:
    """The lessons as they stand; a POST first shows what would change, and with `save` changes it."""
    clinical(request, person_id)
    course = the_course(request, person_id)
    if request.method != "POST":
        return _page(request, course)
    try:
        if "save" not in request.POST:
            return _page(request, course, proposed=_proposed(request, course))
        actions.change_path(
            course=course, lesson=request.POST.get("lesson", ""), kind=request.POST.get("kind", ""),
            reason=request.POST.get("reason", ""), key=key_of(request), by=request.asker, now=request.now,
        )  # fmt: skip
    except NotAllowed:
        raise
    except Refusal as refusal:
        return _page(request, course, refusal)
    return redirect("therapist:path", person_id=person_id)


def _page(
    request: Asked, course: Course, refusal: Refusal | None = None, proposed: dict[str, Any] | None = None
) -> HttpResponse:
    person = clinical(request, course.person_id)
    viewed(request, person.pk)
    context = beside(request, person, refusal, "change")
    stands = queries.standing(course, request.now)
    context |= {
        "lessons": [_lesson(one, stands) for one in stands.states], "proposed": proposed,
        "kinds": [(kind, *words.PATH[kind]) for kind in KINDS],
        "moves": queries.moves(course),
    }  # fmt: skip
    if proposed:
        context["given"] = request.POST
    return shown(request, "path", context)


def _lesson(one: LessonState, stands: queries.CourseStanding) -> dict[str, Any]:
    changed = stands.changes.get(one.lesson.id)
    return {
        "id": one.lesson.id, "title": one.lesson.title, "said": one.reason, "state": words.LESSONS[one.state],
        "tone": words.LESSON_TONES[one.state],
        "changed": _("Changed by hand: %(what)s") % {"what": words.PATH[changed.kind][0]} if changed else "",
    }  # fmt: skip


def _proposed(request: Asked, course: Course) -> dict[str, Any]:
    """What a change would do: every lesson that then stands otherwise, in the words that the person would read."""
    lesson, kind = request.POST.get("lesson", ""), request.POST.get("kind", "")
    reason = check_reason(request.POST.get("reason", ""))
    stands = queries.standing(course, request.now)
    if kind not in KINDS or stands.state_of(lesson) is None:
        raise Refusal(_("Choose a lesson and what to do with it."), cure=_("Nothing was changed."))
    after = _after(stands, lesson, kind, reason)
    differs = [(before, then) for before, then in zip(stands.states, after, strict=True) if before != then]
    return {
        "what": words.PATH[kind][0], "reason": reason,
        "lines": [
            (then.lesson.title, words.LESSONS[before.state], words.LESSONS[then.state], then.reason)
            for before, then in differs
        ],
    }  # fmt: skip


def _after(stands: queries.CourseStanding, lesson: str, kind: str, reason: str) -> list[LessonState]:
    changes = {name: one for name, one in stands.progress.changes.items() if name != lesson or kind == CLEARED}
    record = dict(stands.progress.record)
    if kind == CLEARED:
        record["red_flags.any"] = False
    elif kind != UNDO:
        changes[lesson] = Change(kind, reason)  # type: ignore[arg-type]
    progress = replace(stands.progress, changes=changes, record=record)
    course = stands.course
    return unlocked(stands.programme, progress, stands.day, modules=course.modules or None, length=course.length)

"""As a person sees her course on a day: read-only, for who prepares or explains it."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import dateformat
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accord.science.programmes import Tailored
from accord.service.access.guard import page, viewed
from accord.service.access.table import Action, Resource
from accord.service.portals.therapist import words
from accord.service.portals.therapist.frame import beside, clinical, shown
from accord.service.portals.therapist.path import the_course
from accord.service.programmes import queries
from accord.service.programmes.rules.words import title_of

if TYPE_CHECKING:
    from accord.service.access.guard import Asked

FURTHEST = 400  # days


@never_cache
@require_GET
@page(Resource.COURSE, Action.VIEW)
def preview(request: Asked, person_id: uuid.UUID) -> HttpResponse:
    """Her page and her lessons on day `day`; with `lesson`, what she sees in that one and why."""
    person = clinical(request, person_id)
    course = the_course(request, person_id)
    viewed(request, person_id)
    today = queries.standing(course, request.now)
    given = request.GET.get("day", "")
    day = min(int(given), FURTHEST) if given.isdecimal() and len(given) < 5 else today.day
    on = today.today + timedelta(days=day - today.day)
    stands = queries.preview(course, on)
    context = beside(request, person) | {
        "day": day, "said": dateformat.format(on, "l j F Y"), "next_step": _step(stands), "today": today.day,
        "lessons": [
            {"title": one.lesson.title, "reason": one.reason, "state": words.LESSONS[one.state],
             "tone": words.LESSON_TONES[one.state], "opens": _opens(stands, one),
             "url": f"{reverse('therapist:preview', args=[person_id])}?day={day}&lesson={one.lesson.id}#inside"}
            for one in stands.states
        ],
    }  # fmt: skip
    chosen = stands.state_of(request.GET.get("lesson", ""))
    if chosen is not None and chosen.lesson.status != "outline":
        context["inside"] = _inside(queries.preview_lesson(course, chosen.lesson.id, on))
    return shown(request, "preview", context)


def _opens(stands: queries.CourseStanding, one: Any) -> str:
    on = stands.opens_on(one) if one.state == "closed" else None
    return _("opens on %(day)s") % {"day": dateformat.format(on, "l j F")} if on else ""


def _step(stands: queries.CourseStanding) -> dict[str, str]:
    """The one next step of the course on that day."""
    if stands.flare is not None:
        return {"eyebrow": _("Today: the short version"), "title": _("Lessons wait"),
                "text": _("The flare plan and one very small step are offered.")}  # fmt: skip
    if stands.current is not None:
        lesson = stands.current.lesson
        parts = len(stands.parts_done.get(lesson.id, ()))
        text = _("%(n)s parts are done.") % {"n": parts} if parts else lesson.aim
        return {"eyebrow": _("The next step"), "title": lesson.title, "text": text}
    if stands.next_opens is not None:
        title = _("Next: %(what)s") % {"what": stands.next_opens.lesson.title}
        text = _opens(stands, stands.next_opens) or stands.next_opens.reason
        return {"eyebrow": _("Nothing is open"), "title": title, "text": text}
    return {"eyebrow": _("The lessons are done"), "title": _("Nothing is open"), "text": ""}


def _inside(view: queries.LessonView) -> dict[str, Any]:
    """A lesson's parts with the blocks that are shown or not for a reason."""
    return {
        "title": view.lesson.title, "because": view.because,
        "parts": [(part.title, part.minutes, part.done, [_block(one) for one in part.blocks if _told(one)])
                  for part in view.parts],
    }  # fmt: skip


def _told(one: Tailored) -> bool:
    return bool(one.reason or one.instead or not one.shown)


def _block(one: Tailored) -> dict[str, Any]:
    return {"title": title_of(one.block), "shown": one.shown, "reason": one.reason}

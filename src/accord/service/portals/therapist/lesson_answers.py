"""What a person saved in her lessons: unread first, "I have read this", answered with a text that was made personal."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accord.science.programmes import Programme
from accord.science.programmes.blocks import Message
from accord.service.access.guard import page, viewed
from accord.service.access.table import Action, Resource
from accord.service.errors import NotAllowed, Refusal
from accord.service.flows.answer_lesson import answer_lesson as answer
from accord.service.messaging.rules import gaps
from accord.service.portals.therapist import words
from accord.service.portals.therapist.frame import beside, clinical, entry_id, shown
from accord.service.portals.therapist.path import the_course
from accord.service.programmes import actions, queries
from accord.service.ui.posted import key_of

if TYPE_CHECKING:
    from accord.service.access.guard import Asked


@never_cache
@require_GET
@page(Resource.COURSE, Action.VIEW)
def lesson_answers(request: Asked, person_id: uuid.UUID) -> HttpResponse:
    """Everything that was saved, lesson by lesson; what nobody has read yet first."""
    return _page(request, person_id)


def _page(request: Asked, person_id: uuid.UUID, refusal: Refusal | None = None, lesson: str = "") -> HttpResponse:
    person = clinical(request, person_id)
    course = the_course(request, person_id)
    viewed(request, person_id)
    context = beside(request, person, refusal, f"answer-{lesson}" if lesson else "")
    by_lesson: dict[str, list[queries.Saved]] = {}
    for one in queries.entries(request.asker, person_id):
        by_lesson.setdefault(one.lesson, []).append(one)
    programme = queries.programme_of(course)
    found = [_lesson(name, rows, programme, course, context, lesson) for name, rows in by_lesson.items()]
    order = {one.id: place for place, one in enumerate(programme.lessons)}
    context |= {
        "lessons": sorted(found, key=lambda one: (not one["new"], -order.get(one["id"], -1))),
        "answering": lesson,
    }  # fmt: skip
    return shown(request, "lesson_answers", context)


def _lesson(
    name: str, rows: list[queries.Saved], programme: Programme, course: Any, context: dict[str, Any], answering: str
) -> dict[str, Any]:
    new = [one for one in rows if one.read_by_therapist_at is None]
    given = context["given"].get("text", "") if name == answering else ""
    text = given or _template(programme, name, context)
    return {
        "id": name, "title": rows[0].lesson_title, "new": len(new), "text": text, "gaps": gaps(text),
        "unread": ngettext("%(n)s new", "%(n)s new", len(new)) % {"n": len(new)} if new else "",
        "said": words.answered(len(queries.answered(course, name))),
        "entries": [
            {"title": one.title, "new": one.read_by_therapist_at is None, "at": one.at, "revision": one.revision,
             "answers": one.said, "gone": one.gone, "about": entry_id(context["person"].pk, one.lesson, one.block)}
            for one in sorted(rows, key=lambda one: (one.read_by_therapist_at is not None, one.at))
        ],
    }  # fmt: skip


def _template(programme: Programme, lesson: str, context: dict[str, Any]) -> str:
    """The therapist's message of a lesson with the names filled in; what is left to fill in are its gaps."""
    text = programme.text(lesson) if any(one.id == lesson for one in programme.lessons) else None
    for block in text.blocks if text else ():
        if isinstance(block.head, Message) and block.head.sender == "therapist":
            return words.with_names(block.markdown, context["person"], context["me"])
    return ""


@require_POST
@page(Resource.COURSE, Action.ACT)
def lesson_read(request: Asked, person_id: uuid.UUID, lesson: str) -> HttpResponse:
    """I have read this."""
    clinical(request, person_id)
    actions.mark_read(course=the_course(request, person_id), lesson=lesson, by=request.asker, now=request.now)
    return redirect("therapist:lesson_answers", person_id=person_id)


@require_POST
@page(Resource.MESSAGE, Action.ANSWER)
def answer_lesson(request: Asked, person_id: uuid.UUID, lesson: str) -> HttpResponse:
    """Answer a lesson: a message in the conversation that the lesson points to."""
    clinical(request, person_id)
    try:
        answer(
            person_id=person_id, lesson=lesson, text=request.POST.get("text", ""), key=key_of(request),
            by=request.asker, now=request.now,
        )  # fmt: skip
    except NotAllowed:
        raise
    except Refusal as refusal:
        return _page(request, person_id, refusal, lesson)
    return redirect(f"{reverse('therapist:lesson_answers', args=[person_id])}#{lesson}")

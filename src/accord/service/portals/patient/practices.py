"""A practice on a page of its own, with what to do if it frightens her beside it; and how it was (C10)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import dateformat
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accord.service.access.guard import Asked, page
from accord.service.access.table import Action, Resource
from accord.service.fields.keys import new_id
from accord.service.flows.save_frightening_practice import save_frightening_practice
from accord.service.portals.patient.course import Hers, must_be_hers, page_key, reading
from accord.service.portals.patient.lessons import ask
from accord.service.programmes import queries as programmes
from accord.service.ui.block_answers import line_of_text, number
from accord.service.ui.instrument_form import Unusable
from accord.service.ui.lesson_words import one_line
from accord.service.ui.practice_forms import FELT, anchor_of, felt_choices

MOST = 240  # minutes
NOTE = 2_000  # characters
DAYS_BACK = 7


def _practice(request: Asked, mine: Hers, slug: str) -> programmes.PracticeView | None:
    """A practice of a lesson that is open for her; None for one whose lesson is shut. Raises NotAllowed for no such."""
    found = programmes.practice(mine.course, slug, request.now)
    offered = {one.id for one in programmes.practices(mine.course, request.now)}
    return found if found.script is not None and slug in offered else None


@page(Resource.COURSE, Action.ANSWER)
@require_http_methods(["GET", "POST"])
def practice(request: Asked, slug: str) -> HttpResponse:
    """The script with its times; before it how to do it safely, after it how it was.

    A practice whose screen is not passed gives way to its alternative, with the reason.
    """
    mine = must_be_hers(request)
    found = _practice(request, mine, slug)
    if found is None:
        return redirect("patient:lessons")
    if request.method == "POST":
        if request.POST.get("act", "").startswith("ask:"):
            return ask(request, request.POST["act"].partition(":")[2])
        return _note(request, mine, found)
    return _show(request, mine, found)


def _show(
    request: Asked, mine: Hers, found: programmes.PracticeView, given: dict[str, str] | None = None,
    faults: dict[str, str] | None = None,
) -> HttpResponse:  # fmt: skip
    screened, title = found.screened, found.practice.title
    if screened.instead:
        found = programmes.practice(mine.course, screened.instead, request.now)
    lesson = mine.programme.lesson(found.lesson)
    today = mine.standing.today
    given = given or {"minutes": str(found.practice.minutes), "on": today.isoformat(), "note": "", "felt": ""}
    context = reading(mine) | {
        "practice": found.practice, "practice_id": found.id, "lesson": lesson, "place": mine.place(lesson),
        "harm": found.harm, "cues": list(_cues(mine, found)), "anchor": anchor_of(found.practice),
        "instead_of": title if screened.instead else "", "because": screened.reason, "asks": screened.asks,
        "felt": felt_choices(given["felt"]), "days": list(_days(today)), "given": given, "faults": faults or {},
        "key": new_id(), "back": _lesson_of(mine, found), "lessons_too": True,
    }  # fmt: skip
    return render(request, "patient/lesson-practice.html", context, status=400 if faults else 200)


def _cues(mine: Hers, found: programmes.PracticeView) -> Iterator[tuple[int, str, str]]:
    for second, words in found.script.cues if found.script else []:
        yield second, f"{second // 60}:{second % 60:02}", one_line(words, mine.links)


def _days(today: dt.date) -> Iterator[tuple[str, str]]:
    for back in range(DAYS_BACK):
        day = today - dt.timedelta(days=back)
        name = {0: _("today"), 1: _("yesterday")}.get(back) or str(dateformat.format(day, "l j F"))
        yield day.isoformat(), name


def _lesson_of(mine: Hers, found: programmes.PracticeView) -> str:
    """The part in which the practice stands."""
    text = mine.programme.text(found.lesson)
    if text is not None and found.script is not None:
        for place, part in enumerate(text.parts, 1):
            if found.script in part.blocks:
                return f"{reverse('patient:part', args=[found.lesson, place])}#{found.script.id}"
    return reverse("patient:lessons")


def _note(request: Asked, mine: Hers, found: programmes.PracticeView) -> HttpResponse:
    """How it was, kept once; “frightened” leads to the grounding steps, and somebody is told."""
    given = {name: request.POST.get(name, "").strip() for name in ("felt", "minutes", "on", "note")}
    faults: dict[str, str] = {}
    minutes = _minutes(given, faults)
    note = _words(given, faults)
    today = mine.standing.today
    if given["felt"] not in ("", *FELT):
        given["felt"], faults["felt"] = "", _("Choose one of these, or leave it open.")
    if given["on"] not in {value for value, _label in _days(today)}:
        given["on"] = today.isoformat()
    if faults:
        return _show(request, mine, found, given, faults)
    save_frightening_practice(
        course=mine.course, practice=found.id, on=dt.date.fromisoformat(given["on"]),
        minutes=minutes or found.practice.minutes, felt=given["felt"], note=note, key=page_key(request),
        by=request.asker, now=request.now,
    )  # fmt: skip
    if given["felt"] == "frightened":
        return redirect(f"{reverse('patient:steady', args=[found.id])}?told=yes")
    return redirect("patient:practised", found.id)


def _minutes(given: dict[str, str], faults: dict[str, str]) -> int:
    try:
        return int(number(given["minutes"], 1, MOST, whole=True) or 0)
    except Unusable as wrong:
        given["minutes"], faults["minutes"] = given["minutes"][:20].replace("\0", ""), wrong.message
        return 0


def _words(given: dict[str, str], faults: dict[str, str]) -> str:
    try:
        return line_of_text(given["note"].replace("\r\n", "\n"), NOTE)
    except Unusable as wrong:
        given["note"], faults["note"] = given["note"].replace("\0", "")[:NOTE], wrong.message
        return ""


@page(Resource.COURSE, Action.ANSWER)
@require_GET
def practised(request: Asked, slug: str) -> HttpResponse:
    """Kept."""
    mine = must_be_hers(request)
    found = programmes.practice(mine.course, slug, request.now)
    context = reading(mine) | {"practice": found.practice, "back": _lesson_of(mine, found)}
    return render(request, "patient/lesson-practised.html", context)


@page(Resource.COURSE, Action.ANSWER)
@require_http_methods(["GET", "POST"])
def steady(request: Asked, slug: str) -> HttpResponse:
    """Two steps to come back to the room, and a person; telling her therapist is one button."""
    mine = must_be_hers(request)
    found = programmes.practice(mine.course, slug, request.now)
    today = mine.standing.today
    if request.method == "POST":
        known = programmes.practised_on(mine.course, slug, today)
        save_frightening_practice(
            course=mine.course, practice=slug, on=today, felt="frightened", note=known.note if known else "",
            minutes=(known.minutes if known else 0) or found.practice.minutes, key=page_key(request),
            by=request.asker, now=request.now,
        )  # fmt: skip
        return redirect("patient:steady", slug)
    told = programmes.practised_on(mine.course, slug, today)
    context: dict[str, Any] = reading(mine) | {
        "practice": found.practice, "practice_id": slug, "harm": found.harm, "key": new_id(),
        "told": request.GET.get("told") == "yes" or bool(told and told.minutes and told.felt == "frightened"),
    }  # fmt: skip
    return render(request, "patient/lesson-steady.html", context)

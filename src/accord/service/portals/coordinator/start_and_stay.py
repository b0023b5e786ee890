"""Start and stay: who has not started, went quiet or is stuck before the course, whose turn it is, and what to do."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib import messages as notices
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import dateformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accord.service.access.guard import page, viewed, viewed_many
from accord.service.access.table import Action, Resource
from accord.service.care import queries as care
from accord.service.care.rules.rescue import ATTEMPTS, CALL, LATER, MESSAGE, REASONS, TECHNICAL_HELP, THEN, Turn
from accord.service.care.rules.support import NOT_STARTED, QUIET
from accord.service.errors import NotAllowed, Refusal
from accord.service.fields.keys import new_id
from accord.service.flows.rescue_person import rescue_person
from accord.service.people import queries as people
from accord.service.portals.coordinator.frame import PAGE, frame, minutes_given, shown
from accord.service.ui import rescue_words as words
from accord.service.ui.moments import said, since
from accord.service.ui.posted import day_given, key_of

if TYPE_CHECKING:
    from accord.service.access.guard import Asked
    from accord.service.care.models import Rescue

NOW = (Turn.NOW,)
FILTERS: dict[str, tuple[Any, Callable[[care.StuckRow], bool]]] = {
    "now": (gettext_lazy("To do"), lambda row: row.turn is Turn.NOW),
    "not-started": (gettext_lazy("Not started"), lambda row: row.turn is Turn.NOW and row.stuck.why == NOT_STARTED),
    "quiet": (gettext_lazy("Quiet"), lambda row: row.turn is Turn.NOW and row.stuck.why == QUIET),
    "before": (
        gettext_lazy("Before the course"),
        lambda row: row.turn is Turn.NOW and row.stuck.why not in (NOT_STARTED, QUIET),
    ),
    "later": (gettext_lazy("Tried or put off"), lambda row: row.turn in (Turn.TODAY, Turn.LATER)),
    "therapist": (gettext_lazy("With the therapist"), lambda row: row.turn is Turn.THERAPIST),
}
SHOWN_TRIED = 3  # attempts in a row of the list


@never_cache
@require_GET
@page(Resource.RESCUE, Action.VIEW)
def start_and_stay(request: Asked) -> HttpResponse:
    """The list, by need and by how long."""
    return _list(request)


def _list(request: Asked, refusal: Refusal | None = None) -> HttpResponse:
    rows = care.start_and_stay(request.asker, request.now)
    show = request.GET.get("show", "now")
    show = show if show in FILTERS else "now"
    chosen = Paginator([row for row in rows if FILTERS[show][1](row)], PAGE).get_page(request.GET.get("page"))
    context = frame(request, "start-and-stay") | {
        "show": show, "shown": chosen, "refusal": refusal,
        "filters": [(name, label, sum(keep(row) for row in rows)) for name, (label, keep) in FILTERS.items()],
    }  # fmt: skip
    numbers = people.reachable({row.person.pk for row in chosen}, request.asker, Resource.PERSON)
    context["lines"] = [_line(row, context, numbers) for row in chosen]
    waits = sum(row.turn is Turn.NOW for row in rows)
    context["title"] = (
        ngettext("%(n)s person waits for a word", "%(n)s people wait for a word", waits) % {"n": waits}
        if waits else _("Nobody waits for a word")
    )  # fmt: skip
    return shown(request, "start-and-stay", context)


def _line(row: care.StuckRow, context: dict[str, Any], numbers: set[uuid.UUID]) -> dict[str, Any]:
    """One person in words."""
    person, zone, now = row.person, context["zone"], context["now"]
    day = dateformat.format(row.stuck.since.astimezone(zone), "D j M")
    may_call = person.pk in numbers
    return {
        "id": person.pk, "name": person.name or _("No name given yet"), "key": new_id(),
        "phone": person.phone if may_call else "", "language": person.language, "why": words.WHYS[row.stuck.why],
        "since": words.SINCE[row.stuck.why] % {"day": day, "n": row.stuck.days}, "last": _last(row, context),
        "reason": words.REASONS.get(row.reason, ""),
        "tried": [_when_tried(one, context) for one in row.tried[:SHOWN_TRIED]],
        "more": max(len(row.tried) - SHOWN_TRIED, 0), "turn": _turn(row), "now": row.turn is Turn.NOW,
        "with_therapist": row.turn is Turn.THERAPIST, "stop": row.wants_to_stop, "who": row.clinician,
        "letter": row.unreached >= ATTEMPTS, "promised": _promised(row, now, zone),
    }  # fmt: skip


def _last(row: care.StuckRow, context: dict[str, Any]) -> str:
    """What she last did, in words; never what she wrote, nor which lesson it was."""
    told = _("Began the questions, not sent. ") if row.begun and row.stuck.why == "no-baseline" else ""
    if row.last is None:
        return told + _("Nothing since then.")
    words_ = {"what": words.LAST[row.last.what], "when": since(row.last.at, context["now"])}
    return told + _("%(when)s: %(what)s") % words_


def _turn(row: care.StuckRow) -> str:
    """Why it is not her turn, and when it will be."""
    back = dateformat.format(row.back_on, "l j F") if row.back_on else ""
    match row.turn:
        case Turn.THERAPIST:
            who = row.clinician.name if row.clinician else ""
            return _("%(who)s has this.") % {"who": who} if who else _("Her therapist has this.")
        case Turn.TODAY:
            return _("Contacted today. Back on the list on %(day)s.") % {"day": back}
        case Turn.LATER:
            return _("Back on the list on %(day)s.") % {"day": back}
    return ""


def _promised(row: care.StuckRow, now: Any, zone: Any) -> bool:
    """She was told that somebody calls on this day."""
    last = row.tried[0] if row.tried else None
    today = now.astimezone(zone).date()
    return last is not None and last.again_on is not None and last.again_on <= today and row.turn is Turn.NOW


def _when_tried(row: Rescue, context: dict[str, Any]) -> str:
    return f"{said(row.at, context['zone'], context['now'])}: {words.attempt(row)}"


# ---------------------------------------------------------------------------------------------------- one person


@never_cache
@require_GET
@page(Resource.RESCUE, Action.VIEW)
def one(request: Asked, person_id: uuid.UUID) -> HttpResponse:
    """One person of the list, with what was tried, and the form of a call."""
    return _one(request, person_id)


def _one(request: Asked, person_id: uuid.UUID, refusal: Refusal | None = None) -> HttpResponse:
    row = care.stuck_row(request.asker, person_id, request.now)
    person = people.person(request.asker, person_id)
    viewed(request, person_id)
    context = frame(request, "start-and-stay") | {
        "person": person, "name": person.name or _("No name given yet"), "refusal": refusal, "key": new_id(),
        "given": request.POST if refusal else {}, "line": None, "duty": people.duty_of(person.clinic_id, request.now),
        "clinical_page": care.may_see(request.asker, person_id),
        "hows": [(one, words.KINDS[one]) for one in (CALL, MESSAGE)], "outcomes": list(words.OUTCOMES.items()),
        "reasons": [(one, words.REASONS[one]) for one in REASONS], "thens": [(one, words.THEN[one]) for one in THEN],
    }  # fmt: skip
    if row is not None:
        context["line"] = _line(row, context, {person_id})
    context["history"] = [(one.at, words.attempt(one), words.REASONS.get(one.reason, ""), one.note)
                          for one in care.rescues_of(request.asker, person_id)]  # fmt: skip
    return shown(request, "rescue", context)


@require_POST
@page(Resource.RESCUE, Action.CREATE)
def act(request: Asked, person_id: uuid.UUID, step: str) -> HttpResponse:
    """One post, one attempt: the way back in, a call, or put off until a day."""
    do = _STEPS.get(step)
    if do is None:
        raise NotAllowed(_("There is nothing here that you can do."))
    try:
        do(request, person_id)
    except NotAllowed:
        raise
    except Refusal as refusal:
        return _list(request, refusal) if request.POST.get("from") == "list" else _one(request, person_id, refusal)
    return redirect("coordinator:start_and_stay")


def _help(request: Asked, person_id: uuid.UUID) -> None:
    rescue_person(
        person_id=person_id, kind=TECHNICAL_HELP, reason="technical-trouble" if request.POST.get("asked") else "",
        key=key_of(request), by=request.asker, now=request.now,
    )  # fmt: skip
    notices.success(request, _("Sent: a neutral mail with the way back in."))


def _call(request: Asked, person_id: uuid.UUID) -> None:
    post = request.POST
    rescue_person(
        person_id=person_id, kind=post.get("kind", CALL), outcome=post.get("outcome", ""),
        reason=post.get("reason", ""), then=post.get("then", ""), again_on=day_given(post.get("again_on", "")),
        minutes=minutes_given(post.get("minutes", "")), note=post.get("note", ""), key=key_of(request),
        by=request.asker, now=request.now,
    )  # fmt: skip
    notices.success(request, _("Logged."))


def _later(request: Asked, person_id: uuid.UUID) -> None:
    post = request.POST
    rescue_person(
        person_id=person_id, kind=LATER, reason=post.get("reason", ""), note=post.get("note", ""),
        again_on=day_given(post.get("again_on", "")), key=key_of(request), by=request.asker, now=request.now,
    )  # fmt: skip
    notices.success(request, _("Put off."))


_STEPS: dict[str, Callable[[Any, uuid.UUID], None]] = {"help": _help, "call": _call, "later": _later}


# ---------------------------------------------------------------------------------------------------- on paper


@never_cache
@require_GET
@page(Resource.RESCUE, Action.VIEW)
def call_list(request: Asked) -> HttpResponse:
    """Whose turn it is, with telephone numbers, to print; whose record this opens is written to the read log."""
    context = frame(request, "start-and-stay")
    turn = [row for row in care.start_and_stay(request.asker, request.now) if row.turn is Turn.NOW]
    numbers = people.reachable({row.person.pk for row in turn}, request.asker, Resource.PERSON)
    callable_ = [row for row in turn if row.person.pk in numbers and row.person.phone]
    chosen = Paginator(callable_, PAGE).get_page(request.GET.get("page"))
    viewed_many(request, [row.person.pk for row in chosen])
    context |= {
        "shown": chosen, "lines": [_line(row, context, numbers) for row in chosen],
        "without": len(turn) - len(callable_), "outcomes": list(words.OUTCOMES.values()),
    }  # fmt: skip
    return shown(request, "call-list", context)

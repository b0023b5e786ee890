"""Today: one clear next step, why, and how long it takes; then what is next, what changed, and when a person answers.

The order of steps: signs that a doctor should see, questions that are due, the lesson, a practice, nothing. During a
flare: the short version, with one very small step beside rest (C7).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import dateformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods

from accord.service.access.guard import Asked, page
from accord.service.access.table import Action, Resource
from accord.service.assessments import queries as assessments
from accord.service.assessments.rules.occasions import MINIMUM, coming
from accord.service.assessments.rules.questions import RED_FLAGS, next_open
from accord.service.care import queries as care
from accord.service.care.rules.sessions import SessionState
from accord.service.episodes import queries as episodes
from accord.service.episodes.rules import ASKED, State
from accord.service.fields.keys import new_id
from accord.service.flows.open_due_assessments import open_due_assessments
from accord.service.flows.report_flare import report_flare
from accord.service.library.queries import protocol
from accord.service.messaging.queries import unread_by
from accord.service.people.queries import accountability, me
from accord.service.portals.patient.course import page_key, page_link
from accord.service.portals.patient.progress import headline
from accord.service.portals.patient.questions import Sheet, minutes_left, sheet
from accord.service.portals.patient.shared import may_be_text, promise_to, who_answers
from accord.service.programmes import queries as programmes
from accord.service.programmes.actions import end_flare
from accord.service.programmes.rules.gates import CAUTION
from accord.service.ui.lesson_words import words

TITLES = {
    "screening": gettext_lazy("Some questions about you and your pain"),
    "baseline": gettext_lazy("How you are at the start"),
    "weekly": gettext_lazy("How was your week?"),
    "mid": gettext_lazy("How you are half way"),
    "post": gettext_lazy("How you are after the programme"),
    "follow_up": gettext_lazy("How you are three months later"),
    RED_FLAGS: gettext_lazy("Signs that a doctor should see"),
    CAUTION.time_point: gettext_lazy("A question before you practise"),
}
WHY = {
    "screening": gettext_lazy(
        "They show whether this is the right help for you, and whether a doctor should look first."
    ),
    "baseline": gettext_lazy("With your answers you and your therapist can see later what has changed."),
    "weekly": gettext_lazy("A few ratings, and whether you are safe. Your therapist sees how your weeks go."),
    RED_FLAGS: gettext_lazy("Nearly always pain is not a sign of harm. These questions look for the times when it is."),
    CAUTION.time_point: gettext_lazy("So that the practice fits you."),
}
USUAL_WHY = gettext_lazy("So that you and your therapist see what has changed, and what has not.")
THERAPISTS = ("therapist", "handover")


@dataclass(slots=True)
class Step:
    """One thing to do, with why and for how long; `url` empty where there is nothing to open."""

    title: str
    why: str
    meta: list[str] = field(default_factory=list)
    url: str = ""
    button: str = ""
    second: tuple[str, str] | None = None


@page(Resource.EPISODE, Action.ANSWER)
@require_GET
def today(request: Asked) -> HttpResponse:
    """One thing to do, why, and how long it takes."""
    person = me(request.asker)
    episode = episodes.current_episode(request.asker, person.pk)
    state = episodes.state(episode) if episode else None
    if state in ASKED:
        open_due_assessments(now=request.now, person_id=person.pk)
    waiting = assessments.waiting(request.asker, person.pk, request.now)
    asked = [_asked_step(sheet(request, one.pk), request.now) for one in waiting]
    due = care.reply_due(person, request.now)
    context = {
        "person": person, "zone": person.zone(), "episode": episode, "state": str(state) if state else "",
        "promise": promise_to(person, request.now), "unread": unread_by(request.asker),
        "clinician": who_answers(person, request.now), "reply_due": due, "nav": "today", "key": new_id(),
        "reasons": episodes.last_reason(episode).split("\n") if episode and state is State.NOT_ELIGIBLE else [],
        "other_help": may_be_text("not-eligible") if state is State.NOT_ELIGIBLE else None,
    }  # fmt: skip
    if state not in ASKED or episode is None:
        context |= _road(state, assessments.assessments_of(request.asker, person.pk))
        return render(request, "patient/today.html", context | {"step": next(iter(asked), None)})
    context |= _in_care(request, person, episode, state, asked)
    if context["stands"] is None:
        context |= _road(state, assessments.assessments_of(request.asker, person.pk))
    if not context["flare"]:
        return render(request, "patient/today.html", context)
    more = may_be_text("flare")
    context["more"] = words(more.body, page_link) if more else ""
    return render(request, "patient/today-short.html", context)


def _in_care(request: Asked, person: Any, episode: Any, state: State, asked: list[Step]) -> dict[str, Any]:
    """What stands on the page once she is enrolled."""
    course = programmes.course_of(request.asker, person.pk) if state is State.ENROLLED else None
    stands = programmes.standing(course, request.now) if course else None
    steps = [*asked, *(_lesson_steps(stands, request.now) if stands else [])]
    flare = stands.flare if stands else None
    context: dict[str, Any] = {
        "stands": stands, "flare": flare, "step": next(iter(steps), None), "then": steps[1:4],
        "week": _week(stands), "words": _words_of_the_week(stands), "changes": _changes(stands), "questions": asked,
        "lessons": _lesson_rows(stands), "meeting": _next_meeting(request, person),
        "circle": _next_of_group(request, person), "back": False,
        "has_therapist": _has_therapist(person),
        "told": [text for slug in care.told_to_her(person.pk) if (text := may_be_text(slug))],
        "baseline_sent": assessments.sent_at(episode.pk, "baseline") is not None,
        "finished": bool(stands and stands.total and stands.done == stands.total),
        "headline": headline(person, episode) if stands else "",
        "later": _asked_later(episode, request.now, person) if stands else None,
    }  # fmt: skip
    if course is not None:
        lately = programmes.flares_of([person.pk], request.now - timedelta(days=2))[person.pk]
        context["back"] = bool(lately) and flare is None
    if flare is not None and course is not None:
        context |= {"plan": _flare_plan(request, person), "careful": _careful(course, request.now)}
    return context


# ---------------------------------------------------------------------------------------------------- steps


def _asked_step(one: Sheet, now: datetime) -> Step:
    """Questions that wait."""
    row, minutes = one.assessment, minutes_left(one)
    slot = next_open(one.slots, one.held)
    if slot is None:
        where, button = reverse("patient:review", args=[row.pk]), _("Look and send")
    else:
        where = reverse("patient:question", args=[row.pk, slot.number])
        button = _("Go on") if one.answers else _("Begin")
    title = str(TITLES.get(row.time_point) or _label(row))
    if row.sittings > 1:
        title = _("%(title)s, part %(n)s of %(of)s") % {"title": title, "n": row.sitting, "of": row.sittings}
    why = str(WHY.get(row.time_point, USUAL_WHY))
    if one.answers:
        why = _("You have begun; everything you answered is kept.")
    elif row.extent == MINIMUM:
        why = _("Only the most important ones today, because it is a hard day.")
    meta = [_minutes(minutes)] if minutes else []
    if until := _until(row, now):
        meta.append(until)
    return Step(title, why, [*meta, _("one question at a time"), _("you can pause at any point")], where, button)


def _label(row: Any) -> str:
    point = protocol(row.episode.snapshot_id).schedule.get(row.time_point)
    return point.label if point and point.label else _("Some questions")


def _until(row: Any, now: datetime) -> str:
    """The day that is shown is the moment that is enforced: the last second before the window closes (U4)."""
    if row.closes_at is None:
        return ""
    last = (row.closes_at - timedelta(seconds=1)).astimezone(row.person.zone())
    if last.date() == now.astimezone(row.person.zone()).date():
        return (
            _("open until midnight") if last.hour == 23 else _("open until %(time)s today") % {"time": f"{last:%H:%M}"}
        )
    form = "l j F" if last.hour == 23 else "l j F, H:i"
    return _("open until %(day)s") % {"day": dateformat.format(last, form)}


def _lesson_steps(stands: programmes.CourseStanding, now: datetime) -> list[Step]:
    """The part that comes now, else a practice of what she has read."""
    current = stands.current
    if current is None:
        return []
    lesson, text = current.lesson, stands.programme.text(current.lesson.id)
    done = stands.parts_done.get(lesson.id, frozenset())
    part = next((number for number in range(1, len(text.parts) + 1) if number not in done), 1) if text else 1
    title = text.parts[part - 1].title if text else lesson.title
    number = stands.states.index(current) + 1
    said = {"n": number, "lesson": lesson.title, "part": part, "of": len(text.parts) if text else 1}
    begun = current.state == "started"
    why = _("Lesson %(n)s, %(lesson)s. Part %(part)s of %(of)s.") % said
    if begun and done:
        why += " " + _("Everything you wrote is kept.")
    url = reverse("patient:part", args=[lesson.id, part]) if begun else reverse("patient:lesson", args=[lesson.id])
    button = (_("Go on with lesson %(n)s") if begun else _("Begin lesson %(n)s")) % {"n": number}
    meta = [_minutes(text.parts[part - 1].minutes if text else lesson.minutes), _("you can pause at any point"),
            _("read, listen or print")]  # fmt: skip
    return [Step(title, why, meta, url, button, _practice(stands, lesson, now))]


def _practice(stands: programmes.CourseStanding, lesson: Any, now: datetime) -> tuple[str, str] | None:
    """Just a practice instead, of a lesson that she has begun."""
    offered = {one.id: one for one in programmes.practices(stands.course, now)}
    own = [name for state in stands.states if state.state in ("started", "done") for name in state.lesson.practices]
    for name in reversed(own):
        view = offered.get(name)
        if view is not None and view.script and view.screened.offered == name:
            said = {"minutes": view.practice.minutes}
            return reverse("patient:practice", args=[name]), _("Just the %(minutes)s-minute practice") % said
    return None


def _minutes(minutes: int) -> str:
    return ngettext("about %(n)s minute", "about %(n)s minutes", minutes) % {"n": minutes}


# ------------------------------------------------------------------------------------------------------ beside it


def _week(stands: programmes.CourseStanding | None) -> tuple[int, int] | None:
    """Which week of how many she is in."""
    if stands is None:
        return None
    start = stands.progress.anchors.get("treatment_start", 0)
    weeks = stands.programme.lengths[stands.course.length].weeks
    week = (stands.day - start) // 7 + 1
    return (week, weeks) if 1 <= week <= weeks else None


def _words_of_the_week(stands: programmes.CourseStanding | None) -> dict[str, Any] | None:
    block = programmes.message_of_the_week(stands)
    if block is None:
        return None
    return {"subject": block.head.subject, "paragraphs": block.markdown.split("\n\n")}  # type: ignore[attr-defined]


def _changes(stands: programmes.CourseStanding | None) -> list[dict[str, str]]:
    """What her therapist decided with her about a lesson that is still to come, with the reason."""
    if stands is None:
        return []
    said = {"open": _("is open for you now"), "hold": _("waits"), "skip": _("is left out")}
    return [
        {"lesson": one.lesson.title, "what": said[change.kind], "reason": change.reason}
        for one in stands.states
        if (change := stands.changes.get(one.lesson.id)) is not None and one.state != "done"
    ]


def _lesson_rows(stands: programmes.CourseStanding | None) -> list[dict[str, Any]]:
    if stands is None:
        return []
    return [
        {"title": one.lesson.title, "done": one.state == "done", "here": one is stands.current, "state": one.state,
         "opens": stands.opens_on(one) if one.state == "closed" else None}
        for one in stands.states
    ]  # fmt: skip


def _next_of_group(request: Asked, person: Any) -> tuple[Any, str] | None:
    """When her group meets next, and its name."""
    row = care.group_of(request.asker, person.pk)
    ahead = (one.last for one in row.meetings if one.open and one.last.starts_at > request.now) if row else iter(())
    step = next(ahead, None)
    return (step, row.group.name) if row and step else None


def _next_meeting(request: Asked, person: Any) -> Any:
    """The next talk that is planned."""
    for one in care.sessions_of(request.asker, person.pk):
        if one.state is SessionState.PLANNED and one.last.starts_at > request.now - timedelta(hours=1):
            return one.last
    return None


def _has_therapist(person: Any) -> bool:
    named = accountability([person.pk]).get(person.pk)
    return named is not None and named.reason in THERAPISTS


def _asked_later(episode: Any, now: datetime, person: Any) -> Any:
    """When the next questions of the protocol come, where that can be told."""
    return coming(protocol(episode.snapshot_id), episodes.anchors(episode), now, person.zone())


def _flare_plan(request: Asked, person: Any) -> dict[str, Any] | None:
    """Her own plan for such a day: the newest block that holds a very small step."""
    own = [one for one in programmes.entries(request.asker, person.pk) if one.value.get("small_step")]
    if not own:
        return None
    step = str(own[-1].value["small_step"])
    return {"step": step, "said": [one for one in own[-1].said if one[1] and one[1] != step]}


def _careful(course: Any, now: datetime) -> bool:
    """She told us that small efforts hit back: then rest comes first (C9)."""
    return bool(programmes.record(course, now).get("red_flags.worse_after_effort"))


_WAY_IN = (State.REFERRED, State.SCREENING, State.ELIGIBLE, State.CONSENTED, State.ENROLLED)


def _road(state: State | None, asked: list[Any]) -> dict[str, bool]:
    """What is done of the way in, and where she is."""
    sent = {one.time_point for one in asked if one.submitted_at}
    inside = state in (State.CONSENTED, State.ENROLLED)
    return {
        "road": state in _WAY_IN, "screening_begun": bool(asked), "screening_sent": "screening" in sent,
        "taking_part": inside, "baseline_sent": "baseline" in sent, "at_contact": state is State.REFERRED,
        "at_screening": state is State.SCREENING, "at_consent": state is State.ELIGIBLE,
        "at_baseline": inside and "baseline" not in sent,
    }  # fmt: skip


# ---------------------------------------------------------------------------------------------------- a flare


@page(Resource.COURSE, Action.ANSWER)
@require_http_methods(["GET", "POST"])
def flare(request: Asked) -> HttpResponse:
    """Today: the short version. One tap begins it, one ends it; it would end by itself."""
    person = me(request.asker)
    running = programmes.flare_of(person.pk, request.now)
    if request.method == "POST":
        if request.POST.get("act") == "end":
            if running is not None:
                end_flare(flare=running, by=request.asker, now=request.now)
            return redirect("patient:today")
        new_pain = request.POST.get("new_pain") == "yes"
        report_flare(person_id=person.pk, new_pain=new_pain, key=page_key(request), by=request.asker, now=request.now)
        return redirect("patient:today")
    if running is not None:
        return redirect("patient:today")
    return render(request, "patient/flare.html", {"key": new_id(), "nav": "today"})

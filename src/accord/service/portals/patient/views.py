"""A patient's own pages: what is next, how we reach her, help now, consent, messages."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages as notices
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accord.service.access.guard import Asked, page
from accord.service.access.table import Action, Resource
from accord.service.assessments import queries as assessments
from accord.service.assessments.rules.questions import SAFETY, next_open
from accord.service.care import queries as care
from accord.service.episodes import queries as episodes
from accord.service.episodes.rules import State
from accord.service.errors import Refusal, Stale
from accord.service.fields.keys import new_id
from accord.service.flows.decide_eligibility import decide_eligibility
from accord.service.flows.enrol import enrol as enrol_flow
from accord.service.flows.give_consent import TEXT, give_consent
from accord.service.flows.open_screening import open_screening
from accord.service.flows.record_help_now import record_help_now
from accord.service.flows.send_message import send_message
from accord.service.library.queries import text
from accord.service.messaging import actions as messaging
from accord.service.messaging.queries import conversation
from accord.service.people.actions import change_contact
from accord.service.people.queries import me
from accord.service.portals.patient.course import page_link
from accord.service.portals.patient.questions import sheet
from accord.service.portals.patient.shared import may_be_text, promise_to, who_answers
from accord.service.ui.crisis import all_numbers, numbers_of
from accord.service.ui.lesson_words import words
from accord.service.ui.templatetags.times import clock

LONGEST = {"name": 200, "phone": 40, "where": 300, "emergency_contact": 500, "country": 2}


@page(Resource.PERSON, Action.ANSWER)
@require_http_methods(["GET", "POST"])
def contact(request: Asked) -> HttpResponse:
    """How we reach her and where she is, before any question about risk (C4)."""
    person = me(request.asker)
    given = {name: getattr(person, name) for name in LONGEST}
    faults: dict[str, str] = {}
    if request.method == "POST":
        given = {name: request.POST.get(name, "").strip() for name in LONGEST}
        faults = _contact_faults(given)
        if not faults:
            change_contact(person=person, by=request.asker, now=request.now, **given)
            episode = episodes.current_episode(request.asker, person.pk)
            if episode is None or episodes.state(episode) is not State.REFERRED:
                return redirect("patient:today")
            opened = open_screening(episode_id=episode.pk, by=request.asker, now=request.now)
            return redirect("patient:question", opened.pk, 1)
    countries = [(crisis.country, crisis.name) for crisis in all_numbers(person.clinic.country)]
    if given["country"] and given["country"] not in dict(countries):
        countries.append((given["country"], given["country"]))
    context = {"given": given, "faults": faults, "countries": countries, "clinic": person.clinic, "nav": "today"}
    return render(request, "patient/contact.html", context, status=400 if faults else 200)


def _contact_faults(given: dict[str, str]) -> dict[str, str]:
    """What is wrong with each field; what was typed stays on the page."""
    faults = {}
    for name, limit in LONGEST.items():
        value = given[name]
        if "\0" in value:
            given[name] = value.replace("\0", "")
            faults[name] = _("This held a character that cannot be stored. We took it out; please look once more.")
        elif len(value) > limit:
            given[name] = value[:limit]
            said = {"found": f"{len(value):,}", "limit": f"{limit:,}"}
            faults[name] = _("This has %(found)s characters; up to %(limit)s can be kept.") % said
    if not given["name"]:
        faults.setdefault("name", _("Write your name, as you want to be called."))
    if sum(character.isdigit() for character in given["phone"]) < 3:
        faults.setdefault("phone", _("Write a telephone number on which we can reach you."))
    if given["country"] and not (given["country"].isascii() and given["country"].isalpha()):
        given["country"] = ""
        faults.setdefault("country", _("Choose a country from the list."))
    if not given["country"] and not given["where"]:
        faults.setdefault("country", _("Choose the country that you are in, or write below where you are."))
    return faults


@page(Resource.EPISODE, Action.ANSWER)
@require_http_methods(["GET", "POST"])
def consent(request: Asked) -> HttpResponse:
    """Information, then her yes to one version of it."""
    person = me(request.asker)
    episode = episodes.current_episode(request.asker, person.pk)
    if episode is None or episodes.state(episode) not in (State.ELIGIBLE, State.CONSENTED):
        return redirect("patient:today")
    fault = ""
    if request.method == "POST":
        if request.POST.get("agree") == "yes":
            if episodes.state(episode) is State.ELIGIBLE:
                seen = _uuid(request.POST.get("seen", ""))
                give_consent(episode_id=episode.pk, seen=seen, by=request.asker, now=request.now)
            opened = enrol_flow(episode_id=episode.pk, by=request.asker, now=request.now)
            return redirect("patient:question", opened.pk, 1)
        fault = _("Tick the box if you want to take part. You can also leave this page and come back.")
    context = {
        "information": text("information"), "consent": text(TEXT), "fault": fault, "nav": "today",
        "given": episodes.state(episode) is State.CONSENTED,
    }  # fmt: skip
    return render(request, "patient/consent.html", context, status=400 if fault else 200)


@page(Resource.EPISODE, Action.ANSWER)
@require_POST
def decide(request: Asked) -> HttpResponse:
    """Takes up a decision that was cut off between two pages."""
    episode = episodes.current_episode(request.asker, request.asker.person_id)
    if episode is not None:
        decide_eligibility(episode_id=episode.pk, by=request.asker, now=request.now)
    return redirect("patient:today")


@page(Resource.ASSESSMENT, Action.ANSWER)
@require_GET
def thanks(request: Asked, assessment_id: uuid.UUID) -> HttpResponse:
    """What happens now, and when a person reads it: a day and an hour."""
    assessment = assessments.assessment(request.asker, assessment_id, Action.ANSWER)
    if assessment.submitted_at is None:
        return redirect("patient:review", assessment_id)
    person = assessment.person
    last = may_be_text("follow-up-thanks") if assessment.time_point == "follow_up" else None
    context = {
        "more": {"title": last.title, "html": words(last.body, page_link)} if last else None,
        "clinician": who_answers(person, request.now), "zone": person.zone(), "assessment": assessment,
        "reply_due": care.reply_due(person, assessment.submitted_at), "promise": promise_to(person, request.now),
        "nav": "today",
    }  # fmt: skip
    return render(request, "patient/thanks.html", context)


@page(Resource.ASSESSMENT, Action.ANSWER)
@require_GET
def paused(request: Asked) -> HttpResponse:
    return render(request, "patient/paused.html", {"nav": "today"})


@page(Resource.ASSESSMENT, Action.ANSWER)
@require_GET
def note(request: Asked) -> HttpResponse:
    """A sign that a doctor should see: what to do, and on with the questions."""
    context = {"text": may_be_text("see-a-doctor"), "nav": "today"} | _unfinished(request)
    return render(request, "patient/note.html", context)


def _unfinished(request: Asked) -> dict[str, Any]:
    """Where she goes on: the follow-up questions about her safety first, else the next open question."""
    found: dict[str, Any] = {}
    for assessment in assessments.waiting(request.asker, request.asker.person_id, request.now):
        one = sheet(request, assessment.pk)
        first = next((slot.number for slot in one.slots if slot.key == (SAFETY, "item_1")), 0)
        follow_up = next_open(one.slots, one.held, first + 1) if one.answered(SAFETY, "item_1") else None
        if follow_up is not None and follow_up.instrument == SAFETY and follow_up.item != "item_1":
            return {"unfinished": assessment, "next": follow_up, "follow_ups": True}
        found = found or {"unfinished": assessment, "next": next_open(one.slots, one.held), "follow_ups": False}
    return found


@page(Resource.PERSON, Action.ANSWER)
@require_GET
def crisis(request: Asked) -> HttpResponse:
    """Help now: numbers where she is, what to do in this hour, and when a person of the service reads her answer."""
    person = me(request.asker)
    promise = promise_to(person, request.now)
    told = "safety-help-box" if promise and promise["tier"] == "r1" else "safety-crisis-page"
    context = {
        "text": may_be_text(told) if promise and not promise["called"] else None, "promise": promise,
        "zone": person.zone(), "person": person,
        "numbers": numbers_of(person.country or person.clinic.country), "plan": may_be_text("safety-plan"),
        "follow_up": may_be_text("safety-follow-up"), "key": new_id(), "nav": "help", "clinic": person.clinic,
    } | _unfinished(request)  # fmt: skip
    return render(request, "patient/crisis.html", context)


@page(Resource.PERSON, Action.ANSWER)
@require_POST
def help_now(request: Asked) -> HttpResponse:
    """She asks to be called: the highest tier at once."""
    person_id = me(request.asker).pk
    record_help_now(person_id=person_id, key=_uuid(request.POST.get("key", "")), by=request.asker, now=request.now)
    notices.success(request, _("Your request to be called has arrived."))
    return redirect("patient:crisis")


@page(Resource.MESSAGE, Action.ANSWER)
@require_http_methods(["GET", "POST"])
def messages(request: Asked) -> HttpResponse:
    """One conversation with the service; it says when somebody answers."""
    person = me(request.asker)
    fault, kept = "", ""
    status = 200
    act = request.POST.get("act")
    if request.method == "POST":
        kept = request.POST.get("text", "").replace("\r\n", "\n")
        try:
            if act in ("keep", "autosave"):
                revision = request.POST.get("revision", "0")
                held = messaging.keep_draft(
                    person_id=person.pk, text=kept, revision=int(revision) if revision.isdecimal() else 0,
                    by=request.asker, now=request.now,
                )  # fmt: skip
                said = _("Kept at %(time)s, not sent.") % {"time": clock(request.now, person.zone())}
                return (
                    JsonResponse({"revision": held, "said": said}) if act == "autosave" else redirect("patient:paused")
                )
            send_message(
                person_id=person.pk, text=kept, key=_uuid(request.POST.get("key", "")), by=request.asker,
                now=request.now,
            )  # fmt: skip
            return redirect("patient:messages")
        except (Refusal, Stale) as refusal:
            fault, status, kept = f"{refusal.message} {refusal.cure}".strip(), refusal.status, kept.replace("\0", "")
            if act == "autosave":
                return JsonResponse({"said": fault}, status=status)
    talk = conversation(request.asker, person.pk)
    if talk.lines and request.method == "GET":
        messaging.mark_read(person_id=person.pk, up_to=talk.lines[-1].sequence, by=request.asker, now=request.now)
    context = {
        "talk": talk, "zone": person.zone(), "key": new_id(), "fault": fault, "written": kept or talk.draft,
        "clinician": who_answers(person, request.now), "would_answer": care.reply_due(person, request.now),
        "nav": "messages",
    }  # fmt: skip
    return render(request, "patient/messages.html", context, status=status)


def _uuid(given: str) -> uuid.UUID:
    try:
        return uuid.UUID(given)
    except ValueError:
        cure = _("Go back, load the page again and send it once more.")
        raise Refusal(_("This page was not complete when it was sent."), cure=cure) from None

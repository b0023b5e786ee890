"""The clinician's pages: who needs somebody, one alert with everything to act, one person, one conversation.

A form that is refused comes back with the reason on top and with everything that was typed.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accord.service.access.guard import page, viewed
from accord.service.access.table import Action, Asker, Resource, Role, Scope, scope_of
from accord.service.assessments import queries as assessments
from accord.service.care import actions as care
from accord.service.care import queries as alerts
from accord.service.care.rules.handling import MODES, OUTCOMES, REASONS, Stage
from accord.service.care.rules.needs import Need
from accord.service.errors import NotAllowed, Refusal
from accord.service.fields.keys import new_id
from accord.service.flows.hand_over_patient import hand_over_patient
from accord.service.flows.send_message import send_message
from accord.service.messaging import actions as messaging
from accord.service.messaging import queries as messages
from accord.service.people import queries as people
from accord.service.portals.therapist import story, words

if TYPE_CHECKING:
    from accord.service.access.guard import Asked
    from accord.service.people.models import Clinic, Person

PAGE = 50  # rows of a list (E26)


def _frame(request: Asked, clinic: Clinic | None = None, here: str = "") -> dict[str, Any]:
    """What every page of this portal needs: who asks, and the zone in which times are said."""
    me = people.me(request.asker)
    return {
        "me": me, "here": here, "zone": (clinic or me.clinic).zone(), "now": request.now,
        "office": request.asker.holds(Role.COORDINATOR),
    }  # fmt: skip


# ---------------------------------------------------------------------------------------------------- the caseload

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
    frame = _frame(request, here="caseload")
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


# ---------------------------------------------------------------------------------------------------- one alert


@never_cache
@require_GET
@page(Resource.ALERT, Action.VIEW)
def alert(request: Asked, alert_id: uuid.UUID) -> HttpResponse:
    """One alert: who she is, how to reach her, why, by when, what was done, what to do."""
    return _alert_page(request, alert_id)


def _alert_page(request: Asked, alert_id: uuid.UUID, refusal: Refusal | None = None, step: str = "") -> HttpResponse:
    page_ = alerts.alert_page(request.asker, alert_id, request.now)
    row = page_.standing.alert
    viewed(request, row.person_id)
    state = page_.standing.state
    frame = _frame(request, row.clinic) | {
        "page": page_, "alert": row, "person": row.person, "state": state, "refusal": refusal, "step": step,
        "height": words.height(page_.standing), "stage": words.stage(page_),
        "tone": "alert" if state.late or state.stage is Stage.RAISED else "warm",
        "due": "" if state.stage is Stage.CLOSED else words.due(page_.standing, row.clinic.zone(), request.now),
        "story": [(words.step(one), one) for one in page_.story], "answers": _safety_answers(request.asker, row),
        "others": [(words.headline(one), one) for one in page_.others], "closed": state.stage is Stage.CLOSED,
        "raised": state.stage is Stage.RAISED, "handed": state.stage is Stage.HANDED_OVER,
        "mine_to_confirm": state.offered_to in (None, request.asker.person_id), "key": new_id(),
        "colleagues": [one for one in people.clinicians_of(row.clinic_id) if one.pk != request.asker.person_id],
        "given": request.POST if refusal else {}, **_choices(),
    }  # fmt: skip
    return render(request, "therapist/alert.html", frame, status=refusal.status if refusal else 200)


def _choices() -> dict[str, Any]:
    return {
        "modes": [(mode, words.MODES[mode]) for mode in MODES],
        "outcomes": [(outcome, words.OUTCOMES[outcome]) for outcome in OUTCOMES],
        "reasons": [(reason, words.REASONS[reason]) for reason in REASONS],
    }


def _safety_answers(asker: Asker, row: Any) -> list[tuple[str, str]]:
    """What she answered on this occasion to the safety questions, for who may see her answers."""
    if row.assessment_id is None:
        return []
    try:
        asked = assessments.assessment(asker, row.assessment_id)
    except NotAllowed:
        return []
    return story.safety_answers(asked)


@require_POST
@page(Resource.ALERT, Action.ACT)
def act(request: Asked, alert_id: uuid.UUID, step: str) -> HttpResponse:
    """One step on an alert; afterwards the alert's page again."""
    do = _STEPS.get(step)
    if do is None:
        raise NotAllowed(_("There is nothing here that you can do."))
    try:
        do(request, alert_id)
    except NotAllowed:
        raise
    except Refusal as refusal:
        return _alert_page(request, alert_id, refusal, step)
    return redirect("therapist:alert", alert_id=alert_id)


def _acknowledge(request: Asked, alert_id: uuid.UUID) -> None:
    care.acknowledge(alert_id=alert_id, by=request.asker, now=request.now)


def _contact(request: Asked, alert_id: uuid.UUID) -> None:
    alert_ = alerts.alert_page(request.asker, alert_id, request.now).standing.alert
    care.log_contact(
        person_id=alert_.person_id, alert_id=alert_id, by=request.asker, now=request.now, **_contact_given(request)
    )


def _hand_over(request: Asked, alert_id: uuid.UUID) -> None:
    to = request.POST.get("to", "")
    care.hand_over_alert(
        alert_id=alert_id, to=None if to == "outside" else _uuid(to, _("Choose to whom.")),
        note=request.POST.get("note", ""), key=_key(request), by=request.asker, now=request.now,
    )  # fmt: skip


def _confirm(request: Asked, alert_id: uuid.UUID) -> None:
    note = request.POST.get("note", "")
    care.confirm_receipt(alert_id=alert_id, note=note, key=_key(request), by=request.asker, now=request.now)


def _note(request: Asked, alert_id: uuid.UUID) -> None:
    text = request.POST.get("note", "")
    care.add_note(alert_id=alert_id, text=text, key=_key(request), by=request.asker, now=request.now)


def _close(request: Asked, alert_id: uuid.UUID) -> None:
    reason, note = request.POST.get("reason", ""), request.POST.get("note", "")
    care.close_alert(alert_id=alert_id, reason=reason, note=note, by=request.asker, now=request.now)


_STEPS: dict[str, Callable[[Any, uuid.UUID], None]] = {
    "acknowledge": _acknowledge, "contact": _contact, "hand-over": _hand_over, "confirm": _confirm, "note": _note,
    "close": _close,
}  # fmt: skip


# ---------------------------------------------------------------------------------------------------- one person


@never_cache
@require_GET
@page(Resource.CONTACT, Action.VIEW)
def patient(request: Asked, person_id: uuid.UUID) -> HttpResponse:
    """One person on one page: left she, middle what happened, right what to do."""
    return _patient_page(request, person_id)


def _patient_page(request: Asked, person_id: uuid.UUID, refusal: Refusal | None = None, step: str = "") -> HttpResponse:
    person = _clinical(request, person_id)
    viewed(request, person_id)
    frame = _frame(request, person.clinic) | {
        "person": person, "refusal": refusal, "step": step, "key": new_id(), "given": request.POST if refusal else {},
        "colleagues": [one for one in people.clinicians_of(person.clinic_id) if one.pk != request.asker.person_id],
        "tracks": story.tiers_by_hand(), **story.patient_page(request.asker, person, request.now), **_choices(),
    }  # fmt: skip
    return render(request, "therapist/patient.html", frame, status=refusal.status if refusal else 200)


def _clinical(request: Asked, person_id: uuid.UUID) -> Person:
    """A person whose clinical record the asker may see; a coordinator sees her on the office's pages only."""
    person = people.person(request.asker, person_id)
    if not alerts.may_see(request.asker, person_id):
        raise NotAllowed(_("There is nobody here that you may see."))
    return person


@require_POST
@page(Resource.CONTACT, Action.CREATE)
def contact(request: Asked, person_id: uuid.UUID) -> HttpResponse:
    """Log a contact in two taps: how, and how long."""

    def log() -> None:
        care.log_contact(person_id=person_id, by=request.asker, now=request.now, **_contact_given(request))

    return _on_patient(request, person_id, "contact", log)


@require_POST
@page(Resource.ALERT, Action.CREATE)
def raise_alert(request: Asked, person_id: uuid.UUID) -> HttpResponse:
    """Raise an alert from anything that was read or heard (C15)."""
    track, _sep, tier = request.POST.get("what", "").partition(":")
    try:
        raised = care.raise_alert_by_hand(
            person_id=person_id, track=track, tier=tier, note=request.POST.get("note", ""), key=_key(request),
            ladder=alerts.ladder_for(person_id), by=request.asker, now=request.now,
        )  # fmt: skip
    except NotAllowed:
        raise
    except Refusal as refusal:
        return _patient_page(request, person_id, refusal, "raise")
    return redirect("therapist:alert", alert_id=raised.pk)


@require_POST
@page(Resource.ACCOUNTABILITY, Action.ASSIGN)
def hand_over(request: Asked, person_id: uuid.UUID) -> HttpResponse:
    """Hand a person over to a colleague, with what is open about her."""
    try:
        to = _uuid(request.POST.get("to", ""), _("Choose a colleague."))
        hand_over_patient(person_id=person_id, to=to, by=request.asker, now=request.now)
    except NotAllowed:
        raise
    except Refusal as refusal:
        return _patient_page(request, person_id, refusal, "hand-over")
    return redirect("therapist:caseload")


def _on_patient(request: Asked, person_id: uuid.UUID, step: str, do: Callable[[], None]) -> HttpResponse:
    try:
        do()
    except NotAllowed:
        raise
    except Refusal as refusal:
        return _patient_page(request, person_id, refusal, step)
    return redirect("therapist:patient", person_id=person_id)


# ---------------------------------------------------------------------------------------------------- one conversation


@never_cache
@require_GET
@page(Resource.MESSAGE, Action.VIEW)
def thread(request: Asked, person_id: uuid.UUID) -> HttpResponse:
    """The conversation with a person. Opening it marks it as read: the patient's clock for being read stops."""
    _clinical(request, person_id)
    return _thread_page(request, person_id)


def _thread_page(request: Asked, person_id: uuid.UUID, refusal: Refusal | None = None) -> HttpResponse:
    person = _clinical(request, person_id)
    talk = messages.conversation(request.asker, person_id)
    viewed(request, person_id)
    if talk.lines:
        messaging.mark_read(person_id=person_id, up_to=talk.lines[-1].sequence, by=request.asker, now=request.now)
    frame = _frame(request, person.clinic) | {
        "person": person, "talk": talk, "refusal": refusal, "key": new_id(),
        "text": request.POST.get("text", "") if refusal else talk.draft, "tracks": story.tiers_by_hand(),
    }  # fmt: skip
    return render(request, "therapist/thread.html", frame, status=refusal.status if refusal else 200)


@require_POST
@page(Resource.MESSAGE, Action.ANSWER)
def send(request: Asked, person_id: uuid.UUID) -> HttpResponse:
    """Answer in the conversation."""
    try:
        send_message(
            person_id=person_id, text=request.POST.get("text", ""), key=_key(request), by=request.asker,
            now=request.now,
        )  # fmt: skip
    except NotAllowed:
        raise
    except Refusal as refusal:
        return _thread_page(request, person_id, refusal)
    return redirect("therapist:thread", person_id=person_id)


# ---------------------------------------------------------------------------------------------------- what was posted


def _key(request: Asked) -> uuid.UUID:
    return _uuid(request.POST.get("key", ""), _("This page is too old to be sent."))


def _uuid(text: str, problem: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise Refusal(problem, cure=_("Nothing was stored.")) from None


def _contact_given(request: Asked) -> dict[str, Any]:
    """A contact as its form gives it."""
    minutes = request.POST.get("minutes", "").strip() or "0"
    if not (minutes.isascii() and minutes.isdigit() and len(minutes) < 5):
        raise Refusal(_("Minutes are a number from 0 to 600."), cure=_("Nothing was logged."))
    return {
        "mode": request.POST.get("mode", ""), "outcome": request.POST.get("outcome", ""), "minutes": int(minutes),
        "note": request.POST.get("note", ""), "key": _key(request),
    }  # fmt: skip

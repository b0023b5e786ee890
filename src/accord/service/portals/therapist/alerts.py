"""One alert with everything to act. A form that is refused comes back with the reason and what was typed."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accord.service.access.guard import page, viewed
from accord.service.access.table import Action, Asker, Resource
from accord.service.assessments import queries as assessments
from accord.service.care import actions as care
from accord.service.care import queries as alerts
from accord.service.care.rules.handling import Stage
from accord.service.errors import NotAllowed, Refusal
from accord.service.fields.keys import new_id
from accord.service.people import queries as people
from accord.service.portals.therapist import scores, words
from accord.service.portals.therapist.frame import choices, common, contact_given
from accord.service.ui.posted import id_of, key_of

if TYPE_CHECKING:
    from accord.service.access.guard import Asked


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
    frame = common(request, row.clinic) | {
        "page": page_, "alert": row, "person": row.person, "state": state, "refusal": refusal, "step": step,
        "height": words.height(page_.standing), "stage": words.stage(page_),
        "tone": "alert" if state.late or state.stage is Stage.RAISED else "warm",
        "due": "" if state.stage is Stage.CLOSED else words.due(page_.standing, row.clinic.zone(), request.now),
        "story": [(words.step(one), one) for one in page_.story], "answers": _safety_answers(request.asker, row),
        "others": [(words.headline(one), one) for one in page_.others], "closed": state.stage is Stage.CLOSED,
        "raised": state.stage is Stage.RAISED, "handed": state.stage is Stage.HANDED_OVER,
        "mine_to_confirm": state.offered_to in (None, request.asker.person_id), "key": new_id(),
        "colleagues": [one for one in people.clinicians_of(row.clinic_id) if one.pk != request.asker.person_id],
        "given": request.POST if refusal else {}, **choices(),
    }  # fmt: skip
    return render(request, "therapist/alert.html", frame, status=refusal.status if refusal else 200)


def _safety_answers(asker: Asker, row: Any) -> list[tuple[str, str]]:
    """What she answered on this occasion to the safety questions, for who may see her answers."""
    if row.assessment_id is None:
        return []
    try:
        asked = assessments.assessment(asker, row.assessment_id)
    except NotAllowed:
        return []
    return scores.safety_answers(asked)


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
        person_id=alert_.person_id, alert_id=alert_id, by=request.asker, now=request.now, **contact_given(request)
    )


def _hand_over(request: Asked, alert_id: uuid.UUID) -> None:
    to = request.POST.get("to", "")
    care.hand_over_alert(
        alert_id=alert_id, to=None if to == "outside" else id_of(to, _("Choose to whom.")),
        note=request.POST.get("note", ""), key=key_of(request), by=request.asker, now=request.now,
    )  # fmt: skip


def _confirm(request: Asked, alert_id: uuid.UUID) -> None:
    note = request.POST.get("note", "")
    care.confirm_receipt(alert_id=alert_id, note=note, key=key_of(request), by=request.asker, now=request.now)


def _note(request: Asked, alert_id: uuid.UUID) -> None:
    text = request.POST.get("note", "")
    care.add_note(alert_id=alert_id, text=text, key=key_of(request), by=request.asker, now=request.now)


def _close(request: Asked, alert_id: uuid.UUID) -> None:
    reason, note = request.POST.get("reason", ""), request.POST.get("note", "")
    care.close_alert(alert_id=alert_id, reason=reason, note=note, by=request.asker, now=request.now)


_STEPS: dict[str, Callable[[Any, uuid.UUID], None]] = {
    "acknowledge": _acknowledge, "contact": _contact, "hand-over": _hand_over, "confirm": _confirm, "note": _note,
    "close": _close,
}  # fmt: skip

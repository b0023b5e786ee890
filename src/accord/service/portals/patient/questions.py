"""The pages of an assessment: one question a page, a plain POST, nothing lost (E19)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accord.science.instruments import Item
from accord.service.access.guard import Asked, page
from accord.service.access.table import Action, Resource
from accord.service.assessments import queries
from accord.service.assessments.rules.questions import (
    ASKED_AGAIN,
    OFFICIAL,
    QUESTIONS,
    Held,
    Key,
    Slot,
    neighbour,
    next_open,
    progress,
    shown,
)
from accord.service.errors import Refusal, Stale
from accord.service.fields.keys import new_id
from accord.service.flows.decide_eligibility import decide_eligibility
from accord.service.flows.finish_assessment import finish_assessment
from accord.service.flows.keep_draft import keep_draft
from accord.service.flows.start_course import start_course
from accord.service.flows.submit_answer import submit_answer
from accord.service.library.queries import text
from accord.service.ui.instrument_form import QuestionForm, Unusable, in_words, item_form, question_form, read_answer

SECONDS_AN_ITEM = 7  # the science's own figure (protocols.burden)
NOTES = {"see-a-doctor"}


@dataclass(slots=True)
class Sheet:
    """An assessment as its pages need it: read once a request."""

    assessment: Any
    slots: tuple[Slot, ...]
    answers: dict[Key, Any]
    held: dict[Key, Held]

    @property
    def saved_at(self) -> datetime | None:
        return max((answer.at for answer in self.answers.values()), default=None)

    def values(self) -> dict[Key, object]:
        return {key: held.value for key, held in self.held.items()}

    def answered(self, instrument: str, item: str) -> bool:
        return (instrument, item) in self.held

    def slot(self, number: int) -> Slot | None:
        """The question of a page, if it is asked now."""
        return next((slot for slot in shown(self.slots, self.values()) if slot.number == number), None)

    def form(self, slot: Slot, value: Any) -> QuestionForm:
        """The question in the words that were frozen when the assessment was opened."""
        if slot.instrument == QUESTIONS:
            return question_form(slot.definition, value)  # type: ignore[arg-type]
        instrument = queries.instrument(slot.instrument)
        frozen = str(self.assessment.wordings.get(slot.instrument, ""))
        pack = queries.wording(slot.instrument, frozen.split()[1]) if frozen.startswith(OFFICIAL) else None
        item: Item = slot.definition  # type: ignore[assignment]
        return item_form(instrument, item, pack, value, first=item.id == instrument.items[0].id)


def sheet(request: Asked, assessment_id: uuid.UUID) -> Sheet:
    """Raises NotAllowed for anybody but who is asked."""
    assessment = queries.assessment(request.asker, assessment_id, Action.ANSWER)
    answers = queries.current(assessment)
    return Sheet(assessment, queries.slots(assessment), answers, queries.held(answers))


def go_on(one: Sheet, after: int = 0) -> HttpResponse:
    """To the next open question, or to the page before sending."""
    slot = next_open(one.slots, one.held, after)
    if slot is None:
        return redirect("patient:review", one.assessment.pk)
    return redirect("patient:question", one.assessment.pk, slot.number)


@page(Resource.ASSESSMENT, Action.ANSWER)
@require_http_methods(["GET", "POST"])
def question(request: Asked, assessment_id: uuid.UUID, number: int) -> HttpResponse:
    """One question. A page whose question is not asked (any more) leads on to the one that is."""
    one = sheet(request, assessment_id)
    if one.assessment.submitted_at is not None:
        return redirect("patient:thanks", assessment_id)
    slot = one.slot(number)
    if slot is None:
        return go_on(one, number)
    return _answer(request, one, slot) if request.method == "POST" else _show(request, one, slot)


def _show(
    request: Asked, one: Sheet, slot: Slot, *, fault: str = "", kept: str | None = None, status: int = 200
) -> HttpResponse:
    held = one.held.get(slot.key)
    draft = queries.draft(one.assessment, *slot.key) if _is_text(slot) else None
    value = kept if kept is not None else draft.text if draft else held.value if held else None
    again = ASKED_AGAIN.get(slot.key) if held and held.value is None and held.revision == 1 else None
    place = progress(one.slots, one.held, slot.number)
    context = {
        "form": one.form(slot, value), "progress": place, "fault": fault, "again": text(again) if again else None,
        "assessment": one.assessment, "number": slot.number, "key": new_id(), "zone": one.assessment.person.zone(),
        "asks": asks(slot), "revision": held.revision if held else 0, "draft_revision": draft.revision if draft else 0,
        "saved_at": one.saved_at, "back": neighbour(one.slots, one.held, slot.number),
        "left_out": held is not None and held.value is None,
    }  # fmt: skip
    return render(request, "patient/question.html", context, status=status)


def _answer(request: Asked, one: Sheet, slot: Slot) -> HttpResponse:
    act = request.POST.get("act", "next")
    if request.POST.get("asks", asks(slot)) != asks(slot):
        return go_on(one)  # another set is asked meanwhile (C7): never the answer to one question for another
    given = request.POST.getlist("answer")
    leaving = act in ("back", "pause")
    if leaving and not any(given):
        return _leave(one, slot, act)
    value: Any = None
    if act != "skip":
        try:
            value = read_answer(slot.definition, given)
        except Unusable as wrong:
            if leaving and _is_text(slot) and wrong.kept:
                _keep(request, one, slot, wrong.kept)
            if leaving:
                return _leave(one, slot, act)
            return _show(request, one, slot, fault=wrong.message, kept=wrong.kept, status=400)
    kept, words = _kept_as(slot, value)
    try:
        done = submit_answer(
            assessment_id=one.assessment.pk, instrument=slot.instrument, item=slot.item, value=kept, text=words,
            revision=_number(request, "revision"), key=_key(request), by=request.asker, now=request.now,
        )  # fmt: skip
    except Stale as stale:
        return _conflict(request, one, slot, stale)
    one.answers[slot.key] = done.answer
    one.held = queries.held(one.answers)
    if any(name.startswith("safety") for name in done.screens):
        return redirect("patient:crisis")
    if NOTES & set(done.screens):
        return redirect("patient:note")
    return _leave(one, slot, act) if leaving else go_on(one, slot.number)


def asks(slot: Slot) -> str:
    """Which question a page asked: in the form, never in the address."""
    return f"{slot.instrument}/{slot.item}"


def _kept_as(slot: Slot, value: Any) -> tuple[Any, str]:
    """Free text is kept encrypted, beside the value; everything else is the value."""
    return (None, value or "") if _is_text(slot) else (value, "")


def _leave(one: Sheet, slot: Slot, act: str) -> HttpResponse:
    if act == "pause":
        return redirect("patient:paused")
    before = neighbour(one.slots, one.held, slot.number)
    if before is None:
        return redirect("patient:today")
    return redirect("patient:question", one.assessment.pk, before)


def _conflict(request: Asked, one: Sheet, slot: Slot, stale: Stale) -> HttpResponse:
    """Two windows, two answers: both are shown, and she chooses (nothing was overwritten)."""
    held: Any = stale.held
    given: Any = stale.given
    value, words = given
    stored = held.value if held.value is not None else held.text or None
    form = one.form(slot, stored)
    context = {
        "form": form, "stored": in_words(form, stored), "given": in_words(form, value if value is not None else words),
        "stored_at": held.at, "revision": held.revision, "key": new_id(), "number": slot.number,
        "assessment": one.assessment, "zone": one.assessment.person.zone(),
        "posted": [words] if words else value if isinstance(value, list) else [] if value is None else [value],
        "message": stale.message, "cure": stale.cure,
    }  # fmt: skip
    return render(request, "patient/conflict.html", context, status=409)


def _keep(request: Asked, one: Sheet, slot: Slot, words: str) -> None:
    keep_draft(
        assessment_id=one.assessment.pk, instrument=slot.instrument, item=slot.item, text=words,
        revision=_number(request, "draft_revision"), by=request.asker, now=request.now,
    )  # fmt: skip


def _is_text(slot: Slot) -> bool:
    return slot.definition.kind in ("text", "contact")


def _number(request: Asked, name: str) -> int:
    given = request.POST.get(name, "")
    return int(given) if given.isdecimal() and len(given) < 6 else 0


def _key(request: Asked) -> uuid.UUID:
    """The page's own key: the same page sent twice is one answer."""
    try:
        return uuid.UUID(request.POST.get("key", ""))
    except ValueError:
        cure = _("Go back, load the page again and choose your answer once more.")
        raise Refusal(_("This page was not complete when it was sent."), cure=cure) from None


@page(Resource.ASSESSMENT, Action.ANSWER)
@require_http_methods(["GET", "POST"])
def review(request: Asked, assessment_id: uuid.UUID) -> HttpResponse:
    """Before sending: what was left out, and one button."""
    one = sheet(request, assessment_id)
    screening = one.assessment.time_point == "screening"
    if request.method == "POST":
        finish_assessment(assessment_id=assessment_id, by=request.asker, now=request.now)
        if screening:
            decide_eligibility(episode_id=one.assessment.episode_id, by=request.asker, now=request.now)
            return redirect("patient:today")
        start_course(episode_id=one.assessment.episode_id, by=request.asker, now=request.now)
        return redirect("patient:thanks", assessment_id)
    if one.assessment.submitted_at is not None:
        return redirect("patient:thanks", assessment_id)
    if next_open(one.slots, one.held) is not None:
        return go_on(one)
    asked = shown(one.slots, one.values())
    left_out = [(slot.number, one.form(slot, None).legend) for slot in asked if one.held[slot.key].value is None]
    context = {
        "assessment": one.assessment, "asked": len(asked), "left_out": left_out, "screening": screening,
        "back": neighbour(one.slots, one.held, len(one.slots) + 1),
    }  # fmt: skip
    return render(request, "patient/review.html", context)


def minutes_left(one: Sheet) -> int:
    """About how long the open questions take, rounded up."""
    left = progress(one.slots, one.held, 0).left
    return -(-left * SECONDS_AN_ITEM // 60)

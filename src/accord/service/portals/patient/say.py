"""Something was not right: she says it, reads who answers by when, and finds the answer on the same page."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib import messages as notices
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accord.service.access.guard import Asked, page
from accord.service.access.table import Action, Resource
from accord.service.care import actions
from accord.service.care import queries as care
from accord.service.care.rules.complaints import ABOUT, LONGEST, answer_by
from accord.service.errors import NotAllowed, Refusal
from accord.service.fields.keys import new_id
from accord.service.people.queries import me
from accord.service.ui import complaint_words as words

if TYPE_CHECKING:
    from accord.service.people.models import Person


@page(Resource.COMPLAINT, Action.CREATE)
@require_http_methods(["GET", "HEAD", "POST"])
def say(request: Asked) -> HttpResponse:
    """A form, and what she said before with what came of it."""
    person, refusal, given = me(request.asker), None, {"about": "", "text": ""}
    if request.method == "POST":
        given = {name: request.POST.get(name, "") for name in given}
        try:
            actions.make_complaint(
                about=given["about"], text=given["text"].replace("\r\n", "\n"), key=_key(request), person_id=person.pk,
                by=request.asker, now=request.now,
            )  # fmt: skip
            notices.success(request, _("It has arrived. You find it below, with the day of the answer."))
            return redirect("patient:say")
        except NotAllowed:
            raise
        except Refusal as found:
            refusal = found
            given["text"] = given["text"].replace("\0", "")
    rows = care.own_complaints(request.asker, request.now)
    context = {
        "zone": person.zone(), "given": given, "refusal": refusal, "key": new_id(), "longest": LONGEST, "nav": "say",
        "abouts": [(one, words.ABOUT[one]) for one in ABOUT], "by": _promised(person, request.now),
        "service": person.clinic, "said": [_said(row, request.now) for row in rows],
    }  # fmt: skip
    return render(request, "patient/say.html", context, status=refusal.status if refusal else 200)


def _promised(person: Person, now: datetime) -> datetime:
    return answer_by(care.calendar_for(person.clinic), now)


def _said(row: care.ComplaintRow, now: datetime) -> dict[str, Any]:
    """What she said, where it stands, and every answer; what the service noted for itself is not hers to read here."""
    return {
        "about": words.ABOUT[row.complaint.about], "at": row.complaint.made_at, "text": row.complaint.text,
        "stage": str(row.standing.stage), "by": row.complaint.answer_by, "late": row.complaint.answer_by < now,
        "seen_at": next((one.at for one in row.steps if one.kind == "acknowledged"), None),
        "answers": [(one.at, str(one.reason), one.note) for one in row.steps if one.kind == "answered"],
    }  # fmt: skip


def _key(request: Asked) -> uuid.UUID:
    try:
        return uuid.UUID(request.POST.get("key", ""))
    except ValueError:
        cure = _("Load the page again and send it once more. What you wrote is still below.")
        raise Refusal(_("This page was not complete when it was sent."), cure=cure) from None

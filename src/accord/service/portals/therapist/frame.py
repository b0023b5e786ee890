"""What the pages of this portal share: the frame, whose record it is, and a form as it was posted."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from accord.service.access.table import Role
from accord.service.care import queries as alerts
from accord.service.care.rules.handling import MODES, OUTCOMES, REASONS
from accord.service.errors import NotAllowed, Refusal
from accord.service.fields.keys import new_id
from accord.service.people import queries as people
from accord.service.portals.therapist import words
from accord.service.ui.posted import key_of

if TYPE_CHECKING:
    from accord.service.access.guard import Asked
    from accord.service.people.models import Clinic, Person

MINUTE_TAPS = (5, 10, 15, 20, 30)  # buttons that log a contact or a session of that length (C31)
SPOKEN = ("phone", "in-person", "video")


def common(request: Asked, clinic: Clinic | None = None, here: str = "") -> dict[str, Any]:
    """What every page of this portal needs: who asks, and the zone in which times are said."""
    me = people.me(request.asker)
    return {
        "me": me, "here": here, "zone": (clinic or me.clinic).zone(), "now": request.now,
        "office": request.asker.holds(Role.COORDINATOR),
    }  # fmt: skip


def beside(request: Asked, person: Person, refusal: Refusal | None = None, step: str = "") -> dict[str, Any]:
    """What every page about one person needs; after a refusal also what was typed."""
    return common(request, person.clinic) | {
        "person": person, "name": named(person), "refusal": refusal, "step": step, "key": new_id(),
        "given": request.POST if refusal else {}, "tracks": words.by_hand(), "minute_taps": MINUTE_TAPS,
        "spoken": [(mode, words.MODES[mode]) for mode in SPOKEN],
    }  # fmt: skip


def shown(request: Asked, template: str, context: dict[str, Any]) -> HttpResponse:
    """The page, with the status of the refusal that it carries."""
    refusal = context.get("refusal")
    return render(request, f"therapist/{template}.html", context, status=refusal.status if refusal else 200)


def named(person: Person) -> str:
    return person.name or _("No name given yet")


def clinical(request: Asked, person_id: uuid.UUID) -> Person:
    """A patient whose clinical record the asker may see; a coordinator sees her on the office's pages only, and a
    colleague has none."""
    person = people.person(request.asker, person_id)
    if not alerts.may_see(request.asker, person_id) or not people.in_care(person_id):
        raise NotAllowed(_("There is nobody here that you may see."))
    return person


def choices() -> dict[str, Any]:
    return {
        "modes": [(mode, words.MODES[mode]) for mode in MODES],
        "outcomes": [(outcome, words.OUTCOMES[outcome]) for outcome in OUTCOMES],
        "reasons": [(reason, words.REASONS[reason]) for reason in REASONS],
    }


def entry_id(person_id: uuid.UUID, lesson: str, block: str) -> uuid.UUID:
    """The name of a block of a lesson that an alert is raised from."""
    return uuid.uuid5(person_id, f"{lesson}/{block}")


# ---------------------------------------------------------------------------------------------------- what was posted


def minutes_of(text: str, low: int = 0) -> int:
    """Whole minutes, at most 600."""
    text = text.strip() or "0"
    if not (text.isascii() and text.isdigit() and len(text) < 5) or not low <= int(text) <= 600:
        raise Refusal(_("Minutes are a number from %(low)s to 600.") % {"low": low}, cure=_("Nothing was logged."))
    return int(text)


def contact_given(request: Asked) -> dict[str, Any]:
    """A contact as its form gives it: outcome and minutes on their own, or as one button ("reached:10")."""
    outcome, _sep, taken = request.POST.get("done", "").partition(":")
    return {
        "mode": request.POST.get("mode", ""), "outcome": outcome or request.POST.get("outcome", ""),
        "minutes": minutes_of(taken or request.POST.get("minutes", "")), "note": request.POST.get("note", ""),
        "key": key_of(request),
    }  # fmt: skip


def day_of(text: str, zone: ZoneInfo) -> datetime:
    """The first moment of a day in a zone."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Refusal(_("Choose both days."), cure=_("Nothing was stored.")) from None
    return datetime.combine(day, time(), zone).astimezone(UTC)

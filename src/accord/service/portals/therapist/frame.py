"""What the pages of this portal share: the frame, whose record it is, and a form as it was posted."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from accord.service.access.table import Role
from accord.service.care import queries as alerts
from accord.service.care.rules.handling import MODES, OUTCOMES, REASONS
from accord.service.errors import NotAllowed, Refusal
from accord.service.people import queries as people
from accord.service.portals.therapist import words

if TYPE_CHECKING:
    from accord.service.access.guard import Asked
    from accord.service.people.models import Clinic, Person


def common(request: Asked, clinic: Clinic | None = None, here: str = "") -> dict[str, Any]:
    """What every page of this portal needs: who asks, and the zone in which times are said."""
    me = people.me(request.asker)
    return {
        "me": me, "here": here, "zone": (clinic or me.clinic).zone(), "now": request.now,
        "office": request.asker.holds(Role.COORDINATOR),
    }  # fmt: skip


def clinical(request: Asked, person_id: uuid.UUID) -> Person:
    """A person whose clinical record the asker may see; a coordinator sees her on the office's pages only."""
    person = people.person(request.asker, person_id)
    if not alerts.may_see(request.asker, person_id):
        raise NotAllowed(_("There is nobody here that you may see."))
    return person


def choices() -> dict[str, Any]:
    return {
        "modes": [(mode, words.MODES[mode]) for mode in MODES],
        "outcomes": [(outcome, words.OUTCOMES[outcome]) for outcome in OUTCOMES],
        "reasons": [(reason, words.REASONS[reason]) for reason in REASONS],
    }


def key_of(request: Asked) -> uuid.UUID:
    return id_of(request.POST.get("key", ""), _("This page is too old to be sent."))


def id_of(text: str, problem: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise Refusal(problem, cure=_("Nothing was stored.")) from None


def contact_given(request: Asked) -> dict[str, Any]:
    """A contact as its form gives it."""
    minutes = request.POST.get("minutes", "").strip() or "0"
    if not (minutes.isascii() and minutes.isdigit() and len(minutes) < 5):
        raise Refusal(_("Minutes are a number from 0 to 600."), cure=_("Nothing was logged."))
    return {
        "mode": request.POST.get("mode", ""), "outcome": request.POST.get("outcome", ""), "minutes": int(minutes),
        "note": request.POST.get("note", ""), "key": key_of(request),
    }  # fmt: skip

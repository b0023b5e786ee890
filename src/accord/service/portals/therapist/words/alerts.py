"""Alerts as a clinician reads them: the reason, what is due, who has it, what was done."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accord.service.care.queries import AlertPage, Standing, Told
from accord.service.care.rules.handling import MORE, Stage
from accord.service.portals.therapist.words.labels import MODES, OUTCOMES, REASONS, TIERS, TRACKS
from accord.service.ui.moments import said

if TYPE_CHECKING:
    pass


def headline(one: Standing) -> str:
    """The first reason of an alert, as the ladder says it; what was added last stands first."""
    return next(iter(one.reasons()), str(TRACKS.get(one.alert.track, one.alert.track)))


def raised(one: Standing, zone: ZoneInfo, now: datetime) -> str:
    return _("Raised %(when)s.") % {"when": said(one.alert.raised_at, zone, now)}


def due(one: Standing, zone: ZoneInfo, now: datetime) -> str:
    """What is due next and by when; what has passed and who was told."""
    state = one.state
    if state.stage is Stage.CLOSED:
        return _("Closed.")
    told = ngettext("One person further up was told.", "It has risen %(n)s times.", state.level) % {"n": state.level}
    if state.due is None:
        return _("Somebody has it in hand.")
    when = said(state.due, zone, now)
    open_, late = {
        Stage.RAISED: (_("Acknowledge by %(when)s."), _("To be acknowledged by %(when)s: that has passed.")),
        Stage.HANDED_OVER: (_("Hand-over to be confirmed by %(when)s."), _("The hand-over is not confirmed.")),
        Stage.ACKNOWLEDGED: (_("Make contact by %(when)s."), _("Contact was due by %(when)s: that has passed.")),
    }[state.stage]
    text = (late if state.late else open_) % {"when": when}
    return f"{text} {told}" if state.late and state.level else text


def height(one: Standing) -> str:
    """The track and height of an alert in words."""
    track = TRACKS.get(one.alert.track, one.alert.track)
    said_ = TIERS.get(one.alert.clock, one.alert.clock)
    if one.alert.unknown and one.alert.tier == "unknown":
        return _("%(track)s: not known, treated as %(height)s") % {"track": track, "height": said_}
    return _("%(track)s: %(height)s") % {"track": track, "height": said_}


def stage(page: AlertPage) -> str:
    """Who has it, in a sentence."""
    state = page.standing.state
    match state.stage:
        case Stage.CLOSED:
            return _("This alert is closed.")
        case Stage.HANDED_OVER if page.offered_to is not None:
            return _("Handed to %(who)s, who has not confirmed yet.") % {"who": page.offered_to.name}
        case Stage.HANDED_OVER:
            return _("Handed over to the outside, not confirmed yet.")
        case Stage.ACKNOWLEDGED:
            return _("%(who)s has it.") % {"who": page.holder.name if page.holder else _("Somebody")}
        case Stage.RAISED if page.told_first is not None:
            return _("Nobody has it yet. %(who)s was told first.") % {"who": page.told_first.name}
    return _("Nobody has it yet.")


def step(one: Told) -> str:
    """A step of the story, in a sentence."""
    who = one.by or _("The service")
    match one.kind:
        case "acknowledged":
            return _("%(who)s acknowledged it.") % {"who": who}
        case "contact":
            mode, outcome = MODES.get(one.reason, one.reason), OUTCOMES.get(one.outcome, one.outcome)
            return _("%(who)s tried by %(mode)s: %(outcome)s.") % {"who": who, "mode": mode, "outcome": outcome}
        case "handed-over":
            return _("%(who)s handed it to %(to)s.") % {"who": who, "to": one.to or _("the outside")}
        case "receipt" if one.outcome == "taken-back":
            return _("%(who)s took it back.") % {"who": who}
        case "receipt":
            return _("%(who)s confirmed the hand-over.") % {"who": who}
        case "escalated":
            return _("Nobody had acted in time; %(to)s was told.") % {"to": one.to or _("the clinic's page")}
        case "closed":
            return _("%(who)s closed it: %(reason)s.") % {"who": who, "reason": REASONS.get(one.reason, one.reason)}
    if one.outcome == MORE:
        return _("A further answer: %(reason)s") % {"reason": one.reason}
    if one.outcome == "again":
        return _("The button was pressed again.")
    if one.outcome.startswith("later:"):
        return _("A later answer on the same occasion said less; the alert stays as it is.")
    return _("%(who)s noted:") % {"who": who}

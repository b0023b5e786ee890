"""What a clinician reads: reasons, states and steps in words. Facts come in, sentences go out; nothing is decided."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accord.service.care.queries import AlertPage, CaseRow, Standing, Told
from accord.service.care.rules.handling import MORE, Stage
from accord.service.care.rules.needs import Need
from accord.service.episodes.rules import State
from accord.service.ui.moments import said, since

TRACKS = {
    "risk": gettext_lazy("Safety"),
    "health": gettext_lazy("Health"),
    "change": gettext_lazy("Getting worse"),
    "silence": gettext_lazy("Quiet"),
    "safeguarding": gettext_lazy("Safeguarding"),
}
TIERS = {
    "r3": gettext_lazy("highest, act at once"),
    "r2": gettext_lazy("high, act within the hour"),
    "r1": gettext_lazy("watch, one working day"),
    "d2": gettext_lazy("a doctor should see this, two working days"),
    "d1": gettext_lazy("this week"),
    "i1": gettext_lazy("one working day"),
    "i2": gettext_lazy("one working day"),
    "safe": gettext_lazy("high, act within the hour"),
}
MODES = {
    "phone": gettext_lazy("telephone"),
    "message": gettext_lazy("message"),
    "video": gettext_lazy("video"),
    "in-person": gettext_lazy("in person"),
}
OUTCOMES = {
    "reached": gettext_lazy("reached"),
    "left-message": gettext_lazy("left a message"),
    "not-reached": gettext_lazy("not reached"),
}
REASONS = {
    "reached-and-safe": gettext_lazy("Reached; safe, and what to do next is agreed"),
    "urgent-help-came": gettext_lazy("Emergency or crisis help has arrived"),
    "handed-over": gettext_lazy("Handed over, and the other side confirmed"),
    "answered-by-mistake": gettext_lazy("Answered by mistake, confirmed in person"),
    "not-reached-letter": gettext_lazy("Not reached after three attempts; letter sent"),
    "other": gettext_lazy("Another reason, in the note"),
}
STATES = {
    State.REFERRED: gettext_lazy("referred"),
    State.SCREENING: gettext_lazy("answering the first questions"),
    State.NOT_ELIGIBLE: gettext_lazy("not eligible"),
    State.ELIGIBLE: gettext_lazy("eligible, not yet consented"),
    State.CONSENTED: gettext_lazy("consented"),
    State.ENROLLED: gettext_lazy("enrolled"),
    State.DISCHARGED: gettext_lazy("discharged"),
    State.WITHDRAWN: gettext_lazy("withdrew"),
}
TIME_POINTS = {"screening": gettext_lazy("Screening"), "baseline": gettext_lazy("First questions (baseline)")}


@dataclass(frozen=True, slots=True)
class Why:
    """The reason somebody stands on the list: a headline, what to know besides, how loud, and what to do."""

    headline: str
    detail: str
    tone: str  # alert, warm, or nothing
    do: str
    to: str  # alert, thread, patient


def why(row: CaseRow, zone: ZoneInfo, now: datetime) -> Why:
    """Why she stands here, in words, and the one thing to open."""
    return _WHY[row.need](row, zone, now)


def _alert(row: CaseRow, zone: ZoneInfo, now: datetime) -> Why:
    assert row.alert is not None
    one = row.alert
    return Why(headline(one), f"{raised(one, zone, now)} {due(one, zone, now)}", "alert", _("Open the alert"), "alert")


def _in_hand(row: CaseRow, zone: ZoneInfo, now: datetime) -> Why:
    assert row.alert is not None
    one = row.alert
    return Why(headline(one), f"{raised(one, zone, now)} {due(one, zone, now)}", "warm", _("Go on with it"), "alert")


def _late_reply(row: CaseRow, zone: ZoneInfo, now: datetime) -> Why:
    assert row.waiting is not None
    assert row.waiting.reply_due_at is not None
    promised = said(row.waiting.reply_due_at, zone, now)
    detail = _("Promised by %(due)s; that has passed.") % {"due": promised}
    return Why(_("Waits for a reply that is late"), detail, "warm", _("Reply"), "thread")


def _reply(row: CaseRow, zone: ZoneInfo, now: datetime) -> Why:
    assert row.waiting is not None
    wrote = _("Wrote %(when)s.") % {"when": said(row.waiting.sent_at, zone, now)}
    if row.waiting.reply_due_at is None:
        return Why(_("Waits for your reply"), wrote, "", _("Reply"), "thread")
    promised = _("Promised by %(due)s.") % {"due": said(row.waiting.reply_due_at, zone, now)}
    return Why(_("Waits for your reply"), f"{promised} {wrote}", "", _("Reply"), "thread")


def _unfinished(row: CaseRow, zone: ZoneInfo, now: datetime) -> Why:
    assert row.begun is not None
    detail = _("Opened %(when)s. What was answered is kept.") % {"when": since(row.begun, now)}
    return Why(_("Began the questions and did not go on"), detail, "", _("Call and log"), "patient")


def _no_contact(row: CaseRow, zone: ZoneInfo, now: datetime) -> Why:
    detail = _("Nobody has called or written yet.")
    return Why(_("No contact yet"), detail, "", _("Call and log"), "patient")


def _quiet(row: CaseRow, zone: ZoneInfo, now: datetime) -> Why:
    assert row.last_heard is not None
    headline_ = _("Nothing heard since %(when)s") % {"when": said(row.last_heard, zone, now)}
    return Why(headline_, _("No answer, message or contact since then."), "", _("Call and log"), "patient")


def _nothing(row: CaseRow, zone: ZoneInfo, now: datetime) -> Why:
    return Why(_("Nothing is waiting"), "", "", _("Open"), "patient")


_WHY: dict[Need, Callable[[CaseRow, ZoneInfo, datetime], Why]] = {
    Need.ALERT: _alert, Need.ALERT_IN_HAND: _in_hand, Need.LATE_REPLY: _late_reply, Need.REPLY: _reply,
    Need.UNFINISHED: _unfinished, Need.NO_CONTACT: _no_contact, Need.QUIET: _quiet, Need.NOTHING: _nothing,
}  # fmt: skip


# ---------------------------------------------------------------------------------------------------- alerts


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

"""Why somebody stands on a caseload: a reason as a fact comes in, a sentence and what to open go out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from accord.service.care.queries import CaseRow
from accord.service.care.rules.needs import Need, Reason
from accord.service.portals.therapist.words.alerts import due, headline, raised
from accord.service.portals.therapist.words.contacts import promised
from accord.service.portals.therapist.words.lessons import unread
from accord.service.portals.therapist.words.support import flag_name
from accord.service.ui.moments import said, since

if TYPE_CHECKING:
    pass


@dataclass(frozen=True, slots=True)
class Why:
    """The reason somebody stands on the list: a headline, what to know besides, how loud, and what to do."""

    headline: str
    detail: str
    tone: str  # alert, warm, or nothing
    do: str
    to: str  # the page to open: alert, thread, support, sessions, lesson_answers, patient


def why(reason: Reason, row: CaseRow, zone: ZoneInfo, now: datetime) -> Why:
    """A reason in words, and the one thing to open."""
    return _WHY[reason.need](reason, row, zone, now)


def nothing() -> Why:
    return Why(_("Nothing is waiting"), "", "", _("Open"), "patient")


def _alert(reason: Reason, row: CaseRow, zone: ZoneInfo, now: datetime) -> Why:
    one = row.alert
    if one is None or one.alert.pk != reason.about:
        return Why(next(iter(reason.words), _("An alert is open")), "", "alert", _("Open the alert"), "alert")
    in_hand = reason.need is Need.ALERT_IN_HAND
    text = f"{raised(one, zone, now)} {due(one, zone, now)}"
    return Why(headline(one), text, "warm" if in_hand else "alert", _("Go on with it") if in_hand else
               _("Open the alert"), "alert")  # fmt: skip


def _reply(reason: Reason, row: CaseRow, zone: ZoneInfo, now: datetime) -> Why:
    late = reason.need is Need.LATE_REPLY
    headline_ = _("Waits for a reply that is late") if late else _("Waits for your reply")
    told = promised(row.waiting, zone, now).words if row.waiting else ""
    return Why(headline_, told, "warm" if late else "", _("Reply"), "thread")


def _flag(reason: Reason, row: CaseRow, zone: ZoneInfo, now: datetime) -> Why:
    return Why(flag_name(reason.kind), " ".join(reason.words), "warm", _("What could help"), "support")


def _look_again(reason: Reason, row: CaseRow, zone: ZoneInfo, now: datetime) -> Why:
    headline_ = _("Three weeks ago: %(what)s. Did it help?") % {"what": flag_name(reason.kind)}
    return Why(headline_, "", "warm", _("Look again"), "support")


def _soft_flag(reason: Reason, row: CaseRow, zone: ZoneInfo, now: datetime) -> Why:
    """What a list says of silence: by a flag, or by itself."""
    if reason.kind:
        return Why(flag_name(reason.kind), " ".join(reason.words), "", _("What could help"), "support")
    if reason.need is Need.NOT_STARTED:
        detail = _("The course opened %(when)s.") % {"when": since(reason.at, now)}
        return Why(_("Has not started"), detail, "", _("Call and log"), "patient")
    headline_ = _("Nothing heard since %(when)s") % {"when": said(reason.at, zone, now)}
    return Why(headline_, _("No answer, message, lesson or contact since then."), "", _("Call and log"), "patient")


def _came_back(reason: Reason, row: CaseRow, zone: ZoneInfo, now: datetime) -> Why:
    headline_ = _("Is back: was flagged as “%(what)s”") % {"what": flag_name(reason.kind)}
    return Why(headline_, _("Heard of since. The flag stays until you say what you do."), "", _("Open"), "support")


def _session(reason: Reason, row: CaseRow, zone: ZoneInfo, now: datetime) -> Why:
    when = said(reason.at, zone, now)
    if reason.at < now:
        headline_ = _("Session %(when)s: was it held?") % {"when": when}
    else:
        headline_ = _("Session %(when)s") % {"when": when}
    return Why(headline_, "", "", _("Sessions"), "sessions")


def _unfinished(reason: Reason, row: CaseRow, zone: ZoneInfo, now: datetime) -> Why:
    detail = _("Opened %(when)s. What was answered is kept.") % {"when": since(reason.at, now)}
    return Why(_("Began the questions and did not go on"), detail, "", _("Call and log"), "patient")


def _no_contact(reason: Reason, row: CaseRow, zone: ZoneInfo, now: datetime) -> Why:
    return Why(_("No contact yet"), _("Nobody has called or written yet."), "", _("Call and log"), "patient")


def _unread(reason: Reason, row: CaseRow, zone: ZoneInfo, now: datetime) -> Why:
    count = row.course.unread_entries if row.course else 0
    headline_ = unread(count)
    return Why(headline_[:1].upper() + headline_[1:], "", "", _("Read"), "lesson_answers")


_WHY: dict[Need, Callable[[Reason, CaseRow, ZoneInfo, datetime], Why]] = {
    Need.ALERT: _alert, Need.ALERT_IN_HAND: _alert, Need.LATE_REPLY: _reply, Need.REPLY: _reply, Need.FLAG: _flag,
    Need.SESSION: _session, Need.LOOK_AGAIN: _look_again, Need.NOT_STARTED: _soft_flag, Need.QUIET: _soft_flag,
    Need.UNFINISHED: _unfinished, Need.NO_CONTACT: _no_contact, Need.SAME: _soft_flag, Need.CAME_BACK: _came_back,
    Need.UNREAD: _unread,
}  # fmt: skip

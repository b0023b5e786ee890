"""Contacts, promises of an answer and mails, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accord.service.portals.therapist.words.labels import MAILS, MODES, OUTCOMES
from accord.service.ui import rescue_words
from accord.service.ui.harm_words import KINDS
from accord.service.ui.moments import said

if TYPE_CHECKING:
    from accord.service.care.models import Contact, Harm, Rescue
    from accord.service.messaging.queries import Waiting
    from accord.service.outbox.queries import Mail


def contact(row: Contact) -> str:
    """A contact in a few words."""
    mode, outcome = MODES.get(row.mode, row.mode), OUTCOMES.get(row.outcome, row.outcome)
    return _("Contact by %(mode)s: %(outcome)s, %(n)s min") % {"mode": mode, "outcome": outcome, "n": row.minutes}


def rescue(row: Rescue) -> str:
    """An attempt to reach somebody who had not started or had gone quiet, with the reason that was said."""
    reason = rescue_words.REASONS.get(row.reason)
    text = _("Start and stay: %(what)s") % {"what": rescue_words.attempt(row)}
    return f"{text} ({reason})" if reason else text


def harm(row: Harm) -> str:
    """An adverse event in a few words."""
    return _("Adverse event: %(what)s, %(bad)s") % {"what": KINDS.get(row.what, row.what), "bad": row.severity}


@dataclass(frozen=True, slots=True)
class Promised:
    """What is promised to somebody who waits."""

    words: str
    late: bool


def promised(waits: Waiting, zone: ZoneInfo, now: datetime) -> Promised:
    """When she wrote, by when an answer is promised, and how long that is from now."""
    wrote = _("Written %(when)s.") % {"when": said(waits.sent_at, zone, now)}
    if waits.reply_due_at is None:
        return Promised(wrote, late=False)
    due_ = said(waits.reply_due_at, zone, now)
    if waits.reply_due_at < now:
        return Promised(f"{_('Promised by %(due)s; that has passed.') % {'due': due_}} {wrote}", late=True)
    left = _("Promised by %(due)s, %(left)s.") % {"due": due_, "left": until(waits.reply_due_at, now)}
    return Promised(f"{left} {wrote}", late=False)


def until(moment: datetime, now: datetime) -> str:
    """How long it is until a moment, in hours or days."""
    hours = max(int((moment - now).total_seconds() // 3600), 0)
    if not hours:
        return _("within the hour")
    if hours < 48:
        return ngettext("in %(n)s hour", "in %(n)s hours", hours) % {"n": hours}
    return ngettext("in %(n)s day", "in %(n)s days", hours // 24) % {"n": hours // 24}


def mail(row: Mail, zone: ZoneInfo, now: datetime) -> str:
    """What was to be sent, whether it was, and why not (U2)."""
    what = str(MAILS.get(row.kind, row.kind.replace("-", " ")))
    if row.state == "done":
        return _("%(what)s: sent %(when)s") % {"what": what, "when": said(row.at, zone, now)}
    if row.state == "waiting":
        text = _("%(what)s: looked at again %(when)s") % {"what": what, "when": said(row.at, zone, now)}
    else:
        text = _("%(what)s: not sent") % {"what": what}
    return f"{text}. {row.why}".rstrip(". ") + "."

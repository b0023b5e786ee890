"""Moments near now as staff say them: "today 09:10", "tomorrow 17:00", "Tue 14 Apr, 09:10"; and how long ago."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import dateformat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def said(moment: datetime, zone: ZoneInfo, now: datetime) -> str:
    """A moment in words, in `zone`: by its day when it is near, else with weekday and date."""
    local, today = moment.astimezone(zone), now.astimezone(zone).date()
    near = {-1: _("yesterday"), 0: _("today"), 1: _("tomorrow")}.get((local.date() - today).days)
    clock = dateformat.format(local, "H:i")
    if near:
        return f"{near} {clock}"
    return f"{dateformat.format(local, 'D j M' if abs((local.date() - today).days) < 300 else 'D j M Y')}, {clock}"


def since(moment: datetime, now: datetime) -> str:
    """How long ago, in the one unit that fits: minutes, hours, days."""
    gone = max(now - moment, timedelta())
    if gone < timedelta(minutes=1):
        return _("just now")
    if gone < timedelta(hours=1):
        minutes = gone // timedelta(minutes=1)
        return ngettext("%(n)s minute ago", "%(n)s minutes ago", minutes) % {"n": minutes}
    if gone < timedelta(days=1):
        hours = gone // timedelta(hours=1)
        return ngettext("%(n)s hour ago", "%(n)s hours ago", hours) % {"n": hours}
    days = gone // timedelta(days=1)
    return ngettext("%(n)s day ago", "%(n)s days ago", days) % {"n": days}

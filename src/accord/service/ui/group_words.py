"""Groups in words and forms, for every portal that shows them: labels, one meeting, a date as a form gives it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accord.service.ui.moments import said

if TYPE_CHECKING:
    from collections.abc import Mapping

    from accord.service.care.queries import GroupMeeting

FORMS = {
    "closed": gettext_lazy("closed: all begin together"),
    "open": gettext_lazy("open: people join later too"),
}
SHORT = {"closed": gettext_lazy("closed"), "open": gettext_lazy("open")}
MODES = {
    "video": gettext_lazy("by video"), "in-person": gettext_lazy("in person"), "phone": gettext_lazy("by telephone"),
}  # fmt: skip
LEAVES = {
    "finished": gettext_lazy("has been through it"),
    "her-wish": gettext_lazy("her wish"),
    "other-group": gettext_lazy("goes to another group"),
    "time-does-not-fit": gettext_lazy("the time does not fit"),
    "course-ended": gettext_lazy("her treatment has ended"),
    "other": gettext_lazy("another reason"),
}
CANCELLED = {
    "leader-away": gettext_lazy("whoever leads it is away"),
    "holiday": gettext_lazy("holiday"),
    "too-few": gettext_lazy("too few people"),
    "nobody-came": gettext_lazy("nobody came"),
    "other": gettext_lazy("another reason"),
}
MISSED = {
    "said-before": gettext_lazy("had said so before"),
    "not-there": gettext_lazy("was not there"),
    "unwell": gettext_lazy("was not well"),
    "technical": gettext_lazy("technical trouble"),
    "other": gettext_lazy("another reason"),
}
SERIES_FIELDS = ("number", "every_days", "minutes")


def how(mode: str, minutes: int) -> str:
    """`by video, 90 min`."""
    return _("%(mode)s, %(n)s min") % {"mode": MODES.get(mode, mode), "n": minutes}


def met(one: GroupMeeting, zone: ZoneInfo, now: datetime) -> dict[str, Any]:
    """One meeting as a page shows it: when, how, where, and what can be done about it."""
    last, local = one.last, one.last.starts_at.astimezone(zone)
    return {
        "id": one.meeting.pk, "number": one.meeting.number, "when": said(last.starts_at, zone, now),
        "how": how(last.mode, last.minutes), "place": last.place, "held": one.held, "cancelled": one.cancelled,
        "open": one.open, "why": CANCELLED.get(last.reason, ""), "begun": last.starts_at <= now, "mode": last.mode,
        "waits": one.waits_for_word(now), "day": f"{local:%Y-%m-%d}", "time": f"{local:%H:%M}",
        "minutes": last.minutes, "revision": last.revision, "starts_at": last.starts_at,
    }  # fmt: skip


def choices() -> dict[str, Any]:
    """What the forms about groups offer."""
    return {
        "forms": FORMS.items(), "modes": MODES.items(), "leaves": LEAVES.items(), "cancels": CANCELLED.items(),
        "misses": MISSED.items(),
    }  # fmt: skip


def number_posted(post: Mapping[str, str], name: str, usual: int = -1) -> int:
    """A whole number as a form gives it; -1 for what is none, which every rule refuses in its own words."""
    text = post.get(name, "").strip()
    if not text:
        return usual
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else -1

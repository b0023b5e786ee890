"""What a form posted, read back: ids, keys, days, moments. What cannot be read is refused in words."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from accord.service.errors import Refusal

if TYPE_CHECKING:
    from accord.service.access.guard import Asked


def key_of(request: Asked) -> uuid.UUID:
    """The key that makes one post of a form one row."""
    return id_of(request.POST.get("key", ""), _("This page is too old to be sent."))


def id_of(text: str, problem: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise Refusal(problem, cure=_("Nothing was stored.")) from None


def day_given(text: str) -> date | None:
    """A day as the field of a browser sends it; None for none or for what is no day."""
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None


def moment_posted(post: Mapping[str, str], zone: ZoneInfo) -> datetime:
    """The day and clock time of a form, in a zone; an hour that the clocks skip is refused."""
    try:
        day = date.fromisoformat(post.get("day", ""))
        clock = time.fromisoformat(post.get("time", ""))
    except ValueError:
        raise Refusal(_("Choose a day and a clock time."), cure=_("Nothing was stored.")) from None
    local = datetime.combine(day, clock.replace(tzinfo=None, second=0, microsecond=0), zone)
    moment = local.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        problem = _("That hour does not exist on that day: the clocks are put forward.")
        raise Refusal(problem, cure=_("Choose another time."))
    return moment

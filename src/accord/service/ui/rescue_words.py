"""What is said of start and stay on the pages of staff: why somebody is listed, what was tried, what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import dateformat
from django.utils.translation import gettext_lazy

if TYPE_CHECKING:
    from accord.service.care.models import Rescue

WHYS = {
    "not-started": gettext_lazy("Has not started"),
    "quiet": gettext_lazy("Has gone quiet"),
    "no-baseline": gettext_lazy("Said yes, first questions not sent"),
    "no-consent": gettext_lazy("May take part, has not said yes or no"),
}
SINCE = {
    "not-started": gettext_lazy("Course open since %(day)s, %(n)s days"),
    "quiet": gettext_lazy("Something was due %(day)s, nothing heard for %(n)s days"),
    "no-baseline": gettext_lazy("Since %(day)s, %(n)s days"),
    "no-consent": gettext_lazy("Since %(day)s, %(n)s days"),
}
REASONS = {
    "no-time": gettext_lazy("no time"),
    "technical-trouble": gettext_lazy("technical trouble"),
    "pain-too-bad": gettext_lazy("pain too bad at the moment"),
    "unsure": gettext_lazy("unsure whether it is the right thing"),
    "feeling-better": gettext_lazy("feels better"),
    "other-help": gettext_lazy("gets other help"),
    "changed-mind": gettext_lazy("changed their mind"),
    "unknown": gettext_lazy("not known"),
}
KINDS = {
    "technical-help": gettext_lazy("way back in sent"),
    "call": gettext_lazy("call"),
    "message": gettext_lazy("written to"),
    "later": gettext_lazy("put off"),
}
OUTCOMES = {
    "reached": gettext_lazy("reached"),
    "left-message": gettext_lazy("left a message"),
    "not-reached": gettext_lazy("not reached"),
}
THEN = {
    "again": gettext_lazy("Call again on a day"),
    "start": gettext_lazy("The start is moved to a day"),
    "stop": gettext_lazy("Wants to stop"),
}
AGREED = {  # the same with its day
    "again": gettext_lazy("call again on %(day)s"),
    "start": gettext_lazy("the start is moved to %(day)s"),
    "": gettext_lazy("until %(day)s"),
}
LAST = {
    "answers": gettext_lazy("sent answers"),
    "lesson": gettext_lazy("was in the lessons"),
    "message": gettext_lazy("wrote a message"),
    "talk": gettext_lazy("spoke with us"),
    "flare": gettext_lazy("was on the page"),
}


def attempt(row: Rescue) -> str:
    """One attempt in a few words: what, what came of it, what was agreed."""
    parts = [str(KINDS[row.kind])]
    parts += [str(OUTCOMES[row.outcome])] if row.outcome else []
    if row.again_on and row.then in AGREED:
        parts.append(AGREED[row.then] % {"day": dateformat.format(row.again_on, "D j M")})
    elif row.then:
        parts.append(str(THEN[row.then]).lower())
    return ", ".join(parts)

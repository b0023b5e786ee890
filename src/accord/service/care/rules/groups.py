"""Groups in plain values: who may join, what a series is, how minutes are shared, which names tell nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

CLOSED, OPEN = "closed", "open"
MODES = ("video", "in-person", "phone")
PLACES = (2, 40)  # the fewest and the most people of a group
SERIES = (1, 52)  # meetings planned at once
EVERY = (1, 60)  # days from one meeting to the next
MINUTES = (15, 300)
AHEAD = timedelta(days=2 * 366)
FINISHED = "finished"
# Why somebody leaves a group, and why a meeting is called off. Words about what happened, never about fault.
LEAVES = (FINISHED, "her-wish", "other-group", "time-does-not-fit", "course-ended", "other")
CANCELLED = ("leader-away", "holiday", "too-few", "nobody-came", "other")
MISSED = ("said-before", "not-there", "unwell", "technical", "other")

# A group's name stands in a calendar that others may see (C41): it names nothing of health.
_TELLS = re.compile(
    r"\b(pain(?:s|ful)?|chronic\w*|clinic\w*|therap\w*|treatment\w*|patient\w*|psych\w*|depress\w*|anxi\w*|mental\w*|"
    r"health\w*|illness\w*|disease\w*|fibromyalgia|hospital\w*|crisis|suicid\w*)\b",
    re.IGNORECASE,
)


def telling_word(name: str) -> str:
    """The word by which a name would tell who reads along what the group is for; nothing when it is neutral."""
    found = _TELLS.search(name)
    return found[0] if found else ""


def why_not_join(*, form: str, places: int, taken: int, first_begun: bool, ended: bool) -> str:
    """Why nobody can join now: "ended", "begun" (a closed group has met), "full", or nothing."""
    if ended:
        return "ended"
    if form == CLOSED and first_begun:
        return "begun"
    return "full" if taken >= places else ""


def series(first: datetime, every_days: int, number: int, zone: ZoneInfo) -> list[datetime]:
    """The moments of a series: the same clock time in the clinic's zone each time, also when the clocks change.

    An hour that the clocks skip on one of the days is the hour after it, as `zoneinfo` reads it.
    """
    local = first.astimezone(zone).replace(tzinfo=None)
    return [(local + timedelta(days=every_days * n)).replace(tzinfo=zone).astimezone(UTC) for n in range(number)]


def wrong_series(*, first: datetime, every_days: int, number: int, minutes: int, mode: str, now: datetime) -> str:
    """Why a series cannot be planned like this: "mode", "number", "every", "minutes", "past", "far", or nothing."""
    checks = (
        ("mode", mode in MODES),
        ("number", SERIES[0] <= number <= SERIES[1]),
        ("every", number == 1 or EVERY[0] <= every_days <= EVERY[1]),
        ("minutes", MINUTES[0] <= minutes <= MINUTES[1]),
        ("past", first > now),
        ("far", first + timedelta(days=every_days * (number - 1)) <= now + AHEAD),
    )
    return next((name for name, good in checks if not good), "")


def shares(minutes: int, attended: Sequence[object]) -> dict[object, int]:
    """A meeting's minutes divided by those who came: whole minutes that add up to the meeting's.

    The first in order get one more where it does not divide. With nobody there, nothing is shared. `attended` comes in
    an order that does not change, so that a correction moves as few minutes as it can.
    """
    if not attended:
        return {}
    each, left = divmod(minutes, len(attended))
    return {who: each + (place < left) for place, who in enumerate(attended)}

"""Her days: dates in her zone, counted from the date of enrolment; and on how many of them she practised.

Nothing here is a streak: seven days are looked at, whichever they are, and an empty day is a day.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

WEEK = timedelta(days=7)


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """Her date at a moment."""
    return moment.astimezone(zone).date()


def course_day(moment: datetime, zone: ZoneInfo, enrolled: datetime) -> int:
    """Days from enrolment (day 0), by the calendar of her zone: a clock change or an hour of the day moves nothing."""
    return (local_day(moment, zone) - local_day(enrolled, zone)).days


def practised_days(rows: Iterable[tuple[date, int]], today: date) -> int:
    """On how many of the last seven days, today included, she practised at least a minute. Rows: (day, minutes)."""
    return len({day for day, minutes in rows if minutes > 0 and today - WEEK < day <= today})

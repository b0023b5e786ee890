"""When a reminder may leave: at her hour, in her zone, never at night, at most one a day, never while she paused them.

Everything is decided again at the moment of sending (U1); a moment that does not fit is put off, never forced.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

EARLIEST, LATEST = 8, 20  # the hours that she may choose; nothing leaves from 21:00 until 8:00
USUAL = 10


@dataclass(frozen=True, slots=True)
class Wish:
    """What she chose: reminders at all, at which hour, and until which day none (that day is the first with one)."""

    on: bool = True
    hour: int = USUAL
    paused_until: date | None = None


@dataclass(frozen=True, slots=True)
class PutOff:
    """Not now: at `until`, because."""

    until: datetime
    reason: str


def at_hour(day: date, hour: int, zone: ZoneInfo) -> datetime:
    """Her hour on a day. One her clocks jump over is the moment they jump to; of one that comes twice, the first."""
    return datetime.combine(day, time(hour), zone).astimezone(UTC)


def next_hour(now: datetime, hour: int, zone: ZoneInfo) -> datetime:
    """The next time that it is her hour, from now on."""
    today = now.astimezone(zone).date()
    moments = (at_hour(today + timedelta(days=ahead), hour, zone) for ahead in range(4))
    return next(moment for moment in moments if moment >= now and awake(moment, zone))


def awake(now: datetime, zone: ZoneInfo) -> bool:
    """Whether it is an hour at which mail may arrive where she is."""
    return EARLIEST <= now.astimezone(zone).hour <= LATEST


def may_leave(wish: Wish, now: datetime, zone: ZoneInfo, last: datetime | None = None) -> PutOff | str:
    """ "" when a reminder may leave now; PutOff for later; a reason for never. `last`: when the last one left."""
    if not wish.on:
        return "She has switched reminders off."
    today = now.astimezone(zone).date()
    if wish.paused_until and today < wish.paused_until:
        return PutOff(
            next_hour(at_hour(wish.paused_until, EARLIEST, zone), wish.hour, zone), "She has paused reminders."
        )
    if last is not None and last.astimezone(zone).date() >= today:
        tomorrow = at_hour(today + timedelta(days=1), EARLIEST, zone)
        return PutOff(next_hour(tomorrow, wish.hour, zone), "Another reminder was sent today.")
    if not awake(now, zone):
        return PutOff(next_hour(now, wish.hour, zone), "It is night where she is.")
    return ""

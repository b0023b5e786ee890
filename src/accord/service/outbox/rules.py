"""Leases, waits and silence, as numbers with a name. Plain values in, plain values out."""

from __future__ import annotations

from datetime import datetime, timedelta

LEASE = timedelta(minutes=2)  # longer than any one message takes, time-outs included
FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(minutes=30)
ATTEMPTS = 20  # with the waits below, a mail server that is down for seven hours loses nothing
SILENCE = timedelta(minutes=2)  # after which a heartbeat counts as stopped


def wait_after(attempts: int) -> timedelta:
    """How long to wait after the n-th failed attempt: 15 s, doubled each time, at most half an hour."""
    return min(FIRST_WAIT * 2 ** min(max(attempts - 1, 0), 20), LONGEST_WAIT)


def patience() -> timedelta:
    """From the first failed attempt to giving up."""
    return sum((wait_after(n) for n in range(1, ATTEMPTS)), timedelta())


def silent_for(at: datetime | None, now: datetime) -> timedelta | None:
    """How long a heartbeat has been silent; None while it beats. A beat from the future, after a clock was put back,
    counts as silence as well: the next beat mends it."""
    if at is None:
        return timedelta.max
    apart = abs(now - at)
    return apart if apart > SILENCE else None


def in_words(silence: timedelta) -> str:
    """A time span as it is said: '7 minutes', '3 hours', '2 days'."""
    minutes = int(silence.total_seconds() // 60)
    for unit, size in (("day", 1440), ("hour", 60), ("minute", 1)):
        if minutes >= size * (2 if unit != "minute" else 1):
            count = minutes // size
            return f"{count} {unit}{'s' if count != 1 else ''}"
    return "less than a minute"

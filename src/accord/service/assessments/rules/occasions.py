"""What is asked when: the protocol's windows in a person's own days, its sittings, its shorter set for a bad day.

The days are those of `science.protocols.due`, counted from enrolment; here they become moments in her zone. A window is
fixed when its questions open and never moves, whatever happens to her days (C7, U4).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from accord.science.protocols import Protocol
from accord.science.protocols.burden import LONGEST_SITTING, Count, sittings
from accord.science.protocols.due import due
from accord.science.protocols.occasions import Occasion, occasions
from accord.science.protocols.timing import window_on

PATIENT = "patient"
SHORT = 120.0  # seconds on a bad day: what is this short is asked as it is (C7: at most two minutes)
WHOLE, MINIMUM = "whole", "minimum"  # which set was asked


def day_begins(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of a day in a zone; where midnight is jumped over, the moment that the clock jumps to."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def day_of(moment: datetime, zone: ZoneInfo) -> date:
    """Her day: the date on her calendar."""
    return moment.astimezone(zone).date()


def days(moments: Mapping[str, datetime], zone: ZoneInfo) -> dict[str, int]:
    """Anchors as days from enrolment; nothing before she is enrolled."""
    if "enrolment" not in moments:
        return {}
    zero = day_of(moments["enrolment"], zone)
    return {name: (day_of(at, zone) - zero).days for name, at in moments.items()}


@dataclass(frozen=True, slots=True)
class Opening:
    """One asking of a person whose window holds her day. `number` counts the repeats of its time-point from 1."""

    occasion: Occasion
    number: int
    opens_at: datetime
    closes_at: datetime
    last_day: bool
    again: bool = False

    @property
    def time_point(self) -> str:
        return self.occasion.time_point


def openings(
    protocol: Protocol, anchors: Mapping[str, datetime], answered: Mapping[tuple[str, int], datetime], now: datetime,
    zone: ZoneInfo, *, arm: str | None = None,
) -> list[Opening]:  # fmt: skip
    """What a person is due for now and has not answered. `answered`: (time-point, number) -> when it was sent."""
    known = days(anchors, zone)
    if not known:
        return []
    zero, today = day_of(anchors["enrolment"], zone), day_of(now, zone)
    named = {one.name: one for one in occasions(protocol)}
    done = {
        (name, PATIENT): (day_of(answered[key], zone) - zero).days
        for name, one in named.items()
        if (key := (one.time_point, number_of(one))) in answered
    }
    found = []
    for entry in due(protocol, known, (today - zero).days, done, arm=arm):
        if entry.informant == PATIENT:
            first, last = zero + timedelta(days=entry.window.first), zero + timedelta(days=entry.window.last)
            ends = day_begins(last + timedelta(days=1), zone)
            one = named[entry.occasion]
            found.append(
                Opening(one, number_of(one), day_begins(first, zone), ends, last_day=today == last, again=entry.again)
            )
    return found


@dataclass(frozen=True, slots=True)
class Last:
    """The time-point that a protocol asks last, and when its window closes."""

    time_point: str
    closes_at: datetime


def last_window(protocol: Protocol, anchors: Mapping[str, datetime], zone: ZoneInfo) -> Last | None:
    """The last one of a person; None while an anchor is missing that a later one may hang on."""
    known = days(anchors, zone)
    asked = [one for one in occasions(protocol) if PATIENT in one.asked]
    windows = [(window.last, one.time_point) for one in asked if (window := window_on(one, known)) is not None]
    if not known or not windows or len(windows) < len(asked):
        return None
    last, name = max(windows)
    return Last(name, day_begins(day_of(anchors["enrolment"], zone) + timedelta(days=last + 1), zone))


def coming(protocol: Protocol, anchors: Mapping[str, datetime], now: datetime, zone: ZoneInfo) -> date | None:
    """The first of her days to come on which something opens; None when nothing more does."""
    known = days(anchors, zone)
    if not known:
        return None
    zero, today = day_of(anchors["enrolment"], zone), day_of(now, zone)
    windows = [window_on(one, known) for one in occasions(protocol) if PATIENT in one.asked]
    ahead = [zero + timedelta(days=window.first) for window in windows if window]
    return min((day for day in ahead if day > today), default=None)


def number_of(occasion: Occasion) -> int:
    """Which repeat of its time-point an occasion is: `weekly_3` is 3; what is asked once is 0."""
    repeat = occasion.name.removeprefix(occasion.time_point).lstrip("_")
    return int(repeat) if repeat else 0


def parts(
    protocol: Protocol, occasion: Occasion, count: Count, *, also: Iterable[str] = ()
) -> tuple[tuple[str, ...], ...]:
    """The patient's sittings: the primary scale and the safety check first, none longer than 20 minutes (C36).

    `also` (what is kept on record, single questions) comes at the end of the last one.
    """
    spread = [list(one.instruments) for one in sittings(protocol, occasion, count=count) if one.person == PATIENT]
    spread = spread or [[]]
    spread[-1] += [name for name in also if not any(name in names for names in spread)]
    return tuple(part for names in spread for part in _cut(names, count) if part)


def _cut(names: Sequence[str], count: Count) -> list[tuple[str, ...]]:
    """In order, a new part before the instrument that would make a sitting longer than the longest."""
    done: list[list[str]] = [[]]
    seconds = 0.0
    for name in names:
        length = count(name)[1]
        if done[-1] and seconds + length > LONGEST_SITTING * 60:
            done.append([])
            seconds = 0.0
        done[-1].append(name)
        seconds += length
    return [tuple(part) for part in done]


def shorter(part: Sequence[str], minimum: Iterable[str], count: Count) -> tuple[str, ...]:
    """What a sitting shrinks to while a flare runs: its `minimum`; what is short anyway stays as it is (C7)."""
    if sum(count(name)[2] for name in part) <= SHORT:
        return tuple(part)
    kept = set(minimum)
    return tuple(name for name in part if name in kept) or tuple(part)


@dataclass(frozen=True, slots=True)
class Asked:
    """An asking that exists, as far as the next sitting needs it."""

    sitting: int
    sittings: int
    submitted_at: datetime | None
    closed: bool


def next_sitting(
    asked: Sequence[Asked], now: datetime, zone: ZoneInfo, *, of: int, last_day: bool, flare: bool
) -> int | None:
    """The sitting to open now, or None. The next one opens on a day after the last was sent, on the last day at once;
    while a flare runs nothing more is added unless the window would close over it."""
    if not asked:
        return 1
    last = max(asked, key=lambda one: one.sitting)
    if last.sitting >= of or last.submitted_at is None or last.closed:
        return None
    if last_day:
        return last.sitting + 1
    if flare or day_of(last.submitted_at, zone) >= day_of(now, zone):
        return None
    return last.sitting + 1

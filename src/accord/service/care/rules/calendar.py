"""Working time: when somebody reads, and when a promise falls due. Pure: the clinic's hours come in as values.

Deadlines are counted in the clinic's own zone. A minute of working time is a minute that really passes while the
clinic is open, so a change of the clocks neither steals nor gives one. A public holiday is closed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

Span = tuple[time, time]  # from, until; until 00:00 is the end of the day
USUAL: Mapping[int, tuple[Span, ...]] = dict.fromkeys(range(5), ((time(9), time(17)),))
HORIZON = 400  # days looked ahead; a clinic that never opens in them is taken as open always: sooner, never later


@dataclass(frozen=True, slots=True)
class Calendar:
    """When a clinic reads: zone, hours per weekday (0 = Monday), country and region for public holidays.

    `on_call`: somebody also answers the highest alerts at any hour.
    """

    zone: ZoneInfo
    hours: Mapping[int, tuple[Span, ...]]
    country: str = ""
    region: str = ""
    on_call: bool = False


def calendar_of(
    *, time_zone: str, hours: Mapping[Any, Sequence[Sequence[str]]], country: str, region: str = "", on_call: bool
) -> Calendar:
    """The calendar of a clinic's row; without any hours Monday to Friday, 9 to 17."""
    read = {int(day): tuple((_clock(a), _clock(b)) for a, b in spans) for day, spans in hours.items() if spans}
    return Calendar(ZoneInfo(time_zone or "UTC"), read or USUAL, country, region, on_call)


def _clock(text: str) -> time:
    hour, minute = (int(part) for part in text.split(":")[:2])
    return time(hour % 24, minute)


@lru_cache(maxsize=256)
def public_holidays(country: str, region: str, year: int) -> frozenset[date]:
    """The public holidays of a country and region in a year (package `holidays`); none for a country it lacks."""
    import holidays

    try:
        return frozenset(holidays.country_holidays(country, subdiv=region or None, years=year))
    except NotImplementedError:
        return frozenset() if not region else public_holidays(country, "", year)


def openings(calendar: Calendar, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The spans of working time that end after `moment`, in UTC, in order; the first one may have begun before it."""
    first = moment.astimezone(calendar.zone).date() - timedelta(days=1)
    for ahead in range(HORIZON):
        day = first + timedelta(days=ahead)
        if day in public_holidays(calendar.country, calendar.region, day.year):
            continue
        for start, end in sorted(calendar.hours.get(day.weekday(), ())):
            opens, closes = _moment(day, start, calendar.zone), _end(day, start, end, calendar.zone)
            if closes > moment and closes > opens:
                yield opens, closes


def _moment(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, zone).astimezone(UTC)


def _end(day: date, start: time, end: time, zone: ZoneInfo) -> datetime:
    return _moment(day if end > start else day + timedelta(days=1), end, zone)


def is_open(calendar: Calendar, moment: datetime) -> bool:
    """Whether somebody reads at this moment."""
    return next_opening(calendar, moment) == moment


def next_opening(calendar: Calendar, moment: datetime) -> datetime:
    """This moment when the clinic is open, else the next opening."""
    opens, _ = next(openings(calendar, moment), (moment, moment))
    return max(opens, moment)


def end_of_day(zone: ZoneInfo, moment: datetime) -> datetime:
    """The midnight that ends this day in a zone, in UTC."""
    return _moment(moment.astimezone(zone).date() + timedelta(days=1), time(0), zone)


def closing(calendar: Calendar, moment: datetime) -> datetime:
    """The end of the working day that `moment` falls into, or of the next one when the clinic is closed."""
    start = next_opening(calendar, moment)
    day = start.astimezone(calendar.zone).date()
    ends = [closes for opens, closes in _of_day(calendar, day) if closes > start]
    return max(ends, default=start)


def _of_day(calendar: Calendar, day: date) -> list[tuple[datetime, datetime]]:
    midnight = _moment(day, time(0), calendar.zone)
    found = []
    for opens, closes in openings(calendar, midnight):
        if opens.astimezone(calendar.zone).date() > day:
            break
        if opens >= midnight:
            found.append((opens, closes))
    return found


def add_minutes(calendar: Calendar, moment: datetime, minutes: int) -> datetime:
    """`moment` plus so many minutes of working time; out of hours they begin with the next opening."""
    left = timedelta(minutes=minutes)
    for opens, closes in openings(calendar, moment):
        start = max(opens, moment)
        if closes - start >= left:
            return start + left
        left -= closes - start
    return moment + timedelta(minutes=minutes)


def add_working_days(calendar: Calendar, moment: datetime, days: int) -> datetime:
    """The same clock time so many working days later; out of hours counted from the next opening.

    A clock time at which that day is closed falls on its last closing before, or on its first opening.
    """
    start = next_opening(calendar, moment)
    day = start.astimezone(calendar.zone).date()
    for _ in range(days):
        later = openings(calendar, _moment(day + timedelta(days=1), time(0), calendar.zone))
        following = (opens.astimezone(calendar.zone).date() for opens, _ in later)
        day = next((other for other in following if other > day), day + timedelta(days=1))
    wanted = datetime.combine(day, start.astimezone(calendar.zone).time(), calendar.zone).astimezone(UTC)
    spans = _of_day(calendar, day)
    if not spans or any(opens <= wanted <= closes for opens, closes in spans):
        return wanted
    before = [closes for _, closes in spans if closes < wanted]
    return max(before) if before else spans[0][0]

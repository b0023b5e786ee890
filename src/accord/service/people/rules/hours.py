"""When somebody reads: hours as people write them, `Mon-Fri 09:00-17:00; Sat 10:00-12:00`, and as they are stored."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
PART = re.compile(r"^(\w{3})(?:\s*[-–]\s*(\w{3}))?\s+(\d{1,2}:\d{2})\s*[-–]\s*(\d{1,2}:\d{2})$")
Hours = dict[str, list[list[str]]]


def read_hours(text: str) -> Hours:
    """Weekday 0 to 6 -> [[from, to], …]. Raises ValueError with the part that cannot be read."""
    found: Hours = {}
    for part in filter(None, (one.strip() for one in text.replace("\n", ";").split(";"))):
        match = PART.match(part)
        if match is None:
            raise ValueError(part)
        first, last, since, until = match.groups()
        days = _days(first, last or first, part)
        times = [_time(since, part), _time(until, part)]
        if times[0] >= times[1]:
            raise ValueError(part)
        for day in days:
            found.setdefault(str(day), []).append(times)
    if any(one[1] > two[0] for spans in found.values() for one, two in pairwise(sorted(spans))):
        raise ValueError(text.strip())
    return {day: sorted(found[day]) for day in sorted(found)}


def _days(first: str, last: str, part: str) -> range:
    try:
        start, end = DAYS.index(first.title()), DAYS.index(last.title())
    except ValueError:
        raise ValueError(part) from None
    if end < start:
        raise ValueError(part)
    return range(start, end + 1)


def _time(text: str, part: str) -> str:
    hour, minute = (int(one) for one in text.split(":"))
    if hour > 24 or minute > 59 or (hour == 24 and minute):
        raise ValueError(part)
    return f"{hour:02}:{minute:02}"


def write_hours(hours: Mapping[str, Sequence[Sequence[str]]]) -> str:
    """The same as text, days with the same hours together."""
    parts: list[tuple[int, int, str]] = []
    for day in sorted(int(one) for one in hours):
        for since, until in hours[str(day)]:
            said = f"{since}-{until}"
            before = next((n for n, (_, end, told) in enumerate(parts) if end == day - 1 and told == said), None)
            if before is None:
                parts.append((day, day, said))
            else:
                parts[before] = (parts[before][0], day, said)
    return "; ".join(f"{DAYS[a]}{f'-{DAYS[b]}' if b > a else ''} {said}" for a, b, said in parts)

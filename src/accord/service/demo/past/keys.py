"""Keys and moments of the invented past: from chance that is seeded, so that the same seed gives the same rows."""

from __future__ import annotations

import random
import uuid
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def chance(*of: object) -> random.Random:
    """A generator of its own for each person and story: what one of them draws moves nothing for the others."""
    return random.Random(" ".join(str(part) for part in of))  # noqa: S311 - invented people


class Keys:
    """Keys as the service makes them (UUIDv7: they sort by time), with bits that the seed decides."""

    def __init__(self, *of: object) -> None:
        self._bits = chance("keys", *of)

    def at(self, moment: datetime) -> uuid.UUID:
        milliseconds = int(moment.timestamp() * 1000)
        low = self._bits.getrandbits(74)
        return uuid.UUID(int=milliseconds << 80 | 7 << 76 | (low >> 62) << 64 | 2 << 62 | low & (1 << 62) - 1)

    def free(self) -> uuid.UUID:
        """A key that no moment belongs to: the name of one post."""
        return uuid.UUID(int=self._bits.getrandbits(128), version=4)


class Days:
    """The moments of one person, counted from her enrolment (day 0) on the clinic's calendar."""

    def __init__(self, first: date, zone: ZoneInfo, minutes: int) -> None:
        self._first, self._zone, self._minutes = first, zone, minutes

    def on(self, day: int) -> date:
        return self._first + timedelta(days=day)

    def at(self, day: int, hour: float = 9.0) -> datetime:
        """`hour` of that day, and the minutes that are hers."""
        clock = datetime.combine(self.on(day), time(int(hour), int(hour % 1 * 60)), self._zone)
        return (clock + timedelta(minutes=self._minutes)).astimezone(ZoneInfo("UTC"))

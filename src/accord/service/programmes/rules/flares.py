"""Flares (C7): how long one lasts, which of her days it covers, when three days in seven put her on a list.

A flare moves what she is expected to have done in lessons and practices, and nothing else: no lesson shuts or opens
because of it, and questionnaires know nothing of this file.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from accord.service.programmes.rules.days import WEEK, local_day

LASTS = timedelta(hours=48)
MANY = 3  # flare days in seven


@dataclass(frozen=True, slots=True)
class Spell:
    """A flare from its beginning to the time it ends by itself, or to when she said that it was over."""

    began_at: datetime
    ends_at: datetime
    ended_at: datetime | None = None

    @property
    def end(self) -> datetime:
        return min(self.ends_at, self.ended_at or self.ends_at)

    def runs(self, now: datetime) -> bool:
        return self.began_at <= now < self.end


def days_of(spell: Spell, zone: ZoneInfo, until: datetime | None = None) -> set[date]:
    """Her dates that count as flare days: one for each 24 hours begun, so that the usual 48 hours are two days.

    Up to `until`, when the flare is not over then; nothing when it had not begun.
    """
    end = spell.end if until is None else min(spell.end, until)
    if end < spell.began_at:
        return set()
    first = local_day(spell.began_at, zone)
    begun = -(-(end - spell.began_at) // timedelta(days=1))  # rounded up
    return {first + timedelta(days=number) for number in range(max(begun, 1))}


def flare_days(spells: Iterable[Spell], zone: ZoneInfo, now: datetime) -> int:
    """How many of the last seven days, today included, were flare days."""
    today = local_day(now, zone)
    days = {day for spell in spells for day in days_of(spell, zone, now)}
    return sum(today - WEEK < day <= today for day in days)


def first_of_many(spells: Iterable[Spell], zone: ZoneInfo, newest: Spell) -> Spell | None:
    """The earliest flare of a week with three flare days or more that ends with `newest`; None for fewer.

    `newest` counts with the days it will have if it is left to end by itself: nobody waits for the third to be over.
    """
    last = max(days_of(newest, zone))
    week = [(spell, days_of(spell, zone)) for spell in [*spells, newest] if spell.began_at <= newest.began_at]
    inside = [(spell, {day for day in days if last - WEEK < day <= last}) for spell, days in week]
    found = {day for _, days in inside for day in days}
    if len(found) < MANY:
        return None
    return min((spell for spell, days in inside if days), key=lambda spell: spell.began_at)

"""Moments as whole days from somebody's own day 0 and as hours between two moments; words as codes. No date leaves."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

OLDEST = 90  # years; who is older is among few, and is counted as this
_CODE = re.compile(r"[a-z0-9][a-z0-9_.:]{0,59}")
_LANGUAGE = re.compile(r"[a-z]{2,3}")


@dataclass(frozen=True, slots=True)
class Count:
    """Somebody's own count of days: day 0 is the date of her enrolment (or else of her referral) in her zone."""

    zone: ZoneInfo
    zero: date

    def day(self, moment: datetime) -> int:
        return (moment.astimezone(self.zone).date() - self.zero).days

    def of(self, on: date) -> int:
        """The same for a date that has no hour."""
        return (on - self.zero).days


def counted_from(moment: datetime, zone: ZoneInfo) -> Count:
    return Count(zone, moment.astimezone(zone).date())


def hours(start: datetime, end: datetime | None) -> float | None:
    """Hours from one moment to the other, to the minute; never below none; None while there is no end."""
    return None if end is None else max(0.0, round((end - start).total_seconds() / 60) / 60)


def days(start: datetime, end: datetime | None) -> float | None:
    """The same in days."""
    span = hours(start, end)
    return None if span is None else round(span / 24, 4)


def code(word: object, known: Collection[str] | None = None) -> str | None:
    """A word of a fixed list as it stands in a cohort (`not-started` -> `not_started`); anything else is dropped.

    `known` is the list; without one, what is not spelled like a code is dropped. So a box in which somebody wrote
    her own words leaves nothing, wherever it stands.
    """
    if not isinstance(word, str):
        return None
    plain = word.replace("-", "_")
    if known is not None and plain not in {one.replace("-", "_") for one in known}:
        return None
    return plain if _CODE.fullmatch(plain) else None


def age(years: object) -> float | None:
    """Whole years; 90 stands for 90 and above."""
    return None if _number(years) is None else float(min(int(years), OLDEST))  # type: ignore[call-overload]


def number(value: object) -> float | None:
    """A number that was answered; a yes or no is none."""
    return _number(value)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def language(tag: str) -> str | None:
    """The language of a tag like `en-GB`."""
    first = tag.partition("-")[0].lower()
    return first if _LANGUAGE.fullmatch(first) else None
